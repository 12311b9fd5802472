"""The SQLite ledger store: settings, files that are not ours, upgrades of files of every earlier version."""

import os
import shutil
import sqlite3

import pytest

from iop.errors import DataError, HostError, MissingError
from iop.ledger.block import parse_block
from iop.ledger.index import Condition, Query
from iop.store.ledger import compute_digest, compute_root
from iop.store.ledger_schema import APPLICATION_ID, UPGRADES, VERSION
from iop.store.ledger_sqlite import create_ledger, open_ledger
from sample_chain import CHAIN, Chain, transfer

VECTORS = os.path.join(os.path.dirname(__file__), "..", "..", "vectors", "ledger", "upgrade")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.sqlite")


@pytest.fixture
def store(path):
    made = create_ledger(path, CHAIN)
    yield made
    made.close()


def spoil(path, statement, *values):
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()


def test_settings_are_durable(store, path):
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()
    assert store.fetch("PRAGMA synchronous") == [(2,)]


def test_create_takes_over_an_unfinished_one(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    with pytest.raises(MissingError, match="was not finished"):
        open_ledger(path)
    store = create_ledger(path, CHAIN)
    assert store.head() is None
    store.close()


def test_open_refuses_a_foreign_database(path):
    spoil(path, "PRAGMA user_version = 1")
    with pytest.raises(DataError, match="not a ledger of iop"):
        open_ledger(path)


def test_open_refuses_a_newer_version(store, path):
    store.close()
    spoil(path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(DataError, match=f"version {VERSION + 1}"):
        open_ledger(path)


def test_open_refuses_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"x" * 8192)
    with pytest.raises(HostError, match="not a database"):
        open_ledger(str(path))


def test_create_where_no_directory_is(tmp_path):
    with pytest.raises(HostError, match="cannot open"):
        create_ledger(str(tmp_path / "none" / "ledger.sqlite"), CHAIN)


def test_path_with_odd_characters(tmp_path):
    path = str(tmp_path / "a?b#c%20 é.sqlite")
    create_ledger(path, CHAIN).close()
    open_ledger(path).close()


def test_damaged_page_is_found(store, path):
    chain = Chain()
    store.write([chain.grow(*[transfer(n) for n in range(1, 200)])])
    store.compact()
    store.close()
    page = os.path.getsize(path) // 4096 // 2
    with open(path, "r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(range(256)) * 16)
    damaged = open_ledger(path)
    with pytest.raises(DataError, match="is damaged"):
        damaged.check()
    damaged.close()


def test_compact_gives_space_back(store, path):
    chain = Chain()
    for first in range(1, 3001, 500):
        store.write([chain.grow(*[transfer(n) for n in range(first, first + 500)])])
    before = store.facts()
    store.prune(chain.height)
    freed = store.facts()
    assert freed.free > before.size // 4
    store.compact()
    after = store.facts()
    assert after.free == 0
    assert after.size < before.size // 2


def test_digest_covers_predecessor_height_and_data():
    root = compute_root(CHAIN)
    digests = {
        compute_digest(root, 1, b"a"),
        compute_digest(root, 2, b"a"),
        compute_digest(root, 1, b"b"),
        compute_digest(compute_root(b""), 1, b"a"),
    }
    assert len(digests) == 4


# Upgrades. store-1.sqlite was made by the first release (commit 7369eaf): ten blocks with transfers, a vendor field with U+0000,
# a multi-payment, a delegate, a vote, a lock and its claim, before-proofs, and a transaction that waits.


@pytest.fixture(params=range(1, VERSION))
def old(request, path):
    shutil.copy(os.path.join(VECTORS, f"store-{request.param}.sqlite"), path)
    return request.param


def test_every_earlier_version_is_here():
    assert set(UPGRADES) == set(range(1, VERSION))
    found = {name for name in os.listdir(VECTORS) if name.endswith(".sqlite")}
    assert found == {f"store-{version}.sqlite" for version in range(1, VERSION)}


def read_log(path):
    db = sqlite3.connect(path)
    rows = db.execute("SELECT height, digest, data FROM block ORDER BY height").fetchall()
    pool = db.execute("SELECT txid, data FROM pool ORDER BY sequence").fetchall()
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return rows, pool, version


def test_old_file_is_brought_up(old, path):
    rows, pool, version = read_log(path)
    assert version == old
    heights = []
    store = open_ledger(path, progress=lambda height, last: heights.append((height, last)))
    assert heights[-1] == (10, 10)
    assert [(entry.height, entry.data) for entry in store.blocks()] == [
        (height, data) for height, _, data in rows
    ]
    assert [(entry.txid, entry.data) for entry in store.pool()] == pool
    store.check()
    count = sum(len(parse_block(data).transactions) for _, _, data in rows)
    assert store.facts().transactions == count == 13
    delegate = store.select(Query("transaction", (Condition("type", "=", 2),))).rows[0]
    voted = store.select(Query("transaction", (Condition("subject", "=", delegate[5]),)))
    assert voted.total == 1
    received = Condition("recipient", "=", delegate[6])
    assert store.select(Query("transaction", (received,))).total == 2  # a transfer, a multi-payment
    store.close()
    assert read_log(path) == (rows, pool, VERSION)
    again = open_ledger(path, progress=lambda *_: pytest.fail("brought up twice"))
    again.close()


def read_tables(path):
    db = sqlite3.connect(path)
    names = db.execute(
        "SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_seq%' ORDER BY name"
    ).fetchall()
    tables = {name: db.execute(f"PRAGMA table_info({name})").fetchall() for name, _ in names}
    db.close()
    return names, tables


def test_old_file_gets_the_tables_of_a_new_one(old, path, tmp_path):
    open_ledger(path).close()
    new = str(tmp_path / "new.sqlite")
    create_ledger(new, CHAIN).close()
    assert read_tables(path) == read_tables(new)


def test_old_file_goes_on(old, path):
    """The state follows an old log and the next block stands on it."""
    from iop.ledger.chain import read_chain
    from iop.ledger.state import State

    store = open_ledger(path)
    genesis = read_chain(store.genesis())
    state = State(genesis)
    for entry in store.blocks():
        state.apply_block(parse_block(entry.data), verify=True)
    assert state.height == 10
    assert state.block_id.hex() == (
        "d293ee10387aca56424594a9c06f01fe6f8a35e9538f6521b49c7140b294452b"
    )
    store.close()


def test_replica_waits_for_its_node_to_bring_a_file_up(old, path):
    with pytest.raises(DataError, match=f"has version {old}"):
        open_ledger(path, writes=False)
    open_ledger(path).close()
    open_ledger(path, writes=False).close()


def test_damaged_old_file_stays_as_it_is(old, path):
    spoil(path, "UPDATE block SET data = x'00' WHERE height = 5")
    before = read_log(path)
    with pytest.raises(DataError, match="block 5 does not match"):
        open_ledger(path)
    assert read_log(path) == before
