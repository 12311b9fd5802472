"""Check, snapshots, backup and prune of a node's directory."""

import asyncio
import os
import shutil
import sqlite3

import pytest
from operations_chain import KEY, PRODUCER, extend, make, opened, transfer

from iop.daemon.ledger.backup import back_up
from iop.daemon.ledger.check import check_home
from iop.daemon.ledger.home import Home
from iop.daemon.ledger.keeper import AT_STOP, Keeper
from iop.daemon.ledger.prune import find_limit
from iop.daemon.ledger.replay import replay
from iop.daemon.ledger.snapshots import Snapshots, adopt_file, open_state, step_back
from iop.errors import (
    BusyError,
    CreateError,
    DataError,
    HostError,
    MissingError,
    UsageError,
    VerifyError,
)
from iop.ledger.block import encode_block
from iop.ledger.engine import Solo
from iop.ledger.mempool import Mempool
from iop.ledger.state import State
from iop.ledger.wire import encode_transaction
from iop.store.ledger import Change, PoolEntry

BLOCKS = 6


@pytest.fixture
def home(tmp_path):
    made = make(tmp_path / "home")
    extend(made, BLOCKS)
    return made


def reach(store, genesis, until=None):
    state = State(genesis)
    for _ in replay(store, state, until=until):
        pass
    return state


def keep_snapshot(home, until=None):
    """Write a snapshot of the block before `until` or the newest; its height."""
    with opened(home, writes=False) as (store, genesis):
        state = reach(store, genesis, until)
        following = step_back(state, store)
        Snapshots(home.snapshots).write(state, following)
        return state.height


def check(home, producer=PRODUCER):
    with opened(home, writes=False) as (store, genesis):
        return check_home(home, store, genesis, producer)


def damage(home, statement, *values):
    db = sqlite3.connect(home.ledger)
    db.execute(statement, values)
    db.commit()
    db.close()


def findings(record):
    assert record["valid"] is (not record["findings"])
    return [(finding["check"], finding.get("height")) for finding in record["findings"]]


# Check.


def test_a_good_directory(home):
    record = check(home)
    assert findings(record) == []
    assert (record["height"], record["blocks"], record["transactions"]) == (7, 6, 12)
    assert record["producers"] == [{"key": PRODUCER.hex(), "from": 2}]


def test_an_empty_one(tmp_path):
    assert findings(check(make(tmp_path / "home"))) == []


def test_another_producer(home):
    assert findings(check(home, bytes([2]) * 33)) == [("producer", 2)]
    extend(home, 1, bytes([8]) * 32)
    assert findings(check(home)) == [("producer", 8)]
    assert len(check(home, b"")["producers"]) == 2


def test_a_changed_block(home):
    damage(home, "UPDATE block SET data = CAST(data || x'00' AS BLOB) WHERE height = 4")
    record = check(home)
    assert {check for check, _ in findings(record)} == {"store"}
    assert record["height"] == 3


def test_a_missing_block(home):
    damage(home, "DELETE FROM block WHERE height = 5")
    assert {check for check, _ in findings(check(home))} == {"store"}


def test_a_wrong_index(home):
    db = sqlite3.connect(home.ledger)
    (table,) = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%transaction%'"
    ).fetchone()
    db.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1)")
    db.commit()
    db.close()
    assert findings(check(home)) == [("store", None)]
    with opened(home) as (store, _):
        store.rebuild_index()
    assert findings(check(home)) == []


