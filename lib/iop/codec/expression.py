"""The syntax of patterns: regular expressions without look-around and back references, in one of several dialects.

Understood: literals, the dot, brackets, `\\d \\w \\s` and their opposites, general categories as in `\\p{Lu}`, escapes, groups, `|`,
`* + ? {n,m}` greedy or lazy (the same texts match), `^` and `$`, and what a dialect adds. Scripts and other properties are not.
"""

from __future__ import annotations

from iop.codec.charset import CATEGORIES, POSIX, CharSet
from iop.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from iop.codec.dialect import Dialect

    # ("set", CharSet), ("assert", letter, CharSet of words), ("cat", [tree]), ("alt", [tree]),
    # ("repeat", tree, least, most or None). Nothing but `NOTHING` and its alternatives can be empty.
    Tree: TypeAlias = tuple[Any, ...]

ATOM_LIMIT = 4096  # characters, sets, anchors, groups and alternatives
NESTING_LIMIT = 50  # groups and brackets within one another
REPEAT_LIMIT = 1000
RANGE_LIMIT = 500  # characters and ranges directly within a bracket
CLASS_LIMIT = 16  # classes and brackets within a bracket, at any depth
STACK_LIMIT = 4  # repetitions of one repetition, as in `a+*`
NOTHING: Tree = ("cat", [])
_NAME_LIMIT = 64  # characters of a name in brackets
_LAST = 0x10FFFF
_OPERATORS = ("&&", "--", "~~")
_SIMPLE = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse_expression(text: str, dialect: Dialect) -> Tree:
    """The tree of a pattern, in time linear in its length.

    Raises DecodeError: not an expression, or one that is not understood; LimitError: too large or too deep.
    """
    reader = _Reader(text, dialect)
    tree = reader.alternatives()
    if reader.at != len(text):
        raise reader.fail("unopened group")
    return tree


