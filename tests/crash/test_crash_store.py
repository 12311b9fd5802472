"""The SQLite store is killed at every change of a file, its disk fails or fills up: nothing acknowledged is lost, nothing torn."""

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from store_child import STEPS, entry, long_transfer, make_steps

from iop.errors import DataError, HostError, MissingError
from iop.store.ledger_schema import VERSION
from iop.store.ledger_sqlite import create_ledger, open_ledger
from sample_chain import CHAIN, txid

HERE = os.path.dirname(__file__)
ROOT = os.path.join(HERE, "..", "..", "lib")
OLD = os.path.join(HERE, "..", "vectors", "ledger", "upgrade", "store-1.sqlite")
CHANGES = make_steps()


def run_child(path, limit=0, **environment):
    words = [os.path.join(HERE, "store_child.py"), path, ROOT, str(limit), str(STEPS)]
    return run_python(words, **environment)


def run_python(words, **environment):
    return subprocess.run(
        [sys.executable, "-S", "-B", *words],  # bytecode would be file changes too
        env=os.environ | {name: str(text) for name, text in environment.items()},
        capture_output=True,
        text=True,
        check=False,
    )


def acknowledged(done):
    """The last step the child said was durable, -1 for not even the creation."""
    said = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ack ")]
    return int(said[-1]) if said else -1


def expected_pool(steps):
    """Steps accept twice as many transactions as they put into blocks."""
    return [entry(number) for number in range(2, 2 * steps + 2) if number > steps]


def check_whole(path, last):
    """The store holds exactly the steps up to some k ≥ last, and takes the next ones."""
    try:
        store = open_ledger(path)
    except MissingError:
        assert last == -1
        store = create_ledger(path, CHAIN)
    blocks = list(store.blocks())
    assert len(blocks) in (max(last, 0), last + 1)
    assert blocks == [step[1].block for step in CHANGES[: len(blocks)]]
    assert store.pool() == expected_pool(len(blocks))
    for number, block in enumerate(blocks, 1):
        assert store.find(txid(long_transfer(number))).height == block.height
    store.check()
    for step in CHANGES[len(blocks) :]:
        store.write(step)
    assert store.head() == STEPS
    store.check()
    store.close()


def count_changes(tmp_path, killpoint):
    log = tmp_path / "calls"
    whole = run_child(str(tmp_path / "whole"), LD_PRELOAD=killpoint, KILL_LOG=log)
    assert acknowledged(whole) == STEPS - 1, whole.stderr
    return int(log.read_text())


def kill_and_check(tmp_path, killpoint, at, how):
    path = str(tmp_path / f"{how}-{at}")
    done = run_child(path, LD_PRELOAD=killpoint, KILL_AT=at, KILL_HOW=how)
    assert done.returncode == -9, (at, done.stderr)
    check_whole(path, acknowledged(done))


def test_first_pool_is_as_expected():
    assert expected_pool(1) == [entry(2), entry(3)]
    assert expected_pool(2) == [entry(3), entry(4), entry(5)]


