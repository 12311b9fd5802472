"""Files of a node's directory that somebody prepared, cut off, or made anything but a file."""

import os
import threading

import pytest
from operations_chain import PRODUCER, extend, make, opened

from iop.daemon.ledger.backup import back_up
from iop.daemon.ledger.replay import replay
from iop.daemon.ledger.snapshots import Snapshots, adopt_file, open_state, step_back
from iop.errors import BusyError, DataError, IopError
from iop.ledger.state import State


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """The genesis of a chain, and the bytes of a snapshot of block 6 that its sequencer attests."""
    home = make(tmp_path_factory.mktemp("chain") / "home")
    extend(home, 6)
    with opened(home, writes=False) as (store, genesis):
        state = State(genesis)
        for _ in replay(store, state):
            pass
        following = step_back(state, store)
        path = Snapshots(home.snapshots).write(state, following)
    with open(path, "rb") as file:
        return genesis, file.read()


def test_a_snapshot_from_a_pipe(snapshot, tmp_path):
    genesis, data = snapshot
    pipe, kept = tmp_path / "pipe", Snapshots(str(tmp_path / "home" / "snapshots"))
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    adopt_file(str(pipe), kept, genesis, PRODUCER)
    writer.join()
    with open(kept.path(6), "rb") as file:
        assert file.read() == data


@pytest.mark.parametrize("size", [0, 1, 100, 600, -2])
def test_a_snapshot_that_is_cut_off(snapshot, tmp_path, size):
    genesis, data = snapshot
    file, kept = tmp_path / "file", Snapshots(str(tmp_path / "home" / "snapshots"))
    file.write_bytes(data[:size])
    with pytest.raises(IopError):
        adopt_file(str(file), kept, genesis, PRODUCER)
    assert kept.heights() == []


def test_every_flipped_byte_of_a_snapshot(snapshot, tmp_path):
    genesis, data = snapshot
    file, kept = tmp_path / "file", Snapshots(str(tmp_path / "home" / "snapshots"))
    for at in range(0, len(data), 7):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        file.write_bytes(changed)
        with pytest.raises(IopError):
            adopt_file(str(file), kept, genesis, PRODUCER)
    assert kept.heights() == []


def test_no_other_chain_begins_where_the_snapshot_is_lost(snapshot, tmp_path):
    genesis, data = snapshot
    home = make(tmp_path / "home")
    kept = Snapshots(home.snapshots)
    with open(kept.prepare(6), "wb") as file:
        file.write(data)
    with opened(home) as (store, _):
        assert open_state(kept, store, genesis).height == 6
        with open(kept.path(6), "wb") as file:
            file.write(data[:-9])
        with pytest.raises(DataError, match="no block in the log"):
            open_state(kept, store, genesis)


def test_two_backups_to_one_place(tmp_path):
    home = make(tmp_path / "home")
    extend(home, 3)
    target = tmp_path / "backup"
    with opened(home, writes=False) as (store, genesis):
        seen = []

        def meanwhile(*_):
            # a second one, from within the first
            with pytest.raises(BusyError, match="another process"):
                back_up(home, store, genesis, str(target), with_key=False)
            seen.append(1)

        made = back_up(home, store, genesis, str(target), with_key=True, progress=meanwhile)
    assert seen
    assert made.height == 4
    assert sorted(os.listdir(tmp_path)) == ["backup", "home"]
    assert sorted(os.listdir(target)) == ["ledger.sqlite", "sequencer.json"]
