"""Layer 1 over HTTP, route by route, on a node with a little of everything in its chain."""

import asyncio
import shutil
from pathlib import Path

import pytest
from layer1_chain import (
    ADDRESSES,
    BLOCKS,
    CLAIM,
    COIN,
    KEYS,
    LATE_LOCK,
    LOCK,
    VOTE,
    WAITING,
    Client,
    make_node,
)

from iop.daemon.layer1.schema import BLOCK_ORDERS, TRANSACTION_ORDERS
from iop.daemon.ledger.node import LedgerNode
from iop.ledger.chain import read_chain
from iop.ledger.wire import compute_id, encode_transaction
from iop.store.ledger_sqlite import open_ledger

IDS = [[compute_id(tx) for tx in block] for block in BLOCKS]
NEWEST_FIRST = [txid for block in reversed(IDS) for txid in reversed(block)]
OLD = Path(__file__).parents[2] / "vectors/ledger/upgrade/store-1.sqlite"
NOBODY = "a" * 20


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    node = make_node(tmp_path_factory.mktemp("node") / "ledger.db")
    yield Client(node)
    node.close()


# node, blockchain


def test_node(ask):
    assert ask("/node/status").data["now"] == 7
    assert ask("/node/syncing").data["syncing"] is False
    assert ask("/node/configuration").data["constants"]["height"] <= 7
    assert "genesisBlock" in ask("/node/configuration/crypto").data
    assert ask("/blockchain?anything=goes").data["block"]["height"] == 7


def test_fees_paid(ask):
    found = ask("/node/fees?days=30")
    assert found.body["meta"] == {"days": 30}
    assert found.data["1"]["transfer"] == {
        "avg": "10000000",
        "max": "10000000",
        "min": "10000000",
        "sum": "20000000",
    }
    assert "htlcClaim" not in found.data["1"], "it paid less than the pool's minimum"
    assert ask("/node/fees").body["meta"] == {"days": 7}


def test_kinds(ask):
    assert ask("/transactions/types").data["1"]["Transfer"] == 0
    assert ask("/transactions/types").data["4242"]["MorpheusTransaction"] == 1
    assert ask("/transactions/fees").data["1"]["vote"] == str(COIN)
    vote = ask("/transactions/schemas").data["1"]["3"]
    assert vote["asset"]["properties"]["votes"]["maxItems"] == 1
    assert vote["signature"] == {"$ref": "alphanumeric"}


# blocks


def test_blocks(ask):
    found = ask("/blocks")
    assert found.column("height") == [7, 6, 5, 4, 3, 2, 1]
    assert found.meta == {
        "totalCountIsEstimate": False,
        "count": 7,
        "pageCount": 1,
        "totalCount": 7,
        "next": None,
        "previous": None,
        "self": "/blocks?transform=true&page=1&limit=100",
        "first": "/blocks?transform=true&page=1&limit=100",
        "last": "/blocks?transform=true&page=1&limit=100",
    }


def test_block(ask):
    shown = ask("/blocks/3").data
    assert ask(f"/blocks/{shown['id']}").data == shown
    assert ask("/blocks/0000000003").data == shown
    assert [row for row in ask("/blocks").data if row["height"] == 3] == [shown]
    assert shown["transactions"] == 3
    assert shown["generator"]["username"] == "sequencer"
    assert shown["confirmations"] == 4
    assert ask("/blocks/last").data == ask("/blocks/7").data
    assert ask("/blocks/first").data == ask("/blocks/1").data
    assert ask(f"/blocks/{ask('/blocks/first').data['id']}").data["height"] == 1


def test_block_as_kept(ask):
    kept = ask("/blocks/3?transform=false").data
    assert (
        list(kept)
        == (
            "id version timestamp previousBlock height numberOfTransactions totalAmount totalFee reward payloadLength "
            "payloadHash generatorPublicKey blockSignature"
        ).split()
    )
    assert kept["numberOfTransactions"] == 3
    assert kept["generatorPublicKey"] == KEYS[5].hex()
    assert kept["payloadLength"] == sum(len(encode_transaction(tx)) for tx in BLOCKS[1])
    assert ask("/blocks?transform=false&height=3").data == [kept]


