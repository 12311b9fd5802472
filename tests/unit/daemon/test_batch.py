"""Work in batches beside the event loop."""

import asyncio
import threading

import pytest

from iop.daemon.ledger.batch import Batches
from iop.errors import BusyError


def test_what_waits_goes_together_and_in_order():
    seen, gate = [], threading.Event()

    def work(items):
        gate.wait()
        seen.append(items)

    async def main():
        batches = Batches(work, name="test", most=10)
        tasks = [asyncio.create_task(batches.add(number)) for number in range(4)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        batches.close()

    asyncio.run(main())
    assert seen == [[0], [1, 2, 3]]


def test_too_much_that_waits_is_refused_and_the_rest_is_done():
    seen, gate = [], threading.Event()

    def work(items):
        gate.wait()
        seen.extend(items)

    async def main():
        batches = Batches(work, name="test", most=2)
        tasks = [asyncio.create_task(batches.add(number)) for number in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="waiting"):
            await batches.add(3)
        gate.set()
        await asyncio.gather(*tasks)
        batches.close()

    asyncio.run(main())
    assert seen == [0, 1, 2]


def test_all_of_a_batch_hear_of_its_error_and_the_next_one_runs():
    def work(items):
        if "bad" in items:
            raise ValueError("no")

    async def main():
        batches = Batches(work, name="test", most=10)
        found = await asyncio.gather(
            batches.add("good"), batches.add("bad"), batches.add("beside"), return_exceptions=True
        )
        await batches.add("good")
        batches.close()
        return found

    first, *others = asyncio.run(main())
    assert first is None
    assert [type(each) for each in others] == [ValueError, ValueError]


def test_who_goes_away_leaves_the_others_waiting_for_theirs():
    gate = threading.Event()

    async def main():
        batches = Batches(lambda _: gate.wait(), name="test", most=10)
        gone, staying = (asyncio.create_task(batches.add(number)) for number in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        await staying
        batches.close()

    asyncio.run(main())