class _Reader:
    """Recursive descent over the pattern text."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.at = 0
        self.depth = self.atoms = self.classes = 0
        self.flags: frozenset[str] = frozenset()
        self.named: dict[str, CharSet] = {}

    def fail(self, what: str) -> DecodeError:
        return DecodeError(f"pattern: {what} at character {self.at + 1}")

    def exceed(self, limit: int, what: str) -> LimitError:
        return LimitError(f"pattern: more than {limit} {what} at character {self.at + 1}")

    def peek(self, size: int = 1) -> str:
        return self.text[self.at : self.at + size]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise self.fail("unexpected end")
        self.at += 1
        return char

    def eat(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def run(self, letters: str) -> str:
        """As many of these letters as stand here."""
        start = self.at
        while self.peek() and self.peek() in letters:
            self.at += 1
        return self.text[start : self.at]

    def until(self, mark: str) -> str:
        """The text before a closing mark, which is read as well."""
        end = self.text.find(mark, self.at, self.at + _NAME_LIMIT)
        if end < 0:
            raise self.fail(f"no {mark} within {_NAME_LIMIT} characters")
        found = self.text[self.at : end]
        self.at = end + 1
        return found

    def skip(self) -> None:
        """Passes over white space and comments where they mean nothing."""
        while "x" in self.flags and self.peek():
            if self.eat("#"):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end + 1
            elif self.class_named("s").has(self.peek()):
                self.at += 1
            else:
                return

    def grow(self) -> None:
        self.atoms += 1
        if self.atoms > ATOM_LIMIT:
            raise self.exceed(ATOM_LIMIT, "characters, sets, groups and alternatives")

    def nest(self) -> None:
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            raise self.exceed(NESTING_LIMIT, "groups or brackets within one another")

    def alternatives(self) -> Tree:
        branches = [self.sequence()]
        while self.eat("|"):
            self.grow()
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self) -> Tree:
        items: list[Tree] = []
        self.skip()
        while self.peek() and self.peek() not in "|)":
            if not (self.text.startswith("(?", self.at) and self.set_flags()):
                item = self.repeated(self.atom())
                if item != NOTHING:
                    items.append(item)
            self.skip()
        return ("cat", items) if items else NOTHING

    def set_flags(self) -> bool:
        """Reads `(?flags)`, which holds to the end of the group; False, and nothing read, if it is something else."""
        start = self.at
        self.at += 2
        letters = self.run(self.dialect.flags)
        if letters and self.eat(")"):
            self.apply_flags(letters)
            return True
        self.at = start
        return False

    def apply_flags(self, letters: str) -> None:
        on, dash, off = letters.partition("-")
        both = on + off
        if (dash and not off) or len(set(both)) != len(both) or "-" in off or "u" in off:
            raise self.fail("flags that are not understood")
        self.flags = self.flags.difference(off).union(on)

    def atom(self) -> Tree:
        self.grow()
        start = self.at
        if self.bounds() is not None:
            self.at = start
            raise self.fail("repetition of nothing")
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            self.classes = 0
            return ("set", self.brackets())
        if char == "\\":
            return self.escape()
        if char == ".":
            return ("set", CharSet("" if "s" in self.flags else self.dialect.newlines, turned=True))
        if char == "^":
            return ("assert", "^" if "m" in self.flags else "A", None)
        if char == "$":
            return ("assert", "$" if "m" in self.flags else "z", None)
        return ("set", self.single(char))

    def single(self, char: str) -> CharSet:
        return CharSet(char * 2, folded="i" in self.flags)

    def group(self) -> Tree:
        self.nest()
        flags = self.flags
        if self.eat("?"):
            if self.eat(self.dialect.group_mark):
                name = self.until(">")
                if not (name.isascii() and name.isidentifier()):
                    raise self.fail("group name expected")
            else:
                letters = self.run(self.dialect.flags)
                if not self.eat(":"):
                    raise self.fail("group that is not understood, as all look-around")
                self.apply_flags(letters)
        inside = self.alternatives()
        if not self.eat(")"):
            raise self.fail("unclosed group")
        self.flags = flags
        self.depth -= 1
        return inside

    def repeated(self, inside: Tree) -> Tree:
        loose = self.dialect.loose_repeats
        stacked = 0
        self.skip()
        while (bounds := self.bounds()) is not None:
            stacked += 1
            if not loose and (stacked > 1 or inside[0] == "assert"):
                raise self.fail("repetition of an anchor or of a repetition")
            if stacked > STACK_LIMIT:
                raise self.exceed(STACK_LIMIT, "repetitions of the same thing")
            self.eat("?")
            inside = NOTHING if bounds[1] == 0 or inside == NOTHING else ("repeat", inside, *bounds)
            self.skip()
        return inside

    def bounds(self) -> tuple[int, int | None] | None:
        """What `*`, `+`, `?` and `{n,m}` ask for; None, and nothing read, if there is no repetition here."""
        start = self.at
        char = self.peek()
        if char in _SIMPLE:
            self.at += 1
            return _SIMPLE[char]
        if not self.eat("{"):
            return None
        low = high = self.run("0123456789")
        if self.eat(","):
            high = self.run("0123456789")
        if not low or not self.eat("}"):
            if not self.dialect.loose_braces:
                raise self.fail("malformed repetition")
            self.at = start
            return None
        least = self.count(low)
        most = self.count(high) if high else None
        if most is not None and most < least:
            raise self.fail("repetition that ends before it starts")
        return least, most

    def count(self, digits: str) -> int:
        digits = digits.lstrip("0")
        if len(digits) > 4 or int(digits or "0") > REPEAT_LIMIT:
            raise self.exceed(REPEAT_LIMIT, "repetitions")
        return int(digits or "0")

    def escape(self) -> Tree:
        char = self.take()
        if char in self.dialect.assertions:
            return ("assert", char, self.class_named("w"))
        return ("set", self.class_escape(char) or self.single(self.char_escape(char)))

    def class_escape(self, char: str) -> CharSet | None:
        """The set of `\\d`, `\\W`, `\\p{L}` and the like, or None for an escaped character."""
        if char in "dwsDWS":
            return self.class_named(char)
        if char not in "pP":
            return None
        turned = char == "P"
        short = self.dialect.short_properties
        name = self.take()
        if name == "{":
            turned = turned is not (short and self.eat("^"))
            name = self.until("}")
        elif not short:
            raise self.fail("{ expected")
        if name not in CATEGORIES:
            raise self.fail("Unicode property that is not understood")
        return CharSet("", [self.test_for((name,))], turned=turned)

    def class_named(self, char: str) -> CharSet:
        made = self.named.get(char)
        if made is None:
            bounds, names = self.dialect.classes[char.lower()]
            tests = [self.test_for(names)] if names else []
            made = self.named[char] = CharSet(bounds, tests, turned=char.isupper())
        return made

    def test_for(self, names: tuple[str, ...]) -> Callable[[str], bool]:
        category = self.dialect.category
        return lambda char: category(char).startswith(names)

    def char_escape(self, char: str) -> str:
        dialect = self.dialect
        if char in dialect.literals:
            return char
        for name in (char, char + self.peek()):
            if name in dialect.controls:
                self.at += len(name) - 1
                return dialect.controls[name]
        if char not in dialect.hex_sizes:
            raise self.fail("unknown escape")
        code = self.code(char)
        if 0xD800 <= code < 0xE000 and not dialect.surrogates:
            raise self.fail("not a character")
        start = self.at
        if 0xD800 <= code < 0xDC00 and self.eat("\\u"):
            low = self.code("u")
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00)
            self.at = start
        return chr(code)

    def code(self, letter: str) -> int:
        """The number in the hexadecimal digits after a letter."""
        if letter in self.dialect.braced and self.eat("{"):
            digits = self.until("}")
            size = min(max(len(digits), 1), 8)
        else:
            size = self.dialect.hex_sizes[letter]
            digits = self.peek(size)
            self.at += len(digits)
        if len(digits) != size or digits.strip("0123456789abcdefABCDEF"):
            raise self.fail("hexadecimal digits expected")
        code = int(digits, 16)
        if code > _LAST:
            raise self.fail("not a character")
        return code

    def brackets(self) -> CharSet:
        """A bracketed class; the opening bracket has been read."""
        self.nest()
        nests = self.dialect.nests
        turned = self.eat("^")
        ranges: list[str] = []
        tests: list[Callable[[str], bool]] = []
        self.skip()
        first = True
        while self.peek() != "]" or (first and nests):
            first = False
            if nests and self.peek(2) in _OPERATORS:
                raise self.fail("set operation that is not understood")
            is_inner = nests and self.eat("[")
            member = (self.posix() or self.brackets()) if is_inner else self.range()
            if isinstance(member, CharSet):
                tests.append(member.has)
                self.classes += 1
                if self.classes > CLASS_LIMIT:
                    raise self.exceed(CLASS_LIMIT, "classes in a bracket")
            else:
                ranges.append(member)
                if len(ranges) > RANGE_LIMIT:
                    raise self.exceed(RANGE_LIMIT, "ranges in a bracket")
            self.skip()
        self.at += 1
        self.depth -= 1
        return CharSet("".join(ranges), tests, turned=turned, folded="i" in self.flags)

    def posix(self) -> CharSet | None:
        """The set of `[:alpha:]`; None, and nothing read, if it is something else."""
        end = self.text.find(":]", self.at, self.at + _NAME_LIMIT)
        if not self.text.startswith(":", self.at) or end < 0:
            return None
        name = self.text[self.at + 1 : end]
        turned = name.startswith("^")
        bounds = POSIX.get(name[turned:])
        if bounds is None:
            return None
        self.at = end + 2
        return CharSet(bounds, turned=turned)

    def range(self) -> str | CharSet:
        """The first and the last character of a range, which may be the same, or the set of an escape."""
        low = self.member()
        self.skip()
        operators = _OPERATORS if self.dialect.nests else ()
        if self.peek() != "-" or self.peek(2) in ("-", "-]", *operators):
            return low if isinstance(low, CharSet) else low * 2
        self.at += 1
        self.skip()
        if self.dialect.nests and self.peek() == "[":
            raise self.fail("range that ends in a class")
        high = self.member()
        if isinstance(low, CharSet) or isinstance(high, CharSet):
            raise self.fail("range between classes")
        if high < low:
            raise self.fail("range that ends before it starts")
        return low + high

    def member(self) -> str | CharSet:
        """One character of a bracket, or the set of an escape."""
        char = self.take()
        if char != "\\":
            return char
        char = self.take()
        if char in self.dialect.in_brackets:
            return self.dialect.in_brackets[char]
        return self.class_escape(char) or self.char_escape(char)