@pytest.mark.parametrize("name", ["0", "8", "99999999999999999999", "f" * 64, "F" * 64])
def test_no_such_block(ask, name):
    for path in (f"/blocks/{name}", f"/blocks/{name}/transactions"):
        found = ask(path)
        assert found.status == 404
        assert found.body["message"] == "Block not found"


@pytest.mark.parametrize(
    ("query", "heights"),
    [
        ("height=3", [3]),
        ("orderBy=height:asc&limit=2", [1, 2]),
        ("orderBy=height:asc&limit=2&page=2", [3, 4]),
        ("orderBy=timestamp:asc&limit=1&offset=3", [4]),
        ("orderBy=numberOfTransactions:desc&limit=1", [3]),
        ("orderBy=version:desc&limit=1", [7]),
        ("numberOfTransactions=2", [7, 4, 2]),
        ("version=1", []),
        ("version=0&limit=1", [7]),
        ("id=5", []),
        (f"generatorPublicKey={KEYS[5].hex()}&limit=2", [7, 6]),
        (f"generatorPublicKey={KEYS[5].hex().upper()}", []),
        (f"generatorPublicKey={KEYS[1].hex()}", []),
        (f"totalFee={10**7}", [5]),
        ("page=3", []),
        ("offset=9007199254740991", []),
    ],
)
def test_block_filters(ask, query, heights):
    assert ask(f"/blocks?{query}").column("height") == heights


def test_block_by_parent_and_id(ask):
    block = ask("/blocks/4").data
    assert ask(f"/blocks?previousBlock={block['previous']}").column("height") == [4]
    assert ask(f"/blocks?id={block['id']}").column("height") == [4]


