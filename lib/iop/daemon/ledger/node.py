"""The ledger node without its sockets: recovery, intake, blocks, and the view that the HTTP interface reads.

A transaction is acknowledged when it is on disk (the pool), a block when it is on disk (the log); only then does anybody hear of
it. The state in memory follows the disk, never the other way round, and is made again from the log at every start.
"""

from __future__ import annotations

import asyncio
import time

from iop.daemon.http.reply import Reply, encode
from iop.daemon.layer1.listing import Listing
from iop.daemon.ledger.chain import Chain
from iop.daemon.ledger.event_stream import EventStreams
from iop.daemon.ledger.rejections import Rejections
from iop.daemon.ledger.replay import follow, parse_entry
from iop.daemon.ledger.signatures import start_judging
from iop.daemon.ledger.writer import Writer
from iop.daemon.log import Log
from iop.errors import BusyError, DataError, HostError, MissingError, VerifyError
from iop.ledger.block import encode_block
from iop.ledger.engine import Solo
from iop.ledger.index import index_block
from iop.ledger.mempool import Mempool
from iop.ledger.state import State
from iop.ledger.submission import list_signed, submit
from iop.ledger.wire import compute_id_bytes, encode_transaction, parse_transaction
from iop.store.ledger import BlockEntry, Change, PoolEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iop.codec.json import Json
    from iop.daemon.ledger.keeper import Keeper
    from iop.did.registry import Registry
    from iop.ledger.genesis import Genesis
    from iop.ledger.state import Changes
    from iop.ledger.submission import Candidate
    from iop.ledger.wire import Transaction
    from iop.store.ledger import LedgerStore

SLICE_S = 0.05  # how long the replay keeps the event loop to itself
RETRY_S = 1.0  # after the disk has refused a block
ATTEST_S = 5.0  # how long a proof waits for its header

# Comes and goes with one write, which is a real one.
_PROBE = Change(accept=(PoolEntry(bytes(32), b""),), drop=(bytes(32),))

log = Log("iop.node")


