"""Long lists and questions to the index take turns, and nobody waits for ever."""

import asyncio
import threading

import pytest

from iop.daemon.layer1 import listing
from iop.daemon.layer1.listing import Listing
from iop.errors import BusyError, HostError, LimitError
from iop.ledger.genesis import make_genesis
from iop.ledger.index import BLOCK, Page, Query
from iop.ledger.state import State

EVER = 10_000


class Index:
    """A store whose answers wait for `release`."""

    def __init__(self, error=None):
        self.error = error
        self.release = threading.Event()
        self.threads = set()
        self.asked = []
        self.closed = False

    def select(self, query):
        self.threads.add(threading.get_ident())
        self.asked.append(query)
        assert self.release.wait(30)
        if self.error is not None:
            raise self.error
        return Page(0, ())

    def sum_fees(self, *given):
        self.asked.append(given)
        return []

    def close(self):
        self.threads.add(threading.get_ident())
        self.closed = True


def make(index=None):
    return Listing(State(make_genesis("testnet")), lambda: index)


def steps(count, log=None, name=None):
    for _ in range(count):
        if log is not None:
            log.append(name)
        yield
    return name


def test_short_work_is_done_at_once():
    made = make()
    with pytest.raises(StopIteration) as done:
        made.run(steps(0, name="short")).send(None)
    assert done.value.value == "short"


def test_long_work_lets_others_go_on():
    async def main():
        made, log = make(), []
        first = asyncio.create_task(made.run(steps(50, log, 1)))
        second = asyncio.create_task(made.run(steps(50, log, 2)))
        beats = 0
        while not (first.done() and second.done()):
            beats += 1
            await asyncio.sleep(0)
        assert (first.result(), second.result()) == (1, 2)
        assert beats >= 50
        log.remove(2)  # what can be done at once is tried before the turn is taken
        assert log == [1] * 50 + [2] * 49, "one after the other"

    asyncio.run(main())


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(listing, "PATIENCE_S", 0.01)

    async def main():
        made = make()
        first = asyncio.create_task(made.run(steps(EVER)))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="too many lists"):
            await made.run(steps(2))
        assert await made.run(steps(0, name="short")) == "short"
        assert await first is None

    asyncio.run(main())


def test_work_that_fails_gives_its_turn_back():
    def fail():
        yield
        raise HostError("x")

    async def main():
        made = make()
        with pytest.raises(HostError):
            await made.run(fail())
        assert await made.run(steps(3, name="next")) == "next"

    asyncio.run(main())


def test_the_index_is_asked_in_its_own_thread(monkeypatch):
    monkeypatch.setattr(listing, "PATIENCE_S", 0.01)

    async def main():
        index = Index()
        made = make(index)
        first = asyncio.create_task(made.select(Query(BLOCK)))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="too many lists"):
            await made.select(Query(BLOCK))
        index.release.set()
        assert await first == Page(0, ())
        (asked,) = index.asked
        assert [(c.column, c.op, c.value) for c in asked.where] == [("height", "<=", 1)]
        assert await made.sum_fees(3) == []
        made.close()
        assert index.closed
        assert len(index.threads) == 1 and threading.get_ident() not in index.threads

    asyncio.run(main())


def test_a_question_that_takes_too_long():
    async def main():
        index = Index(LimitError("half a second"))
        index.release.set()
        made = make(index)
        with pytest.raises(BusyError, match="this takes too long, ask for less: half a second"):
            await made.select(Query(BLOCK))
        made.close()

    asyncio.run(main())


def test_closing_what_was_never_asked():
    make().close()