@pytest.mark.parametrize(
    ("body", "heights"),
    [
        ({"height": {"from": 2, "to": 3}}, [3, 2]),
        ({"height": {"from": "6"}, "orderBy": "height:asc"}, [6, 7]),
        ({"numberOfTransactions": {"from": 3}}, [3]),
        ({"totalAmount": {"from": COIN}}, [5]),
        ({"reward": {"to": 0}, "height": {}}, [7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_block_search(ask, body, heights):
    assert ask("/blocks/search", body).column("height") == heights


def test_transactions_of_a_block(ask):
    assert ask("/blocks/3/transactions").column("id") == IDS[1]
    assert ask("/blocks/3/transactions?orderBy=fee:asc&limit=1").meta["totalCount"] == 3
    assert ask("/blocks/3/transactions?type=3").column("id") == [compute_id(VOTE)]
    other = ask("/blocks/2").data["id"]
    assert ask(f"/blocks/3/transactions?blockId={other}").column("id") == IDS[0]


# transactions


def test_transactions(ask):
    found = ask("/transactions")
    assert found.column("id") == NEWEST_FIRST
    assert found.meta["totalCount"] == len(NEWEST_FIRST)
    assert ask(f"/transactions/{IDS[1][0]}").data == found.data[NEWEST_FIRST.index(IDS[1][0])]


def test_transaction_as_kept(ask):
    kept = ask(f"/transactions/{compute_id(VOTE)}?transform=false").data
    assert kept["asset"] == {"votes": ["+" + KEYS[0].hex()]}
    assert "typeGroup" not in kept
    assert kept in ask("/transactions?transform=false").data


@pytest.mark.parametrize(
    "path", ["/transactions/{}", "/transactions/unconfirmed/{}", "/votes/{}", "/locks/{}"]
)
@pytest.mark.parametrize("txid", ["0" * 64, compute_id(VOTE).upper()])
def test_no_such_transaction(ask, path, txid):
    found = ask(path.format(txid))
    assert found.status == 404
    what = {"votes": "Vote", "locks": "Lock"}.get(path.split("/")[1], "Transaction")
    assert found.body["message"] == f"{what} not found"


REGISTRATIONS = [compute_id(BLOCKS[5][0]), compute_id(BLOCKS[0][0])]
TRANSFERS = [compute_id(BLOCKS[3][0]), compute_id(BLOCKS[0][1])]
MULTI = compute_id(BLOCKS[2][0])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("type=2", REGISTRATIONS),
        ("type=2&orderBy=timestamp:asc", REGISTRATIONS[::-1]),
        ("type=1&typeGroup=4242", []),
        ("typeGroup=1&limit=2", NEWEST_FIRST[:2]),
        ("orderBy=amount:desc&limit=2", [TRANSFERS[0], compute_id(LATE_LOCK)]),
        ("version=1", []),
        ("vendorField=for", [TRANSFERS[1]]),
        ("vendorField=" + "x" * 255, []),
        ("nonce=4", [compute_id(BLOCKS[5][1])]),
        (f"amount={COIN}", [TRANSFERS[0]]),
        (f"id={MULTI}", [MULTI]),
        (f"id={MULTI.upper()}", []),
        (f"senderPublicKey={KEYS[2].hex()}", [compute_id(CLAIM)]),
        (f"senderId={ADDRESSES[2]}", [compute_id(CLAIM)]),
        (f"senderId={ADDRESSES[4]}", []),
        ("senderId=" + "1" * 34, []),
        (f"recipientId={ADDRESSES[4]}", [MULTI]),
        ("recipientId=" + "1" * 34, []),
        (f"recipientId={ADDRESSES[0]}&senderId={ADDRESSES[3]}", [TRANSFERS[0]]),
        ("blockId=3", []),
    ],
)
def test_transaction_filters(ask, query, ids):
    assert ask(f"/transactions?{query}").column("id") == ids


def test_nobody_sent_it(ask):
    """As in the original, nothing is counted then."""
    assert "totalCountIsEstimate" not in ask(f"/transactions?senderId={ADDRESSES[4]}").meta
    assert ask("/transactions?amount=3").meta["totalCountIsEstimate"] is False


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"amount": {"from": 7, "to": 77}}, [compute_id(LOCK)]),
        ({"fee": {"to": 0}}, [compute_id(CLAIM)]),
        ({"timestamp": {"to": 0}}, []),
        ({"type": 3, "nonce": 3}, [compute_id(VOTE)]),
        ({"addresses": [ADDRESSES[4]]}, [MULTI]),
        ({"addresses": [ADDRESSES[2]], "type": 9}, [compute_id(CLAIM)]),
        ({"addresses": ["1" * 34]}, []),
        ({"addresses": [ADDRESSES[0]], "senderId": ADDRESSES[3]}, [TRANSFERS[0]]),
        ({"addresses": [ADDRESSES[3]], "recipientId": ADDRESSES[0]}, [TRANSFERS[0]]),
        (
            {"addresses": ["1" * 34], "recipientId": ADDRESSES[0], "senderId": ADDRESSES[3]},
            [TRANSFERS[0]],
        ),
        ({"asset": {"delegate": {"username": "zero"}}}, [REGISTRATIONS[1]]),
        ({"asset": {"payments": [{"recipientId": ADDRESSES[4]}]}}, [MULTI]),
        ({"asset": {"payments": [{"recipientId": ADDRESSES[0]}]}}, []),
        ({"asset": {"claim": {}}, "type": 3}, []),
        ({"asset": {"lock": {"expiration": {"value": 9000}}}}, [compute_id(LATE_LOCK)]),
        ({"asset": {"lock": {"expiration": {"value": True}}}}, []),
    ],
)
def test_transaction_search(ask, body, ids):
    assert ask("/transactions/search", body).column("id") == ids


def test_pages_of_an_asset_search(ask):
    first = ask("/transactions/search?limit=1", {"asset": {"delegate": {}}})
    second = ask("/transactions/search?limit=1&page=2", {"asset": {"delegate": {}}})
    assert first.column("id") + second.column("id") == REGISTRATIONS
    assert first.meta["totalCount"] == 2
    assert first.meta["next"] == "/transactions/search?limit=1&transform=true&page=2"