def test_pages_that_are_torn(home):
    with open(home.ledger, "r+b") as file:
        file.seek(os.path.getsize(home.ledger) // 2)
        file.write(b"\xff" * 4096)
    try:
        record = check(home)
    except DataError:
        return  # not even the network can be read
    assert not record["valid"]


def test_waiting_transactions_are_looked_at(home):
    data = encode_transaction(transfer(99))
    with opened(home) as (store, _):
        store.write([Change(accept=(PoolEntry(bytes(32), data), PoolEntry(b"\1" * 32, b"?")))])
    assert findings(check(home)) == [("waiting", None), ("waiting", None)]


def test_a_block_that_breaks_the_rules(home):
    """Digests and index are right, for the store was told to keep it; the rules say no."""
    with opened(home) as (store, genesis):
        from iop.ledger.index import index_block
        from iop.store.ledger import BlockEntry
        from iop.value import replace

        state = reach(store, genesis)
        engine = Solo(state, Mempool(state), secret=KEY)
        block = replace(engine.propose([], 1_800_000_000), state=bytes(32))
        rows = index_block(block, genesis.params)
        store.write([Change(block=BlockEntry(block.height, encode_block(block)), rows=rows)])
    record = check(home)
    assert findings(record) == [("block", 8)]
    assert "state" in record["findings"][0]["message"]


def test_a_bad_snapshot_is_a_finding(home):
    height = keep_snapshot(home)
    path = Snapshots(home.snapshots).path(height)
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) - 9)
    assert findings(check(home)) == [("snapshot", height)]


# Snapshots.


def test_a_start_from_a_snapshot_is_the_same(home):
    height = keep_snapshot(home)
    assert height == 6
    with opened(home, writes=False) as (store, genesis):
        state = open_state(Snapshots(home.snapshots), store, genesis)
        assert state.height == 6
        for _ in replay(store, state):
            pass
        assert state.state_hash == reach(store, genesis).state_hash


def test_the_newest_that_can_be_read_is_taken(home):
    keep_snapshot(home, 4)
    newest = keep_snapshot(home)
    snapshots = Snapshots(home.snapshots)
    assert snapshots.heights() == [6, 3]
    with opened(home, writes=False) as (store, genesis):
        assert open_state(snapshots, store, genesis, until=5).height == 3
        assert open_state(snapshots, store, genesis, until=2).height == 1
        with open(snapshots.path(newest), "wb") as file:
            file.write(b"{}\n")
        assert open_state(snapshots, store, genesis).height == 3
        with open(snapshots.path(3), "wb") as file:
            file.write(b"\0" * 100)
        assert open_state(snapshots, store, genesis).height == 1


def test_a_snapshot_of_another_history_is_not_taken(home, tmp_path):
    other = make(tmp_path / "other")
    extend(other, 3)
    extend(other, 3, bytes([8]) * 32)
    height = keep_snapshot(other)
    Snapshots(home.snapshots).prepare(height)
    shutil.copy(Snapshots(other.snapshots).path(height), Snapshots(home.snapshots).path(height))
    with opened(home, writes=False) as (store, genesis):
        with pytest.raises(VerifyError):
            Snapshots(home.snapshots).read(height, store, genesis)
        assert open_state(Snapshots(home.snapshots), store, genesis).height == 1


def test_a_snapshot_beyond_the_log_is_not_taken(home, tmp_path):
    longer = make(tmp_path / "longer")
    shutil.copytree(home.path, longer.path, dirs_exist_ok=True)
    extend(longer, 3)
    height = keep_snapshot(longer)
    Snapshots(home.snapshots).prepare(height)
    shutil.copy(Snapshots(longer.snapshots).path(height), Snapshots(home.snapshots).path(height))
    with opened(home, writes=False) as (store, genesis), pytest.raises(MissingError):
        Snapshots(home.snapshots).read(height, store, genesis)


def test_whom_a_snapshot_is_believed(home):
    height = keep_snapshot(home)
    kept = Snapshots(home.snapshots + ".adopted")
    path = Snapshots(home.snapshots).path(height)
    with opened(home, writes=False) as (_, genesis):
        assert adopt_file(path, kept, genesis, PRODUCER).height == height
        with pytest.raises(VerifyError, match="not attested"):
            adopt_file(path, kept, genesis, bytes([2]) * 33)
        with pytest.raises(MissingError):
            adopt_file(path + "x", kept, genesis, PRODUCER)


def test_a_line_without_end_is_refused(home, tmp_path, monkeypatch):
    monkeypatch.setattr("iop.daemon.ledger.snapshots.MAX_LINE", 1000)
    path = str(tmp_path / "endless")
    with open(path, "wb") as file:
        file.write(b'{"a":"' + b"x" * 5000)
    with opened(home, writes=False) as (_, genesis), pytest.raises(DataError):
        adopt_file(path, Snapshots(home.snapshots), genesis, PRODUCER)


