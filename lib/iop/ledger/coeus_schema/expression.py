"""The syntax of patterns: that of Rust's `regex` crate, which the original uses (morpheus 18).

No look-around and no back references exist in it. Not taken here: set operations (`&&`, `--`, `~~`) in brackets, scripts and other
properties than general categories, more than 64 groups or brackets within one another, counts above 1000, more than 16 classes in a
bracket, more than 4 repetitions of the same thing.
"""

from __future__ import annotations

from iop.errors import DecodeError
from iop.ledger.coeus_schema.charset import CATEGORIES, POSIX, SPACE, CharSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    # ("set", CharSet), ("assert", letter), ("cat", [tree]), ("alt", [tree]), ("repeat", tree, least, most or None)
    Tree: TypeAlias = tuple[Any, ...]

NESTING_LIMIT = 64
REPEAT_LIMIT = 1000
CLASS_LIMIT = 16  # classes and sets directly within a bracket
STACK_LIMIT = 4  # repetitions of one repetition, as in `a+*`
_NAME_LIMIT = 64  # characters of a name in brackets
_LAST = 0x10FFFF
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_META = frozenset("\\.+*?()|[]{}^$#&-~")
_HEX_SIZES = {"x": 2, "u": 4, "U": 8}


def parse_expression(text: str) -> Tree:
    """The tree of a pattern. Raises DecodeError: not an expression, or one that is not supported."""
    reader = _Reader(text)
    tree = reader.alternatives()
    if reader.at != len(text):
        raise reader.fail("unopened group")
    return tree


