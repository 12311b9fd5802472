"""The SQLite ledger store: durable appends, refusals, damage found, the index rebuilt."""

import sqlite3

import pytest

from iop.errors import CreateError, DataError, HostError, MissingError
from iop.store.ledger import BlockEntry, Change, Place, PoolEntry
from iop.store.ledger_schema import APPLICATION_ID, VERSION
from iop.store.ledger_sqlite import compute_digest, compute_root, create_ledger, open_ledger

GENESIS = b'{"name":"testnet"}'


def tx(number):
    return number.to_bytes(32, "big")


def block(height, *numbers):
    return BlockEntry(height, b"block %d" % height, tuple(tx(n) for n in numbers))


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.sqlite")


@pytest.fixture
def store(path):
    made = create_ledger(path, GENESIS)
    yield made
    made.close()


def test_new_store_is_empty(store):
    assert store.genesis() == GENESIS
    assert store.head() is None
    assert list(store.blocks()) == []
    assert store.pool() == []
    assert store.block_at(1) is None
    assert store.find(tx(1)) is None


def test_settings_are_durable(store, path):
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_append_find_reopen(store, path):
    store.write([Change(block=block(1)), Change(block=block(2, 7, 5))])
    store.write([Change(block=block(3, 9))])
    assert store.head() == 3
    assert store.find(tx(5)) == Place(2, 1)
    assert store.find(tx(6)) is None
    store.close()
    again = open_ledger(path)
    assert again.genesis() == GENESIS
    assert again.head() == 3
    assert list(again.blocks()) == [block(1), block(2, 7, 5), block(3, 9)]
    assert list(again.blocks(3)) == [block(3, 9)]
    assert again.block_at(2) == block(2, 7, 5)
    again.write([Change(block=block(4))])
    assert again.head() == 4
    again.close()


def test_first_block_may_have_any_height(store):
    store.write([Change(block=block(100))])
    store.write([Change(block=block(101))])
    assert [b.height for b in store.blocks()] == [100, 101]


def test_block_that_does_not_follow_changes_nothing(store):
    store.write([Change(block=block(1, 1))])
    with pytest.raises(DataError, match="block 3 cannot follow block 1"):
        store.write([Change(accept=(PoolEntry(tx(8), b"t"),)), Change(block=block(3))])
    assert store.head() == 1
    assert store.pool() == []
    store.write([Change(block=block(2))])
    assert store.head() == 2


def test_pool_keeps_order_and_loses_what_a_block_takes(store):
    entries = tuple(PoolEntry(tx(n), b"t%d" % n) for n in (3, 1, 2))
    store.write([Change(accept=entries)])
    store.write([Change(accept=entries[:1])])  # known already
    assert store.pool() == list(entries)
    store.write([Change(block=block(1, 1))])
    assert store.pool() == [entries[0], entries[2]]
    store.write([Change(drop=(tx(3),))])
    assert store.pool() == [entries[2]]


def test_same_transaction_in_two_blocks_is_refused_whole(store):
    store.write([Change(block=block(1, 1))])
    with pytest.raises(HostError):
        store.write([Change(block=block(2, 2, 1))])
    assert store.head() == 1
    assert store.find(tx(2)) is None


def test_reader_sees_later_writes(store):
    reader = store.reader()
    store.write([Change(block=block(1, 4))])
    assert reader.find(tx(4)) == Place(1, 0)
    assert reader.block_at(1) == block(1, 4)
    reader.close()


def test_long_log_is_read_in_order(store):
    store.write([Change(block=block(h, h)) for h in range(1, 1500)])
    assert [b.height for b in store.blocks()] == list(range(1, 1500))
    assert [b.height for b in store.blocks(1400)] == list(range(1400, 1500))


def spoil(path, statement, *values):
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE block SET data = x'00' WHERE height = 2", "block 2 does not match its digest"),
        ("DELETE FROM block WHERE height = 2", "block 2 is missing"),
        ("UPDATE meta SET data = x'00' WHERE name = 'genesis'", "block 1 does not match"),
    ],
)
def test_damage_is_found(store, path, statement, message):
    store.write([Change(block=block(h)) for h in (1, 2, 3)])
    store.close()
    spoil(path, statement)
    damaged = open_ledger(path)
    with pytest.raises(DataError, match=message):
        list(damaged.blocks())
    damaged.close()


def test_store_without_network_is_refused(store, path):
    store.close()
    spoil(path, "DELETE FROM meta")
    with pytest.raises(DataError, match="names no network"):
        open_ledger(path)


def test_index_is_rebuilt_from_the_log(store, path):
    store.write([Change(block=block(1, 3, 1)), Change(block=block(2, 2))])
    spoil(path, "DELETE FROM place")
    assert store.find(tx(3)) is None
    assert store.rebuild_index() == 3
    assert store.find(tx(1)) == Place(1, 1)
    assert store.find(tx(2)) == Place(2, 0)


def test_create_refuses_a_finished_store(store, path):
    with pytest.raises(CreateError, match="exists"):
        create_ledger(path, GENESIS)


def test_create_takes_over_an_unfinished_one(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    with pytest.raises(MissingError, match="was not finished"):
        open_ledger(path)
    store = create_ledger(path, GENESIS)
    assert store.head() is None
    store.close()


def test_open_refuses_nothing_there(path):
    with pytest.raises(MissingError, match="no ledger at"):
        open_ledger(path)


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
        create_ledger(str(tmp_path / "none" / "ledger.sqlite"), GENESIS)


def test_path_with_odd_characters(tmp_path):
    path = str(tmp_path / "a?b#c%20 é.sqlite")
    create_ledger(path, GENESIS).close()
    open_ledger(path).close()


def test_digest_covers_predecessor_height_and_data():
    root = compute_root(GENESIS)
    digests = {
        compute_digest(root, 1, b"a"),
        compute_digest(root, 2, b"a"),
        compute_digest(root, 1, b"b"),
        compute_digest(compute_root(b""), 1, b"a"),
    }
    assert len(digests) == 4