def test_old_snapshots_go(home):
    for until in (3, 4, 5, 6):
        keep_snapshot(home, until)
    Snapshots(home.snapshots).drop_old()
    assert Snapshots(home.snapshots).heights() == [5, 4]


def test_what_a_killed_writer_left_is_taken_away(home):
    keep_snapshot(home)
    names = {
        f".000000000007.snapshot.{2**22 + 1}.tmp": False,  # beyond the highest process id
        f".000000000007.snapshot.{os.getpid()}.tmp": True,  # somebody writes it
        ".other.tmp": True,
        "notes": True,
        "000000000006.snapshot": True,
    }
    for name in names:
        with open(os.path.join(home.snapshots, name), "a"):
            pass
    Keeper(Snapshots(home.snapshots))
    assert set(os.listdir(home.snapshots)) == {name for name, stays in names.items() if stays}
    assert Snapshots(home.snapshots).heights() == [6]


def test_the_keeper_writes_when_it_is_time(home):
    snapshots = Snapshots(home.snapshots)
    with opened(home, writes=False) as (store, genesis):
        keeper = Keeper(snapshots, 7)
        state = State(genesis)
        for entry in store.blocks():
            asyncio.run(keeper.keep(state, entry.data))
            from iop.ledger.block import parse_block

            keeper.count(state.apply_block(parse_block(entry.data), verify=False))
        assert snapshots.heights() == [4]  # three blocks of two transactions are nine
        assert snapshots.read(4, store, genesis).height == 4
        keeper._work = 6
        keeper.finish(state, store)  # so little is replayed faster than it is written
        assert snapshots.heights() == [4]
        keeper._work = 7
        keeper.finish(state, store)
        assert snapshots.heights() == [6, 4]
        assert keeper.height == 6


def test_the_keeper_can_be_told_to_write_none(home):
    with opened(home, writes=False) as (store, genesis):
        keeper = Keeper(Snapshots(home.snapshots), 0)
        state = reach(store, genesis)
        keeper._work = 10 * AT_STOP
        keeper.finish(state, store)
        asyncio.run(keeper.keep(state, b""))
    assert not os.path.exists(home.snapshots)


def test_a_disk_that_refuses_costs_the_snapshot_only(home, capfd):
    with open(home.snapshots, "w"):
        pass  # a file where the folder should be
    with opened(home, writes=False) as (store, genesis):
        keeper = Keeper.__new__(Keeper)
        keeper._snapshots, keeper._after, keeper._work, keeper.height = (
            Snapshots(home.snapshots),
            1,
            AT_STOP,
            0,
        )
        state = reach(store, genesis, 6)
        asyncio.run(keeper.keep(state, store.block_at(7).data))
        keeper._work = AT_STOP
        keeper.finish(state, store)
    assert keeper.height == 0


def test_a_snapshot_that_takes_too_long_leaves_nothing(home):
    snapshots = Snapshots(home.snapshots)
    with opened(home, writes=False) as (store, genesis):
        state = reach(store, genesis)
        following = step_back(state, store)
        with pytest.raises(BusyError):
            snapshots.write(state, following, limit_s=-1)
    assert os.listdir(home.snapshots) == []


def test_the_first_block_attests_nothing(tmp_path):
    home = make(tmp_path / "home")
    with opened(home, writes=False) as (store, genesis), pytest.raises(MissingError):
        step_back(State(genesis), store)


# Backup.


def back(home, target, *, with_key=False):
    with opened(home, writes=False) as (store, genesis):
        return back_up(home, store, genesis, str(target), with_key=with_key)


def test_a_backup_is_a_directory_to_run_from(home, tmp_path):
    extend(home, 0, waiting=2)
    keep_snapshot(home)
    with open(home.tuning, "w") as file:
        file.write("rate-limit = 7\n")
    made = back(home, tmp_path / "backup")
    assert (made.height, made.waiting, made.snapshot, made.has_key) == (7, 2, 6, False)
    copy = Home(str(tmp_path / "backup"))
    assert sorted(os.listdir(copy.path)) == ["ledger.sqlite", "node.toml", "snapshots"]
    assert os.stat(copy.path).st_mode & 0o777 == 0o700
    assert os.stat(copy.ledger).st_mode & 0o777 == 0o600
    assert findings(check(copy)) == []
    with opened(home) as (store, _):
        extend(home, 1)
        assert store.head() is not None
    assert check(copy)["height"] == 7


