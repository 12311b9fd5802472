"""What every ledger store does, on SQLite and on PostgreSQL alike."""

import threading
import time

import pytest

from iop.claim.signed import Signer
from iop.errors import CreateError, DataError, LimitError, MissingError
from iop.keys.multicipher import SecretKey
from iop.ledger.block import HEADER_SIZE, SIGNATURE_SIZE, compute_block_id
from iop.ledger.chain import encode_chain, read_chain
from iop.ledger.genesis import compute_genesis_block
from iop.ledger.index import COLUMNS, Condition, Query, index_block
from iop.ledger.wire import Transaction
from iop.store import ledger_sql
from iop.store.ledger import BlockEntry, Change, FeeSum, Place
from iop.store.ledger_open import create_store, open_store
from sample_chain import CHAIN, NAMES, PARAMS, SENDERS, Chain, payments, transfer, txid, waiting

GENESIS_ID = compute_block_id(compute_genesis_block(read_chain(CHAIN)), PARAMS)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    return request.getfixturevalue("database")


@pytest.fixture
def store(place):
    made = create_store(place, CHAIN)
    yield made
    made.close()


@pytest.fixture
def chain():
    return Chain()


def fill(store, chain, blocks=5, each=4):
    """Blocks 2 … with transactions numbered from 1."""
    numbers = iter(range(1, blocks * each + 1))
    for _ in range(blocks):
        store.write([chain.grow(*[transfer(next(numbers)) for _ in range(each)])])


def ask(store, table, *where, **more):
    return store.select(Query(table, tuple(Condition(*one) for one in where), **more))


def column(page, table, name):
    place = list(COLUMNS[table]).index(name)
    return [row[place] for row in page.rows]


def nonces(page):
    return column(page, "transaction", "nonce")


# The log.


def test_new_store_is_empty(store):
    assert store.genesis() == CHAIN
    assert store.head() is None
    assert list(store.blocks()) == []
    assert store.pool() == []
    assert store.block_at(2) is None
    assert store.header_at(2) is None
    assert store.find(bytes(32)) is None
    assert store.find_block(bytes(32)) is None
    assert store.find_block(GENESIS_ID) == 1
    assert store.facts().head is store.facts().first is None
    store.check()


def test_append_find_reopen(store, chain, place):
    store.write([chain.grow(), chain.grow(transfer(1), transfer(2))])
    store.write([chain.grow(transfer(3))])
    assert store.head() == 4
    assert store.find(txid(transfer(2))) == Place(3, 1)
    assert store.find(txid(transfer(9))) is None
    store.close()
    again = open_store(place)
    assert again.genesis() == CHAIN
    assert again.head() == 4
    entries = list(again.blocks())
    assert [entry.height for entry in entries] == [2, 3, 4]
    assert list(again.blocks(4)) == entries[2:]
    assert again.block_at(3) == entries[1]
    assert again.header_at(3) == entries[1].data[: HEADER_SIZE + SIGNATURE_SIZE]
    assert again.find_block(compute_block_id(chain.blocks[1], PARAMS)) == 3
    again.write([chain.grow()])
    assert again.head() == 5
    again.check()
    again.close()


def test_first_block_may_have_any_height(store):
    chain = Chain(99)
    fill(store, chain, 3)
    assert [entry.height for entry in store.blocks()] == [100, 101, 102]
    assert column(ask(store, "block"), "block", "height") == [1, 100, 101, 102]
    assert ask(store, "block", offset=2, limit=1).total == 4
    assert nonces(ask(store, "transaction", ("height", ">=", 101), limit=1)) == [5]
    store.check()


def test_block_1_is_in_no_log(store):
    with pytest.raises(DataError, match="block 1 cannot be"):
        store.write([Chain(0).grow()])


def test_block_with_rows_of_another(store, chain):
    first, second = chain.grow(), chain.grow()
    with pytest.raises(DataError, match="with rows of 3"):
        store.write([Change(block=first.block, rows=second.rows)])


def test_block_that_does_not_follow_changes_nothing(store, chain):
    store.write([chain.grow(transfer(1))])
    chain.grow()
    with pytest.raises(DataError, match="block 4 cannot follow block 2"):
        store.write([Change(accept=(waiting(transfer(8)),)), chain.grow(transfer(5))])
    assert store.head() == 2
    assert store.pool() == []
    assert store.find(txid(transfer(5))) is None
    again = Chain(2)
    store.write([again.grow()])
    assert store.head() == 3
    store.check()


