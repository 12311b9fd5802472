"""The node without sockets: what is written before what is seen, replay, a disk that refuses, the pool after a restart."""

import asyncio
import json
import sqlite3
import threading

import pytest

from iop.codec.hex import parse_hex
from iop.crypto.hash import sha256
from iop.daemon.ledger.home import (
    Home,
    describe_home,
    make_home,
    open_home,
    read_chain,
    read_network,
)
from iop.daemon.ledger.node import LedgerNode
from iop.errors import BusyError, ConfigError, CreateError, DataError, HostError, MissingError
from iop.keys.multicipher import SecretKey
from iop.ledger.fee import compute_offered_fee
from iop.ledger.submission import check_body
from iop.ledger.transaction import Transaction, sign_ecdsa, to_record
from iop.ledger.wire import compute_id_bytes, encode_transaction
from iop.store.ledger import Change, PoolEntry, compute_digest, compute_root
from iop.store.ledger_sqlite import open_ledger

RICH = SecretKey(
    "s", sha256(b"scout try doll stuff cake welcome random taste load town clerk ostrich")
)
PUBLIC = RICH.public().data
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
KEY = bytes([7]) * 32


def transfer(nonce, amount=1, fee=10_000_000):
    made = Transaction(128, 1, 0, nonce, PUBLIC, fee, amount=amount, recipient=bytes(20))
    return sign_ecdsa(made, RICH.data)


def proof(nonce, content):
    asset = {"operationAttempts": [{"operation": "registerBeforeProof", "contentId": content}]}
    fee = compute_offered_fee(asset)
    return sign_ecdsa(Transaction(128, 4242, 1, nonce, PUBLIC, fee, asset=asset), RICH.data)


@pytest.fixture
def home(tmp_path):
    made = Home(str(tmp_path / "home"))
    make_home(made, "testnet", KEY, now=0)
    return made


class Disk:
    """A connection whose statements fail while `broken` says so, not before `gate` is open."""

    def __init__(self):
        self.broken = ""
        self.gate = threading.Event()
        self.gate.set()

    def connect(self, *given, **named):
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, statement, *more):
                if disk.broken and statement.startswith(disk.broken):
                    disk.gate.wait()
                    raise sqlite3.OperationalError("database or disk is full")
                return super().execute(statement, *more)

        return sqlite3.connect(*given, factory=Connection, **named)


def open_node(home, disk=None, now=1_700_000_000.0):
    store, genesis = open_home(home)
    if disk is not None:
        store.close()
        store = open_ledger(home.ledger, connect=disk.connect)
    return LedgerNode(store, genesis, KEY, now=lambda: now)


def run(home, work, disk=None):
    """Recover a node, do the work, close it."""

    async def main():
        node = open_node(home, disk)
        try:
            await node.recover()
            return await work(node)
        finally:
            node.close()

    return asyncio.run(main())


async def send(node, *transactions):
    body = {"transactions": [to_record(tx) for tx in transactions]}
    reply = await node.submit(check_body(body, node.state))
    return json.loads(reply.body)


def picture(node):
    """All of the state that anybody can ask for."""
    state = node.state
    return (
        state.height,
        state.block_id,
        state.timestamp,
        state.supply,
        sorted((name, repr(account)) for name, account in state.book.accounts.items()),
        state.registry.state.status,
        state.registry.state.proofs,
        state.names.statuses,
        state.names.last_seen_height,
    )


def test_blocks_and_replay(home):
    async def fill(node):
        for nonce in range(1, 6):
            body = await send(node, proof(2 * nonce - 1, f"content {nonce}"), transfer(2 * nonce))
            assert len(body["data"]["accept"]) == 2
            await node.forge()
        await send(node, proof(11, "content 1"))  # accepted, rejected on layer 2
        changes = await node.forge()
        assert "already registered" in changes.outcomes[0].error
        await node.forge()  # an empty one
        return picture(node)

    async def look(node):
        return picture(node)

    before = run(home, fill)
    assert before[0] == 8
    assert run(home, look) == before


