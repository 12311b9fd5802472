"""Group commit: one thread writes, everything that waits goes to disk with one flush.

Callers hand in a `Change` and wait. While one write is on its way to disk, the next ones gather; they then share a single
durable transaction. Order is kept. When the disk refuses, all who shared the write are told, and nothing was changed.
"""

from __future__ import annotations

from iop.daemon.ledger.batch import Batches
from iop.errors import HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.store.ledger import Change, LedgerStore

MAX_WAITING = 4096  # changes; beyond that callers are refused


class Writer:
    """The only way to a store's disk while the daemon runs. Used from one event loop."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._batches: Batches[Change] = Batches(self._write, name="store", most=MAX_WAITING)
        self.writes = 0
        self.changes = 0
        self.last_error = ""

    async def write(self, change: Change) -> None:
        """Return when the change is durable. Raises HostError (nothing was changed), BusyError when too many wait."""
        await self._batches.add(change)

    def _write(self, changes: list[Change]) -> None:
        self.writes += 1
        self.changes += len(changes)
        try:
            self._store.write(changes)
        except HostError as exc:
            self.last_error = exc.message
            raise
        self.last_error = ""

    def close(self) -> None:
        """Wait for the write under way, then end the thread."""
        self._batches.close()
