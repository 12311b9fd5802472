"""Blocks from an archive into a store: each one judged as if it came from a stranger, and kept in large durable pieces.

What was written stays, whatever comes after it: an import that was killed, or whose archive broke off, goes on where it stopped.
"""

from __future__ import annotations

from iop.daemon.ledger.replay import follow
from iop.errors import DataError, IopError, SchemaError
from iop.ledger.archive import ArchivedBlock
from iop.ledger.index import index_block
from iop.ledger.mempool import Mempool
from iop.ledger.submission import check_body, submit
from iop.ledger.transaction import to_record
from iop.ledger.wire import compute_id_bytes, encode_transaction
from iop.store.ledger import BlockEntry, Change, PoolEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iop.ledger.state import State
    from iop.ledger.wire import Transaction
    from iop.store.ledger import LedgerStore

PIECE_BLOCKS = 512  # blocks in one durable write
PIECE_BYTES = 4 * 2**20  # and bytes of them


class Import:
    """One import. `state` is that of the store's head; `producer` signs all blocks, or empty: whoever signs the first one.

    blocks: how many were new; waiting: how many transactions joined the pool; refused: those that could not, with the reason.
    """

    def __init__(self, store: LedgerStore, state: State, producer: bytes = b"") -> None:
        self.blocks = 0
        self.waiting = 0
        self.refused: list[tuple[str, str]] = []
        self._store = store
        self._state = state
        self._producer = producer
        self._piece: list[Change] = []
        self._bytes = 0
        self._pool: Mempool | None = None
        self._start = state.height

    def run(
        self,
        pieces: Iterable[ArchivedBlock | Transaction],
        progress: Callable[[int], None] = lambda _height: None,
    ) -> None:
        """Take all in. Raises DataError at the first block that is not the next one of this chain, after keeping those before."""
        try:
            for piece in pieces:
                if isinstance(piece, ArchivedBlock):
                    self._take_block(piece)
                    progress(self._state.height)
                else:
                    self._take_waiting(piece)
        except IopError:
            self._keep()
            raise
        self._keep()

    def _take_block(self, piece: ArchivedBlock) -> None:
        block = piece.block
        if block.height <= self._state.height:
            self._compare(piece)
            return
        if block.height > self._state.height + 1:
            raise DataError(
                f"block {self._state.height + 1} comes next here, the archive goes on with {block.height}",
                hint=f"iop-node export --from {self._state.height + 1}",
            )
        self._producer = self._producer or block.producer
        follow(self._state, block, verify=True, producer=self._producer)
        self._piece.append(
            Change(
                block=BlockEntry(block.height, piece.data),
                rows=index_block(block, self._state.params),
            )
        )
        self._bytes += len(piece.data)
        self.blocks += 1
        if len(self._piece) >= PIECE_BLOCKS or self._bytes >= PIECE_BYTES:
            self._keep()

    def _compare(self, piece: ArchivedBlock) -> None:
        """A block that is here already must be the same one."""
        height = piece.block.height
        if any(
            change.block is not None and change.block.height == height for change in self._piece
        ):
            self._keep()
        known = self._store.header_at(height)
        if known is None and height <= self._start:
            return  # from before the snapshot that this directory began with
        # with the header and what it commits to, the whole block is the same
        if known is None or not piece.data.startswith(known):
            raise DataError(
                f"block {height} of the archive is another one than block {height} here",
                hint="another --home, or the archive of this chain",
            )

    def _take_waiting(self, tx: Transaction) -> None:
        """A waiting transaction is judged as if somebody posted it."""
        self._keep()
        if self._pool is None:
            self._pool = Mempool(self._state)
            for entry in self._store.pool():
                self._offer(entry.data)
        txid = compute_id_bytes(tx)
        if txid in self._pool or self._store.find(txid) is not None:
            return
        try:
            posted = check_body({"transactions": [to_record(tx)]}, self._state)
        except SchemaError as error:
            self.refused.append((txid.hex(), error.message))
            return
        found = submit(posted, self._state, self._pool)
        if not found.taken:
            reasons = [message for _, message in found.errors.get(txid.hex(), ())]
            self.refused.append((txid.hex(), "; ".join(reasons) or "too many of its sender wait"))
            return
        self._store.write([Change(accept=(PoolEntry(txid, encode_transaction(tx)),))])
        self.waiting += 1

    def _offer(self, data: bytes) -> None:
        from iop.ledger.wire import parse_transaction

        assert self._pool is not None
        try:
            self._pool.add(parse_transaction(data))
        except IopError:
            return  # the node drops it at its next start, and says so

    def _keep(self) -> None:
        piece, self._piece, self._bytes = self._piece, [], 0
        if piece:
            self._store.write(piece)