class LedgerNode:
    """One chain over one store. All methods run in one event loop; writes go through the writer's thread."""

    def __init__(
        self,
        store: LedgerStore,
        genesis: Genesis,
        secret: bytes,
        *,
        now: Callable[[], float] = time.time,
        state: State | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.state = State(genesis) if state is None else state
        self.mempool = Mempool(self.state)
        self.params = genesis.params
        self.writer = Writer(store)
        self._judging = start_judging()
        self.forging_fails = ""
        self.rejections = Rejections()
        self._engine = Solo(self.state, self.mempool, secret=secret)
        self._store = store
        self._reader = store.reader()
        self._chain = Chain(self._reader, self.state)
        self.listing = Listing(self.state, store.reader)
        self._now = now
        self._keeper = keeper
        self._persisted: set[bytes] = set()  # waiting and on disk
        self._gone: set[bytes] = (
            set()
        )  # on disk, but no longer waiting: the next block's write drops them
        self._arrived = asyncio.Event()
        self._forged = asyncio.Event()  # replaced at every block
        self._on_demand = False
        self._hooks: list[Callable[[Changes], None]] = []
        self.streams = EventStreams(self)

    @property
    def registry(self) -> Registry:
        """The DID registry at the last block."""
        return self.state.registry

    @property
    def chain(self) -> Chain:
        """Forged transactions."""
        return self._chain

    @property
    def trouble(self) -> str:
        """Why blocks or submissions are refused; empty when they are not."""
        return self.forging_fails or self.writer.last_error

    def on_block(self, hook: Callable[[Changes], None]) -> None:
        """Call with the changes of every block, once it is durable and applied."""
        self._hooks.append(hook)

    def find_asset(self, txid: str) -> Json:
        """The asset of a forged transaction. Raises MissingError when the log lacks it, as a pruned one does."""
        found = self._chain.find(bytes.fromhex(txid))
        if found is None:
            raise MissingError(f"transaction {txid} is not in this node's log, which was pruned")
        return found[0].asset

    async def submit(self, candidates: list[Candidate]) -> Reply:
        """Judge posted transactions and answer once what was accepted is on disk."""
        signed = list_signed(candidates, self.mempool)
        if signed:
            await self._judging.add(signed)
        found = submit(
            candidates,
            self.state,
            self.mempool,
            is_forged=lambda txid: self._reader.find(txid) is not None,
        )
        await self.keep(found.taken)
        return encode(found.to_record())

    async def recover(self, progress: Callable[[int, int], bool] | None = None) -> None:
        """Make the state again from the log, then the pool. Raises DataError when the log does not fit.

        `progress` gets (height reached, height of the log) between slices of work; its False ends the work unfinished.
        """
        head = self._store.head() or self.state.height
        pause = time.monotonic() + SLICE_S
        for entry in self._store.blocks(self.state.height + 1):
            self._replay(entry)
            if time.monotonic() > pause:
                if progress is not None and not progress(self.state.height, head):
                    return
                await asyncio.sleep(0)
                pause = time.monotonic() + SLICE_S
        self._refill()

    def _replay(self, entry: BlockEntry) -> None:
        self._note(follow(self.state, parse_entry(entry)))

    def _note(self, changes: Changes) -> None:
        self.rejections.note(changes.outcomes)
        if self._keeper is not None:
            self._keeper.count(changes)

    def _refill(self) -> None:
        """Take up the pool that was acknowledged; what the last blocks made impossible is dropped."""
        for entry in self._store.pool():
            try:
                self.mempool.add(parse_transaction(entry.data))
            except (DataError, VerifyError) as error:
                log.info("waiting transaction dropped", id=entry.txid.hex(), reason=error.message)
                self._gone.add(entry.txid)
            else:
                self._persisted.add(entry.txid)
        if len(self.mempool):
            self._arrived.set()

    async def keep(self, transactions: Sequence[Transaction]) -> None:
        """Make transactions that the pool has taken durable; when the disk refuses they leave the pool again.

        Raises HostError, BusyError; and BusyError when one of them hung on a transaction that the disk refused meanwhile.
        """
        entries = tuple(
            PoolEntry(compute_id_bytes(tx), encode_transaction(tx)) for tx in transactions
        )
        if not entries:
            return
        try:
            await self.writer.write(Change(accept=entries))
        except BaseException:
            for entry in entries:
                self.mempool.remove(entry.txid)
            raise
        lost = {entry.txid for entry in entries if entry.txid not in self.mempool}
        self._persisted.update(entry.txid for entry in entries if entry.txid not in lost)
        self._arrived.set()
        if lost:
            self._gone |= lost
            raise BusyError(
                "a transaction that this one follows could not be kept, send both again"
            )

    async def forge(self) -> Changes:
        """One block of what waits: proposed, written, applied, announced. Raises HostError when the disk refuses."""
        self._arrived.clear()
        block = self._engine.propose(self._durable(), int(self._now()))
        gone = frozenset(self._gone)
        entry = BlockEntry(block.height, encode_block(block))
        rows = index_block(block, self.params)
        txids = tuple(row[0] for row in rows.transactions)
        await self.writer.write(Change(drop=tuple(gone), block=entry, rows=rows))
        if self._keeper is not None:
            await self._keeper.keep(self.state, entry.data)
        changes = self._engine.commit(block, verify=False)
        self._note(changes)
        self._gone -= gone
        self._persisted.difference_update(txids)
        dropped = self._persisted.intersection(self.mempool.take_dropped())
        left = {txid for txid in dropped if txid not in self.mempool}  # not those sent again
        self._persisted -= left
        self._gone |= left
        if txids and self._persisted:
            self._arrived.set()  # more than one block's worth
        for hook in self._hooks:
            hook(changes)
        self._forged.set()
        self._forged = asyncio.Event()
        return changes

    async def attest(self) -> None:
        """Where blocks are made on demand, have one made that attests what the newest one changed, and wait for it a little."""
        if not self._on_demand or (self.state.recent and not self._is_unattested()):
            return
        forged = self._forged
        self._arrived.set()
        try:
            await asyncio.wait_for(forged.wait(), ATTEST_S)
        except TimeoutError:
            return  # the disk refuses blocks; the answer tells what can be proven

    def _durable(self) -> Iterator[Transaction]:
        """What waits and is on disk, oldest first."""
        return (entry.tx for entry in self.mempool.entries() if entry.txid in self._persisted)

    async def produce(self, block_time_s: float, *, empty: bool) -> None:
        """Make blocks for ever: every `block_time_s` seconds, or with 0 as soon as there are transactions."""
        loop = asyncio.get_running_loop()
        age = self._now() - self.params.epoch - self.state.timestamp
        due = loop.time() + max(block_time_s - max(age, 0.0), 0.0)
        self._on_demand = not block_time_s
        while True:
            if block_time_s:
                await asyncio.sleep(due - loop.time())
                due = max(due + block_time_s, loop.time())
            if not (block_time_s and (empty or self._is_unattested())):
                await self._arrived.wait()
            try:
                changes = await self.forge()
            except HostError as error:
                if not self.forging_fails:
                    log.warning("the disk refuses blocks", reason=error.message)
                self.forging_fails = error.message
                self._arrived.set()
                await asyncio.sleep(RETRY_S)
                continue
            self.forging_fails = ""
            self._report(changes)

    def _is_unattested(self) -> bool:
        """Whether the newest block had transactions: a block after it is worth making, for its header carries their effect."""
        recent = self.state.recent
        return bool(recent) and bool(recent[-1].txids)

    def _report(self, changes: Changes) -> None:
        count = len(changes.txids)
        write = log.info if count else log.debug
        rejected = sum(outcome.error is not None for outcome in changes.outcomes)
        write(
            "block",
            height=changes.block.height,
            id=changes.block_id.hex(),
            transactions=count,
            rejected=rejected,
        )
        for outcome in changes.outcomes:
            if outcome.error is not None:
                log.info("rejected on layer 2", id=outcome.txid.hex(), reason=outcome.error)

    async def heal(self) -> None:
        """After a submission was refused by the disk, try again now and then, for ever: nobody else may come for long."""
        while True:
            await asyncio.sleep(RETRY_S)
            if self.writer.last_error and not self.forging_fails:
                try:
                    await self.writer.write(_PROBE)
                except (HostError, BusyError):
                    continue

    def open_reader(self) -> LedgerStore:
        """A reader of the store for another thread."""
        return self._store.reader()

    def finish(self) -> None:
        """The end: a last snapshot where it pays. The state is of no use afterwards."""
        if self._keeper is not None:
            self._keeper.finish(self.state, self._reader)

    def close(self) -> None:
        """Finish the write under way and let go of the files."""
        self._judging.close()
        self.writer.close()
        self.listing.close()
        self._reader.close()
        self._store.close()
