"""A SQLite database as a whole: a consistent copy of one in use."""

from __future__ import annotations

from iop.errors import CreateError, HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


def copy_database(source: str, target: str) -> None:
    """Write a durable copy of a database to a new file, as it is at this moment, while others go on writing to it.

    `VACUUM INTO` reads inside one transaction, so the copy is of one moment and has no free pages. It needs as much room as the
    data. Raises CreateError when there is a target, HostError; what was begun is removed.
    """
    import os

    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError as exc:
        raise CreateError(f"{target} exists") from exc
    except OSError as exc:
        raise HostError(f"cannot create {target}: {exc.strerror}") from exc
    try:
        _vacuum(source, target)
        fd = os.open(target, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except BaseException as exc:
        os.unlink(target)
        if isinstance(exc, OSError):
            raise HostError(f"cannot write {target}: {exc.strerror}") from exc
        raise


def _vacuum(source: str, target: str) -> None:
    import sqlite3

    try:
        db = _open(source)
        try:
            db.execute("VACUUM INTO ?", (target,))
        finally:
            db.close()
    except sqlite3.Error as exc:
        raise HostError(f"cannot copy {source} to {target}: {exc}") from exc


def _open(path: str) -> sqlite3.Connection:
    import sqlite3
    from urllib.parse import quote

    db = sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True, isolation_level=None)
    db.execute("PRAGMA busy_timeout = 5000")
    db.execute("PRAGMA trusted_schema = OFF")
    return db
