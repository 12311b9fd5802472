"""The ledger store in one SQLite file.

WAL journal and `synchronous = FULL`: a commit returns after the log reached the disk, so what `write` returned from is
never lost and never half there. One connection writes; each reading thread opens its own with `reader`. The digests
chain every block to the network definition, so that a changed or missing row is found when the log is read.
"""

# ruff: noqa: S608 - names in the SQL are this room's own, values are bound

from __future__ import annotations

import contextlib

from iop.errors import CreateError, DataError, HostError, LimitError, MissingError
from iop.store.ledger_schema import APPLICATION_ID, CREATE_SQLITE, UPGRADES, VERSION
from iop.store.ledger_sql import SqlLedger

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from iop.store.ledger import PoolEntry, Progress
    from iop.store.ledger_sql import Rows

    Connect = Callable[..., sqlite3.Connection]

_PRAGMAS = (
    "busy_timeout = 5000",  # ms
    "journal_mode = WAL",
    "synchronous = FULL",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "case_sensitive_like = ON",
    "cache_size = -65536",  # KiB; ids land anywhere in their index, which had better be in memory
    "wal_autocheckpoint = 8192",  # pages, 32 MiB: what is changed again and again is copied back seldom
    "journal_size_limit = 33554432",
)
_POLL_S = 0.01  # between two looks at the counter of changes
_GROUP = 256  # rows of one statement
_STEPS = 1000  # of SQLite's machine between two looks at the clock


