"""Work for a thread beside the event loop, in batches.

While one batch is under way the next one gathers, so that whatever costs the same for one as for many (a flush to disk, taking
turns with the interpreter) is paid once for all that wait. Order is kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from iop.errors import BusyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Generic, TypeVar

    Item = TypeVar("Item")
else:
    Item = object

    class Generic:
        """Stands in for `typing.Generic`."""

        def __class_getitem__(cls, _: object) -> type:
            return cls


class Batches(Generic[Item]):
    """One thread that runs `work` over lists of items. Used from one event loop. most: items that may wait."""

    def __init__(self, work: Callable[[list[Item]], None], *, name: str, most: int) -> None:
        self._work = work
        self._most = most
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[tuple[Item, asyncio.Future[None]]] = deque()
        self._running = False

    async def add(self, item: Item) -> None:
        """Return when the batch that the item went with is done. Raises what the work raised, BusyError when too many wait."""
        if len(self._waiting) >= self._most:
            raise BusyError(f"more than {self._most} pieces of work are waiting")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if not self._running:
            self._running = True
            self._submit()
        await done

    def _submit(self) -> None:
        if not self._waiting:
            self._running = False
            return
        batch = list(self._waiting)
        self._waiting.clear()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, self._work, [item for item, _ in batch])
        work.add_done_callback(lambda ended: self._settle([done for _, done in batch], ended))

    def _settle(self, batch: list[asyncio.Future[None]], ended: asyncio.Future[None]) -> None:
        error = None if ended.cancelled() else ended.exception()
        for done in batch:
            if done.done():
                continue  # the caller went away; its item was worked on all the same
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        # After those who were told: many of them come at once with their next item, and go along.
        asyncio.get_running_loop().call_soon(self._submit)

    def close(self) -> None:
        """Wait for the batch under way, then end the thread."""
        self._thread.shutdown(wait=True)
