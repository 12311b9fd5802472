"""Where a node's directory says that its chain is."""

import os

import pytest

from iop.daemon.ledger.home import (
    Home,
    demand_node,
    make_home,
    make_replica_home,
    open_home,
    read_place,
)
from iop.errors import ConfigError, CreateError, HostError, MissingError
from iop.store.ledger_postgres import PostgresLedger

KEY = bytes(range(32))


@pytest.fixture
def home(tmp_path):
    return Home(str(tmp_path / "home"))


def make(home, **more):
    make_home(home, "testnet", KEY, now=0, **more)


def test_chain_is_a_file_of_the_directory(home):
    make(home)
    assert read_place(home) == home.ledger
    assert not os.path.exists(home.store)
    demand_node(home)


def test_chain_is_in_a_database(home, database):
    make(home, store=database)
    assert read_place(home) == database
    assert not os.path.exists(home.ledger)
    demand_node(home)
    store, genesis = open_home(home)
    assert isinstance(store, PostgresLedger)
    assert genesis.params.name == "testnet"
    store.close()
    with pytest.raises(CreateError, match="has a ledger"):
        make(home, store=database)
    with pytest.raises(CreateError):
        make(home)


def test_init_that_was_cut_off_is_taken_up(home, database, postgres, shared_database):
    """The file that names the database is written first, the database is made whole or not at all."""
    make(home, store=database)
    postgres.clear(shared_database)
    with pytest.raises(MissingError, match="no ledger in"):
        open_home(home)
    make(home, store=database)
    open_home(home)[0].close()


def test_store_is_not_changed_afterwards(home, database):
    make(home)
    with pytest.raises(CreateError, match="exists"):
        make(home, store=database)


def test_another_store_than_the_one_begun_with(home, database):
    make(home, store=database)
    with pytest.raises(CreateError, match="names another store"):
        make(home, store="postgresql:///other")


def test_store_that_is_not_there_binds_nothing(home, database):
    with pytest.raises(HostError, match="cannot reach"):
        make(home, store="postgresql://iop@127.0.0.1:1/iop")
    assert not os.path.exists(home.store)
    make(home, store=database)


def test_store_that_is_taken_binds_nothing(home, tmp_path, database):
    make(Home(str(tmp_path / "first")), store=database)
    with pytest.raises(CreateError, match="has a ledger"):
        make(home, store=database)
    assert not os.path.exists(home.store)


def test_password_reaches_no_file(home):
    with pytest.raises(ConfigError, match="has a password"):
        make(home, store="postgresql://a:b@c/d")
    assert not os.path.exists(home.store)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"type":"iop.store/2","url":"postgresql:///x"}',
        '{"type":"iop.store/1"}',
        '{"type":"iop.store/1","url":5}',
        '{"type":"iop.store/1","url":"http://x"}',
    ],
)
def test_what_is_no_store_record(home, text):
    make(home)
    with open(home.store, "w") as file:
        file.write(text)
    with pytest.raises(ConfigError, match="store.json"):
        read_place(home)


def test_password_in_the_record_is_refused(home):
    os.makedirs(home.path)
    with open(home.store, "w") as file:
        file.write('{"type":"iop.store/1","url":"postgresql://a:secret@c/d"}')
    with pytest.raises(ConfigError, match="has a password") as caught:
        open_home(home)
    assert "secret" not in caught.value.message


def test_replica_of_a_database(home, tmp_path, database):
    make(home, store=database)
    replica = Home(str(tmp_path / "replica"))
    make_replica_home(replica, database)
    store, _ = open_home(replica, writes=False)
    assert store.head() is None
    store.close()
