"""The store is killed at every change of a file, and its disk fills up: nothing acknowledged is lost, nothing is torn."""

import os
import subprocess
import sys

import pytest
from store_child import STEPS, step

from iop.errors import MissingError
from iop.store.ledger_sqlite import create_ledger, open_ledger

CHILD = os.path.join(os.path.dirname(__file__), "store_child.py")
ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "lib")


def run_child(path, *more, **environment):
    return subprocess.run(
        [
            sys.executable,
            "-S",
            "-B",
            CHILD,
            path,
            ROOT,
            *more,
        ],  # bytecode would be file changes too
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
    pool = {}
    for number in range(1, steps + 1):
        accept, forge = step(number)
        pool |= {entry.txid: entry for entry in accept.accept}
        for txid in forge.block.transactions:
            pool.pop(txid, None)
    return list(pool.values())


def check_whole(path, last):
    """The store holds exactly the steps up to some k ≥ last, and takes the next ones."""
    try:
        store = open_ledger(path)
    except MissingError:
        assert last == -1
        store = create_ledger(path, b"genesis")
    blocks = list(store.blocks())
    assert len(blocks) in (max(last, 0), last + 1)
    assert blocks == [step(number)[1].block for number in range(1, len(blocks) + 1)]
    assert store.pool() == expected_pool(len(blocks))
    for block in blocks:
        assert store.find(block.transactions[0]).height == block.height
    for number in range(len(blocks) + 1, STEPS):
        store.write(step(number))
    assert store.head() == STEPS - 1
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


def test_killed_at_every_change(tmp_path, killpoint):
    """At every one; every other time half of a write is done first."""
    calls = count_changes(tmp_path, killpoint)
    assert calls > 30  # the kill points are really seen
    for at in range(1, calls + 1):
        kill_and_check(tmp_path, killpoint, at, "torn" if at % 2 else "before")


@pytest.mark.soak
@pytest.mark.parametrize("how", ["before", "torn"])
def test_killed_at_every_change_in_both_ways(tmp_path, killpoint, how):
    for at in range(1, count_changes(tmp_path, killpoint) + 1):
        kill_and_check(tmp_path, killpoint, at, how)


def test_full_disk_refuses_writes_and_goes_on_reading(tmp_path):
    refused = 0
    for size in range(4096, 60_000, 3001):
        path = str(tmp_path / str(size))
        done = run_child(path, str(size))
        lines = done.stdout.splitlines()
        if done.returncode != 0:  # not even the creation found room
            assert "HostError" in done.stderr
            check_whole(path, acknowledged(done))
            continue
        at = next((i for i, line in enumerate(lines) if line.startswith("refused")), None)
        if at is not None:
            refused += 1
            before = int(lines[at - 1].split()[1])
            assert lines[at + 1] == f"reads {before} {len(expected_pool(before))}"
        assert acknowledged(done) == STEPS - 1
        check_whole(path, STEPS - 1)
    assert refused >= 5