def test_unconfirmed(ask):
    ids = [compute_id(tx) for tx in WAITING]
    found = ask("/transactions/unconfirmed")
    assert found.column("id") == ids[::-1], "the highest fee first"
    assert found.meta["totalCount"] == 2
    assert "totalCountIsEstimate" not in found.meta
    assert ask("/transactions/unconfirmed?limit=1&page=2").column("id") == ids[:1]
    assert ask("/transactions/unconfirmed?transform=false").data[0]["nonce"] == "3"
    one = ask(f"/transactions/unconfirmed/{ids[0]}").data
    assert one["confirmations"] == 0 and "blockId" not in one
    assert ask(f"/transactions/{ids[0]}").status == 404


# votes


def test_votes(ask):
    assert ask("/votes").column("id") == [compute_id(VOTE)]
    assert ask(f"/votes/{compute_id(VOTE)}").data["asset"] == VOTE.asset
    assert ask(f"/votes/{MULTI}").status == 404
    assert ask("/votes?nonce=3").body["message"] == '"nonce" is not allowed'
    assert ask("/votes?fee=1").data == []


# wallets


def balances(found):
    return [int(row["balance"]) for row in found.data]


def test_wallets(ask):
    found = ask("/wallets")
    assert found.meta["totalCount"] == 6
    assert balances(found) == sorted(balances(found), reverse=True)
    assert "totalCountIsEstimate" not in found.meta
    assert ask("/wallets/top?orderBy=balance:asc").data == found.data
    assert ask("/wallets?orderBy=balance:asc").data == found.data[::-1]
    assert ask("/wallets?limit=2&page=2").data == found.data[2:4]
    assert ask("/wallets/top?offset=5").data == found.data[5:]


@pytest.mark.parametrize(
    ("query", "addresses"),
    [
        (f"address={ADDRESSES[4]}", [4]),
        ("address=" + "1" * 34, []),
        (f"publicKey={KEYS[1].hex()}", [1]),
        (f"publicKey={KEYS[1].hex().upper()}", []),
        (f"publicKey={KEYS[4].hex()}", []),
        ("username=zero", [0]),
        ("username=nobody", []),
        (f"vote={KEYS[0].hex()}", [1]),
        (f"vote={KEYS[1].hex()}", []),
        (f"vote={KEYS[0].hex()}&orderBy=address:asc", [1]),
        (f"secondPublicKey={KEYS[0].hex()}", []),
        ("balance=8", [4]),
        ("balance=-1", []),
        ("voteBalance=0", [3, 5]),
        ("producedBlocks=0&username=three", [3]),
        ("orderBy=lockedBalance:desc&limit=1", [1]),
        ("orderBy=nonce:desc&limit=1", [0]),
        ("orderBy=username:asc&limit=3", [5, 3, 0]),
        ("orderBy=resigned:asc&limit=1", [0]),
        ("orderBy=vote:asc&limit=1", [1]),
        ("orderBy=voteBalance:desc&limit=1", [0]),
    ],
)
def test_wallet_filters(ask, query, addresses):
    found = ask(f"/wallets?{query}").column("address")
    wanted = [ADDRESSES[n] for n in addresses]
    if "voteBalance" in query or "username:asc" in query:
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted


@pytest.mark.parametrize(
    ("body", "addresses"),
    [
        ({"addresses": [ADDRESSES[4], ADDRESSES[3]]}, [3, 4]),
        ({"addresses": [ADDRESSES[4]], "address": ADDRESSES[3]}, [3]),
        ({"addresses": ["1" * 34]}, []),
        ({"balance": {"from": 1, "to": 10}}, [4]),
        ({"balance": {"to": 10}, "voteBalance": {"from": 1}}, []),
        ({"lockedBalance": {"from": 1}}, [1]),
        ({"voteBalance": {"from": 1}}, [0]),
        ({"vote": KEYS[0].hex(), "balance": {"to": 1}}, []),
        ({"vote": KEYS[0].hex(), "balance": {"from": 1}}, [1]),
    ],
)
def test_wallet_search(ask, body, addresses):
    found = ask("/wallets/search", body)
    assert found.column("address") == [ADDRESSES[n] for n in addresses]
    assert found.meta["totalCount"] == len(addresses)


