"""The ledger store in one SQLite file.

WAL journal and `synchronous = FULL`: a commit returns after the log reached the disk, so what `write` returned from is
never lost and never half there. One connection writes; each reading thread opens its own with `reader`. The digests
chain every block to the network definition, so that a changed or missing row is found when the log is read.
"""

from __future__ import annotations

from iop.errors import CreateError, DataError, HostError, MissingError
from iop.store.ledger import BlockEntry, Change, Place, PoolEntry
from iop.store.ledger_schema import APPLICATION_ID, CREATE, UPGRADES, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    Connect = Callable[..., sqlite3.Connection]

_ID_SIZE = 32
_PRAGMAS = (
    "busy_timeout = 5000",  # ms
    "journal_mode = WAL",
    "synchronous = FULL",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "cache_size = -16384",  # KiB
)
_READ_BATCH = 512  # blocks fetched at once while the log is read


class SqliteLedger:
    """A `LedgerStore` over one file. Methods may be called from any one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: str, connect: Connect) -> None:
        self._db = connection
        self._path = path
        self._connect = connect
        self._genesis = self._read_genesis()
        self._head, self._digest = self._read_head()

    def genesis(self) -> bytes:
        """The network definition given at creation."""
        return self._genesis

    def head(self) -> int | None:
        """Height of the last block, None for an empty log."""
        return self._head

    def write(self, changes: Sequence[Change]) -> None:
        """All changes in one durable transaction.

        Raises HostError (disk full, I/O error: nothing was changed) or DataError when a block does not follow the last.
        """
        head, digest = self._head, self._digest
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for change in changes:
                self._write_pool(change)
                if change.block is not None:
                    head, digest = self._write_block(change.block, head, digest)
            self._db.execute("COMMIT")
        except BaseException as exc:
            self._undo()
            if isinstance(exc, _database_error()):
                raise HostError(f"cannot write {self._path}: {exc}") from exc
            raise
        self._head, self._digest = head, digest

    def blocks(self, start: int = 0) -> Iterator[BlockEntry]:
        """Blocks from `start` on, ascending. Raises DataError at the first gap or digest that does not fit."""
        before = self._fetch(
            "SELECT height, digest FROM block WHERE height < ? ORDER BY height DESC LIMIT 1", start
        )
        height, digest = before[0] if before else (None, compute_root(self._genesis))
        while True:
            rows = self._fetch(
                "SELECT height, digest, data, transactions FROM block WHERE height >= ? ORDER BY height LIMIT ?",
                start,
                _READ_BATCH,
            )
            for row in rows:
                if height is not None and row[0] != height + 1:
                    raise DataError(f"{self._path} is damaged: block {height + 1} is missing")
                height = row[0]
                digest = compute_digest(digest, height, row[2])
                if digest != row[1]:
                    raise DataError(
                        f"{self._path} is damaged: block {height} does not match its digest"
                    )
                yield _to_entry(height, row[2], row[3])
            if len(rows) < _READ_BATCH:
                return
            start = height + 1

    def block_at(self, height: int) -> BlockEntry | None:
        """One block, or None."""
        rows = self._fetch("SELECT data, transactions FROM block WHERE height = ?", height)
        return _to_entry(height, *rows[0]) if rows else None

    def find(self, txid: bytes) -> Place | None:
        """Where the transaction stands in the log, or None."""
        rows = self._fetch("SELECT height, position FROM place WHERE txid = ?", txid)
        return Place(*rows[0]) if rows else None

    def pool(self) -> list[PoolEntry]:
        """Accepted transactions that are in no block, oldest first."""
        return [
            PoolEntry(*row) for row in self._fetch("SELECT txid, data FROM pool ORDER BY sequence")
        ]

    def reader(self) -> SqliteLedger:
        """A second view of the same file for another thread; it sees what was written before each call."""
        with _opened(self._path, self._connect, "rw") as db:
            return SqliteLedger(db, self._path, self._connect)

    def rebuild_index(self) -> int:
        """Throw the transaction index away and make it again from the log. Returns the number of entries."""
        places = sorted(
            (txid, entry.height, position)
            for entry in self.blocks()
            for position, txid in enumerate(entry.transactions)
        )
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM place")
            self._db.executemany("INSERT INTO place VALUES (?, ?, ?)", places)
            self._db.execute("COMMIT")
        except _database_error() as exc:
            self._undo()
            raise HostError(f"cannot write {self._path}: {exc}") from exc
        return len(places)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _write_pool(self, change: Change) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO pool (txid, data) VALUES (?, ?)",
            [(entry.txid, entry.data) for entry in change.accept],
        )
        self._db.executemany("DELETE FROM pool WHERE txid = ?", [(txid,) for txid in change.drop])

    def _write_block(self, block: BlockEntry, head: int | None, digest: bytes) -> tuple[int, bytes]:
        if head is not None and block.height != head + 1:
            raise DataError(f"block {block.height} cannot follow block {head}")
        digest = compute_digest(digest, block.height, block.data)
        self._db.execute(
            "INSERT INTO block VALUES (?, ?, ?, ?)",
            (block.height, digest, block.data, b"".join(block.transactions)),
        )
        places = [(txid, block.height, i) for i, txid in enumerate(block.transactions)]
        self._db.executemany("INSERT INTO place VALUES (?, ?, ?)", sorted(places))
        self._db.executemany(
            "DELETE FROM pool WHERE txid = ?", [(txid,) for txid in block.transactions]
        )
        return block.height, digest

    def _undo(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except _database_error():
            return  # the failed commit has rolled back by itself

    def _fetch(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._db.execute(statement, values).fetchall()
        except _database_error() as exc:
            raise HostError(f"cannot read {self._path}: {exc}") from exc

    def _read_genesis(self) -> bytes:
        rows = self._fetch("SELECT data FROM meta WHERE name = 'genesis'")
        if not rows:
            raise DataError(f"{self._path} is damaged: it names no network")
        return bytes(rows[0][0])

    def _read_head(self) -> tuple[int | None, bytes]:
        rows = self._fetch("SELECT height, digest FROM block ORDER BY height DESC LIMIT 1")
        return (rows[0][0], rows[0][1]) if rows else (None, compute_root(self._genesis))


def create_ledger(path: str, genesis: bytes, *, connect: Connect | None = None) -> SqliteLedger:
    """A new store at `path` for one network. A file left by an unfinished creation is taken over.

    Raises CreateError when a finished store is there, HostError when the disk refuses.
    """
    connect = connect or _sqlite_connect()
    with _opened(path, connect, "rwc") as db:
        if _pragma(db, "user_version"):
            raise CreateError(f"{path} exists", hint="choose another --home")
        db.execute("BEGIN IMMEDIATE")
        for statement in CREATE:
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('genesis', ?)", (genesis,))
        db.execute("COMMIT")
        return SqliteLedger(db, path, connect)


def open_ledger(path: str, *, connect: Connect | None = None) -> SqliteLedger:
    """The store at `path`, brought to the current version.

    Raises MissingError (no file, or its creation did not finish), DataError (another program's file, or written by a
    newer version), HostError.
    """
    import os

    connect = connect or _sqlite_connect()
    if not os.path.exists(path):
        raise MissingError(f"no ledger at {path}", hint="iop-node init --home DIR --network NAME")
    with _opened(path, connect, "rw") as db:
        version = _pragma(db, "user_version")
        if version == 0:
            raise MissingError(f"{path} was not finished", hint="run iop-node init again")
        if _pragma(db, "application_id") != APPLICATION_ID:
            raise DataError(f"{path} is not a ledger of iop")
        if version > VERSION:
            raise DataError(f"{path} has version {version}, this program reads up to {VERSION}")
        _upgrade(db, version)
        return SqliteLedger(db, path, connect)


def compute_root(genesis: bytes) -> bytes:
    """The digest that the first block chains to: SHA-256 of the network definition."""
    from hashlib import sha256

    return sha256(genesis).digest()


def compute_digest(previous: bytes, height: int, data: bytes) -> bytes:
    """SHA-256(previous digest ‖ height as 8 bytes big endian ‖ data)."""
    from hashlib import sha256

    return sha256(previous + height.to_bytes(8, "big") + data).digest()


def _to_entry(height: int, data: bytes, ids: bytes) -> BlockEntry:
    cut = range(0, len(ids), _ID_SIZE)
    return BlockEntry(height, data, tuple(ids[i : i + _ID_SIZE] for i in cut))


def _sqlite_connect() -> Connect:
    import sqlite3

    return sqlite3.connect


def _database_error() -> type[Exception]:
    import sqlite3

    return sqlite3.Error


class _opened:  # noqa: N801 - reads as a phrase
    """A configured connection that is closed again when its use ends in an error; SQLite's errors become HostError."""

    def __init__(self, path: str, connect: Connect, mode: str) -> None:
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
            # There is no text in our columns; a damaged one must not fail to decode.
            db.text_factory = bytes
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


def _upgrade(db: sqlite3.Connection, version: int) -> None:
    if version == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    for step in range(version, VERSION):
        for statement in UPGRADES[step]:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")
