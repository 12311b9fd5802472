"""Where a store is: paths and URLs, and what may not stand in a URL."""

import builtins

import pytest

from iop.errors import ConfigError, CreateError, DataError, HostError, MissingError
from iop.store.ledger_link import Link
from iop.store.ledger_open import check_url, create_store, is_url, open_store
from iop.store.ledger_postgres import PostgresLedger
from iop.store.ledger_sqlite import SqliteLedger
from sample_chain import CHAIN


def test_path_is_a_file(tmp_path):
    path = str(tmp_path / "ledger.sqlite")
    assert not is_url(path)
    made = create_store(path, CHAIN)
    assert isinstance(made, SqliteLedger)
    made.close()


def test_url_is_a_database(database):
    assert is_url(database)
    made = create_store(database, CHAIN)
    assert isinstance(made, PostgresLedger)
    made.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@host/iop",
        "postgresql://user:@host/iop",
        "postgresql:///iop?password=secret",
        "postgresql:///iop?sslmode=require&sslpassword=secret",
    ],
)
def test_password_in_a_url_is_refused_and_not_told(url):
    for call in (check_url, lambda url: Link(url, writes=True), open_store):
        with pytest.raises(ConfigError, match="has a password") as caught:
            call(url)
        assert "secret" not in caught.value.message + str(caught.value.hint)
        assert "passfile" in caught.value.hint


@pytest.mark.parametrize("url", ["postgresql://[::bad/iop", "postgresql://u:secret@[x]/iop"])
def test_a_host_that_is_none(url):
    for call in (check_url, lambda url: Link(url, writes=True), open_store):
        with pytest.raises(ConfigError) as caught:
            call(url)
        assert "secret" not in caught.value.message + str(caught.value.hint)


@pytest.mark.parametrize("url", ["mysql://host/iop", "ledger.sqlite", "", "sqlite:///x"])
def test_what_is_no_url_of_postgresql(url):
    with pytest.raises(ConfigError, match="URL of PostgreSQL"):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://someone@db.example:5433/chain", "database chain at db.example:5433"),
        ("postgresql:///chain?host=/run/pg", "database chain at /run/pg"),
        ("postgresql://?service=chain", "database chain at this host"),
        ("postgres://h/a?dbname=b", "database a at h"),
    ],
)
def test_messages_name_the_database_only(url, name):
    assert Link(url, writes=False).name == name


def test_no_server_there(tmp_path):
    with pytest.raises(HostError, match="cannot reach database iop at /") as caught:
        open_store(f"postgresql:///iop?host={tmp_path}")
    assert "\n" not in caught.value.message


def test_unknown_option_in_a_url():
    with pytest.raises(HostError, match="invalid"):
        open_store("postgresql:///iop?nonsense=1")


def test_without_the_driver(monkeypatch):
    load = builtins.__import__

    def refuse(name, *more):
        if name == "psycopg":
            raise ImportError(name)
        return load(name, *more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match="needs the driver") as caught:
        open_store("postgresql:///iop")
    assert "iop[postgres]" in caught.value.hint


def test_newer_version_is_refused(database, postgres, shared_database):
    create_store(database, CHAIN).close()
    newer = "UPDATE iop_ledger.meta SET data = '\\x00000063' WHERE name = 'version'"
    postgres.execute(newer, database=shared_database)
    with pytest.raises(DataError, match="has version 99"):
        open_store(database)


def test_unfinished_creation_leaves_nothing(database):
    with pytest.raises(DataError):
        create_store(database, b'{"type":"other"}')
    with pytest.raises(MissingError):
        open_store(database)
    create_store(database, CHAIN).close()
    with pytest.raises(CreateError):
        create_store(database, CHAIN)


def test_server_that_does_not_sync_is_refused(database, monkeypatch):
    """What the server says of `fsync` is taken from the database's own settings here."""
    from iop.store import ledger_link

    monkeypatch.setattr(ledger_link, "_SYNC", "SELECT 'off'")
    with pytest.raises(ConfigError, match="fsync off"):
        open_store(database)


def test_commits_are_never_asynchronous(own_database, postgres):
    name, place = own_database, postgres.url(own_database)
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    store = create_store(place, CHAIN)
    assert store.fetch("SHOW synchronous_commit") == [("on",)]
    store.close()
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit TO remote_apply")
    store = open_store(place)
    assert store.fetch("SHOW synchronous_commit") == [("remote_apply",)]
    store.close()


def test_amcheck_is_asked_where_it_is(own_database, postgres):
    place = postgres.url(own_database)
    store = create_store(place, CHAIN)
    try:
        postgres.execute("CREATE EXTENSION amcheck", database=own_database)
    except postgres.error as error:
        pytest.skip(f"the server brings no amcheck: {error}")
    store.check()
    store.close()
