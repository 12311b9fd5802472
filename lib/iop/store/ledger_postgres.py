"""The ledger store in a PostgreSQL database: for read replicas, and for installations that have one anyway.

All tables are in the schema `iop_ledger`, so a database holds one chain. One connection writes and holds an advisory lock for as
long as it lives (so a pooler that shares sessions may not stand between); a second node that wants to write is refused, so
nobody can fork the log. What is written in one step is one
transaction, sent in one go, and durable when `write` returns (`synchronous_commit` is never off, nor `fsync`).

When the connection breaks, the next call makes a new one. Whether a commit that was under way is there is told by a mark that
every transaction leaves: `write` returns when it is. Where the server cannot be asked, `write` raises HostError, and a later one
finds out: if a block was written after all, it raises BusyError from then on, and the node has to start again. The pool may
hold transactions of such a write.
"""

# ruff: noqa: S608 - names in the SQL are this room's own, values are bound

from __future__ import annotations

import contextlib

from iop.errors import BusyError, CreateError, DataError, HostError, MissingError
from iop.store.ledger_link import SCHEMA, Link, to_postgres
from iop.store.ledger_schema import CREATE_POSTGRES, VERSION
from iop.store.ledger_sql import SqlLedger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import psycopg

    from iop.store.ledger import Change, PoolEntry
    from iop.store.ledger_sql import Rows

    Work = tuple[str, str, Sequence[tuple[Any, ...]]]  # table or nothing, SQL, values of each run

_COPIED = 32  # rows from which COPY is faster than a pipeline of inserts
_POLL_S = 0.05  # between two looks at a standby server, which tells nothing by itself
_THERE = f"SELECT to_regclass('{SCHEMA}.meta')::text"
_AMCHECK = (
    "SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname = 'amcheck'"
)
_INDICES = "SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind = 'i'"


