from __future__ import annotations

import os

import pytest

from iop.errors import AccessError, CreateError, HostError, LimitError, MissingError
from iop.store.private import make_private_directory, read_private


@pytest.fixture
def path(tmp_path) -> str:
    name = str(tmp_path / "it's a key")
    with open(name, "wb") as file:
        file.write(b"secret")
    os.chmod(name, 0o600)
    return name


def test_a_private_file_is_read(path: str) -> None:
    assert read_private(path, 6) == b"secret"
    assert read_private(os.fsencode(path), 100) == b"secret"
    os.chmod(path, 0o400)
    assert read_private(path, 100) == b"secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666, 0o601, 0o777])
def test_open_modes_are_refused_with_what_to_type(path: str, mode: int) -> None:
    os.chmod(path, mode)
    with pytest.raises(AccessError) as caught:
        read_private(path, 100)
    assert f"{mode:04o}" in caught.value.message
    assert (
        caught.value.hint
        == f"chmod 600 '{path.replace(chr(39), chr(39) + chr(34) + chr(39) + chr(34) + chr(39))}'"
    )
    assert os.system(caught.value.hint) == 0 and read_private(path, 100) == b"secret"


def test_links_and_other_things_are_refused(tmp_path, path: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(AccessError, match="symbolic link"):
        read_private(str(link), 100)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(AccessError, match="not a regular file"):
        read_private(str(tmp_path / "pipe"), 100)
    with pytest.raises(AccessError, match="not a regular file"):
        read_private("/dev/null", 100)
    with pytest.raises(AccessError, match="not a regular file"):
        read_private(str(tmp_path), 100)
    with pytest.raises(MissingError):
        read_private(str(tmp_path / "nothing"), 100)
    with pytest.raises(HostError):
        read_private(path + "/under", 100)


def test_files_of_others_are_refused(path: str) -> None:
    other = 4242 if os.geteuid() == 0 else 0
    if other:
        os.chown(path, other, -1)
    else:
        path = "/etc/passwd"
    with pytest.raises(AccessError, match=f"belongs to user {other}"):
        read_private(path, 100)


def test_size_is_bounded(path: str) -> None:
    with pytest.raises(LimitError):
        read_private(path, 5)


def test_directories(tmp_path) -> None:
    path = str(tmp_path / "a" / "b")
    make_private_directory(path)
    assert os.stat(path).st_mode & 0o777 == 0o700
    make_private_directory(path)
    os.chmod(path, 0o750)
    with pytest.raises(AccessError) as caught:
        make_private_directory(path)
    assert caught.value.hint == f"chmod 700 {path}"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CreateError):
        make_private_directory(str(tmp_path / "file"))
    with pytest.raises(CreateError):
        make_private_directory(str(tmp_path / "file" / "x"))