def test_killed_at_every_change(tmp_path, killpoint):
    """At about fifty of them; every other time half of a write is done first."""
    calls = count_changes(tmp_path, killpoint)
    assert calls > 50  # the kill points are really seen
    for at in range(1, calls + 1, max(1, calls // 50)):
        kill_and_check(tmp_path, killpoint, at, "torn" if at % 2 else "before")


@pytest.mark.soak
@pytest.mark.parametrize("how", ["before", "torn"])
def test_killed_at_every_change_in_both_ways(tmp_path, killpoint, how):
    for at in range(1, count_changes(tmp_path, killpoint) + 1):
        kill_and_check(tmp_path, killpoint, at, how)


def fail_and_check(tmp_path, killpoint, at, how, times):
    """The disk fails for a while; returns whether a write was refused and the store went on."""
    path = str(tmp_path / f"{how}-{at}-{times}")
    done = run_child(path, LD_PRELOAD=killpoint, KILL_AT=at, KILL_HOW=how, KILL_FOR=times)
    if done.returncode:  # not even the creation, or the opening
        assert "HostError" in done.stderr, (at, how, done.stderr)
        check_whole(path, acknowledged(done))
        return False
    lines = done.stdout.splitlines()
    refused = [i for i, line in enumerate(lines) if line.startswith("refused")]
    for i in refused:  # reads go on, and show what was acknowledged
        before = max(int(line.split()[1]) for line in lines[:i] if line.startswith("ack"))
        assert lines[i + 1] == f"reads {before} {before + 1 if before else 0}"
    assert acknowledged(done) == STEPS - 1
    check_whole(path, STEPS - 1)
    return bool(refused)


@pytest.mark.parametrize(
    ("how", "times"), [("enospc", 1), ("enospc", 40), ("eio", 1), ("eio", 20), ("short", 30)]
)
def test_failing_disk_refuses_writes_and_goes_on_reading(tmp_path, killpoint, how, times):
    calls = count_changes(tmp_path, killpoint)
    refused = sum(
        fail_and_check(tmp_path, killpoint, at, how, times)
        for at in range(2, calls + 1, max(1, calls // 12))
    )
    assert refused >= 3


@pytest.mark.soak
@pytest.mark.parametrize("how", ["enospc", "eio", "short"])
def test_disk_fails_at_every_change(tmp_path, killpoint, how):
    for at in range(1, count_changes(tmp_path, killpoint) + 1):
        for times in (1, 3, 40):
            fail_and_check(tmp_path, killpoint, at, how, times)


def test_full_disk_refuses_writes_and_goes_on_reading(tmp_path):
    """A limit on the size of files stands in for the disk."""
    refused = 0
    for size in range(4096, 180_000, 9001):
        path = str(tmp_path / str(size))
        done = run_child(path, size)
        if done.returncode != 0:  # not even the creation found room
            assert "HostError" in done.stderr
            check_whole(path, acknowledged(done))
            continue
        refused += "refused" in done.stdout
        assert acknowledged(done) == STEPS - 1
        check_whole(path, STEPS - 1)
    assert refused >= 3


UPGRADE = (
    "import sys; sys.path.insert(0, sys.argv[2])\n"
    "from iop.store.ledger_sqlite import open_ledger\n"
    "open_ledger(sys.argv[1]).close()\n"
)


def test_killed_upgrade_leaves_old_or_new(tmp_path, killpoint):
    def upgrade(name, **environment):
        path = str(tmp_path / name)
        shutil.copy(OLD, path)
        words = ["-c", UPGRADE, path, ROOT]
        return path, run_python(words, LD_PRELOAD=killpoint, **environment)

    log = tmp_path / "calls"
    _, whole = upgrade("whole", KILL_LOG=log)
    assert whole.returncode == 0, whole.stderr
    calls = int(log.read_text())
    assert calls > 20
    seen = set()
    for at in (*range(1, calls, max(1, calls // 25)), calls):
        path, done = upgrade(f"{at}", KILL_AT=at, KILL_HOW="torn" if at % 2 else "before")
        assert done.returncode == -9, done.stderr
        db = sqlite3.connect(path)
        seen.add(db.execute("PRAGMA user_version").fetchone()[0])
        db.close()
        store = open_ledger(path)
        assert store.head() == 10
        store.check()
        store.close()
    assert seen == {VERSION - 1, VERSION}


def test_damage_is_never_taken_for_a_torn_end(tmp_path, killpoint):
    """A store whose file was cut off is refused, not opened shorter."""
    path = str(tmp_path / "cut")
    done = run_child(path)
    assert acknowledged(done) == STEPS - 1
    os.truncate(path, os.path.getsize(path) // 2)
    with pytest.raises((DataError, HostError), match="damaged|malformed"):
        open_ledger(path).check()