class PostgresLedger(SqlLedger):
    """A `LedgerStore` over one database. Methods may be called from any one thread at a time."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._queue: list[Work] = []
        self._begun = False
        self._doubt: tuple[bytes, bool] | None = None  # mark of an unknown end, with a block or not
        self._seen = 0  # connection on which the tip was read
        self._is_stale = False  # it holds a block that its writer was told is not there
        self._listens = 0  # the connection that was told to
        super().__init__(link.name)
        self._seen = link.count

    def fetch(self, sql: str, *values: object) -> Rows:
        """All rows of a question. Raises HostError, and LimitError within `reading`."""
        if self._queue:
            self._flush()
        return self._link.fetch(sql, values)

    def run(self, sql: str, *values: object) -> None:
        """One change, inside `writing`."""
        self._queue.append(("", sql, [values]))

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Whole rows into a table, inside `writing`."""
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._queue.append((table, f"INSERT INTO {table} VALUES ({marks})", rows))

    def remove(self, table: str, columns: tuple[str, ...], keys: Sequence[tuple[Any, ...]]) -> None:
        """The rows whose columns have these values, inside `writing`."""
        if len(columns) == 1 and keys:
            sql = f"DELETE FROM {table} WHERE {columns[0]} = ANY(?)"
            self._queue.append(("", sql, [([key[0] for key in keys],)]))
        elif keys:
            tests = " AND ".join(f"{column} = ?" for column in columns)
            self._queue.append(("", f"DELETE FROM {table} WHERE {tests}", keys))

    def join_pool(self, entries: Sequence[PoolEntry]) -> None:
        """Waiting transactions into the pool, but for known ones, inside `writing`."""
        if entries:
            sql = "INSERT INTO pool (txid, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
            self._queue.append(("", sql, [(entry.txid, entry.data) for entry in entries]))

    def write(self, changes: Sequence[Change]) -> None:
        """All changes in one durable transaction. Raises HostError, DataError, BusyError where the node has to start again."""
        self._brings_block = any(change.block is not None for change in changes)
        super().write(changes)

    _brings_block = False

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A durable transaction. Raises HostError or DataError, nothing changed."""
        from os import urandom

        import psycopg

        self._settle()
        self._queue, self._begun = [], False
        mark = urandom(16)
        try:
            yield
            self._commit(mark)
        except psycopg.Error as exc:
            self._abandon(exc)
            self._doubt = (mark, self._brings_block)
            if self._is_done():
                return
            raise self._link.translate(exc, "write") from exc
        except BaseException:
            self._abandon()
            raise
        finally:
            self._brings_block = False

    def _abandon(self, exc: psycopg.Error | None = None) -> None:
        """Forget what was to be written and leave the transaction."""
        self._queue = []
        self._link.is_lost(exc)
        self._link.end()

    def _commit(self, mark: bytes) -> None:
        """Send what is queued and the mark, and commit."""
        self._queue.append(("", "UPDATE meta SET data = ? WHERE name = 'write'", [(mark,)]))
        if self._brings_block:
            self._queue.append(("", f"NOTIFY {SCHEMA}", [()]))
        if self._begun or any(table and len(rows) >= _COPIED for table, _, rows in self._queue):
            self._flush()
            self._link.commit()
            return
        db = self._link.connect()
        self._demand_settled()
        queue, self._queue = self._queue, []
        with db.pipeline():
            db.execute("BEGIN")
            for _, sql, rows in queue:
                _run(db, sql, rows)
            done = db.execute("COMMIT")
        self._link.demand_commit(done)

    def _flush(self) -> None:
        """Send what is queued, in a transaction that stays open."""
        queue, self._queue = self._queue, []
        db = self._link.connect() if self._begun else self._link.begin("BEGIN")
        self._begun = True
        self._demand_settled()
        for table, sql, rows in queue:
            if table and len(rows) >= _COPIED:
                with db.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                with db.pipeline():
                    _run(db, sql, rows)

    def _demand_settled(self) -> None:
        """What is written goes over the connection on which the log was looked at last."""
        if self._seen != self._link.count:
            raise HostError(f"cannot write {self.name}: the connection broke")

    def _settle(self) -> None:
        """See after a new connection that the log ends where this writer left it. Raises BusyError, DataError, HostError."""
        try:
            self._link.connect()
        # its own session of before dies slowly, or another node was quicker
        except BusyError as exc:
            raise HostError(f"cannot write: {exc.message}") from exc
        if self._seen == self._link.count:
            return
        self._is_stale = self._is_stale or self._is_done(known=False)
        if self._is_stale:
            raise BusyError(
                f"{self.name} has the block whose write was in doubt, start again to read it"
            )
        if self.read_tip() != self.tip:
            raise DataError(f"another program has written to {self.name}, start again")
        self._seen = self._link.count

    def _is_done(self, *, known: bool = True) -> bool:
        """Whether the write in doubt is there; False where the server cannot be asked, and the doubt stays.

        Without `known`, its callers have gone, and only a block counts.
        """
        if self._doubt is None:
            return False
        mark, brings_block = self._doubt
        try:
            rows = self._link.fetch("SELECT data FROM meta WHERE name = 'write'")
        except (HostError, BusyError):
            if known:
                return False
            raise
        self._doubt = None
        done = bool(rows) and rows[0][0] == mark
        if known:
            self._seen = self._link.count  # what comes next follows from the answer
        return done and (known or brings_block)

    @contextlib.contextmanager
    def reading(self, limit_s: float) -> Iterator[None]:
        """All questions inside see the same state. Raises LimitError when one takes longer than that."""
        self._link.begin(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
            f"SET LOCAL statement_timeout TO {max(1, round(limit_s * 1000))}"
        )
        try:
            yield
        finally:
            self._link.end()

    def wait(self, height: int | None, timeout_s: float) -> int | None:
        """The head once it is above `height`, or when the time is over. The writer's NOTIFY ends the wait."""
        from time import monotonic, sleep

        import psycopg

        end = monotonic() + timeout_s
        while True:
            db = self._link.connect()
            listens = self._listen()
            head = self.head()
            left = end - monotonic()
            if left <= 0 or (head is not None and (height is None or head > height)):
                return head
            if not listens:
                sleep(min(_POLL_S, left))
                continue
            try:
                for _ in db.notifies(timeout=left, stop_after=1):
                    pass
            except psycopg.Error as exc:
                self._link.is_lost(exc)
                raise self._link.translate(exc, "read") from exc

    def _listen(self) -> bool:
        """Have the server tell of new blocks; a standby server does not."""
        if self._listens != self._link.count:
            (standby,) = self._link.fetch("SELECT pg_is_in_recovery()")[0]
            if standby:
                return False
            self._link.tell(f"LISTEN {SCHEMA}")
            self._listens = self._link.count
        return True

    def reader(self) -> PostgresLedger:
        """A second view of the same database with a connection of its own."""
        return PostgresLedger(Link(self._link.url, writes=False))

    def check_database(self) -> None:
        """What amcheck finds in the indices, where that extension is installed; every row is read by the audit anyway."""
        for (name,) in self.fetch(_AMCHECK):
            for (oid,) in self.fetch(_INDICES, SCHEMA):
                self.fetch(f'SELECT "{name}".bt_index_check(?::bigint::regclass)::text', oid)

    def compact(self) -> None:
        """Write all tables anew (VACUUM FULL). Raises HostError."""
        for (table,) in self.fetch(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = ?", SCHEMA
        ):
            self._link.tell(f"VACUUM (FULL, ANALYZE) {table}")

    def measure(self) -> tuple[int, int]:
        """Bytes of all tables and indices; the server does not say what of them is free."""
        rows = self.fetch(
            "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind = 'r'",
            SCHEMA,
        )
        return int(rows[0][0] or 0), 0

    def fill_first(self) -> None:
        """The row of block 1, in the transaction that made the tables."""
        self._begun = True
        self.fill_index(None)
        self._flush()
        self._begun = False

    def close(self) -> None:
        """Close the connection, which gives the lock back."""
        self._link.close()


