"""Regular expressions that strangers may write, matched in time linear in the text.

A backtracking matcher can be made to run for ever by one short pattern. This one follows all branches of a bounded program at once.
"""

from __future__ import annotations

from iop.codec.expression import parse_expression
from iop.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.codec.charset import CharSet
    from iop.codec.dialect import Dialect
    from iop.codec.expression import Tree

    Steps = frozenset[int]

PROGRAM_LIMIT = 4096  # steps
_SET, _SPLIT, _JUMP, _ASSERT, _MATCH = range(5)
_ENTRY: Steps = frozenset((0,))
_FOUND: Steps = (
    frozenset()
)  # nothing but the end leaves no step to wait at: the first is always tried again
_SOME = "."  # stands for a character before, where only its being there counts


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_looks_back", "_memory", "_moves", "_program", "_room")

    def __init__(self, text: str, dialect: Dialect, memory: int = 0) -> None:
        """memory: steps that are remembered, so as not to follow the same branches again.

        Raises DecodeError: not an expression of the dialect, or one that is not understood; LimitError: too large or too deep.
        """
        self._program: list[tuple[int, Any, Any]] = []
        self._emit(parse_expression(text, dialect))
        self._put(_MATCH)
        self._looks_back = any(
            step == _ASSERT and kind in ("^", "b", "B") for step, kind, _ in self._program
        )
        self._memory = self._room = memory
        self._moves: dict[tuple[Steps, str, str], Steps] = {}

    def size(self) -> int:
        """How many steps the program has: what it took to compile the pattern, besides reading it."""
        return len(self._program)

    def is_found(self, text: str, spend: Callable[[int], None]) -> bool:
        """True if the pattern matches somewhere in the text.

        `spend` is told the work, and may raise: for each character one, and one for each step that is reached, unless the move is
        remembered. Without a memory the work depends on nothing but pattern and text.
        """
        waiting, before = _ENTRY, ""
        for after in text:
            following = self._moves.get((waiting, before, after)) if self._memory else None
            if following is None:
                following = self._move(waiting, before, after, spend)
            if not following:
                return True
            waiting = following
            before = after if self._looks_back else _SOME
        return not self._move(waiting, before, "", spend)

    def _move(self, waiting: Steps, before: str, after: str, spend: Callable[[int], None]) -> Steps:
        """The steps to wait at behind a character, `""` being the end of the text; or `_FOUND`."""
        program = self._program
        seen: set[int] = set()
        stack = list(waiting)
        while stack:
            at = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            step, a, b = program[at]
            if step == _SPLIT:
                stack.append(a)
                stack.append(b)
            elif step == _JUMP:
                stack.append(a)
            elif step == _ASSERT and _holds(a, b, before, after):
                stack.append(at + 1)
        spend(1 + len(seen))
        if len(program) - 1 in seen:
            following = _FOUND
        elif not after:
            return _ENTRY
        else:
            reached = [
                at + 1 for at in seen if program[at][0] == _SET and program[at][1].has(after)
            ]
            following = _ENTRY.union(reached)
        if self._memory and after:
            self._remember((waiting, before, after), following)
        return following

    def _remember(self, move: tuple[Steps, str, str], following: Steps) -> None:
        self._room -= 1 + len(following)
        if self._room < 0:
            self._moves.clear()
            self._room = self._memory
        self._moves[move] = following

    def _put(self, step: int, a: object = None, b: object = None) -> int:
        if len(self._program) >= PROGRAM_LIMIT:
            raise LimitError(f"pattern: more than {PROGRAM_LIMIT} steps")
        self._program.append((step, a, b))
        return len(self._program) - 1

    def _emit(self, tree: Tree) -> None:
        program = self._program
        kind = tree[0]
        if kind == "set":
            self._put(_SET, tree[1])
        elif kind == "assert":
            self._put(_ASSERT, tree[1], tree[2])
        elif kind == "cat":
            for item in tree[1]:
                self._emit(item)
        elif kind == "alt":
            ends = []
            for branch in tree[1][:-1]:
                split = self._put(_SPLIT)
                self._emit(branch)
                ends.append(self._put(_JUMP))
                program[split] = (_SPLIT, split + 1, len(program))
            self._emit(tree[1][-1])
            for end in ends:
                program[end] = (_JUMP, len(program), None)
        else:
            self._emit_repeat(tree[1], tree[2], tree[3])

    def _emit_repeat(self, inside: Tree, low: int, high: int | None) -> None:
        program = self._program
        for _ in range(low):
            self._emit(inside)
        if high is None:
            split = self._put(_SPLIT)
            self._emit(inside)
            self._put(_JUMP, split)
            program[split] = (_SPLIT, split + 1, len(program))
            return
        splits = []
        for _ in range(high - low):
            splits.append(self._put(_SPLIT))
            self._emit(inside)
        for split in splits:
            program[split] = (_SPLIT, split + 1, len(program))


def _holds(kind: str, words: CharSet, before: str, after: str) -> bool:
    if kind == "A":
        return not before
    if kind == "z":
        return not after
    if kind == "^":
        return before in ("", "\n")
    if kind == "$":
        return after in ("", "\n")
    is_edge = (before != "" and words.has(before)) is not (after != "" and words.has(after))
    return is_edge is (kind == "b")
