"""What would become of bundles of names in the next block: told without leaving a trace."""

import json

import pytest

from iop.conform.coeus import open_names
from iop.daemon.http.dispatch import Request
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import asset_from_record, bundle_to_record, sign_bundle
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.operation import from_record
from iop.ledger.coeus.registry import Registry

ALICE = SecretKey("e", bytes([1]) * 32)


def bundle(nonce, *operations):
    return bundle_to_record(sign_bundle(ALICE, tuple(map(from_record, operations)), nonce))


def register(name, expires=1000):
    return {
        "type": "register",
        "name": name,
        "owner": str(ALICE.public()),
        "subtreePolicies": {},
        "registrationPolicy": "owner",
        "data": {},
        "expiresAtHeight": expires,
    }


@pytest.fixture
def registry():
    made = Registry()
    made.apply_block(5)
    return made


def ask(registry, body, kind="application/json"):
    data = json.dumps(body).encode()
    reply = open_names(registry).answer(Request("POST", "/iop/v1/check-names", kind, "", data))
    return reply.status, json.loads(reply.body)


def test_what_would_be_taken(registry):
    good = [bundle(1, register(".schema.a")), bundle(2, register(".schema.a.b"))]
    before = (registry.version, dict(registry.nonces), registry.children_of(parse_name(".schema")))
    assert ask(registry, good) == (200, [])
    assert ask(registry, []) == (200, [])
    assert (
        registry.version,
        dict(registry.nonces),
        registry.children_of(parse_name(".schema")),
    ) == before
    assert not registry.is_corrupted and registry.last_seen_height == 5
    # and so it is
    registry.apply_block(6)
    registry.apply_transaction("t", asset_from_record({"bundles": good}))


@pytest.mark.parametrize(
    ("bundles", "reason"),
    [
        ([bundle(2, register(".schema.a"))], "Invalid nonce 2, expected 1"),
        ([bundle(1, register(".a"))], "Only system can register a child of "),
        (
            [bundle(1, register(".schema.a")), bundle(2, register(".schema.a"))],
            "Valid domain .schema.a exists",
        ),
        ([bundle(1, {"type": "delete", "name": ".x"})], "Cannot find domain with name .x"),
        # it would expire in the very block that could take it
        ([bundle(1, register(".schema.a", 6))], "Domain .schema.a expired"),
    ],
    ids=lambda part: str(part)[-40:],
)
def test_what_would_be_rejected(registry, bundles, reason):
    assert ask(registry, bundles) == (200, [{"message": reason}])
    assert registry.nonces == {} and registry.last_seen_height == 5 and not registry.is_corrupted
    assert ask(registry, [bundle(1, register(".schema.a", 7))]) == (200, [])


@pytest.mark.parametrize("body", [None, {}, 5, "x", [5], [{}], [{"operations": []}]])
def test_what_is_no_list_of_bundles(registry, body):
    status, answer = ask(registry, body)
    assert status == 422 and answer["error"] == "Unprocessable Entity"
    assert ask(registry, [], "text/plain")[0] == 422


def test_a_question_that_would_take_long(registry):
    status, answer = ask(registry, [bundle(n, register(f".schema.a{n}")) for n in range(1, 66)])
    assert status == 422 and "at most 64 bundles" in answer["message"]
    heavy = register(".schema.a") | {
        "data": {"properties": {f"p{n}": {"type": "string", "pattern": "^a"} for n in range(4000)}}
    }
    status, answer = ask(registry, [bundle(1, heavy)])
    assert status == 422 and "too much work to foresee" in answer["message"]
    assert registry.last_seen_height == 5 and not registry.is_corrupted
    registry.check_transaction(asset_from_record({"bundles": [bundle(1, heavy)]}))  # who pays may
