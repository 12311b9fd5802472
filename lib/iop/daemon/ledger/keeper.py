"""When a running node writes snapshots: after much work, and at an orderly end, so that the next start is short.

While it runs, the moment is between a block being durable and being applied: the state is that before the block, and the block attests
it. Reads go on meanwhile, the block waits. A disk that refuses costs the snapshot and nothing else.
"""

from __future__ import annotations

import asyncio

from iop.daemon.ledger.snapshots import gather, step_back
from iop.daemon.log import Log
from iop.errors import BusyError, CreateError, DataError, HostError, MissingError
from iop.ledger.snapshot import write_snapshot
from iop.store.atomic import AtomicFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.daemon.ledger.snapshots import Snapshots
    from iop.ledger.state import Changes, State
    from iop.store.ledger import LedgerStore

AFTER = 200_000  # blocks and transactions; about fifteen seconds of replay
AT_STOP = 10_000
STOP_LIMIT_S = 4.0  # of the ten seconds that an orderly end may take; HTTP may take five of them

log = Log("iop.node")


class Keeper:
    """Counts the work since the newest snapshot. after: blocks and transactions between two; 0: none are written."""

    def __init__(self, snapshots: Snapshots, after: int = AFTER) -> None:
        self._snapshots = snapshots
        self._after = after
        self._work = 0
        snapshots.sweep()
        heights = snapshots.heights()
        self.height = heights[0] if heights else 0  # of the newest snapshot, 0 for none

    def count(self, changes: Changes) -> None:
        """A block was applied."""
        self._work += 1 + len(changes.txids)

    async def keep(self, state: State, following: bytes) -> None:
        """Write a snapshot if it is time; `following` is the next block, on disk and not yet applied."""
        if not self._after or self._work < self._after or state.height == 1:
            return
        self._work = 0
        try:
            file = AtomicFile(self._snapshots.prepare(state.height), force=True)
            try:
                for piece in gather(write_snapshot(state, following)):
                    file.write(piece)
                    await asyncio.sleep(0)
                await asyncio.to_thread(file.commit)
            except BaseException:
                file.abort()
                raise
        except (HostError, CreateError) as error:
            log.warning("no snapshot", height=state.height, reason=error.message)
            return
        self._done(state.height)

    def finish(self, state: State, store: LedgerStore) -> None:
        """Write a last snapshot, of the block before the newest, if that pays. The state is of no use afterwards."""
        if not self._after or self._work < min(self._after, AT_STOP):
            return
        try:
            following = step_back(state, store)
            self._snapshots.write(state, following, limit_s=STOP_LIMIT_S)
        except (HostError, CreateError, BusyError, DataError, MissingError) as error:
            log.warning("no snapshot", reason=error.message)
            return
        self._done(state.height)

    def _done(self, height: int) -> None:
        self.height = height
        self._snapshots.drop_old()
        log.info("snapshot", height=height, file=self._snapshots.path(height))