def test_same_transaction_in_two_blocks_is_refused_whole(store, chain):
    store.write([chain.grow(transfer(1))])
    with pytest.raises(DataError, match="already"):
        store.write([chain.grow(transfer(2), transfer(1))])
    assert store.head() == 2
    assert store.find(txid(transfer(2))) is None
    store.check()


def test_many_transactions_at_once(store, chain):
    store.write([chain.grow(*[transfer(n) for n in range(1, 301)]), chain.grow(transfer(301))])
    assert ask(store, "transaction", limit=1).total == 301
    assert store.find(txid(transfer(300))) == Place(2, 299)
    store.check()


def test_long_log_is_read_in_order(store, chain):
    store.write([chain.grow() for _ in range(1200)])
    assert [entry.height for entry in store.blocks()] == list(range(2, 1202))
    assert [entry.height for entry in store.blocks(1150)] == list(range(1150, 1202))


def test_pool_keeps_order_and_loses_what_a_block_takes(store, chain):
    entries = tuple(waiting(transfer(n)) for n in (3, 1, 2))
    store.write([Change(accept=entries)])
    store.write([Change(accept=entries[:1])])  # known already
    assert store.pool() == list(entries)
    assert store.facts().waiting == 3
    store.write([chain.grow(transfer(1))])
    assert store.pool() == [entries[0], entries[2]]
    store.write([Change(drop=(txid(transfer(3)),))])
    assert store.pool() == [entries[2]]
    store.write([])


# Readers.


def test_reader_sees_later_writes_and_makes_none(store, chain):
    reader = store.reader()
    store.write([chain.grow(transfer(1))])
    assert reader.head() == 2
    assert reader.find(txid(transfer(1))) == Place(2, 0)
    assert ask(reader, "transaction").total == 1
    assert reader.pool() == []
    with pytest.raises(Exception, match="read-?only|readonly"):
        reader.write([Change(accept=(waiting(transfer(2)),))])
    assert store.pool() == []
    reader.close()


def test_opened_to_read(store, chain, place):
    fill(store, chain, 1)
    reader = open_store(place, writes=False)
    assert reader.head() == 2
    other = reader.reader()
    assert other.head() == 2
    other.close()
    reader.close()


def test_wait_ends_with_a_block(store, chain):
    reader = store.reader()
    assert reader.wait(None, 0) is None
    assert reader.wait(None, 0.05) is None
    heights = []
    asked = threading.Event()

    def follow():
        asked.set()
        heights.append(reader.wait(None, 30))
        heights.append(reader.wait(2, 30))

    thread = threading.Thread(target=follow)
    thread.start()
    assert asked.wait(30)
    store.write([Change(accept=(waiting(transfer(1)),))])
    store.write([chain.grow(transfer(1))])
    end = time.monotonic() + 30
    while not heights and time.monotonic() < end:
        time.sleep(0.001)
    store.write([chain.grow()])
    thread.join(30)
    assert heights == [2, 3]
    assert reader.wait(3, 0) == 3
    reader.close()


# The index.


def test_rows_are_those_of_index_block(store, chain):
    store.write([chain.grow(transfer(1), payments(2, NAMES[1], NAMES[2]))])
    store.write([chain.grow(transfer(3, vendor_field="a\0b Ħ"))])
    rows = [index_block(block, PARAMS) for block in chain.blocks]
    genesis = index_block(compute_genesis_block(read_chain(CHAIN)), PARAMS)
    assert ask(store, "block").rows == (genesis.block, rows[0].block, rows[1].block)
    assert ask(store, "transaction").rows == rows[0].transactions + rows[1].transactions
    assert column(ask(store, "transaction"), "transaction", "vendor_field")[2] == "a\ufffdb Ħ"


