from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

import pytest

from iop.errors import CreateError, HostError
from iop.store.atomic import AtomicFile, write_file


def test_a_file_appears_whole_with_its_mode(tmp_path) -> None:
    path = tmp_path / "file"
    before = os.umask(0)
    try:
        file = AtomicFile(str(path))
        file.write(b"one")
        assert not path.exists()
        temporary = next(tmp_path.iterdir())
        assert temporary.stat().st_mode & 0o777 == 0o600
        file.write(b"two")
        file.commit()
    finally:
        os.umask(before)
    assert path.read_bytes() == b"onetwo" and path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_mode_is_exact_under_any_umask(tmp_path) -> None:
    before = os.umask(0o777)
    try:
        write_file(str(tmp_path / "file"), b"x", mode=0o640)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_existing_files_are_kept_unless_forced(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(CreateError, match="exists"):
        write_file(str(path), b"new")
    assert path.read_bytes() == b"old"
    write_file(str(path), b"new", force=True)
    assert path.read_bytes() == b"new"


def test_a_name_taken_meanwhile_is_kept(tmp_path) -> None:
    path = tmp_path / "file"
    file = AtomicFile(str(path))
    file.write(b"ours")
    path.write_bytes(b"theirs")
    with pytest.raises(CreateError, match="exists"):
        file.commit()
    assert path.read_bytes() == b"theirs" and list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_not_followed(tmp_path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"kept")
    link.symlink_to(target)
    with pytest.raises(CreateError):
        write_file(str(link), b"new")
    write_file(str(link), b"new", force=True)
    assert target.read_bytes() == b"kept" and not link.is_symlink()
    link.unlink()
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CreateError):
        write_file(str(link), b"new")


def test_nothing_is_left_after_abort(tmp_path) -> None:
    with pytest.raises(ZeroDivisionError), AtomicFile(str(tmp_path / "file")) as file:
        file.write(b"x")
        raise ZeroDivisionError
    file.abort()
    assert not list(tmp_path.iterdir())


def test_a_temporary_of_a_killed_process_is_no_hindrance(tmp_path) -> None:
    (tmp_path / f".file.{os.getpid()}.tmp").write_bytes(b"rest")
    write_file(str(tmp_path / "file"), b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["missing/file", "file/under"])
def test_no_directory(tmp_path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CreateError, match="cannot create"):
        write_file(str(tmp_path / name), b"x")
    with pytest.raises(CreateError, match="is a directory"):
        write_file(str(tmp_path), b"x", force=True)


def test_names_may_be_any_bytes(tmp_path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n" + b"x" * 200
    write_file(path, b"x")
    assert os.path.exists(path)


def test_a_full_disk_leaves_nothing(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        with pytest.raises(HostError, match="cannot write"):
            write_file(str(path), b"x" * 10_000, force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


CHILD = """
import os, sys
from iop.store.atomic import AtomicFile
stop, path = int(sys.argv[1]), sys.argv[2]
calls = 0
def wrap(name):
    real = getattr(os, name)
    def counted(*args, **options):
        global calls
        calls += 1
        if calls > stop:
            os.kill(os.getpid(), 9)
        return real(*args, **options)
    setattr(os, name, counted)
for name in ("open", "write", "fsync", "close", "rename", "unlink", "link"):
    wrap(name)
with AtomicFile(path, force=True) as file:
    file.write(b"new" * 1000)
    file.write(b"new")
os._exit(0)
"""


def test_killed_at_any_system_call_the_file_is_old_or_new(tmp_path) -> None:
    path = tmp_path / "file"
    seen = set()
    for stop in range(20):
        path.write_bytes(b"old")
        done = subprocess.run([sys.executable, "-c", CHILD, str(stop), str(path)], check=False)
        content = path.read_bytes()
        assert content in (b"old", b"new" * 1001)
        seen.add(content)
        if done.returncode == 0:
            assert content == b"new" * 1001
            break
    else:
        raise AssertionError("more system calls than expected")
    assert len(seen) == 2
