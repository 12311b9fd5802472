"""Hostile requests against all routes, in process: never an exception, and 500 only where the original has it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop.conform.node_transcript import ChainView
from iop.crypto.hash import sha256
from iop.daemon.http import dispatch
from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.http.reply import Reply
from iop.daemon.routes.table import make_router
from iop.keys.multicipher import SecretKey
from iop.ledger.fee import compute_offered_fee
from iop.ledger.genesis import make_genesis
from iop.ledger.transaction import Transaction, sign_ecdsa, to_record

SECRET = SecretKey(
    "s", sha256(b"scout try doll stuff cake welcome random taste load town clerk ostrich")
)
PUBLIC = SECRET.public().data
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
BUG = "a handler failed"


@pytest.fixture(autouse=True)
def no_bugs(monkeypatch):
    """An exception that is none of ours is a failure of the test, not a 500."""

    def fail(_event, error, **_fields):
        raise AssertionError(BUG) from error

    monkeypatch.setattr(dispatch.log, "bug", fail)


VIEW = ChainView(make_genesis("testnet"))
INTERFACE = Interface(make_router(), VIEW)


def ask(method, path, body=b"", content_type="application/json"):
    reply = INTERFACE.answer(Request(method, path, content_type, "", body))
    assert isinstance(reply, Reply)
    json.loads(reply.body)
    return reply


def transfer():
    tx = Transaction(128, 1, 0, 1, PUBLIC, 10_000_000, amount=1, recipient=bytes(20))
    return to_record(sign_ecdsa(tx, SECRET.data))


def morpheus():
    signable = {"operation": "addKey", "did": DID, "lastTxId": None, "auth": "iez" + "1" * 20}
    asset = {
        "operationAttempts": [
            {"operation": "registerBeforeProof", "contentId": "x"},
            {
                "operation": "signed",
                "signables": [signable],
                "signerPublicKey": "pez1",
                "signature": "sez1",
            },
        ]
    }
    tx = Transaction(128, 4242, 1, 1, PUBLIC, compute_offered_fee(asset), asset=asset)
    return to_record(sign_ecdsa(tx, SECRET.data))


def coeus():
    bundle = {
        "operations": [{"type": "delete", "name": ".schema.x"}],
        "nonce": 1,
        "publicKey": "psz291QGsvwafGPkKMu6MUsXThWRcBRzRf6pcVPM1Pst6WgW",
        "signature": "ssz8JoucWrFD55tSr8NhDDt65a982KNCoABdfy54eYCWgoi9dWL94XhVM7ZdxPGLQaCNia1maCpHBsi6uWGjpmYWjJZ",
    }
    tx = Transaction(128, 4242, 2, 1, PUBLIC, 10**9, asset={"bundles": [bundle]})
    return to_record(sign_ecdsa(tx, SECRET.data))


WRONG = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    -(10**30),
    "",
    "x",
    "-1",
    "9" * 5000,
    "\u0000",
    "é",
    "𝟙",
    [],
    [[]],
    {},
    {"a": {}},
    "00" * 33,
    "ff" * 32,
    "0" * 64,
    "1" * 34,
    "A" * 4096,
]


def places(item, path=()):
    """Paths to every member and element of a record."""
    if isinstance(item, dict):
        for name, member in item.items():
            yield (*path, name)
            yield from places(member, (*path, name))
    elif isinstance(item, list):
        for index, member in enumerate(item):
            yield (*path, index)
            yield from places(member, (*path, index))


def replaced(item, path, new):
    copy = json.loads(json.dumps(item))
    spot = copy
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = new
    return copy


@pytest.mark.parametrize("make", [transfer, morpheus, coeus])
def test_wrong_values_in_every_field(make):
    good = make()
    for path in places(good):
        for wrong in WRONG:
            body = json.dumps({"transactions": [replaced(good, path, wrong)]}).encode()
            reply = ask("POST", "/api/v2/transactions", body)
            assert reply.status in (200, 422), (path, wrong, reply)


@pytest.mark.parametrize("make", [transfer, morpheus, coeus])
def test_missing_and_surplus_members(make):
    good = make()
    for path in places(good):
        if isinstance(path[-1], str):
            less = replaced(good, path, None)
            spot = less
            for step in path[:-1]:
                spot = spot[step]
            del spot[path[-1]]
            reply = ask("POST", "/api/transactions", json.dumps({"transactions": [less]}).encode())
            assert reply.status in (200, 422), (path, reply)
    more = good | {"surplus": {"a": [1]}, "__more": "x"}
    reply = ask("POST", "/api/transactions", json.dumps({"transactions": [more]}).encode())
    assert reply.status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b'"x"',
        b"[]",
        b"{}",
        b'{"transactions":null}',
        b'{"transactions":{}}',
        b'{"transactions":[]}',
        b'{"transactions":[null]}',
        b'{"transactions":[[]]}',
        b'{"transactions":[5]}',
        b'{"transactions":[{}]}',
        b'{"transactions":[' + b",".join([b"{}"] * 41) + b"]}",
        b'{"transactions":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"transactions":[{"type":1e400}]}',
        b'{"transactions":[{"type":' + b"9" * 5000 + b"}]}",
        b'{"transactions":[{"a":1,"a":2}]}',
        b"{",
        b"\xff\xfe",
    ],
)
def test_bodies_that_are_no_submission(body):
    assert ask("POST", "/api/v2/transactions", body).status == 422


def test_attempts_of_wrong_shape_are_the_original_500():
    for wrong in WRONG:
        reply = ask("POST", "/morpheus/v1/check-transaction-validity", json.dumps(wrong).encode())
        assert reply.status in (200, 500)
        assert (reply.status == 200) == (wrong == [])
    for path in places(morpheus()["asset"]["operationAttempts"]):
        for wrong in WRONG:
            attempts = replaced(morpheus()["asset"]["operationAttempts"], path, wrong)
            reply = ask(
                "POST", "/morpheus/v1/check-transaction-validity", json.dumps(attempts).encode()
            )
            assert reply.status in (200, 500)


def test_attempts_of_wrong_shape_are_refused_by_our_own_question():
    for wrong in WRONG:
        reply = ask("POST", "/iop/v1/check", json.dumps(wrong).encode())
        assert reply.status == (200 if wrong == [] else 422)
    assert ask("POST", "/iop/v1/check", b"[" * 300 + b"]" * 300).status == 422
    assert ask("POST", "/iop/v1/check", b"[]", "text/plain").status == 422


PATHS = [
    "/morpheus/v1/did/{}/document",
    f"/morpheus/v1/did/{DID}/document/{{}}",
    "/morpheus/v1/did/{}/transactions/last",
    f"/morpheus/v1/did/{DID}/transactions/{{}}",
    f"/morpheus/v1/did/{DID}/operations/0/{{}}",
    "/morpheus/v1/before-proof/{}/exists",
    "/morpheus/v1/before-proof/x/exists/{}",
    "/morpheus/v1/before-proof/{}/history",
    "/morpheus/v1/txn-status/{}",
    "/coeus/v1/resolve/{}",
    "/coeus/v1/metadata/{}",
    "/coeus/v1/children/{}",
    "/coeus/v1/last-nonce/{}",
    "/coeus/v1/txn-status/{}",
    "/api/v2/wallets/{}",
    "/api/v2/transactions/{}",
    "/api/v2/transactions/unconfirmed/{}",
    "/api/v2/blocks/{}",
    "/iop/v1/did/{}/document/1",
    f"/iop/v1/did/{DID}/document/{{}}",
    "/{}",
]
TRICKS = [
    "",
    ".",
    "..",
    "../..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%",
    "%zz",
    "%c3",
    "%ff",
    "%f0%9f%92%a9",
    "a/b",
    "//",
    "\\..\\",
    "-1",
    "9" * 5000,
    "1" * 66,
    "0" * 64,
    "F" * 64,
    "x" * 9000,
    "0x10",
    "1e9999",
    "%20",
    "did:morpheus:ez",
    ".schema",
    "٣",
]


@pytest.mark.parametrize("template", PATHS)
def test_path_tricks(template):
    for trick in TRICKS:
        reply = ask("GET", template.format(trick))
        theirs = template.startswith(("/morpheus", "/coeus"))  # whose original says 500 to these
        allowed = {200, 400, 404, 500} if theirs else {200, 400, 404, 422}
        assert reply.status in allowed, (trick, reply)


@settings(max_examples=200)
@given(
    st.binary(max_size=300), st.sampled_from(["application/json", "", "text/plain", "a/b", "\x7f"])
)
def test_arbitrary_bytes(body, content_type):
    assert ask("POST", "/api/transactions", body, content_type).status == 422
    reply = ask("POST", "/morpheus/v1/check-transaction-validity", body, content_type)
    assert reply.status in (200, 422, 500)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(st.data())
def test_arbitrary_values_in_known_records(data):
    good = data.draw(st.sampled_from([transfer, morpheus, coeus]))()
    path = data.draw(st.sampled_from(list(places(good))))
    body = json.dumps({"transactions": [replaced(good, path, data.draw(VALUES))]}).encode()
    assert ask("POST", "/api/transactions", body).status in (200, 422)


@settings(max_examples=300)
@given(st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]), st.text(max_size=60))
def test_arbitrary_paths(method, text):
    ask(method, "/" + text)
    ask(method, "/morpheus/v1/did/" + text)
    ask(method, "/coeus/v1/" + text)