def test_lists_are_paged_from_both_ends(store, chain):
    fill(store, chain)
    for offset in (0, 3, 17, 19, 20, 5000):
        up = ask(store, "transaction", offset=offset, limit=3)
        down = ask(store, "transaction", order=(("timestamp", True),), offset=offset, limit=3)
        assert (up.total, down.total, up.exact) == (20, 20, True)
        assert nonces(up) == list(range(1, 21))[offset : offset + 3]
        assert nonces(down) == list(range(20, 0, -1))[offset : offset + 3]
    assert ask(store, "transaction", limit=0).rows == ()
    assert ask(store, "statement").total == 0
    heights = column(ask(store, "block", order=(("height", True),), limit=2), "block", "height")
    assert heights == [6, 5]


def test_ranges_of_heights_and_times(store, chain):
    fill(store, chain)

    def found(*where):
        page = ask(store, "transaction", *where)
        assert page.total == len(page.rows)
        return nonces(page)

    assert found(("height", "=", 3)) == [5, 6, 7, 8]
    assert found(("height", ">=", 6)) == [17, 18, 19, 20]
    assert found(("height", "<=", 2)) == [1, 2, 3, 4]
    assert found(("height", "<=", 1)) == []
    assert found(("height", ">=", 7)) == []
    assert found(("height", ">=", 2**70)) == []
    assert found(("timestamp", "=", 36)) == [5, 6, 7, 8]
    assert found(("timestamp", ">=", 61)) == [17, 18, 19, 20]
    assert found(("timestamp", "<=", 24)) == [1, 2, 3, 4]
    assert found(("timestamp", "=", 37)) == []
    assert found(("timestamp", ">=", 73)) == []
    assert found(("timestamp", "in", (24, 72))) == [1, 2, 3, 4, 17, 18, 19, 20]
    block_id = compute_block_id(chain.blocks[1], PARAMS)
    assert found(("block_id", "=", block_id)) == [5, 6, 7, 8]
    assert found(("block_id", "=", bytes(32))) == []
    assert found(("block_id", "in", (block_id, bytes(32)))) == [5, 6, 7, 8]
    assert ask(store, "block", ("id", "=", block_id)).rows[0][0] == 3
    assert ask(store, "block", ("previous", "=", block_id)).rows[0][0] == 4
    assert ask(store, "block", ("producer", "=", bytes(33))).total == 1
    assert ask(store, "block", ("transactions", ">=", 4)).total == 5


def test_parties(store, chain):
    fill(store, chain, 2, 3)
    store.write([chain.grow(payments(7, NAMES[1], NAMES[2]), transfer(8, recipient=NAMES[2]))])

    def found(*where, **more):
        page = ask(store, "transaction", *where, **more)
        assert page.total == len(page.rows)
        return nonces(page)

    assert found(("sender", "=", SENDERS[0])) == [3, 6, 7]
    assert found(("sender_name", "=", NAMES[0])) == [3, 6, 7]
    assert found(("sender", "=", bytes(33))) == []
    assert found(("recipient", "=", NAMES[1])) == [3, 6, 7]
    assert found(("party", "=", NAMES[1])) == [1, 3, 4, 6, 7]
    assert found(("party", "=", NAMES[1]), order=(("height", True),)) == [7, 6, 4, 3, 1]
    assert found(("sender_name", "=", NAMES[0]), ("recipient", "=", NAMES[2])) == [7]
    assert found(("sender", "=", SENDERS[2]), ("recipient", "=", NAMES[2])) == [8]  # to itself
    assert found(("party", "=", NAMES[2]), ("height", "<=", 2)) == [1, 2]
    assert found(("party", "=", NAMES[2]), ("type", "=", 6)) == [7]
    assert found(("party", "=", NAMES[2]), ("timestamp", "in", (24,))) == [1, 2]
    assert found(("recipient", "in", (NAMES[0], NAMES[1]))) == [2, 3, 5, 6, 7]
    assert found(("sender", "in", ())) == []
    assert found(("sender", "=", SENDERS[0]), order=(("amount", True),)) == [6, 3, 7]