def test_wallet(ask):
    for name in (ADDRESSES[0], KEYS[0].hex(), "zero"):
        assert ask(f"/wallets/{name}").data["isResigned"] is True
    assert ask(f"/wallets/{ADDRESSES[1]}").data["vote"] == KEYS[0].hex()


@pytest.mark.parametrize("tail", ["", *("/transactions" + t for t in ("", "/sent", "/received"))])
def test_no_such_wallet(ask, tail):
    found = ask(f"/wallets/{NOBODY}{tail}")
    assert found.status == 404
    assert found.body == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "Wallet not found",
    }


def test_transactions_of_a_wallet(ask):
    path = f"/wallets/{ADDRESSES[0]}/transactions"
    sent, received = ask(path + "/sent").column("id"), ask(path + "/received").column("id")
    assert sent == [i for i in NEWEST_FIRST if i in (*IDS[0], MULTI, IDS[5][1])]
    assert received == [TRANSFERS[0]]
    assert ask(path).column("id") == [i for i in NEWEST_FIRST if i in (*sent, *received)]
    assert ask(path + "?type=0&limit=1").meta["totalCount"] == 2
    assert ask(f"{path}?id={'0' * 64}").meta["totalCount"] == 5, "the original drops an id here"
    assert ask(f"{path}/sent?recipientId={ADDRESSES[1]}").column("id") == [TRANSFERS[1]]
    assert ask(f"{path}/received?senderId={ADDRESSES[3]}").column("id") == received


def test_payments_of_a_cold_wallet(ask):
    path = f"/wallets/{ADDRESSES[4]}/transactions"
    assert ask(path).column("id") == [MULTI]
    assert ask(path + "/received").column("id") == [MULTI]
    assert ask(path + "/sent").data == []
    assert ask(f"/wallets/{ADDRESSES[4]}/locks").data == []


def test_votes_of_a_wallet(ask):
    assert ask(f"/wallets/{ADDRESSES[1]}/votes").column("id") == [compute_id(VOTE)]
    assert ask(f"/wallets/{ADDRESSES[2]}/votes").data == []
    assert ask(f"/wallets/{NOBODY}/votes").status == 404


# locks


def test_locks(ask):
    late = {
        "lockId": compute_id(LATE_LOCK),
        "amount": "78",
        "secretHash": "11" * 32,
        "senderPublicKey": KEYS[1].hex(),
        "recipientId": ADDRESSES[3],
        "timestamp": ask("/blocks/3").data["timestamp"],
        "expirationType": 2,
        "expirationValue": 9000,
        "isExpired": False,
    }
    assert ask("/locks").data == [late]
    assert ask(f"/locks/{late['lockId']}").data == late
    assert ask(f"/locks/{compute_id(LOCK)}").status == 404, "it was claimed"
    assert ask(f"/wallets/{ADDRESSES[1]}/locks").data == [late]
    assert ask(f"/wallets/{ADDRESSES[2]}/locks").data == []
    assert ask(f"/wallets/{NOBODY}/locks").status == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("amount=78", 1),
        ("amount=77", 0),
        (f"recipientId={ADDRESSES[3]}", 1),
        (f"senderPublicKey={KEYS[1].hex()}", 1),
        (f"senderPublicKey={KEYS[2].hex()}", 0),
        (f"secretHash={'11' * 32}", 1),
        ("expirationType=2", 1),
        ("expirationType=BlockHeight", 1),
        ("expirationType=1", 0),
        ("expirationValue=9000", 1),
        ("isExpired=false", 1),
        ("isExpired=true", 0),
        (f"lockId={compute_id(LATE_LOCK)}&orderBy=vendorField:desc", 1),
    ],
)
def test_lock_filters(ask, query, count):
    assert ask(f"/locks?{query}").meta["totalCount"] == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"amount": {"from": 78}}, 1),
        ({"amount": {"to": 77}}, 0),
        ({"timestamp": {"from": 0}}, 1),
        ({"expirationValue": {"from": 1, "to": 8999}}, 0),
        ({"vendorField": "x"}, 0),
    ],
)
def test_lock_search(ask, body, count):
    assert ask("/locks/search?orderBy=amount:asc", body).meta["totalCount"] == count