def test_reading_sees_nothing_that_is_not_on_disk(home):
    async def work(node):
        seen = []
        write = node.writer.write
        txid = compute_id_bytes(transfer(1))

        async def watched(change):
            seen.append((node.state.height, change.block and change.block.height))
            await write(change)
            # on disk, but not yet in the state: nobody may see it
            assert node.chain.find(txid) is None
            assert node.chain.block_at(2) is None

        node.writer.write = watched
        await send(node, transfer(1))
        await node.forge()
        assert node.chain.find(txid) is not None
        return seen

    # the pool's write first, then the block's while the state is still at its parent
    assert run(home, work) == [(1, None), (1, 2)]


def test_only_durable_transactions_are_forged(home):
    async def work(node):
        tx = transfer(1)
        node.mempool.add(tx)  # judged, but its write is still under way
        assert (await node.forge()).txids == ()
        await node.keep([tx])
        assert len((await node.forge()).txids) == 1

    run(home, work)


def test_refused_block_changes_nothing(home):
    disk = Disk()

    async def work(node):
        await send(node, transfer(1))
        before = picture(node)
        disk.broken = "INSERT INTO block"
        with pytest.raises(HostError, match="disk is full"):
            await node.forge()
        assert picture(node) == before
        assert len(node.mempool) == 1
        disk.broken = ""
        assert len((await node.forge()).txids) == 1

    run(home, work, disk)


def test_refused_pool_write_takes_the_transaction_back(home):
    disk = Disk()

    async def work(node):
        disk.broken = "COMMIT"
        with pytest.raises(HostError, match="disk is full"):
            await send(node, transfer(1))
        assert len(node.mempool) == 0
        disk.broken = ""
        assert len((await send(node, transfer(1)))["data"]["accept"]) == 1

    run(home, work, disk)


def test_transaction_that_hangs_on_a_refused_one_is_not_acknowledged(home):
    disk = Disk()

    async def work(node):
        first, second = transfer(1), transfer(2)
        disk.broken = "BEGIN"
        disk.gate.clear()
        failing = asyncio.create_task(send(node, first))
        await until(lambda: len(node.mempool) == 1)
        later = asyncio.create_task(send(node, second))
        await until(lambda: len(node.mempool) == 2)
        disk.gate.set()
        with pytest.raises(HostError):
            await failing
        disk.broken = ""
        with pytest.raises((BusyError, HostError)):
            await later
        assert len(node.mempool) == 0

    run(home, work, disk)


async def until(condition):
    while not condition():  # noqa: ASYNC110 - the node has no event for it
        await asyncio.sleep(0.001)


def test_what_one_block_has_no_room_for_goes_into_the_next(home):
    async def work(node):
        most = node.params.rules_at(2).max_transactions
        heights = []
        node.on_block(lambda changes: heights.append(len(changes.txids)))
        await send(node, *(transfer(nonce) for nonce in range(1, 31)))
        for start in range(31, most + 31, 30):
            await send(node, *(transfer(nonce) for nonce in range(start, start + 30)))
        waiting = len(node.mempool)
        assert waiting > most
        producing = asyncio.create_task(node.produce(0, empty=True))
        await asyncio.wait_for(until(lambda: len(node.mempool) == 0), 20)
        producing.cancel()
        assert heights == [most, waiting - most]

    run(home, work)


def test_produce_goes_on_after_the_disk_came_back(home, monkeypatch):
    monkeypatch.setattr("iop.daemon.ledger.node.RETRY_S", 0.001)
    disk = Disk()

    async def work(node):
        blocks = []
        node.on_block(blocks.append)
        producing = asyncio.create_task(node.produce(0, empty=True))
        await send(node, transfer(1))
        await until(lambda: blocks)
        disk.broken = "INSERT INTO block"
        await send(node, transfer(2))
        await until(lambda: node.forging_fails)
        disk.broken = ""
        await until(lambda: len(blocks) == 2)
        assert node.forging_fails == ""
        producing.cancel()

    run(home, work, disk)


