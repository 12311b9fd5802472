"""The ledger store at a place: a path is a SQLite file, a `postgresql://` URL a PostgreSQL database."""

from __future__ import annotations

from iop.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.store.ledger import LedgerStore, Progress

SCHEMES = ("postgresql://", "postgres://")


def is_url(place: str) -> bool:
    """Whether a place is a database on a server."""
    return place.startswith(SCHEMES)


def check_url(place: str) -> None:
    """Nothing when a place is a URL that may stand in a file. Raises ConfigError: no URL of PostgreSQL, a password in it."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(place) if is_url(place) else None
    except ValueError as exc:
        # what it says may have a password in it
        raise ConfigError(
            "the URL of the store has no host", hint="--store postgresql://HOST/DATABASE"
        ) from exc
    if parts is None:
        raise ConfigError(
            f"store must be a URL of PostgreSQL, got {place.partition(':')[0]!r:.20}",
            hint="--store postgresql://HOST/DATABASE",
        )
    if parts.password is not None or {"password", "sslpassword"} & parse_qs(parts.query).keys():
        raise ConfigError(
            "the URL of the store has a password in it",
            hint="put it into ~/.pgpass (or passfile=FILE in the URL), or name a service file's entry: ?service=NAME",
        )


def create_store(place: str, genesis: bytes) -> LedgerStore:
    """A new store for one network (`iop.ledger.chain`). An unfinished creation is taken over.

    Raises CreateError when a finished store is there, HostError, AccessError, ConfigError.
    """
    if is_url(place):
        from iop.store.ledger_postgres import create_ledger as create_database

        return create_database(place, genesis)
    from iop.store.ledger_sqlite import create_ledger

    return create_ledger(place, genesis)


def open_store(place: str, *, writes: bool = True, progress: Progress | None = None) -> LedgerStore:
    """The store at a place, brought to the current version; `progress` hears how an upgrade gets on.

    `writes=False` gives a reader, which never brings anything up. Raises MissingError, DataError (not ours, newer, damaged),
    HostError, and BusyError when another node writes to the same database.
    """
    if is_url(place):
        from iop.store.ledger_postgres import open_ledger as open_database

        return open_database(place, writes=writes)
    from iop.store.ledger_sqlite import open_ledger

    return open_ledger(place, writes=writes, progress=progress)
