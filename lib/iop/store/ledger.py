"""What a ledger node asks of its disk: a log of blocks, an index into it, and the pool of accepted transactions.

The block log is the truth. The transaction index beside it is derived and can be rebuilt from it. The pool holds
transactions that were accepted but are in no block yet. Everything here is bytes: what a block means is the ledger's
business. `LedgerStore` is the whole interface; `iop.store.ledger_sqlite` is one implementation.
"""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Protocol
else:
    Protocol = object


@value
class BlockEntry:
    """One block of the log. `transactions`: ids of its transactions in order, 32 bytes each."""

    height: int
    data: bytes
    transactions: tuple[bytes, ...] = ()


@value
class PoolEntry:
    """One accepted transaction that is in no block yet: its id and its wire bytes."""

    txid: bytes
    data: bytes


@value
class Place:
    """Where a transaction stands: height of its block, position in it counted from 0."""

    height: int
    position: int


@value
class Change:
    """What one durable write does, whole or not at all, in this order.

    `accept` joins the pool (known ids are ignored), `drop` leaves it, `block` extends the log; the transactions of the
    block leave the pool with the same write.
    """

    accept: tuple[PoolEntry, ...] = ()
    drop: tuple[bytes, ...] = ()
    block: BlockEntry | None = None


class LedgerStore(Protocol):
    """The interface. Every method raises HostError when the disk refuses and DataError when what it holds is damaged."""

    def genesis(self) -> bytes:
        """The network definition that was given when the store was made."""
        raise NotImplementedError

    def write(self, changes: Sequence[Change]) -> None:
        """Make all changes durable in one step; after return no crash loses them, after an error none was made."""
        raise NotImplementedError

    def head(self) -> int | None:
        """Height of the last block, None for an empty log."""
        raise NotImplementedError

    def blocks(self, start: int = 0) -> Iterator[BlockEntry]:
        """Blocks with height ≥ start, ascending, each checked against the chain of digests."""
        raise NotImplementedError

    def block_at(self, height: int) -> BlockEntry | None:
        """One block, or None."""
        raise NotImplementedError

    def find(self, txid: bytes) -> Place | None:
        """Where the transaction stands in the log, or None."""
        raise NotImplementedError

    def pool(self) -> list[PoolEntry]:
        """Accepted transactions that are in no block, in the order of acceptance."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the files. Nothing depends on this being called."""
        raise NotImplementedError
