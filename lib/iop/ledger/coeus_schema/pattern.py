"""Patterns matched in time linear in the text, so that no schema can make a node hang (morpheus 18)."""

from __future__ import annotations

from iop.errors import DecodeError
from iop.ledger.coeus_schema.charset import is_word
from iop.ledger.coeus_schema.expression import parse_expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.ledger.coeus_schema.expression import Tree
    from iop.ledger.coeus_schema.work import Work

PROGRAM_LIMIT = 4096  # steps
_SET, _SPLIT, _JUMP, _ASSERT, _MATCH = range(5)


class Pattern:
    """A compiled pattern: a program whose branches are all followed at once."""

    __slots__ = ("_program",)

    def __init__(self, text: str) -> None:
        """Raises DecodeError: not an expression, or one that is not supported, or more than 4096 steps."""
        self._program: list[tuple[int, Any, Any]] = []
        self._emit(parse_expression(text))
        self._put(_MATCH)

    def _put(self, step: int, a: object = None, b: object = None) -> int:
        if len(self._program) >= PROGRAM_LIMIT:
            raise DecodeError(f"pattern: more than {PROGRAM_LIMIT} steps")
        self._program.append((step, a, b))
        return len(self._program) - 1

    def _emit(self, tree: Tree) -> None:
        program = self._program
        kind = tree[0]
        if kind == "set":
            self._put(_SET, tree[1])
        elif kind == "assert":
            self._put(_ASSERT, tree[1])
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
            before = len(program)
            self._emit(inside)
            if len(program) == before:
                return  # repeating nothing is nothing, however often
        if high is None:
            split = self._put(_SPLIT)
            self._emit(inside)
            self._put(_JUMP, split)
            program[split] = (_SPLIT, split + 1, len(program))
            return
        splits = []
        for _ in range(high - low):
            splits.append(self._put(_SPLIT))
            before = len(program)
            self._emit(inside)
            if len(program) == before:
                break
        for split in splits:
            program[split] = (_SPLIT, split + 1, len(program))

    def is_found(self, text: str, work: Work) -> bool:
        """True if the pattern matches somewhere in the text. Spends one unit for each step reached at each character."""
        program = self._program
        waiting = [0]
        for at in range(len(text) + 1):
            seen: set[int] = set()
            matched = self._follow(waiting, text, at, seen)
            work.spend(1 + len(seen))
            if matched:
                return True
            if at < len(text):
                char = text[at]
                waiting = [
                    pc + 1 for pc in seen if program[pc][0] == _SET and program[pc][1].has(char)
                ]
                waiting.append(0)
        return False

    def _follow(self, stack: list[int], text: str, at: int, seen: set[int]) -> bool:
        """Adds to `seen` what can be reached from the steps on the stack without a character; True if that is the end."""
        while stack:
            pc = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            step, a, b = self._program[pc]
            if step == _SPLIT:
                stack.append(b)
                stack.append(a)
            elif step == _JUMP:
                stack.append(a)
            elif step == _ASSERT:
                if _holds(a, text, at):
                    stack.append(pc + 1)
            elif step == _MATCH:
                return True
        return False


def _holds(kind: str, text: str, at: int) -> bool:
    if kind == "A":
        return at == 0
    if kind == "z":
        return at == len(text)
    if kind == "^":
        return at == 0 or text[at - 1] == "\n"
    if kind == "$":
        return at == len(text) or text[at] == "\n"
    return (is_word(text, at - 1) is not is_word(text, at)) is (kind == "b")