class _Reader:
    """Recursive descent over the pattern text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.fold = self.dot_all = self.lines = self.verbose = False

    def fail(self, what: str) -> DecodeError:
        return DecodeError(f"pattern: {what} at character {self.at + 1}")

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

    def alternatives(self) -> Tree:
        branches = [self.sequence()]
        while self.eat("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self) -> Tree:
        items: list[Tree] = []
        while self.at < len(self.text) and self.peek() not in "|)":
            if self.verbose and self.skip_verbose():
                continue
            if self.text.startswith("(?", self.at) and self.set_flags():
                continue
            items.append(self.repeated(self.atom()))
        return ("cat", items)

    def skip_verbose(self) -> bool:
        if self.peek() in SPACE:
            self.at += 1
            return True
        if self.eat("#"):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            return True
        return False

    def set_flags(self) -> bool:
        """Reads `(?flags)`, which holds to the end of the group; False, and nothing read, if it is something else."""
        end = self.at + 2
        while end < len(self.text) and self.text[end] in "imsUux-":
            end += 1
        if self.text[end : end + 1] != ")" or end == self.at + 2:
            return False
        self.apply_flags(self.text[self.at + 2 : end])
        self.at = end + 1
        return True

    def apply_flags(self, flags: str) -> None:
        on, dash, off = flags.partition("-")
        letters = on + off
        if (dash and not off) or len(set(letters)) != len(letters) or "-" in off or "u" in off:
            raise self.fail("flags that are not supported")
        for flag in letters:
            value = flag in on
            if flag == "i":
                self.fold = value
            elif flag == "s":
                self.dot_all = value
            elif flag == "m":
                self.lines = value
            elif flag == "x":
                self.verbose = value

    def atom(self) -> Tree:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return ("set", self.brackets())
        if char == "\\":
            return self.escape()
        if char == ".":
            return ("set", self.dot())
        if char == "^":
            return ("assert", "^" if self.lines else "A")
        if char == "$":
            return ("assert", "$" if self.lines else "z")
        if char in "*+?{":
            self.at -= 1
            raise self.fail("repetition of nothing")
        return ("set", self.single(char))

    def single(self, char: str) -> CharSet:
        made = CharSet(self.fold)
        made.ranges.append((char, char))
        return made

    def dot(self) -> CharSet:
        made = CharSet()
        made.turned = True
        if not self.dot_all:
            made.ranges.append(("\n", "\n"))
        return made

    def group(self) -> Tree:
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            raise self.fail(f"more than {NESTING_LIMIT} groups within one another")
        flags = (self.fold, self.dot_all, self.lines, self.verbose)
        if self.eat("?"):
            if self.eat("P<"):
                self.group_name()
            else:
                start = self.at
                while self.peek() and self.peek() in "imsUux-":
                    self.at += 1
                letters = self.text[start : self.at]
                if not self.eat(":"):
                    raise self.fail("group that is not supported")
                if letters:
                    self.apply_flags(letters)
        inside = self.alternatives()
        if not self.eat(")"):
            raise self.fail("unclosed group")
        self.fold, self.dot_all, self.lines, self.verbose = flags
        self.depth -= 1
        return inside

    def group_name(self) -> None:
        name = self.until(">")
        if not (name.isascii() and name.isidentifier()):
            raise self.fail("group name expected")

    def until(self, mark: str) -> str:
        """The text before a closing mark, which is read as well."""
        end = self.text.find(mark, self.at, self.at + _NAME_LIMIT)
        if end < 0:
            raise self.fail(f"no {mark} within {_NAME_LIMIT} characters")
        found = self.text[self.at : end]
        self.at = end + 1
        return found

    def repeated(self, inside: Tree) -> Tree:
        stacked = 0
        while self.peek() and self.peek() in "*+?{":
            stacked += 1
            if stacked > STACK_LIMIT:
                raise self.fail(f"more than {STACK_LIMIT} repetitions of the same thing")
            char = self.take()
            if char == "{":
                low, high = self.bounds()
            else:
                low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
            self.eat("?")
            inside = ("repeat", inside, low, high)
        return inside

    def bounds(self) -> tuple[int, int | None]:
        low = self.number()
        high: int | None = low
        if self.eat(","):
            high = None if self.peek() == "}" else self.number()
        if not self.eat("}"):
            raise self.fail("unclosed repetition")
        if high is not None and high < low:
            raise self.fail("repetition that ends before it starts")
        return low, high

    def number(self) -> int:
        start = self.at
        while self.peek() and self.peek() in "0123456789":
            self.at += 1
        digits = self.text[start : self.at].lstrip("0")
        if start == self.at:
            raise self.fail("number expected")
        if len(digits) > 4 or int(digits or "0") > REPEAT_LIMIT:
            raise self.fail(f"more than {REPEAT_LIMIT} repetitions")
        return int(digits or "0")

    def escape(self) -> Tree:
        char = self.take()
        if char in "bBAz":
            return ("assert", char)
        made = self.class_escape(char)
        return ("set", made if made is not None else self.single(self.char_escape(char)))

    def class_escape(self, char: str) -> CharSet | None:
        """The set of `\\d`, `\\W`, `\\pL` and the like, or None for an escaped character."""
        if char not in "dswDSWpP":
            return None
        made = CharSet()
        kind = char.lower()
        if kind == "p":
            kind = self.take()
            turned = False
            if kind == "{":
                turned = self.eat("^")
                kind = self.until("}")
            if kind not in CATEGORIES:
                raise self.fail("Unicode property that is not supported")
            made.classes.append((kind, turned))
        else:
            made.classes.append((kind, False))
        made.turned = char.isupper()
        return made

    def char_escape(self, char: str) -> str:
        if char in _META:
            return char
        if char in _CONTROLS:
            return chr(_CONTROLS[char])
        if char in "xuU":
            if self.eat("{"):
                digits = self.until("}")
            else:
                digits = self.peek(_HEX_SIZES[char])
                self.at += len(digits)
                if len(digits) != _HEX_SIZES[char]:
                    raise self.fail("hexadecimal digits expected")
            if not digits or len(digits) > 8 or digits.strip("0123456789abcdefABCDEF"):
                raise self.fail("hexadecimal digits expected")
            code = int(digits, 16)
            if code > _LAST or 0xD800 <= code < 0xE000:
                raise self.fail("not a character")
            return chr(code)
        raise self.fail("unknown escape")

    def brackets(self) -> CharSet:
        """A bracketed class; the opening bracket has been read."""
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            raise self.fail(f"more than {NESTING_LIMIT} classes within one another")
        made = CharSet(self.fold)
        made.turned = self.eat("^")
        first = True
        while True:
            if self.verbose and self.peek() and self.skip_verbose():
                continue
            char = self.take()
            if char == "]" and not first:
                break
            if self.text.startswith(("&&", "--", "~~"), self.at - 1):
                raise self.fail("set operation that is not supported")
            first = False
            if len(made.classes) > CLASS_LIMIT:
                raise self.fail(f"more than {CLASS_LIMIT} classes in a bracket")
            if char == "[":
                made.classes.append((self.posix() or self.brackets(), False))
            elif char == "\\":
                char = self.take()
                inner = self.class_escape(char)
                if inner is not None:
                    made.classes.append((inner, False))
                else:
                    self.range_from(made, self.char_escape(char))
            else:
                self.range_from(made, char)
        self.depth -= 1
        return made

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
        made = CharSet()
        made.turned = turned
        for at in range(0, len(bounds), 2):
            made.ranges.append((bounds[at], bounds[at + 1]))
        self.at = end + 2
        return made

    def range_from(self, made: CharSet, low: str) -> None:
        high = low
        if self.peek() == "-" and self.peek(2) not in ("-]", "--", "-"):
            self.at += 1
            high = self.take()
            if high == "[":
                raise self.fail("range that ends in a class")
            if high == "\\":
                high = self.char_escape(self.take())
            if high < low:
                raise self.fail("range that ends before it starts")
        made.ranges.append((low, high))
