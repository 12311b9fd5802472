"""A replica over a store that does not stay what it was."""

import asyncio
import contextlib
import sqlite3

import pytest
from operations_chain import PRODUCER, extend, make, opened

from iop.daemon.ledger import replica as ledger_replica
from iop.daemon.ledger.keeper import Keeper
from iop.daemon.ledger.replica import Replica
from iop.daemon.ledger.snapshots import Snapshots
from iop.errors import DataError
from iop.ledger.state import State


@pytest.fixture
def home(tmp_path):
    made = make(tmp_path / "home")
    extend(made, 6)
    return made


def change(home, *statements):
    db = sqlite3.connect(home.ledger)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def live(home, monkeypatch, *steps, sequencer=PRODUCER):
    """Follow the home's store, do the steps one after the other, and give what the replica says after each."""
    monkeypatch.setattr(ledger_replica, "WAIT_S", 0.02)
    monkeypatch.setattr(ledger_replica, "RETRY_S", 0.02)

    async def main(store, genesis):
        replica = Replica(store, State(genesis), Keeper(Snapshots(home.snapshots)), sequencer)
        said = []
        try:
            await replica.recover()
            following = asyncio.ensure_future(replica.follow())
            for step in steps:
                await asyncio.to_thread(step)
                await asyncio.wait([following], timeout=0.3)
                if following.done():
                    await following
                said.append((replica.state.height, bool(replica.trouble)))
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
        finally:
            replica.close()
        return said

    with opened(home, writes=False) as (store, genesis):
        return asyncio.run(main(store.reader(), genesis))


def test_one_that_goes_back_is_trouble_until_it_is_whole_again(home, monkeypatch):
    said = live(
        home,
        monkeypatch,
        lambda: extend(home, 1),
        lambda: change(home, "CREATE TABLE kept AS SELECT * FROM block WHERE height > 5", "DELETE FROM block WHERE height > 5"),
        lambda: change(home, "INSERT INTO block SELECT * FROM kept"),
        lambda: change(home, "DELETE FROM block"),
    )  # fmt: skip
    assert said == [(8, False), (8, True), (8, False), (8, True)]


def test_another_sequencers_block_ends_it(home, monkeypatch):
    with pytest.raises(DataError, match="expected, got one by"):
        live(home, monkeypatch, lambda: extend(home, 1, bytes([9]) * 32))


def test_the_first_blocks_sequencer_is_believed_where_nobody_is_named(home, monkeypatch):
    assert live(home, monkeypatch, lambda: None, sequencer=b"") == [(7, False)]
    with pytest.raises(DataError, match="expected, got one by"):
        live(home, monkeypatch, lambda: extend(home, 1, bytes([9]) * 32), sequencer=b"")


def test_bytes_that_are_no_block_end_it(home, monkeypatch):
    with pytest.raises(DataError, match="damaged"):
        live(home, monkeypatch, lambda: change(home, "UPDATE block SET data = x'00' WHERE height = 7", "UPDATE block SET height = 8 WHERE height = 7"))  # fmt: skip
