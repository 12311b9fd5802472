"""A live node answers as its OpenAPI document says, whatever Schemathesis thinks of asking it."""

import json
import os
import subprocess
import sys

import pytest
from node_process import SECRET, Account

from iop.did.identifier import compute_did
from iop.did.operation import make_asset, make_signable, sign_signables
from iop.keys.multicipher import SecretKey
from iop.ledger.builder import build_coeus
from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
from iop.ledger.coeus.operation import from_record
from iop.ledger.genesis import TEST_ADDRESS
from iop.ledger.params import NETWORKS
from iop.ledger.seal import sign_ecdsa

SCHEMATHESIS = os.path.join(os.path.dirname(sys.executable), "schemathesis")
ALICE = SecretKey("e", bytes([1]) * 32)
BOB = SecretKey("e", bytes([2]) * 32)
CONTENT = "cjuIUKWY1zz81PK43Ohl4gMgP0Qi3fhuyiM11vNWmpHdoo"
# What the original answers with 500 is described; `not_a_server_error` would count these, too.
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
def examples(node):
    """A chain with one thing of most sorts, one of them rejected; what leads to them, by parameter and first words of the path."""
    account = Account()
    did = str(compute_did(ALICE.public()))
    attempt = sign_signables((make_signable("addKey", did, None, auth=str(BOB.public())),), ALICE)
    payment = account.transfer(TEST_ADDRESS)
    added, again = (account.morpheus(make_asset((attempt,))) for _ in range(2))
    proof = account.proof(CONTENT)
    name = register(account, ".schema.hotel")
    ids = []
    for tx in (payment, added, again, proof, name):
        _, body = node.send(tx)
        (txid,) = body["data"]["accept"]
        node.forged(txid)
        ids.append(txid)
    payment_id, added_id, again_id, _, name_id = ids
    return {
        ("/api/transactions", "id"): payment_id,
        ("/api/blocks", "id"): "2",
        ("/api/wallets", "id"): TEST_ADDRESS,
        ("/morpheus/v1/txn-status", "txid"): added_id,
        ("/iop/v1/rejection", "txid"): again_id,
        ("/morpheus/v1/before-proof", "id"): CONTENT,
        ("/coeus/v1/txn-status", "txid"): name_id,
        ("/coeus/v1", "name"): ".schema.hotel",
        ("/coeus/v1/last-nonce", "publicKey"): str(ALICE.public()),
        ("/", "did"): did,
        ("/", "height"): "2",
        ("/", "from"): "0",
    }


def register(account, name):
    account.nonce += 1
    operation = from_record(
        {
            "type": "register",
            "name": name,
            "owner": str(ALICE.public()),
            "subtreePolicies": {"schema": {"type": "object"}},
            "registrationPolicy": "any",
            "data": {"title": "hotel"},
            "expiresAtHeight": 1000,
        }
    )
    bundle = bundle_to_record(sign_bundle(ALICE, (operation,), 1))
    made = build_coeus(NETWORKS["testnet"], account.public, account.nonce, [bundle])
    return sign_ecdsa(made, SECRET)


def put_examples(document, examples):
    """The document with examples that exist on this chain."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                for (root, name), found in examples.items():
                    if parameter["name"] == name and path.startswith(root):
                        parameter["example"] = found
    return document


def explore(node, tmp_path, examples, *options):
    status, document = node.get("/iop/v1/openapi.json")
    assert status == 200
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(put_examples(document, examples)))
    done = subprocess.run(
        [
            SCHEMATHESIS,
            "run",
            str(path),
            "--url",
            f"http://127.0.0.1:{node.port}",
            "--checks",
            CHECKS,
            "--exclude-path",
            "/iop/v1/events",  # it never ends; test_events reads it
            "--phases",
            "examples,coverage,fuzzing",
            "--generation-database",
            "none",
            "--suppress-health-check",
            "all",
            "--warnings",
            "off",
            "--no-color",
            *options,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert not [event for event in node.events() if event.get("level") in ("error", "critical")]
    assert node.get("/api/v2/blockchain")[0] == 200


def test_answers_conform(node, tmp_path, examples):
    explore(node, tmp_path, examples, "--seed", "1", "--max-examples", "3")


@pytest.mark.soak
def test_answers_conform_for_long(node, tmp_path, examples):
    explore(node, tmp_path, examples, "--max-examples", "200")


def test_examples_are_there(node, examples):
    """What the examples lead to is there: else half of the answers would be 404s."""
    for (root, name), found in examples.items():
        for path in {
            ("/api/transactions", "id"): ("/api/transactions/{}",),
            ("/api/wallets", "id"): ("/api/wallets/{}", "/api/wallets/{}/transactions"),
            ("/morpheus/v1/txn-status", "txid"): ("/morpheus/v1/txn-status/{}",),
            ("/iop/v1/rejection", "txid"): ("/iop/v1/rejection/{}",),
            ("/coeus/v1/txn-status", "txid"): ("/coeus/v1/txn-status/{}",),
            ("/coeus/v1", "name"): ("/coeus/v1/resolve/{}", "/coeus/v1/metadata/{}"),
            ("/", "did"): ("/morpheus/v1/did/{}/transactions/last",),
        }.get((root, name), ()):
            assert node.get(path.format(found))[0] == 200, path