def _run(db: Any, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    text = to_postgres(sql)
    if len(rows) == 1:
        db.execute(text, rows[0])
    else:
        with db.cursor() as cursor:
            cursor.executemany(text, rows)


def create_ledger(url: str, genesis: bytes) -> PostgresLedger:
    """A new store in a database, for one network (`iop.ledger.chain`), whole or not at all.

    Raises CreateError when a store is there, HostError, BusyError, ConfigError, DataError for no network definition.
    """
    import psycopg

    link = Link(url, writes=True)
    try:
        _demand_none(link)
        db = link.begin("BEGIN")
        db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for statement in CREATE_POSTGRES:
            db.execute(statement)
        for name, data in (
            ("genesis", genesis),
            ("version", VERSION.to_bytes(4, "big")),
            ("write", b""),
        ):
            db.execute("INSERT INTO meta VALUES (%s, %s)", (name, data))
        made = PostgresLedger(link)
        made.fill_first()
        link.commit()
    except BaseException as exc:
        link.close()
        if isinstance(exc, psycopg.Error):
            raise link.translate(exc, "create a ledger in") from exc
        raise
    return made


def _demand_none(link: Link) -> None:
    if link.fetch(_THERE) != [(None,)]:
        raise CreateError(f"{link.name} has a ledger", hint="name another database")


def open_ledger(url: str, *, writes: bool = True) -> PostgresLedger:
    """The store in a database. Raises MissingError (none there), DataError (of a newer version), HostError, BusyError, ConfigError."""
    link = Link(url, writes=writes)
    try:
        _demand_version(link)
        return PostgresLedger(link)
    except BaseException:
        link.close()
        raise


def _demand_version(link: Link) -> None:
    if link.fetch(_THERE) == [(None,)]:
        raise MissingError(
            f"no ledger in {link.name}", hint="iop-node init --home DIR --network NAME --store URL"
        )
    rows = link.fetch("SELECT data FROM meta WHERE name = 'version'")
    version = int.from_bytes(rows[0][0], "big") if rows else 0
    if version != VERSION:
        raise DataError(f"{link.name} has version {version}, this program reads {VERSION}")