def test_unlocked(ask):
    ids = [compute_id(LOCK), compute_id(LATE_LOCK)]
    assert ask("/locks/unlocked", {"ids": ids}).column("id") == [compute_id(CLAIM)]
    assert ask("/locks/unlocked", {"ids": ids[1:]}).data == []
    assert ask("/locks/unlocked", {}).data == []


# delegates


def test_delegates(ask):
    found = ask("/delegates")
    ranks = {row["username"]: row.get("rank") for row in found.data}
    assert ranks["zero"] is None, "it resigned"
    assert sorted(r for r in ranks.values() if r) == [1, 2]
    assert found.column("username")[2] == "zero", "who has no rank comes last"
    shown = ask("/delegates/sequencer").data
    assert shown["blocks"]["produced"] == 6 and shown["blocks"]["last"]["height"] == 7
    assert ask(f"/delegates/{KEYS[5].hex()}").data == shown
    assert shown in found.data
    assert int(shown["forged"]["total"]) == sum(tx.fee for block in BLOCKS for tx in block)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type=resigned", ["zero"]),
        ("type=never-forged&orderBy=username:asc", ["three", "zero"]),
        ("username=e&orderBy=username:asc", ["sequencer", "three", "zero"]),
        ("username=thr", ["three"]),
        ("producedBlocks=6", ["sequencer"]),
        (f"address={ADDRESSES[3]}", ["three"]),
        (f"publicKey={KEYS[0].hex()}", ["zero"]),
        ("orderBy=forgedTotal:desc&limit=1", ["sequencer"]),
        ("orderBy=forgedFees:desc&limit=1", ["sequencer"]),
        ("orderBy=approval:desc&limit=1", ["zero"]),
        ("orderBy=votes:desc&limit=1", ["zero"]),
        ("orderBy=resigned:asc&limit=1", ["zero"]),
    ],
)
def test_delegate_filters(ask, query, names):
    assert ask(f"/delegates?{query}").column("username") == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"usernames": ["zero", "three", "nobody"]}, ["three", "zero"]),
        ({"username": "er", "usernames": ["three"]}, ["sequencer", "zero"]),
        ({"approval": {"from": 0.01}}, ["zero"]),
        ({"forgedFees": {"from": 1}}, ["sequencer"]),
        ({"forgedRewards": {"from": 1}}, []),
        ({"forgedTotal": {"to": 0}}, ["three", "zero"]),
        ({"producedBlocks": {"from": 1}, "voteBalance": {"from": 1}}, []),
    ],
)
def test_delegate_search(ask, body, names):
    assert ask("/delegates/search?orderBy=username:asc", body).column("username") == names


@pytest.mark.parametrize("tail", ["", "/blocks", "/voters"])
@pytest.mark.parametrize("name", [NOBODY, ADDRESSES[1]])
def test_no_such_delegate(ask, name, tail):
    found = ask(f"/delegates/{name}{tail}")
    assert found.status == 404
    assert found.body["message"] == "Delegate not found"


def test_blocks_and_voters_of_a_delegate(ask):
    path = "/delegates/sequencer/blocks"
    assert ask(path).column("height") == [7, 6, 5, 4, 3, 2]
    assert ask(path + "?height=3&orderBy=height:asc&limit=2").column("height") == [7, 6]
    assert ask("/delegates/three/blocks").data == []
    assert ask("/delegates/zero/voters").column("address") == [ADDRESSES[1]]
    assert ask("/delegates/zero/voters?balance=1").data == []
    assert ask("/delegates/three/voters").data == []


# what such a chain has none of


