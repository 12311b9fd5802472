from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from iop.errors import BusyError, CreateError
from iop.store.lock import Lock


def test_only_one_holds_it(tmp_path) -> None:
    path = str(tmp_path / "lock")
    with Lock(path):
        with pytest.raises(BusyError) as caught:
            Lock(path).acquire()
        assert "--wait" in str(caught.value.hint)
    with Lock(path):
        assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.path.exists(path)


def test_shared_locks_exclude_the_others_only(tmp_path) -> None:
    path = str(tmp_path / "lock")
    with Lock(path, shared=True), Lock(path, shared=True), pytest.raises(BusyError):
        Lock(path).acquire()


def test_waiting_ends(tmp_path) -> None:
    path = str(tmp_path / "lock")
    with Lock(path):
        start = time.monotonic()
        with pytest.raises(BusyError):
            Lock(path, wait=0.15).acquire()
        assert 0.14 < time.monotonic() - start < 5


def test_a_dead_holder_holds_nothing(tmp_path) -> None:
    path = str(tmp_path / "lock")
    code = "import sys; from iop.store.lock import Lock; Lock(sys.argv[1]).acquire(); print(1, flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline()
    with pytest.raises(BusyError):
        Lock(path).acquire()
    child.kill()
    child.communicate()
    with Lock(path, wait=5):
        pass


def test_no_lock_file(tmp_path) -> None:
    with pytest.raises(CreateError):
        Lock(str(tmp_path / "none" / "lock")).acquire()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(CreateError):
        Lock(str(tmp_path / "link")).acquire()


def test_release_twice(tmp_path) -> None:
    lock = Lock(str(tmp_path / "lock"))
    lock.acquire()
    lock.release()
    lock.release()