def test_kinds_and_subjects(store, chain):
    vote = Transaction(
        128,
        1,
        3,
        1,
        SENDERS[0],
        1,
        asset={"votes": ["-" + SENDERS[1].hex(), "+" + SENDERS[2].hex()]},
    )
    lock = bytes(range(32))
    claim = Transaction(
        128,
        1,
        9,
        2,
        SENDERS[0],
        0,
        asset={"claim": {"lockTransactionId": lock.hex(), "unlockSecret": "00" * 32}},
    )
    refund = Transaction(
        128, 1, 10, 3, SENDERS[0], 0, asset={"refund": {"lockTransactionId": lock.hex()}}
    )
    store.write([chain.grow(vote, claim, refund, transfer(4))])
    assert nonces(ask(store, "transaction", ("subject", "=", SENDERS[2]))) == [1]
    assert nonces(ask(store, "transaction", ("subject", "=", lock))) == [2, 3]
    assert nonces(ask(store, "transaction", ("type_group", "=", 1), ("type", "=", 9))) == [2]
    assert nonces(ask(store, "transaction", ("type_group", "=", 1), ("type", "in", (0, 3)))) == [
        1,
        4,
    ]
    assert ask(store, "transaction", ("type_group", "=", 4242)).total == 0
    order = (("subject", False), ("nonce", True))
    assert nonces(ask(store, "transaction", order=order)) == [4, 3, 2, 1]
    assert nonces(ask(store, "transaction", order=(("subject", True),))) == [1, 3, 2, 4]
    store.check()


def test_texts_and_patterns(store, chain):
    texts = ["abc", "Abc", "a%c", "a_c", None, "ab\\c", "Ħab"]
    store.write([chain.grow(*[transfer(n, vendor_field=t) for n, t in enumerate(texts, 1)])])

    def found(op, text):
        return nonces(ask(store, "transaction", ("vendor_field", op, text)))

    assert found("=", "abc") == [1]
    assert found("like", "a_c") == [1, 3, 4]
    assert found("like", "a\\_c") == [4]
    assert found("like", "a\\%c") == [3]
    assert found("like", "%b%") == [1, 2, 6, 7]
    assert found("like", "ab\\\\c") == [6]
    assert found("like", "Ħ%") == [7]
    assert found("in", ("abc", "Ħab")) == [1, 7]
    assert found("=", "'; DROP TABLE pool; --") == []
    order = (("vendor_field", False),)
    assert nonces(ask(store, "transaction", order=order)) == [5, 2, 3, 4, 6, 1, 7]


def test_statements(store, chain):
    """Two signers, two types; pruning leaves them."""
    signers = [Signer(SecretKey("e", bytes([number]) * 32)) for number in (1, 2)]

    def post(nonce, *numbers):
        said = [
            signers[number % 2].sign_json({"type": f"iop.kind{number // 2}/1", "n": number})
            for number in numbers
        ]
        return Transaction(128, 4244, 1, nonce, SENDERS[0], 1, asset={"statements": said})

    store.write([chain.grow(transfer(1), post(2, 0, 1)), chain.grow(post(3, 2, 3), post(4, 4))])

    def found(*where, **more):
        page = ask(store, "statement", *where, **more)
        assert page.total == len(page.rows)
        places = [column(page, "statement", n) for n in ("height", "position", "ordinal")]
        return list(zip(*places, strict=True))

    whole = [(2, 1, 0), (2, 1, 1), (3, 0, 0), (3, 0, 1), (3, 1, 0)]
    assert found() == whole
    assert found(order=(("height", True),)) == whole[::-1]
    assert found(("height", ">=", 3)) == whole[2:]
    assert found(("height", "<=", 2)) == whole[:2]
    assert found(("height", "=", 3), ("position", "=", 0), ("ordinal", ">=", 1)) == [(3, 0, 1)]
    assert found(("type", "=", "iop.kind0/1")) == whole[:2]
    assert found(("type", "like", "iop.kind%/1"), ("height", "=", 3)) == whole[2:]
    rows = ask(store, "statement").rows
    assert found(("issuer", "=", rows[0][5])) == [whole[0], whole[2], whole[4]]
    assert found(("issuer", "=", rows[0][5]), ("type", "=", "iop.kind2/1")) == [whole[4]]
    assert found(("id", "=", rows[3][0])) == [whole[3]]
    assert rows[3][6] == index_block(chain.blocks[1], PARAMS).statements[1][6]
    assert store.facts().statements == 5
    store.check()
    store.prune(3)
    assert found() == whole
    store.check()
    store.rebuild_index()
    store.check()
    assert found() == whole
    assert ask(store, "transaction").total == 2


