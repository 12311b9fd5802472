"""Files and directories that nobody else may read: keys, vaults, state.

The check is made on the open descriptor, so that what was checked is what is read.
"""

from __future__ import annotations

import errno
import os
import stat

from iop.errors import AccessError, CreateError, HostError, LimitError, MissingError

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
# O_NONBLOCK: opening a pipe that nobody writes to must not hang; it is refused a line later.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_private(path: bytes | str, limit: int) -> bytes:
    """The whole of a regular file that is ours and closed to group and others.

    Raises MissingError, AccessError with the command to type, LimitError past `limit` bytes, HostError.
    """
    name = os.fsdecode(path)
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError as exc:
        raise MissingError(f"no such file: {name}") from exc
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            raise AccessError(f"{name} is a symbolic link", hint="name the file itself") from exc
        if exc.errno in (errno.EACCES, errno.EPERM):
            raise AccessError(f"{name}: {exc.strerror}") from exc
        raise HostError(f"{name}: {exc.strerror}") from exc
    try:
        check_private(fd, name)
        return _read_limited(fd, name, limit)
    except OSError as exc:
        raise HostError(f"{name}: {exc.strerror}") from exc
    finally:
        os.close(fd)


def check_private(fd: int, name: str) -> None:
    """Nothing if the descriptor is a regular file of ours without group or other bits, else AccessError."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise AccessError(f"{name} is not a regular file")
    if found.st_uid != os.geteuid():
        raise AccessError(f"{name} belongs to user {found.st_uid}, not to us ({os.geteuid()})")
    if found.st_mode & 0o077:
        raise AccessError(
            f"{name} is open to others: mode {stat.S_IMODE(found.st_mode):04o}, expected 0600",
            hint=f"chmod 600 {_quote(name)}",
        )


def _read_limited(fd: int, name: str, limit: int) -> bytes:
    parts = []
    left = limit + 1
    while left and (chunk := os.read(fd, left)):
        parts.append(chunk)
        left -= len(chunk)
    if not left:
        raise LimitError(f"{name} is larger than {limit} bytes")
    return b"".join(parts)


def make_private_directory(path: bytes | str) -> None:
    """Make a directory of ours, closed to others, and its parents. An existing one is left as it is, but checked."""
    name = os.fsdecode(path)
    try:
        os.makedirs(path, DIRECTORY_MODE, exist_ok=True)
        found = os.stat(path)
    except OSError as exc:
        raise CreateError(f"cannot create {name}: {exc.strerror}") from exc
    if found.st_uid != os.geteuid():
        raise AccessError(f"{name} belongs to user {found.st_uid}, not to us ({os.geteuid()})")
    if found.st_mode & 0o077:
        raise AccessError(
            f"{name} is open to others: mode {stat.S_IMODE(found.st_mode):04o}, expected 0700",
            hint=f"chmod 700 {_quote(name)}",
        )


def _quote(name: str) -> str:
    import shlex  # loads `re`, so not before somebody has to read it

    return shlex.quote(name)
