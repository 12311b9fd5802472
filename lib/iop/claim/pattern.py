"""Regular expressions of JSON Schema (ECMA-262 subset) matched in linear time.

A schema comes from strangers, and a backtracking matcher can be made to run for ever by one short pattern. This one keeps the
set of all states it could be in, so a text of n characters costs at most n steps over a bounded program.
Understood: literals, `.`, classes, `\\d \\w \\s` and their opposites, `\\p{L}` (general categories), escapes, groups, `|`,
`* + ? {n,m}` greedy or lazy, `^` and `$`. Refused with SchemaError: back references, look-around, `\\b`, and patterns whose
program is larger than 2000 states. Search is unanchored, as JSON Schema has it.
"""

from __future__ import annotations

from iop.claim.charset import ANY_BUT_NEWLINE, CharSet, parse_class, parse_escape
from iop.errors import LimitError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Node = tuple[object, ...]
    States = frozenset[int]

LONGEST = 4096  # characters of a pattern
MAX_STATES = 2000
MAX_REPEAT = 1000
MAX_NESTING = 50  # groups within one another
_CACHED = 4096  # remembered moves before the memory is cleared

_TAKE, _SPLIT, _START, _END, _MATCH = range(5)


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_first", "_moves", "_program", "_restart", "text")

    def __init__(self, text: str) -> None:
        """Raises SchemaError for a pattern that is malformed or not understood, LimitError for one too large."""
        if len(text) > LONGEST:
            raise LimitError(f"pattern of {len(text)} characters, at most {LONGEST}")
        self.text = text
        self._program: list[tuple[int, object, int]] = []
        node = _Parser(text).parse()
        entry = self._emit(node, self._add(_MATCH, None, -1))
        self._restart = self._close([entry], at_start=False, at_end=False)
        self._first = self._close([entry], at_start=True, at_end=False)
        self._moves: dict[tuple[States, str], States] = {}

    def is_found(self, text: str, spend: Callable[[int], None] | None = None) -> bool:
        """True if the pattern matches somewhere in the text. `spend` is told the steps taken, and may raise."""
        states = self._first
        for char in text:
            if self._is_match(states):
                return True
            move = self._moves.get((states, char))
            if move is None:
                if spend is not None:
                    spend(1 + len(states))
                move = self._step(states, char)
            states = move
        if spend is not None:
            spend(1 + len(text) // 16)
        return self._is_match(self._close(states, at_start=not text, at_end=True))

    def _is_match(self, states: States) -> bool:
        return 0 in states  # the state that was added first

    def _step(self, states: States, char: str) -> States:
        reached = [
            following
            for kind, accept, following in (self._program[state] for state in states)
            if kind == _TAKE and isinstance(accept, CharSet) and accept.holds(char)
        ]
        move = self._restart | self._close(reached, at_start=False, at_end=False)
        if len(self._moves) >= _CACHED:
            self._moves.clear()
        self._moves[states, char] = move
        return move

    def _close(self, states: Iterable[int], *, at_start: bool, at_end: bool) -> States:
        """All states reachable without a character."""
        found: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found.add(state)
            kind, other, following = self._program[state]
            if kind == _SPLIT:
                assert isinstance(other, int)
                waiting += (following, other)
            elif (kind == _START and at_start) or (kind == _END and at_end):
                waiting.append(following)
        return frozenset(found)

    def _add(self, kind: int, argument: object, following: int) -> int:
        if len(self._program) >= MAX_STATES:
            raise LimitError(f"pattern needs more than {MAX_STATES} states")
        self._program.append((kind, argument, following))
        return len(self._program) - 1

    def _emit(self, node: Node, following: int) -> int:
        """States for a node in front of `following`; the entry."""
        kind = node[0]
        if kind == "take":
            return self._add(_TAKE, node[1], following)
        if kind == "start":
            return self._add(_START, None, following)
        if kind == "end":
            return self._add(_END, None, following)
        if kind == "all":
            for part in reversed(_parts(node)):
                following = self._emit(part, following)
            return following
        if kind == "any":
            entry = self._emit(_parts(node)[-1], following)
            for part in reversed(_parts(node)[:-1]):
                entry = self._add(_SPLIT, entry, self._emit(part, following))
            return entry
        _, body, least, most = node
        assert isinstance(body, tuple)
        assert isinstance(least, int)
        return self._emit_repeat(body, least, most, following)

    def _emit_repeat(self, body: Node, least: int, most: object, following: int) -> int:
        if most is None:
            loop = self._add(_SPLIT, following, -1)
            self._program[loop] = (_SPLIT, following, self._emit(body, loop))
            following = loop
        else:
            assert isinstance(most, int)
            after = following
            for _ in range(most - least):
                following = self._add(_SPLIT, after, self._emit(body, following))
        for _ in range(least):
            size = len(self._program)
            following = self._emit(body, following)
            if len(self._program) == size:
                break  # an empty body: repeating it a thousandfold, nested, would take for ever
        return following


def _parts(node: Node) -> list[Node]:
    parts = node[1]
    assert isinstance(parts, list)
    return parts


class _Parser:
    """Recursive descent over the pattern text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def parse(self) -> Node:
        node = self._parse_alternatives()
        if self._at != len(self._text):
            raise self._refuse("unmatched )")
        return node

    def _refuse(self, what: str) -> SchemaError:
        return SchemaError(f"pattern {self._text[:80]!r}: {what}")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _parse_alternatives(self) -> Node:
        branches = [self._parse_sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._parse_sequence())
        return branches[0] if len(branches) == 1 else ("any", branches)

    def _parse_sequence(self) -> Node:
        parts: list[Node] = []
        while (char := self._peek()) and char not in "|)":
            atom = self._parse_atom(char)
            parts.append(self._parse_repeat(atom))
        return ("all", parts)

    def _parse_atom(self, char: str) -> Node:
        self._at += 1
        if char == "^":
            return ("start",)
        if char == "$":
            return ("end",)
        if char == ".":
            return ("take", ANY_BUT_NEWLINE)
        if char == "(":
            return self._parse_group()
        if char == "[":
            accept, self._at = parse_class(self._text, self._at)
            return ("take", accept)
        if char == "\\":
            accept, self._at = parse_escape(self._text, self._at)
            return ("take", accept)
        if char in "*+?":
            raise self._refuse(f"nothing to repeat with {char}")
        return ("take", CharSet(((ord(char), ord(char)),)))

    def _parse_group(self) -> Node:
        if self._peek() == "?":
            rest = self._text[self._at + 1 : self._at + 3]
            if rest.startswith(":"):
                self._at += 2
            elif rest.startswith("<") and rest not in ("<=", "<!"):
                end = self._text.find(">", self._at)
                if end < 0:
                    raise self._refuse("unfinished group name")
                self._at = end + 1
            else:
                raise self._refuse("look-around and flags are not understood")
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise LimitError(f"pattern nests more than {MAX_NESTING} groups")
        node = self._parse_alternatives()
        if self._peek() != ")":
            raise self._refuse("unmatched (")
        self._at += 1
        self._depth -= 1
        return node

    def _parse_repeat(self, atom: Node) -> Node:
        char = self._peek()
        bounds: tuple[int, int | None] | None = None
        if char and char in "*+?":
            self._at += 1
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        elif char == "{":
            bounds = self._parse_bounds()
        if bounds is None:
            return atom
        if atom[0] in ("start", "end"):
            raise self._refuse("an anchor cannot be repeated")
        if self._peek() == "?":  # lazy: the same texts match
            self._at += 1
        return ("repeat", atom, *bounds)

    def _parse_bounds(self) -> tuple[int, int | None] | None:
        """The bounds of `{n}`, `{n,}` or `{n,m}`, or None when the brace is a character like any other."""
        end = self._text.find("}", self._at)
        inside = self._text[self._at + 1 : end] if end >= 0 else ""
        least, comma, most = inside.partition(",")
        if not (
            least.isascii()
            and least.isdigit()
            and (not most or (most.isascii() and most.isdigit()))
        ):
            return None
        if max(len(least), len(most)) > 4:
            raise LimitError(f"pattern repeats more than {MAX_REPEAT} times")
        low = int(least)
        high = int(most) if most else (None if comma else low)
        if low > MAX_REPEAT or (high is not None and high > MAX_REPEAT):
            raise LimitError(f"pattern repeats more than {MAX_REPEAT} times")
        if high is not None and high < low:
            raise self._refuse("numbers out of order in {}")
        self._at = end + 1
        return low, high
