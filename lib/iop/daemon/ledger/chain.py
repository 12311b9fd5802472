"""Blocks and forged transactions out of a store, as far as the state has followed it."""

from __future__ import annotations

from iop.errors import HostError
from iop.ledger.block import HEADER_SIZE, SIGNATURE_SIZE, Block, parse_block, parse_header
from iop.ledger.index import Condition
from iop.ledger.reader import Reader
from iop.ledger.wire import parse_transaction
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.ledger.block import Header
    from iop.ledger.index import Page, Query
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction
    from iop.store.ledger import LedgerStore

_COUNT_SIZE = 4  # bytes: number of transactions
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
        self._newest_read: tuple[int, bytes] = (-1, b"")  # height, transactions

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

    def find_block(self, block_id: bytes) -> int | None:
        """The height of the block with an id, the first one among them; None when there is none or it is not applied."""
        if block_id == self._state.block_id:
            return self._state.height
        height = self._store.find_block(block_id)
        return None if height is None or height > self._state.height else height

    def header_at(self, height: int) -> Header | None:
        """The header of a block of the log, pruned or not."""
        data = None if height > self._state.height else self._store.header_at(height)
        return None if data is None else parse_header(data)

    def transaction_at(self, height: int, position: int) -> Transaction:
        """One forged transaction by its place in the index, without reading the whole block. Raises MissingError (pruned), HostError (damaged)."""
        known = self._blocks.get(height)
        if known is not None:
            return known.transactions[position]
        if self._newest_read[0] != height:  # rows of one block come together
            entry = self._store.block_at(height)
            if entry is None:
                raise HostError(
                    f"the log is damaged: it lacks block {height} of its index",
                    hint="iop-node verify --home DIR",
                )
            self._newest_read = height, entry.data[HEADER_SIZE + SIGNATURE_SIZE + _COUNT_SIZE :]
        reader = Reader(self._newest_read[1])
        for _ in range(position):
            reader.read(reader.read_number(4))
        return parse_transaction(reader.read(reader.read_number(4)))

    def select(self, query: Query) -> Page:
        """Rows of the index, up to the state's height. Raises LimitError when it takes too long."""
        bound = Condition("height", "<=", self._state.height)
        return self._store.select(replace(query, where=(*query.where, bound)))