def test_what_there_is_not(ask):
    for path in ("/peers", "/entities"):
        assert ask(path).data == []
        assert ask(path).meta["last"] is None
    assert ask("/entities/search", {}).data == []
    assert ask("/peers/1.2.3.4").body["message"] == "Peer not found"
    assert ask(f"/entities/{'0' * 64}").body["message"] == "Entity not found"
    assert ask("/rounds/1/delegates").body["message"] == "Round not found"
    for path in ("/businesses", "/bridgechains", "/node/debug", "/wallets/a/b"):
        assert ask(path).body["message"] == "Not Found"


# bodies


@pytest.mark.parametrize("path", ["/blocks", "/transactions", "/wallets", "/delegates", "/locks"])
def test_bodies_that_are_no_objects(ask, path):
    for body in ([], 1, "x"):
        found = ask(f"{path}/search", body)
        assert found.status == 422
        assert found.body["message"] == '"value" must be an object'


# a chain whose old transactions were thrown away, and one of an earlier release


def test_pruned(tmp_path):
    node = make_node(tmp_path / "ledger.db")
    client = Client(node)
    try:
        whole = {path: client(path).data for path in ("/blocks", "/blocks/3", "/transactions")}
        node._store.prune(4)
        node.chain._blocks.clear()
        assert client("/blocks").data == whole["/blocks"]
        assert client("/blocks/3").data == whole["/blocks/3"]
        assert client(f"/blocks/{whole['/blocks/3']['id']}").data == whole["/blocks/3"]
        kept = [tx for tx in whole["/transactions"] if tx["id"] not in (*IDS[0], *IDS[1])]
        assert client("/transactions").data == [*kept]
        assert client("/blocks/3/transactions").data == []
        for path in (f"/transactions/{IDS[0][1]}", f"/votes/{compute_id(VOTE)}"):
            assert client(path).status == 404
    finally:
        node.close()


def test_a_chain_of_the_first_release(tmp_path):
    path = tmp_path / "ledger.sqlite"
    shutil.copy(OLD, path)
    store = open_ledger(str(path))
    node = LedgerNode(store, read_chain(store.genesis()), bytes([1]) * 32)
    try:
        asyncio.run(node.recover())
        client = Client(node)
        head = node.state.height
        blocks = client("/blocks").data
        assert [block["height"] for block in blocks] == list(range(head, 0, -1))
        for block in blocks:
            assert client(f"/blocks/{block['id']}").data == block
            rows = client(f"/blocks/{block['height']}/transactions").data
            assert len(rows) == block["transactions"]
            for row in rows:
                assert row["blockId"] == block["id"]
                assert client(f"/transactions/{row['id']}").data == row
        assert client("/transactions").meta["totalCount"] == sum(b["transactions"] for b in blocks)
        assert client("/wallets").meta["totalCount"] == len(node.state.book.accounts.keys())
    finally:
        node.close()


def test_postgres_answers_the_same(ask, database):
    """Every list, in every order, forwards and backwards, in pages."""
    node = make_node(database)
    other = Client(node)
    try:
        for path, orders in (
            ("/blocks", BLOCK_ORDERS),
            ("/blocks/3/transactions", TRANSACTION_ORDERS),
            ("/transactions", TRANSACTION_ORDERS),
            (f"/wallets/{ADDRESSES[0]}/transactions", TRANSACTION_ORDERS),
        ):
            for order in orders:
                for tail in (":asc", ":desc", ":desc&limit=2&page=2", ":asc&offset=1&limit=3"):
                    question = f"{path}?orderBy={order}{tail}"
                    assert other(question).body == ask(question).body
        for body in (
            {"vendorField": "o% y"},
            {"vendorField": "\\"},
            {"amount": {"from": 1}, "fee": {"to": 10**9}},
            {"addresses": [ADDRESSES[2], ADDRESSES[4]]},
            {"asset": {"payments": [{}]}},
        ):
            assert (
                other("/transactions/search", body).body == ask("/transactions/search", body).body
            )
        assert other("/node/fees").body == ask("/node/fees").body
        assert other("/votes").body == ask("/votes").body
    finally:
        node.close()