class SqliteLedger(SqlLedger):
    """A `LedgerStore` over one file. Methods may be called from any one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: str, connect: Connect) -> None:
        self._db = connection
        self._path = path
        self._connect = connect
        super().__init__(path)

    def fetch(self, sql: str, *values: object) -> Rows:
        """All rows of a question. Raises HostError."""
        try:
            return self._db.execute(sql, values).fetchall()
        except _database_error() as exc:
            raise HostError(f"cannot read {self._path}: {exc}") from exc

    def run(self, sql: str, *values: object) -> None:
        """One change, inside `writing`."""
        self._db.execute(sql, values)

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Whole rows into a table, inside `writing`."""
        if rows:
            row = f"({', '.join('?' * len(rows[0]))})"
            self._run_in_groups(f"INSERT INTO {table} VALUES {{}}", row, rows)

    def remove(self, table: str, columns: tuple[str, ...], keys: Sequence[tuple[Any, ...]]) -> None:
        """The rows whose columns have these values, inside `writing`."""
        key = f"({', '.join('?' * len(columns))})"
        names = ", ".join(columns)
        self._run_in_groups(f"DELETE FROM {table} WHERE ({names}) IN (VALUES {{}})", key, keys)

    def join_pool(self, entries: Sequence[PoolEntry]) -> None:
        """Waiting transactions into the pool, but for known ones, inside `writing`."""
        self._run_in_groups(
            "INSERT OR IGNORE INTO pool (txid, data) VALUES {}",
            "(?, ?)",
            [(entry.txid, entry.data) for entry in entries],
        )

    def _run_in_groups(self, sql: str, row: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """A statement over many rows, as few times as can be.

        Each time gives the interpreter's lock away and has to wait for it again, which costs far more than the work when another
        thread is busy. Groups are powers of two, so that a handful of statements stay prepared.
        """
        start = 0
        while start < len(rows):
            count = min(_GROUP, 1 << (len(rows) - start).bit_length() - 1)
            group = rows[start : start + count]
            values = [item for each in group for item in each]
            self._db.execute(sql.format(", ".join([row] * count)), values)
            start += count

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A durable transaction. Raises HostError or DataError, nothing changed."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._demand_own_tip()
            yield
            self._db.execute("COMMIT")
        except BaseException as exc:
            self._undo()
            if isinstance(exc, _integrity_error()):
                raise DataError(
                    f"{self._path} holds a block or transaction already that was to be written: {exc}"
                ) from exc
            if isinstance(exc, _database_error()):
                raise HostError(f"cannot write {self._path}: {exc}") from exc
            raise

    def _demand_own_tip(self) -> None:
        """A second writer would fork the log; it can only be one that took no lock."""
        (height,) = self._db.execute("SELECT max(height) FROM block").fetchone()
        if height != self.tip.height:
            raise DataError(f"another program has written to {self._path}, open it again")

    @contextlib.contextmanager
    def reading(self, limit_s: float) -> Iterator[None]:
        """All questions inside see the same state. Raises LimitError when they take longer than that."""
        from time import monotonic

        end = monotonic() + limit_s
        late = False

        def look() -> bool:
            nonlocal late
            late = late or monotonic() > end
            return late

        self._db.set_progress_handler(look, _STEPS)
        try:
            self._db.execute("BEGIN")
            yield
        except HostError as exc:
            if late:
                raise LimitError(
                    f"the question takes longer than {limit_s:g} s", hint="narrow it down"
                ) from exc
            raise
        finally:
            self._db.set_progress_handler(None, 0)
            self._undo()

    def wait(self, height: int | None, timeout_s: float) -> int | None:
        """The head once it is above `height`, or when the time is over. Looks at a counter in shared memory meanwhile."""
        from time import monotonic, sleep

        end = monotonic() + timeout_s
        seen = None
        while True:
            change = self.fetch("PRAGMA data_version")[0][0]
            if change != seen:
                seen = change
                head = self.head()
                if head is not None and (height is None or head > height):
                    return head
            left = end - monotonic()
            if left <= 0:
                return head
            sleep(min(_POLL_S, left))

    def reader(self) -> SqliteLedger:
        """A second view of the same file for another thread; it sees what was written before each call."""
        with _opened(self._path, "rw", self._connect) as db:
            db.execute("PRAGMA query_only = ON")
            return SqliteLedger(db, self._path, self._connect)

    def check_database(self) -> None:
        """SQLite's own check of pages, rows and indices. Raises DataError."""
        from sqlite3 import DatabaseError

        try:
            found = self._db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except DatabaseError as exc:
            raise DataError(f"{self._path} is damaged: {exc}") from exc
        if found != "ok":
            raise DataError(f"{self._path} is damaged: {found}")

    def compact(self) -> None:
        """Write the file anew without its free pages. Needs its size again while it runs. Raises HostError."""
        try:
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except _database_error() as exc:
            raise HostError(f"cannot compact {self._path}: {exc}") from exc

    def measure(self) -> tuple[int, int]:
        """Bytes of the file and its journal, and of free pages in it."""
        import os

        page = self.fetch("PRAGMA page_size")[0][0]
        free = self.fetch("PRAGMA freelist_count")[0][0]
        size = sum(
            os.stat(path).st_size
            for path in (self._path, f"{self._path}-wal")
            if os.path.exists(path)
        )
        return size, page * free

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _undo(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except _database_error():
            return  # the failed commit has rolled back by itself


def create_ledger(path: str, genesis: bytes, *, connect: Connect | None = None) -> SqliteLedger:
    """A new store at `path` for one network (`iop.ledger.chain`). A file left by an unfinished creation is taken over.

    Raises CreateError when a finished store is there, HostError when the disk refuses, DataError for no network definition.
    """
    connect = connect or _sqlite().connect
    with _opened(path, "rwc", connect) as db:
        if _pragma(db, "user_version"):
            raise CreateError(f"{path} exists", hint="choose another --home")
        db.execute("BEGIN IMMEDIATE")
        for statement in CREATE_SQLITE:
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('genesis', ?)", (genesis,))
        SqliteLedger(db, path, connect).fill_index(None)
        db.execute("COMMIT")
        return SqliteLedger(db, path, connect)


def open_ledger(
    path: str,
    *,
    writes: bool = True,
    progress: Progress | None = None,
    connect: Connect | None = None,
) -> SqliteLedger:
    """The store at `path`, brought to the current version; `progress` hears how an upgrade gets on.

    `writes=False` gives a reader. Raises MissingError (no file, or its creation did not finish), DataError (another program's file, written by a newer
    version, or damaged where an upgrade reads it), HostError.
    """
    import os

    if not os.path.exists(path):
        raise MissingError(f"no ledger at {path}", hint="iop-node init --home DIR --network NAME")
    connect = connect or _sqlite().connect
    with _opened(path, "rw", connect) as db:
        version = _pragma(db, "user_version")
        if version == 0:
            raise MissingError(f"{path} was not finished", hint="run iop-node init again")
        if _pragma(db, "application_id") != APPLICATION_ID:
            raise DataError(f"{path} is not a ledger of iop")
        if version > VERSION:
            raise DataError(f"{path} has version {version}, this program reads up to {VERSION}")
        if not writes:
            if version < VERSION:
                raise DataError(
                    f"{path} has version {version}", hint="start its node, which brings it up"
                )
            db.execute("PRAGMA query_only = ON")
        elif version < VERSION:
            _upgrade(db, path, version, progress, connect)
        return SqliteLedger(db, path, connect)


def _sqlite() -> Any:
    import sqlite3

    return sqlite3


def _database_error() -> type[Exception]:
    return _sqlite().Error  # type: ignore[no-any-return]


def _integrity_error() -> type[Exception]:
    return _sqlite().IntegrityError  # type: ignore[no-any-return]


class _opened:  # noqa: N801 - reads as a phrase
    """A configured connection that is closed again when its use ends in an error; SQLite's errors become HostError."""

    def __init__(self, path: str, mode: str, connect: Connect) -> None:
        self._path = path
        self._connect = connect
        self._mode = mode
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        from urllib.parse import quote

        try:
            db = self._connect(
                f"file:{quote(self._path)}?mode={self._mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db = db
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}").fetchall()
            # damaged text must not fail to decode
            db.text_factory = lambda text: text.decode(errors="replace")
        except _database_error() as exc:
            self.__exit__(None, exc, None)
        return db

    def __exit__(self, _kind: object, exc: BaseException | None, _trace: object) -> None:
        if exc is not None and self._db is not None:
            self._db.close()
        if isinstance(exc, _database_error()):
            raise HostError(f"cannot open {self._path}: {exc}") from exc


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _upgrade(
    db: sqlite3.Connection,
    path: str,
    version: int,
    progress: Progress | None,
    connect: Connect,
) -> None:
    """All steps and the new index in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    for step in range(version, VERSION):
        for statement in UPGRADES[step]:
            db.execute(statement)
    SqliteLedger(db, path, connect).fill_index(progress)
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")
