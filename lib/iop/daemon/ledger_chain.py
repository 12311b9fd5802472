"""Blocks and forged transactions out of a store, as far as the state has followed it."""

from __future__ import annotations

from iop.ledger.block import Block, parse_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction
    from iop.store.ledger import LedgerStore

KEPT_BLOCKS = 64  # parsed ones; clients ask again and again for the newest


class Chain:
    """The blocks of a store, read with its own connection, up to the state's height.

    A block is on disk a moment before it is applied; until then nobody may see it, or layer 1 would show a transaction
    that layer 2 does not know yet.
    """

    def __init__(self, store: LedgerStore, state: State) -> None:
        self._store = store
        self._state = state
        self._blocks: dict[int, Block] = {}

    def find(self, txid: bytes) -> tuple[Transaction, Block] | None:
        """A forged transaction and its block, or None. Raises HostError, DataError when disk or log are damaged."""
        place = self._store.find(txid)
        block = None if place is None else self.block_at(place.height)
        if place is None or block is None:
            return None
        return block.transactions[place.position], block

    def block_at(self, height: int) -> Block | None:
        """The block of a height, None for those that are not in the log (as the genesis block) or not applied."""
        if height > self._state.height:
            return None
        known = self._blocks.get(height)
        if known is not None:
            return known
        entry = self._store.block_at(height)
        if entry is None:
            return None
        if len(self._blocks) >= KEPT_BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        block = self._blocks[height] = parse_block(entry.data)
        return block
