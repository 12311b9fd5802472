"""Group commit: one thread writes, everything that waits goes to disk with one flush.

Callers hand in a `Change` and wait. While one write is on its way to disk, the next ones gather; they then share a single
durable transaction. Order is kept. When the disk refuses, all who shared the write are told, and nothing was changed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from iop.errors import BusyError, HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.store.ledger import Change, LedgerStore

MAX_WAITING = 4096  # changes; beyond that callers are refused


class Writer:
    """The only way to a store's disk while the daemon runs. Used from one event loop."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._waiting: deque[tuple[Change, asyncio.Future[None]]] = deque()
        self._running = False
        self.writes = 0
        self.changes = 0
        self.last_error = ""

    async def write(self, change: Change) -> None:
        """Return when the change is durable. Raises HostError (nothing was changed), BusyError when too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            raise BusyError("too many writes are waiting for the disk")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        if not self._running:
            self._running = True
            self._submit()
        await done

    def _submit(self) -> None:
        batch = list(self._waiting)
        self._waiting.clear()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(
            self._thread, self._store.write, [change for change, _ in batch]
        )
        work.add_done_callback(lambda ended: self._settle(batch, ended))

    def _settle(
        self, batch: list[tuple[Change, asyncio.Future[None]]], ended: asyncio.Future[None]
    ) -> None:
        error = None if ended.cancelled() else ended.exception()
        self.last_error = error.message if isinstance(error, HostError) else ""
        self.writes += 1
        self.changes += len(batch)
        for _, done in batch:
            if done.done():
                continue  # the caller went away; its change stands
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        if self._waiting:
            self._submit()
        else:
            self._running = False

    def close(self) -> None:
        """Wait for the write under way, then end the thread."""
        self._thread.shutdown(wait=True)
