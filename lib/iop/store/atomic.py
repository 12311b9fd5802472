"""Atomic files: the only code that writes one.

Temporary file in the same directory with its mode set before any content, write, flush to disk, rename over the name,
flush the directory. Nothing is left behind on failure.
"""

from __future__ import annotations

import errno
import os

from iop.errors import CreateError, HostError

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
# What link(2) answers on file systems without hard links.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)


class AtomicFile:
    """A file that appears under `path` at `commit`, whole, or not at all. `force` replaces an existing one.

    As a context manager: committed when the block ends well, gone when it does not.
    """

    def __init__(self, path: bytes | str, *, mode: int = 0o600, force: bool = False) -> None:
        self._path = os.fsencode(path)
        self._force = force
        self._dir = os.path.dirname(self._path) or b"."
        if os.path.isdir(self._path):
            raise CreateError(f"{os.fsdecode(self._path)} is a directory")
        if not force and os.path.lexists(self._path):
            raise self._refuse_existing()
        base = os.path.basename(self._path)
        self._temporary = os.path.join(self._dir, b".%s.%d.tmp" % (base[:200], os.getpid()))
        self._fd = -1
        try:
            try:
                self._fd = os.open(self._temporary, _FLAGS, mode)
            except FileExistsError:  # left by a killed process that had our number
                os.unlink(self._temporary)
                self._fd = os.open(self._temporary, _FLAGS, mode)
            os.fchmod(self._fd, mode)  # whatever the umask
        except OSError as exc:
            self.abort()
            raise CreateError(f"cannot create {os.fsdecode(self._path)}: {exc.strerror}") from exc

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.abort()

    def _refuse_existing(self) -> CreateError:
        return CreateError(f"{os.fsdecode(self._path)} exists", hint="add --force to replace it")

    def write(self, data: bytes) -> None:
        """Append bytes. Raises HostError (the file is then gone) when the disk refuses."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as exc:
            self.abort()
            raise HostError(f"cannot write {os.fsdecode(self._path)}: {exc.strerror}") from exc

    def commit(self) -> None:
        """Make it durable and visible. Raises CreateError when somebody made the name meanwhile, or HostError."""
        try:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
            if self._force:
                os.rename(self._temporary, self._path)
            else:
                self._link()
            sync_directory(self._dir)
        except FileExistsError as exc:
            self.abort()
            raise self._refuse_existing() from exc
        except OSError as exc:
            self.abort()
            raise HostError(f"cannot write {os.fsdecode(self._path)}: {exc.strerror}") from exc

    def _link(self) -> None:
        """Give the name only if it is free: unlike rename, link fails if it exists."""
        try:
            os.link(self._temporary, self._path)
        except OSError as exc:
            if exc.errno not in _NO_LINKS:
                raise
            if os.path.lexists(self._path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from exc
            os.rename(self._temporary, self._path)
        else:
            os.unlink(self._temporary)

    def abort(self) -> None:
        """Remove what there is. May be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        try:
            os.unlink(self._temporary)
        except OSError:
            return


def sync_directory(path: bytes | str) -> None:
    """Make a rename in this directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_file(path: bytes | str, data: bytes, *, mode: int = 0o600, force: bool = False) -> None:
    """Write a whole file atomically. Raises CreateError or HostError."""
    with AtomicFile(path, mode=mode, force=force) as file:
        file.write(data)