def test_a_backup_of_a_store_that_is_no_file(home, tmp_path):
    """What a database on a server gets: a copy by way of the interface."""
    extend(home, 0, waiting=2)

    class Elsewhere:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            return getattr(self._store, name)

    with opened(home, writes=False) as (store, genesis):
        target = str(tmp_path / "backup")
        made = back_up(home, Elsewhere(store), genesis, target, with_key=False)
        assert (made.height, made.waiting) == (7, 2)
        with opened(Home(target), writes=False) as (copy, _):
            assert list(copy.blocks()) == list(store.blocks())
            assert copy.pool() == store.pool()


def test_the_key_only_when_asked_for(home, tmp_path):
    assert back(home, tmp_path / "with", with_key=True).has_key
    with open(home.sequencer, "rb") as one, open(tmp_path / "with" / "sequencer.json", "rb") as two:
        assert one.read() == two.read()
    assert os.stat(tmp_path / "with" / "sequencer.json").st_mode & 0o777 == 0o600
    os.unlink(home.sequencer)
    with pytest.raises(MissingError):
        back(home, tmp_path / "none", with_key=True)
    assert sorted(os.listdir(tmp_path)) == ["home", "with"]


def test_nothing_is_overwritten_and_nothing_left_behind(home, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(CreateError):
        back(home, tmp_path / "there")
    with pytest.raises(CreateError):
        back(home, tmp_path / "no" / "such" / "folder")
    damage(home, "UPDATE block SET data = CAST(data || x'00' AS BLOB) WHERE height = 4")
    with pytest.raises(DataError):
        back(home, tmp_path / "bad")
    assert sorted(os.listdir(tmp_path)) == ["home", "there"]


def test_what_a_killed_backup_left_is_taken_away(home, tmp_path):
    (tmp_path / ".backup.tmp").mkdir()
    (tmp_path / ".backup.tmp" / "ledger.sqlite").write_text("half")
    back(home, tmp_path / "backup")
    assert sorted(os.listdir(tmp_path)) == ["backup", "home"]


def test_a_full_disk_ends_a_backup(home, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(HostError, match="No space left"):
        back(home, tmp_path / "backup")
    assert sorted(os.listdir(tmp_path)) == ["home"]


# Prune.


def limit(home, below=None):
    with opened(home, writes=False) as (store, genesis):
        return find_limit(Snapshots(home.snapshots), store, genesis, below)


def test_only_what_a_snapshot_covers_goes(home):
    with pytest.raises(MissingError, match="no snapshot"):
        limit(home)
    keep_snapshot(home, 4)
    keep_snapshot(home)
    assert limit(home) == 4
    assert limit(home, 3) == 3
    assert limit(home, 7) == 7
    with pytest.raises(UsageError, match="at most 7"):
        limit(home, 8)
    with open(Snapshots(home.snapshots).path(3), "wb") as file:
        file.write(b"?")
    with pytest.raises(DataError):
        limit(home)


def test_a_pruned_directory_is_whole_from_its_snapshot_on(home, tmp_path):
    keep_snapshot(home)
    with opened(home) as (store, _):
        assert store.prune(7) == 5
    assert findings(check(home)) == []
    assert check(home)["blocks"] == 1
    with opened(home, writes=False) as (store, genesis):
        state = open_state(Snapshots(home.snapshots), store, genesis)
        assert sum(1 for _ in replay(store, state)) == 1
        with pytest.raises(MissingError):
            reach(store, genesis)
    made = back(home, tmp_path / "backup")
    assert made.snapshot == 6
    assert findings(check(Home(str(tmp_path / "backup")))) == []
    shutil.rmtree(home.snapshots)
    with pytest.raises(DataError, match="no snapshot stands before"):
        check(home)