def test_numbers_beyond_the_database(store, chain):
    store.write([chain.grow(transfer(1, amount=2**64 - 1), transfer(2, amount=2**64 - 1))])
    assert ask(store, "transaction", ("amount", ">=", 2**63 - 1)).total == 2
    assert ask(store, "transaction", ("amount", ">=", 2**80)).total == 2
    assert ask(store, "transaction", ("amount", ">=", -(2**80))).total == 2
    assert column(ask(store, "block"), "block", "amount")[1] == 2**63 - 1
    assert store.check() is None


def test_work_of_a_question_is_bounded(store, chain, monkeypatch):
    store.write([chain.grow(*[transfer(n, vendor_field="x" * 200) for n in range(1, 2001)])])
    monkeypatch.setattr(ledger_sql, "QUERY_S", 0.0)
    with pytest.raises(LimitError, match="takes"):
        for _ in range(1000):  # the shortest limit of a server is a millisecond
            ask(store, "transaction", ("vendor_field", "like", "%y%x%y%"), order=(("fee", True),))
    monkeypatch.undo()
    assert ask(store, "transaction", ("vendor_field", "like", "%y%")).total == 0
    store.write([chain.grow()])


def test_counting_stops(store, chain, monkeypatch):
    from iop.store import ledger_query

    fill(store, chain)
    monkeypatch.setattr(ledger_query, "COUNTED", 6)
    page = ask(store, "transaction", ("type_group", "=", 1), limit=3)
    assert (page.total, page.exact, nonces(page)) == (6, False, [1, 2, 3])
    page = ask(store, "transaction", ("sender", "=", SENDERS[0]), limit=3)
    assert (page.total, page.exact) == (6, True)


# Care.


def test_index_is_made_again(store, chain):
    fill(store, chain)
    with store.writing():
        store.run("DELETE FROM party_index")
        store.run("DELETE FROM transaction_index WHERE number > 3")
        store.run("UPDATE block_index SET amount = 7")
    with pytest.raises(DataError, match="damaged"):
        store.check()
    heights = []
    store.rebuild_index(lambda height, last: heights.append((height, last)))
    assert heights[-1] == (6, 6)
    store.check()
    assert store.find(txid(transfer(9))) == Place(4, 0)
    store.write([chain.grow(transfer(21))])
    assert ask(store, "transaction").total == 21
    store.check()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE block_index SET fee = fee + 1 WHERE height = 3",
        "UPDATE block_index SET timestamp = 1 WHERE height = 1",
        "UPDATE transaction_index SET nonce = 0 WHERE number = 7",
        "UPDATE party_index SET part = 3 - part WHERE number = 7",
        "DELETE FROM party_index WHERE number = 19",
        "DELETE FROM transaction_index WHERE number = 19",
        "DELETE FROM block_index WHERE height = 6",
        "INSERT INTO party_index SELECT account, 99, 1 FROM party_index WHERE number = 1",
        "INSERT INTO statement_index VALUES (0, 'a', 2, 0, 0, 't', 'i', 'd')",
    ],
)
def test_check_finds_a_wrong_index(store, chain, change):
    fill(store, chain)
    store.check()
    with store.writing():
        store.run(change)
    with pytest.raises(DataError, match="damaged"):
        store.check()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE block SET data = digest WHERE height = 3", "block 3 does not match its digest"),
        ("DELETE FROM block WHERE height = 3", "block 3 is missing"),
    ],
)
def test_damage_of_the_log_is_found(store, chain, place, change, message):
    fill(store, chain)
    with store.writing():
        store.run(change)
    store.close()
    with pytest.raises(DataError, match=message):
        damaged = open_store(place)
        try:
            list(damaged.blocks())
        finally:
            damaged.close()


def test_log_of_another_network_is_found(store, chain, place):
    fill(store, chain)
    with store.writing():
        store.run("UPDATE meta SET data = ? WHERE name = 'genesis'", encode_chain("devnet"))
    store.close()
    damaged = open_store(place)
    with pytest.raises(DataError, match="block 2 does not match"):
        list(damaged.blocks())
    damaged.close()


def test_store_without_network_is_refused(store, place):
    with store.writing():
        store.run("DELETE FROM meta WHERE name = 'genesis'")
    store.close()
    with pytest.raises(DataError, match="names no network"):
        open_store(place)


