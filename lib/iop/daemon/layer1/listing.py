"""Long lists for the HTTP interface, made so that nothing else waits for them.

Lists of accounts, delegates and locks are made out of memory in slices of some milliseconds (`iop.ledger.directory`), questions
about blocks and transactions are asked of the index in a thread of their own. One of each is under way at once; who has waited
too long for a turn is told to come back.
"""

from __future__ import annotations

import asyncio

from iop.errors import BusyError, LimitError
from iop.ledger.directory import Directory
from iop.ledger.index import Condition
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import ThreadPoolExecutor
    from typing import TypeVar

    from iop.ledger.index import Page, Query
    from iop.ledger.state import State
    from iop.store.ledger import FeeSum, LedgerStore

    T = TypeVar("T")

_DAY_S = 86_400
PATIENCE_S = 8.0  # how long a question waits for its turn; the original gives up after as long


class Listing:
    """Lists of one node. `open_reader` gives a view of its store for the thread that asks."""

    def __init__(self, state: State, open_reader: Callable[[], LedgerStore]) -> None:
        self.directory = Directory(state)
        self._state = state
        self._open_reader = open_reader
        self._reader: LedgerStore | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._lists = asyncio.Lock()
        self._questions = asyncio.Lock()

    async def run(self, work: Generator[None, None, T]) -> T:
        """The result of work in slices. What is done with the first slice is answered at once. Raises BusyError."""
        try:
            next(work)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        async with _Turn(self._lists):
            return await self._run_on(work)

    async def select(self, query: Query) -> Page:
        """Rows of the index, up to the block that the state has reached. Raises BusyError when it takes too long, HostError."""
        bound = Condition("height", "<=", self._state.height)
        query = replace(query, where=(*query.where, bound))
        async with _Turn(self._questions):
            return await self._ask(lambda store: store.select(query))

    async def sum_fees(self, days: int) -> list[FeeSum]:
        """What each kind of transactions paid in the last days before the newest block, pool minimum or more. Raises BusyError, HostError."""
        state = self._state
        since = max(state.timestamp - days * _DAY_S, 0)
        least, until = state.params.fees.per_byte, state.height
        async with _Turn(self._questions):
            return await self._ask(lambda store: store.sum_fees(since, least, until))

    async def _run_on(self, work: Generator[None, None, T]) -> T:
        while True:
            try:
                next(work)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            await asyncio.sleep(0)

    async def _ask(self, question: Callable[[LedgerStore], T]) -> T:
        from concurrent.futures import ThreadPoolExecutor

        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, "index")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, self._read, question)
        except LimitError as exc:
            raise BusyError(f"this takes too long, ask for less: {exc.message}") from exc

    def _read(self, question: Callable[[LedgerStore], T]) -> T:
        if self._reader is None:
            self._reader = self._open_reader()
        return question(self._reader)

    def close(self) -> None:
        """Finish the question under way and let go of the store."""
        if self._executor is not None:
            if self._reader is not None:
                self._executor.submit(self._reader.close)
            self._executor.shutdown()
            self._executor = self._reader = None


class _Turn:
    """A lock that is waited for a while only; BusyError then."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._lock.acquire()
        except TimeoutError as exc:
            raise BusyError("too many lists are asked for at once") from exc

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
