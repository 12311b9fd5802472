"""Layer 1 of a running node as an explorer reads it: pages by their links, filters, and answers that follow the blocks."""

from urllib.parse import quote

import pytest
from node_process import Account, NodeProcess

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"
SENT = 23


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = NodeProcess(tmp_path_factory.mktemp("node"))
    try:
        made.start()
        account = Account()
        for nonce in range(1, SENT + 1):
            sent = made.send(account.transfer(SINK, nonce))
            made.forged(*sent[1]["data"]["accept"])
        yield made
    finally:
        made.close()


def read(node, path):
    status, body = node.get("/api/v2" + path)
    assert status == 200, body
    return body


def walk(node, path):
    """All rows of a list, page by page as its links lead."""
    rows = []
    while path is not None:
        page = read(node, path)
        if rows:
            assert page["meta"]["self"] == path
        rows += page["data"]
        path = page["meta"]["next"]
    return rows


@pytest.mark.parametrize("path", ["/blocks", "/transactions", "/wallets", "/delegates", "/locks"])
def test_links_lead_through_a_list(node, path):
    whole = read(node, path)
    rows = walk(node, f"{path}?limit=7")
    assert len(rows) == whole["meta"]["totalCount"]
    assert rows == whole["data"]
    assert walk(node, read(node, f"{path}?limit=7")["meta"]["first"]) == rows


def test_an_explorer_reads_the_chain(node):
    """From the newest block through a transaction to its sender and back."""
    head = read(node, "/blockchain")["data"]["block"]
    newest = read(node, "/blocks/last")["data"]
    assert (newest["id"], newest["height"]) == (head["id"], head["height"])
    (tx,) = read(node, f"/blocks/{newest['id']}/transactions")["data"]
    assert read(node, f"/transactions/{tx['id']}")["data"] == tx
    wallet = read(node, f"/wallets/{tx['sender']}")["data"]
    assert wallet["nonce"] == str(SENT)
    sent = walk(node, f"/wallets/{tx['sender']}/transactions/sent?limit=10&orderBy=nonce:asc")
    assert [row["nonce"] for row in sent] == [str(n + 1) for n in range(SENT)]
    received = read(node, f"/wallets/{SINK}/transactions/received?amount={tx['amount']}")
    assert received["meta"]["totalCount"] >= 1
    found = read(node, "/wallets?limit=1")["data"]
    assert found == [wallet]


def test_searches(node):
    def search(path, body):
        return node.post("/api" + path, body)

    status, body = search("/transactions/search", {"amount": {"from": 3, "to": 5}})
    assert status == 200
    assert sorted({row["amount"] for row in body["data"]}) == ["3", "4", "5"]
    assert search("/blocks/search", {"height": {"to": 3}})[1]["meta"]["totalCount"] == 3
    assert search("/wallets/search", {"addresses": [SINK]})[1]["data"][0]["address"] == SINK
    status, body = search("/wallets/search", {"addresses": [SINK, SINK]})
    assert (status, body["message"]) == (
        422,
        'child "addresses" fails because ["addresses" position 1 contains a duplicate value]',
    )


def test_lists_follow_the_blocks(node):
    account = Account(nonce=SENT)
    before = read(node, "/transactions")["meta"]["totalCount"]
    wallets = read(node, "/wallets")["data"]
    (txid,) = node.send(account.transfer(SINK, 1_000))[1]["data"]["accept"]
    node.forged(txid)
    assert read(node, "/transactions?limit=1")["data"][0]["id"] == txid
    assert read(node, "/transactions")["meta"]["totalCount"] == before + 1
    assert read(node, "/wallets")["data"] != wallets


def test_a_query_is_no_part_of_the_path(node):
    plain = read(node, "/blocks?limit=1")
    assert read(node, f"/blocks?limit={quote('1')}&transform=true")["data"] == plain["data"]
    assert node.get("/api/blocks?limit=0")[0] == 422
    assert node.get("/api/blocks%3Flimit=1")[0] == 404
