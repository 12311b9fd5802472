"""Locks between processes: `flock` on a file beside what it guards, which is never deleted."""

from __future__ import annotations

import fcntl
import os
import time

from iop.errors import BusyError, CreateError

_PAUSE = 0.05  # seconds between two tries


class Lock:
    """A lock held from `with` to its end, or from `acquire` to `release`; the system frees it when the process ends.

    Waits up to `wait` seconds, then raises BusyError. `shared` locks exclude only those that are not.
    """

    def __init__(self, path: bytes | str, *, wait: float = 0.0, shared: bool = False) -> None:
        self._path = path
        self._wait = wait
        self._how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self._fd = -1

    def acquire(self) -> None:
        """Take the lock. Raises BusyError when it stays taken, CreateError when there can be no lock file."""
        name = os.fsdecode(self._path)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open(self._path, flags, 0o600)
        except OSError as exc:
            raise CreateError(f"cannot open lock {name}: {exc.strerror}") from exc
        try:
            taken = self._wait_for(fd)
        except BaseException:
            os.close(fd)
            raise
        if not taken:
            os.close(fd)
            raise BusyError(f"{name} is locked", hint="wait longer with --wait SECONDS")
        self._fd = fd

    def _wait_for(self, fd: int) -> bool:
        deadline = time.monotonic() + self._wait
        while not self._try(fd):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_PAUSE, left))
        return True

    def _try(self, fd: int) -> bool:
        try:
            fcntl.flock(fd, self._how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as exc:
            raise CreateError(f"cannot lock {os.fsdecode(self._path)}: {exc.strerror}") from exc
        return True

    def release(self) -> None:
        """Give the lock back. May be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
