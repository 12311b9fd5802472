"""What a ledger node asks of its disk: a log of blocks, an index into it, and the pool of accepted transactions.

The block log is the truth. The index beside it (`iop.ledger.index`) is derived and can be made again from it. The pool holds
transactions that were accepted but are in no block yet. `LedgerStore` is the whole interface; `iop.store.ledger_sqlite` and
`iop.store.ledger_postgres` are its implementations, `iop.store.ledger_open` finds the right one.
"""

from __future__ import annotations

from iop.errors import MissingError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Protocol

    from iop.ledger.index import BlockRows, Page, Query

    Progress = Callable[[int, int], None]  # height reached, height of the log
else:
    Protocol = object


@value
class BlockEntry:
    """One block of the log: its height and its bytes."""

    height: int
    data: bytes


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

    `accept` joins the pool (known ids are ignored), `drop` leaves it, `block` extends the log, with `rows` in the index, which
    are what `index_block` gives of it; the transactions of the block leave the pool with the same write.
    """

    accept: tuple[PoolEntry, ...] = ()
    drop: tuple[bytes, ...] = ()
    block: BlockEntry | None = None
    rows: BlockRows | None = None

    def __check__(self) -> None:
        assert (self.block is None) == (self.rows is None), "a block comes with its rows"


@value
class FeeSum:
    """What the transactions of one kind paid, in flakes."""

    type_group: int
    type: int
    count: int
    total: int
    least: int
    most: int


@value
class Facts:
    """Figures of a store. `first`: lowest height whose block is whole, above `head` when none is; None for an empty log.

    size: bytes on disk, index and journal included. free: bytes of those that hold nothing and will be used again.
    """

    head: int | None
    first: int | None
    transactions: int
    statements: int
    waiting: int
    size: int
    free: int


class LedgerStore(Protocol):
    """The interface. Methods may be called from one thread at a time; another thread takes a `reader` of its own.

    Every method raises HostError when disk or server refuse and DataError when what they hold is damaged.
    """

    def genesis(self) -> bytes:
        """The network definition that was given when the store was made (`iop.ledger.chain`)."""
        raise NotImplementedError

    def write(self, changes: Sequence[Change]) -> None:
        """Make all changes durable in one step; after return no crash loses them, after an error none was made.

        Raises DataError when a block does not follow the last one or holds a transaction that is in the log already; BusyError
        when the store has gone on without its caller, who has to open it again.
        """
        raise NotImplementedError

    def head(self) -> int | None:
        """Height of the last block, None for an empty log."""
        raise NotImplementedError

    def blocks(self, start: int = 0) -> Iterator[BlockEntry]:
        """Blocks with height ≥ start, ascending, each checked against the chain of digests.

        Raises MissingError when the log was pruned there; 0 stands for the first height that is whole.
        """
        raise NotImplementedError

    def block_at(self, height: int) -> BlockEntry | None:
        """One block, None when the log has none of that height. Raises MissingError when it was pruned."""
        raise NotImplementedError

    def header_at(self, height: int) -> bytes | None:
        """Header and signature of a block, the first 211 bytes of it, pruned or not; None when there is no such block."""
        raise NotImplementedError

    def find(self, txid: bytes) -> Place | None:
        """Where the transaction stands in the log, or None."""
        raise NotImplementedError

    def find_block(self, block_id: bytes) -> int | None:
        """Height of the block with that id, block 1 and pruned ones among them, or None."""
        raise NotImplementedError

    def select(self, query: Query) -> Page:
        """Rows of the index. Block 1, which follows from the network definition, is among the blocks.

        Raises LimitError when the question takes more work than a store gives to one.
        """
        raise NotImplementedError

    def sum_fees(self, since: int, least: int, until: int) -> list[FeeSum]:
        """The fees of each kind, by group and type: of transactions with a fee of at least `least` in blocks up to height `until`
        that are not older than `since`, in seconds since the network's epoch. Raises LimitError as `select`.
        """
        raise NotImplementedError

    def pool(self) -> list[PoolEntry]:
        """Accepted transactions that are in no block, in the order of acceptance."""
        raise NotImplementedError

    def wait(self, height: int | None, timeout_s: float) -> int | None:
        """Wait until the log has a block above `height` (None: any block), or the time is over; then the head."""
        raise NotImplementedError

    def reader(self) -> LedgerStore:
        """A second view with a connection of its own, which sees what was written before each call and writes nothing."""
        raise NotImplementedError

    def check(self, progress: Progress | None = None) -> None:
        """Look through everything: the database's own check, the chain of digests, the index against the log.

        Raises DataError that tells the first damage found.
        """
        raise NotImplementedError

    def rebuild_index(self, progress: Progress | None = None) -> None:
        """Throw the index of all whole blocks away and make it again from the log, in one durable step."""
        raise NotImplementedError

    def prune(self, height: int) -> int:
        """Let go of the transactions in blocks below a height, and of their rows; the number of blocks that lost them.

        Headers, digests, rows of blocks and statements stay. The last block stays whole. Done in durable steps: a kill
        leaves the log pruned up to some lower height. The space is used again; `compact` gives it back.
        """
        raise NotImplementedError

    def compact(self) -> None:
        """Give free space back to the file system. Takes long, and while it runs nothing is written."""
        raise NotImplementedError

    def facts(self) -> Facts:
        """Figures for operators."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of files and connections. Nothing depends on this being called."""
        raise NotImplementedError


def compute_root(genesis: bytes) -> bytes:
    """The digest that the first block chains to: SHA-256 of the network definition."""
    from hashlib import sha256

    return sha256(genesis).digest()


def compute_digest(previous: bytes, height: int, data: bytes) -> bytes:
    """SHA-256(previous digest ‖ height as 8 bytes big endian ‖ data)."""
    from hashlib import sha256

    return sha256(previous + height.to_bytes(8, "big") + data).digest()


def refuse_pruned(height: int, first: int) -> MissingError:
    """What is raised for a block that was pruned; `first` is the lowest height that is whole."""
    return MissingError(
        f"block {height} was pruned, this log is whole from block {first} on",
        hint="ask a node that keeps the whole log; a replica begins with its node's snapshots",
    )
