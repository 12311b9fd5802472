"""A connection to a PostgreSQL server that is made again when it broke, and the errors it can end with, in our words."""

from __future__ import annotations

from iop.errors import BusyError, ConfigError, DataError, HostError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    import psycopg

    T = TypeVar("T")

    Rows = list[tuple[Any, ...]]

SCHEMA = "iop_ledger"
LOCK = 0x694F504C  # "iOPL", the advisory lock of who writes
_SYNC = "SHOW fsync"
_BUSY_S = 10  # how long the lock of a writer that went away may stay with its dying session
_SETTINGS = {  # of libpq, where the URL says nothing: a dead server is noticed
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "application_name": "iop-node",
}


class Link:
    """One connection at a time. `count` tells how many there were; `writes` demands the lock that one writer holds."""

    def __init__(self, url: str, *, writes: bool) -> None:
        from iop.store.ledger_open import check_url

        check_url(url)
        self.url = url
        self.writes = writes
        self.count = 0
        self.name = _describe(url)
        self._db: psycopg.Connection[Any] | None = None
        self._within = False  # a transaction, which ends with its connection

    def connect(self) -> psycopg.Connection[Any]:
        """The connection, made again when it broke. Raises HostError, BusyError, ConfigError."""
        if self._db is not None and not self._db.closed and not self._db.broken:
            return self._db
        if self._within:
            raise HostError(f"the connection to {self.name} broke")
        self.close()
        driver = _load()
        from psycopg.conninfo import conninfo_to_dict

        try:
            given = conninfo_to_dict(self.url)
            settings: dict[str, Any] = {k: v for k, v in _SETTINGS.items() if k not in given}
            db: psycopg.Connection[Any] = driver.connect(self.url, autocommit=True, **settings)
        except driver.Error as exc:
            raise HostError(f"cannot reach {self.name}: {_first_line(exc)}") from exc
        try:
            self._prepare(db)
        except BaseException as exc:
            db.close()
            if isinstance(exc, driver.Error):
                raise self.translate(exc, "use") from exc
            raise
        self._db = db
        self.count += 1
        return db

    def _prepare(self, db: psycopg.Connection[Any]) -> None:
        db.execute(f"SET search_path TO {SCHEMA}")
        (fsync,) = db.execute(_SYNC).fetchone() or ("",)
        if fsync != "on":
            raise ConfigError(
                f"the server of {self.name} runs with fsync off and would lose blocks",
                hint="set fsync = on in postgresql.conf",
            )
        (commit,) = db.execute("SHOW synchronous_commit").fetchone() or ("",)
        if commit == "off":
            db.execute("SET synchronous_commit TO on")
        if not self.writes:
            db.execute("SET default_transaction_read_only TO on")
            return
        import psycopg

        try:
            db.execute(f"SET lock_timeout TO '{_BUSY_S}s'")
            db.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            db.execute("SET lock_timeout TO 0")
        except psycopg.errors.LockNotAvailable as exc:
            raise BusyError(
                f"another node writes to {self.name}", hint="run this one as a replica"
            ) from exc

    def fetch(self, sql: str, values: Sequence[object] = ()) -> Rows:
        """All rows of a question with ? for values. Raises what `translate` gives."""
        return self._try(lambda db: db.execute(to_postgres(sql), values, binary=True).fetchall())

    def tell(self, sql: str) -> None:
        """Run what has no answer. Raises what `translate` gives."""
        self._try(lambda db: db.execute(sql))

    def _try(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Do it, and once more on a new connection when an old one turns out to be broken, but for within a transaction."""
        old = self._db
        try:
            return work(self.connect())
        except _load().Error as exc:
            if self._within or old is not self._db or not self.is_lost(exc):
                raise self.translate(exc, "read") from exc
        try:
            return work(self.connect())
        except _load().Error as exc:
            raise self.translate(exc, "read") from exc

    def begin(self, sql: str) -> psycopg.Connection[Any]:
        """Start a transaction; until `end` there is no other connection than the one it runs on."""
        self.tell(sql)
        assert self._db is not None
        self._within = True
        return self._db

    def commit(self) -> None:
        """End a transaction that began with `begin`. Raises HostError, or the driver's errors."""
        done = self.connect().execute("COMMIT")
        self.demand_commit(done)
        self._within = False

    def demand_commit(self, done: psycopg.Cursor[Any]) -> None:
        """Nothing when a COMMIT committed; that of a failed transaction rolls back and is no error to the server."""
        if done.statusmessage != "COMMIT":
            raise HostError(f"cannot write {self.name}: the transaction was rolled back")

    def end(self) -> None:
        """Take a transaction back, or leave one that only read; one whose connection broke is over already."""
        self._within = False
        if self._db is not None and not self.is_lost():
            try:
                self._db.execute("ROLLBACK")
            except _load().Error:
                self.close()

    def is_lost(self, exc: Exception | None = None) -> bool:
        """Whether the connection broke, which an error may tell before the socket does."""
        if (getattr(exc, "sqlstate", None) or "").startswith(("57P", "08")):
            self.close()
        return self._db is None or self._db.closed or self._db.broken

    def translate(self, exc: Exception, what: str) -> Exception:
        """An error of the driver as one of ours."""
        import psycopg
        from psycopg import errors

        text = f"cannot {what} {self.name}: {_first_line(exc)}"
        if isinstance(exc, errors.QueryCanceled) and what == "read":
            return LimitError("the question takes too long", hint="narrow it down")
        if isinstance(exc, psycopg.errors.DataCorrupted | psycopg.errors.IndexCorrupted):
            return DataError(f"{self.name} is damaged: {_first_line(exc)}")
        if isinstance(exc, psycopg.IntegrityError):
            return DataError(
                f"{self.name} holds a block or transaction already that was to be written: {_first_line(exc)}"
            )
        return HostError(text)

    def close(self) -> None:
        """Let go of the connection, and of the lock."""
        if self._db is not None:
            self._db.close()
            self._db = None


_texts: dict[str, str] = {}


def to_postgres(sql: str) -> str:
    """SQL with ? for values as psycopg takes it; no ? stands for itself in ours."""
    found = _texts.get(sql)
    if found is None:
        found = sql.replace("%", "%%").replace("?", "%s")
        if len(_texts) < 256:
            _texts[sql] = found
    return found


def _load() -> Any:
    try:
        import psycopg
    except ImportError as exc:
        raise ConfigError(
            "PostgreSQL needs the driver psycopg", hint="pip install 'iop[postgres]'"
        ) from exc
    return psycopg


def _describe(url: str) -> str:
    """How messages call the database: nothing of who connects."""
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(url)
    more = parse_qs(parts.query)
    host = unquote((parts.netloc.rpartition("@")[2]) or more.get("host", ["this host"])[0])
    service = more.get("service", [""])[0]
    base = unquote(parts.path.strip("/")) or more.get("dbname", [service or "?"])[0]
    return f"database {base} at {host}"


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0] or type(exc).__name__