def test_pool_comes_back_and_the_impossible_is_dropped(home):
    async def fill(node):
        assert len((await send(node, transfer(1), transfer(2)))["data"]["accept"]) == 2
        gap = transfer(9)
        entry = PoolEntry(compute_id_bytes(gap), encode_transaction(gap))
        damaged = PoolEntry(bytes(32), b"no transaction")
        await node.writer.write(Change(accept=(entry, damaged)))

    async def look(node):
        assert len(node.mempool) == 2
        assert len((await node.forge()).txids) == 2
        assert node._store.pool() == []

    run(home, fill)
    run(home, look)


def test_forged_transaction_is_not_taken_again(home):
    async def work(node):
        tx = transfer(1)
        await send(node, tx)
        await node.forge()
        body = await send(node, tx)
        assert body["data"]["accept"] == []
        (error,) = body["errors"].values()
        return error[0]["type"]

    assert run(home, work) in ("ERR_FORGED", "ERR_APPLY")


def test_log_that_does_not_follow(home):
    async def fill(node):
        await node.forge()
        await node.forge()

    run(home, fill)
    db = sqlite3.connect(home.ledger)
    data = db.execute("SELECT data FROM block WHERE height = 3").fetchone()[0]
    root = compute_root(db.execute("SELECT data FROM meta").fetchone()[0])
    digest = compute_digest(root, 2, data)
    db.execute("UPDATE block SET data = ?, digest = ? WHERE height = 2", (data, digest))
    db.execute("UPDATE block SET digest = ? WHERE height = 3", (compute_digest(digest, 3, data),))
    db.commit()
    db.close()

    async def nothing(node):
        return None

    with pytest.raises(DataError, match="block 3 at height 2"):
        run(home, nothing)


def test_progress_is_told(home, monkeypatch):
    async def fill(node):
        for _ in range(20):
            await node.forge()

    run(home, fill)
    monkeypatch.setattr("iop.daemon.ledger.node.SLICE_S", -1.0)

    async def main():
        node = open_node(home)
        told = []

        def progress(done, head):
            told.append((done, head))
            return done < 10

        await node.recover(progress)
        assert node.state.height == 10  # told to stop there
        await node.recover(lambda done, head: told.append((done, head)) or True)
        node.close()
        return told

    told = asyncio.run(main())
    assert told[0] == (2, 21)
    assert told[-1] == (21, 21)


def test_home_is_made_once(home):
    with pytest.raises(CreateError, match="exists"):
        make_home(home, "testnet", KEY, now=0)
    record = describe_home(home)
    assert record["network"] == "testnet"
    assert len(parse_hex(record["genesis_block"])) == 32


def test_home_without_a_ledger(tmp_path):
    with pytest.raises(MissingError):
        open_home(Home(str(tmp_path)))


def test_chain_record_is_held_to_its_block():
    with pytest.raises(DataError, match="iop.chain/1"):
        read_chain(b"{}")
    with pytest.raises(ConfigError, match="this program makes"):
        read_chain(b'{"type":"iop.chain/1","network":"testnet","genesisBlock":"00"}')


def test_networks(tmp_path):
    assert read_network("devnet") == "devnet"
    with pytest.raises(ConfigError, match="no network and no file"):
        read_network(str(tmp_path / "none"))


def test_a_block_that_the_index_knows_and_the_log_lacks_is_told(home):
    async def work(node):
        await send(node, transfer(1))
        await node.forge()
        with sqlite3.connect(home.ledger) as other:
            other.execute("DELETE FROM block WHERE height = 2")
        other.close()
        with pytest.raises(HostError, match="lacks block 2 of its index"):
            node.chain.transaction_at(2, 0)

    run(home, work)
