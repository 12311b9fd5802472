"""A read replica: the view of a chain that another process makes, over the store which that process writes to.

It has no key. Every block is taken only from the sequencer it was told, or else from the one that signed the first block; the
signature and the state hash in the header are judged, so a store that lies is noticed. When the store cannot be read, answers go on
with what is known, and the lag is told.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from iop.daemon.http.reply import Reply, refuse
from iop.daemon.layer1.listing import Listing
from iop.daemon.ledger.chain import Chain
from iop.daemon.ledger.event_stream import EventStreams
from iop.daemon.ledger.rejections import Rejections
from iop.daemon.ledger.replay import follow, parse_entry
from iop.daemon.log import Log
from iop.errors import DataError, HostError, MissingError
from iop.ledger.block import is_block_signed
from iop.ledger.mempool import Mempool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from iop.codec.json import Json
    from iop.daemon.ledger.keeper import Keeper
    from iop.did.registry import Registry
    from iop.ledger.state import Changes, State
    from iop.store.ledger import BlockEntry, LedgerStore

    T = TypeVar("T")

WAIT_S = 2.0  # for news of the store, before its head is asked for anyway
RETRY_S = 1.0  # after the store could not be read
BATCH = 256  # blocks fetched at once
SLICE_S = 0.05  # how long applying keeps the event loop to itself

log = Log("iop.node")


class Replica:
    """One chain that is followed. All methods run in one event loop; the store is read in a thread."""

    def __init__(
        self, store: LedgerStore, state: State, keeper: Keeper, sequencer: bytes = b""
    ) -> None:
        self.state = state
        self.mempool = Mempool(state)  # empty for ever: what waits is the primary's business
        self.params = state.params
        self.rejections = Rejections()
        self.trouble = ""
        self._keeper = keeper
        self._sequencer = sequencer
        self._store = store
        self._reader = store.reader()
        self._chain = Chain(self._reader, state)
        self.listing = Listing(state, store.reader)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._head = state.height  # of the store, as far as heard
        self._highest = 0  # that the store has ever said
        self._heard = time.monotonic()
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
    def lag(self) -> int:
        """Blocks that the store has and the state has not."""
        return max(self._head - self.state.height, 0)

    @property
    def silence_s(self) -> float:
        """Seconds since the store was read last."""
        return time.monotonic() - self._heard

    def on_block(self, hook: Callable[[Changes], None]) -> None:
        """Call with the changes of every block, once it is applied."""
        self._hooks.append(hook)

    def find_asset(self, txid: str) -> Json:
        """The asset of a forged transaction. Raises MissingError when the log lacks it, as a pruned one does."""
        found = self._chain.find(bytes.fromhex(txid))
        if found is None:
            raise MissingError(f"transaction {txid} is not in this node's log, which was pruned")
        return found[0].asset

    async def submit(self, _records: list[Json]) -> Reply:
        """Submissions are the primary's; those that come this far have none."""
        return refuse(503, "This node is a replica: send transactions to the sequencer's node")

    async def attest(self) -> None:
        """Blocks are not made here: what is proven is what the newest header covers."""

    async def recover(self, progress: Callable[[int, int], bool] | None = None) -> None:
        """Come up to the store's head. `progress` as in `LedgerNode.recover`. Raises DataError, HostError."""
        self._hear(await self._ask(self._store.head))
        await self._catch_up(progress)

    async def follow(self) -> None:
        """Follow the store for ever. Raises DataError when what it holds is not this chain."""
        while True:
            try:
                height = self.state.height
                head = await self._ask(lambda: self._store.wait(height, WAIT_S))  # noqa: B023 - asked at once
                self._hear(head)
                self._heard = time.monotonic()
                await self._catch_up(None)
            except HostError as error:
                if not self.trouble:
                    log.warning("the store cannot be read", reason=error.message)
                self.trouble = error.message
                await asyncio.sleep(RETRY_S)
            else:
                self.trouble = ""

    def _hear(self, head: int | None) -> None:
        """Note the store's head. Raises HostError when it has gone back: what stood there may come to be another chain."""
        if (head or 0) < self._highest:
            raise HostError(f"the store had block {self._highest}, now it ends with {head or 0}")
        self._highest = head or 0
        self._head = max(self._highest, self.state.height)

    async def _catch_up(self, progress: Callable[[int, int], bool] | None) -> None:
        pause = time.monotonic() + SLICE_S
        while self.state.height < self._head:
            start = self.state.height + 1
            entries = await self._ask(lambda: list(islice(self._store.blocks(start), BATCH)))  # noqa: B023 - asked at once
            if not entries:
                return
            for entry in entries:
                await self._take(entry)
                if time.monotonic() > pause:
                    if progress is not None and not progress(self.state.height, self._head):
                        return
                    await asyncio.sleep(0)
                    pause = time.monotonic() + SLICE_S

    async def _take(self, entry: BlockEntry) -> None:
        block = parse_entry(entry)
        self._sequencer = self._sequencer or block.producer
        if not is_block_signed(block, self.params):
            raise DataError(f"block {block.height} of the store is not signed by its producer")
        await self._keeper.keep(self.state, entry.data)
        changes = follow(self.state, block, producer=self._sequencer)
        self._keeper.count(changes)
        self.rejections.note(changes.outcomes)
        for hook in self._hooks:
            hook(changes)

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, question)

    def open_reader(self) -> LedgerStore:
        """A reader of the store for another thread."""
        return self._store.reader()

    def finish(self) -> None:
        """The end: a last snapshot where it pays. The state is of no use afterwards."""
        self._keeper.finish(self.state, self._reader)

    def close(self) -> None:
        """Wait for the question under way, then let go of the store."""
        self._thread.shutdown(wait=True)
        self.listing.close()
        self._reader.close()
        self._store.close()
