"""Proofs of what the ledger holds: from a running node to a judge that has no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from node_process import Account, NodeProcess, until

FOLDER = os.path.dirname(sys.executable)
CONTENT = "cjuIUKWY1zz81PK43Ohl4gMgP0Qi3fhuyiM11vNWmpHdoo"
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


def command(words, text=""):
    done = subprocess.run(
        [os.path.join(FOLDER, words[0]), *words[1:]],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines, done.stderr


@pytest.fixture
def chain(node):
    """A node, with a before-proof in its newest block."""
    account = Account()
    proof = account.proof(CONTENT)
    status, answer = node.send(proof)
    assert status == 200, answer
    node.forged(answer["data"]["accept"][0])
    node.account = account
    node.url = f"http://127.0.0.1:{node.port}"
    return node


def test_from_node_to_judge(chain):
    status, found, _ = command(["iop-proof", "row", "proof", CONTENT, "--node", chain.url])
    assert status == 0
    (record,) = found
    assert record["value"][0] == 2 and record["height"] == 2
    status, header = chain.get(f"/iop/v1/header/{record['height'] + 1}")
    assert status == 200 and header["header"] in record["header"]
    key = chain.made["sequencer"]
    text = json.dumps(record)
    for trusted in (header["id"], key, header["producer"]):
        status, (verdict,), _ = command(["iop-proof", "verify", "--trusted", trusted], text)
        assert status == 0
        assert verdict["valid"] and verdict["value"] == record["value"]
    for broken in (record | {"value": None}, record | {"value": [1, record["value"][1]]}):
        text = json.dumps(broken)
        status, (verdict,), _ = command(["iop-proof", "verify", "--trusted", key], text)
        assert status == 1 and not verdict["valid"] and "path of the proof" in verdict["error"]
    status, (verdict,), _ = command(
        ["iop-proof", "verify", "--trusted", "00" * 32], json.dumps(record)
    )
    assert status == 1 and "not on the trusted one" in verdict["error"]
    status, _, said = command(["iop-proof", "verify", "--trusted", "x"], json.dumps(record))
    assert status in (2, 65) and "block id of 64 hex digits" in said


def test_an_account_is_named_by_its_hash_or_its_key(chain):
    account = chain.account
    values = []
    for text in (account.name.hex(), account.public.hex()):
        status, (record,), _ = command(["iop-proof", "row", "account", text, "--node", chain.url])
        assert status == 0 and record["key"] == account.name.hex()
        values.append(record["value"])
    assert values[0] is not None and values[0] == values[1]


def test_a_document_that_needs_no_trust_in_the_node(chain):
    words = ["iop-did", "resolve", DID, "--node", chain.url]
    status, (told,), _ = command(words)
    assert status == 0
    key = chain.made["sequencer"]
    status, (proven,), _ = command([*words, "--proof", "--trusted", key])
    assert status == 0
    assert {**told, "queriedAtHeight": 0} == {**proven, "queriedAtHeight": 0}
    status, _, said = command([*words, "--proof", "--trusted", "00" * 32])
    assert status == 1 and "not on the trusted one" in said
    for half in (["--proof"], ["--trusted", key]):
        status, _, said = command([*words, *half])
        assert status == 2 and "go together" in said
    status, _, said = command([*words, "--proof", "--trusted", key, "--height", "9"])
    assert status == 66 and "cannot be proven" in said


def test_accounts_and_absence(chain):
    address = "tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik"
    status, (record,), _ = command(["iop-proof", "row", "account", address, "--node", chain.url])
    assert status == 0 and record["value"][2] == "1"
    status, (record,), _ = command(
        ["iop-proof", "row", "name", ".schema.nobody", "--node", chain.url]
    )
    assert status == 0 and record["value"] is None
    key = chain.made["sequencer"]
    status, (verdict,), _ = command(["iop-proof", "verify", "--trusted", key], json.dumps(record))
    assert status == 0 and verdict["value"] is None


def test_state_and_refusals(chain):
    status, state = chain.get("/iop/v1/state")
    assert status == 200 and state["height"] == chain.height()
    status, header = chain.get("/iop/v1/proof/head/")
    assert status == 200 and header["table"] == "head"
    for path, status in (
        ("/iop/v1/proof/nothing/x", 404),
        ("/iop/v1/proof/account/xyz", 422),
        ("/iop/v1/proof/did/x?height=x", 422),
        ("/iop/v1/proof/did/x?height=99999", 404),
        ("/iop/v1/proof/did/" + "x" * 5000, 422),
        ("/iop/v1/header/x", 404),
        ("/iop/v1/header/99999", 404),
    ):
        assert chain.get(path)[0] == status, path[:60]


def test_proofs_go_on_after_a_restart(chain):
    before = chain.get("/iop/v1/proof/head/")[1]
    hashes = chain.get("/iop/v1/state")[1]["stateHash"]
    chain.kill()
    chain.start()
    assert chain.get("/iop/v1/state")[1]["stateHash"] == hashes
    again = chain.get(f"/iop/v1/proof/head/?height={before['height']}")[1]
    assert again == before
    chain.send(chain.account.proof("another"))
    until("block", lambda: chain.height() > before["height"] + 1)


def test_a_block_without_transactions_follows_one_with_them(tmp_path):
    made = NodeProcess(tmp_path)
    try:
        made.start("--block-time", "0.05", "--no-empty-blocks")
        account = Account()
        made.send(account.proof(CONTENT))
        until("the block after", lambda: made.height() == 3)
        status, record = made.get(f"/iop/v1/proof/proof/{CONTENT}")
        assert status == 200 and record["height"] == 2 and record["value"][0] == 2
        made.send(account.proof("another"))
        until("the next two", lambda: made.height() == 5)
    finally:
        made.close()
