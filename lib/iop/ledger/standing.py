"""Accounts in an order that follows the blocks: made when it is first asked for, then kept up with the newest changes.

As in `iop.ledger.directory`, work is done by generators that yield every few milliseconds.
"""

from __future__ import annotations

from iop.ledger.ordering import Ordering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from iop.ledger.account import Account
    from iop.ledger.state import Changes, State

    Window = tuple[int, int]  # offset, limit
    Work = Generator[None, None, tuple[list[bytes], int]]

_NAME_SIZE = 20


class Standing:
    """All accounts that `to_key` gives a key, which ends with the account's name."""

    def __init__(self, state: State, to_key: Callable[[bytes, Account], bytes | None]) -> None:
        self._state = state
        self._to_key = to_key
        self._ordering: Ordering | None = None
        self._at = b""  # id of the block up to which it holds

    def find(self, low: bytes, high: bytes, is_descending: bool, window: Window) -> Work:
        """One page of the keys from `low` up to `high`."""
        while True:
            if self._ordering is not None:
                yield from self._follow()
            if self._ordering is not None:
                break
            yield  # long work, as above
            if self._ordering is None:
                yield from self._build()
        first = self._ordering.rank(low)
        end = max(self._ordering.rank(high), first)
        keys = self._ordering.window(first, end, is_descending, window)
        return [key[-_NAME_SIZE:] for key in keys], end - first

    def _follow(self) -> Generator[None, None, None]:
        """Apply the blocks since; without them at hand the order is given up."""
        is_first = True
        while self._ordering is not None and self._at != self._state.block_id:
            if not is_first:
                yield
                if self._ordering is None:
                    return
            is_first = False
            blocks = _list_blocks(self._state, self._at)
            if blocks is None:
                self._ordering = None
                return
            self._apply(self._ordering, blocks[0])
            self._at = blocks[0].block_id

    def _build(self) -> Generator[None, None, None]:
        """Make the order, noting the blocks that arrive meanwhile: a key may be of before or after one of them, and both are put right."""
        seen = self._state.block_id
        missed: list[Changes] = []
        ordering: Ordering = Ordering()
        accounts, to_key = self._state.book.accounts, self._to_key

        def read(name: bytes) -> bytes | None:
            account = accounts.get(name)
            return None if account is None else to_key(name, account)

        for _ in ordering.build(accounts.keys(), read):
            yield
            blocks = _list_blocks(self._state, seen)
            if blocks is None:
                return
            missed += blocks
            seen = self._state.block_id
        for count, changes in enumerate(missed):
            if count % 8 == 0:
                yield
            self._apply(ordering, changes)
        self._ordering, self._at = ordering, seen

    def _apply(self, ordering: Ordering, changes: Changes) -> None:
        for name, (old, new) in changes.tables["accounts"].items():
            before = None if old is None else self._to_key(name, old)
            after = None if new is None else self._to_key(name, new)
            if before is not None and before != after:
                ordering.discard(before)
            if after is not None:
                ordering.add(after)


def _list_blocks(state: State, since: bytes) -> list[Changes] | None:
    """The newest blocks after the one of that id; None when it is not among those at hand."""
    if since == state.block_id:
        return []
    recent = state.recent
    for place in range(len(recent) - 1, -1, -1):
        if recent[place].before.block_id == since:
            return list(recent[place:])
    return None