def test_prune(store, chain, place, monkeypatch):
    monkeypatch.setattr(ledger_sql, "PRUNE_BATCH", 2)
    fill(store, chain)
    store.write([chain.grow(payments(21, NAMES[1], NAMES[2]))])
    header = store.header_at(3)
    whole = list(store.blocks(5))
    assert store.prune(1) == 0
    assert store.prune(5) == 3
    assert store.prune(5) == 0
    assert store.facts().first == 5
    assert list(store.blocks(5)) == list(store.blocks()) == whole
    assert store.header_at(3) == header
    for refused in (lambda: store.block_at(4), lambda: list(store.blocks(2))):
        with pytest.raises(MissingError, match="whole from block 5"):
            refused()
    assert store.find(txid(transfer(1))) is None
    assert store.find(txid(transfer(13))) == Place(5, 0)
    assert store.find_block(compute_block_id(chain.blocks[0], PARAMS)) == 2
    page = ask(store, "transaction")
    assert (page.total, nonces(page)) == (9, [*range(13, 22)])
    assert ask(store, "transaction", ("height", "<=", 4)).total == 0
    assert ask(store, "transaction", ("party", "=", NAMES[0]), limit=0).total == 6
    assert ask(store, "block").total == 7
    store.check()
    store.rebuild_index()
    store.check()
    store.compact()
    store.write([chain.grow(transfer(22))])
    store.close()
    again = open_store(place)
    assert again.facts().transactions == 22
    assert again.prune(100) == 3
    assert again.facts().first == again.head() == 8
    again.check()
    again.write([chain.grow(transfer(23))])
    assert ask(again, "transaction").total == 2
    again.close()


def test_facts(store, chain):
    fill(store, chain)
    facts = store.facts()
    assert (facts.head, facts.first, facts.transactions, facts.statements) == (6, 2, 20, 0)
    assert facts.size > 4096
    assert 0 <= facts.free < facts.size


def test_create_refuses_a_finished_store(store, place):
    store.close()
    with pytest.raises(CreateError, match="exists|has a ledger"):
        create_store(place, CHAIN)


def test_create_refuses_what_is_no_network(place):
    with pytest.raises(DataError):
        create_store(place, b"{}")
    create_store(place, CHAIN).close()


def test_open_refuses_nothing_there(place):
    with pytest.raises(MissingError, match="no ledger"):
        open_store(place)


def test_second_writer_is_refused(store, chain, place, monkeypatch):
    """PostgreSQL by a lock when it opens, SQLite when it writes, where the node's own lock was not taken."""
    from iop.errors import BusyError
    from iop.store import ledger_link

    monkeypatch.setattr(ledger_link, "_BUSY_S", 0.1)
    fill(store, chain, 1)
    if place.startswith("postgresql"):
        with pytest.raises(BusyError, match="another node writes"):
            open_store(place)
        return
    other = open_store(place)
    store.write([chain.grow()])
    with pytest.raises(DataError, match="another program has written"):
        other.write([Chain(2).grow(transfer(77))])
    other.close()
    store.check()


def test_block_entry_is_what_was_written(store, chain):
    change = chain.grow(transfer(1))
    store.write([change])
    assert store.block_at(2) == change.block == BlockEntry(2, change.block.data)


# Fees.


def test_fees_of_the_kinds(store, chain):
    transactions = [
        transfer(1),
        transfer(2**40),
        payments(3),
        transfer(4),
        transfer(9),
        payments(5),
    ]
    for tx in transactions:
        store.write([chain.grow(tx)])
    for since in (0, *(block.timestamp for block in chain.blocks), 2**40):
        for least, until in ((0, 100), (15, 100), (0, 4)):
            fees = {}
            for tx, block in zip(transactions, chain.blocks, strict=True):
                if block.timestamp >= since and tx.fee >= least and block.height <= until:
                    fees.setdefault((tx.type_group, tx.type), []).append(tx.fee)
            assert store.sum_fees(since, least, until) == [
                FeeSum(*kind, len(paid), sum(paid), min(paid), max(paid))
                for kind, paid in sorted(fees.items())
            ]


def test_summing_fees_is_bounded(store, chain, monkeypatch):
    store.write([chain.grow(*[transfer(n) for n in range(1, 2001)])])
    monkeypatch.setattr(ledger_sql, "QUERY_S", 0.0)
    with pytest.raises(LimitError, match="takes"):
        for _ in range(1000):
            store.sum_fees(0, 0, 100)
