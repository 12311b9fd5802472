"""Attempts and signables: reading as strictly as the original, writing, signed bytes, fees."""

from __future__ import annotations

import pytest

from iop.codec.json import parse_json
from iop.did.operation import (
    ADD_KEY,
    ADD_RIGHT,
    TOMBSTONE,
    BeforeProof,
    compute_fee,
    encode_signables,
    make_asset,
    make_signable,
    parse_asset,
    parse_attempt,
    parse_attempts,
    parse_signable,
    sign_signables,
    signable_to_record,
    to_record,
)
from iop.errors import DataError, DecodeError, SchemaError
from iop.keys.multicipher import SecretKey, is_valid, parse_public_key, parse_signature

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
ADD = {"operation": "addKey", "did": DID, "lastTxId": None, "auth": OWN}
RIGHT = {"operation": "addRight", "did": DID, "lastTxId": "t", "auth": OWN, "right": "update"}
BLOCK = {"operation": "signed", "signables": [], "signerPublicKey": "", "signature": ""}


def refusal(call, item: object) -> str:
    with pytest.raises(DataError) as caught:
        call(item)
    return caught.value.message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (None, "invalid type: null, expected struct MorpheusAsset"),
        ([], "invalid type: sequence, expected struct MorpheusAsset"),
        ({}, "missing field `operationAttempts`"),
        ({"operationAttempts": None}, "invalid type: null, expected a sequence"),
        ({"operationAttempts": {}}, "invalid type: map, expected a sequence"),
        ({"operationAttempts": "x"}, 'invalid type: string "x", expected a sequence'),
        ({"operationAttempts": True}, "invalid type: boolean `true`, expected a sequence"),
    ],
)
def test_assets_refused(item: object, message: str) -> None:
    assert refusal(parse_asset, item) == message


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (5, "invalid type: integer `5`, expected internally tagged enum OperationAttempt"),
        ({}, "missing field `operation`"),
        ({"operation": 5}, "invalid type: integer `5`, expected variant identifier"),
        (
            {"operation": "foo"},
            "unknown variant `foo`, expected `registerBeforeProof` or `signed`",
        ),
        ({"operation": "registerBeforeProof"}, "missing field `contentId`"),
        (
            {"operation": "registerBeforeProof", "contentId": 1.5},
            "invalid type: floating point `1.5`, expected a string",
        ),
        (
            {"operation": "registerBeforeProof", "contentId": "\ud800"},
            "text holds a lone surrogate",
        ),
        (BLOCK | {"signables": None}, "invalid type: null, expected a sequence"),
        (BLOCK | {"signerPublicKey": None}, "invalid type: null, expected a string"),
        (BLOCK | {"signature": []}, "invalid type: sequence, expected a string"),
        ({k: v for k, v in BLOCK.items() if k != "signables"}, "missing field `signables`"),
        ({k: v for k, v in BLOCK.items() if k != "signature"}, "missing field `signature`"),
        (
            {k: v for k, v in BLOCK.items() if k != "signerPublicKey"},
            "missing field `signerPublicKey`",
        ),
    ],
)
def test_attempts_refused(item: object, message: str) -> None:
    assert refusal(parse_attempt, item) == message


AUTHENTICATION = "data did not match any variant of untagged enum Authentication"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("x", 'invalid type: string "x", expected struct SignableOperationAttempt'),
        ({}, "missing field `did`"),
        (ADD | {"did": None}, "invalid type: null, expected valid regular expression"),
        (
            ADD | {"did": "did:foo"},
            "did:foo is not a valid DID: must start with did:morpheus:",
        ),
        (ADD | {"lastTxId": 5}, "invalid type: integer `5`, expected a string"),
        ({k: v for k, v in ADD.items() if k != "operation"}, "missing field `operation`"),
        (
            ADD | {"operation": "fly"},
            "unknown variant `fly`, expected one of `addKey`, `revokeKey`, `addRight`, `revokeRight`, `tombstoneDid`",
        ),
        ({k: v for k, v in ADD.items() if k != "auth"}, "missing field `auth`"),
        (ADD | {"auth": None}, AUTHENTICATION),
        (ADD | {"auth": 5}, AUTHENTICATION),
        (ADD | {"auth": "foo"}, AUTHENTICATION),
        (ADD | {"auth": DID}, AUTHENTICATION),
        (ADD | {"expiresAtHeight": -1}, "invalid value: integer `-1`, expected u32"),
        (
            ADD | {"expiresAtHeight": 1 << 32},
            "invalid value: integer `4294967296`, expected u32",
        ),
        (
            ADD | {"expiresAtHeight": 10**30},
            "invalid type: floating point `1e+30`, expected u32",
        ),
        (ADD | {"expiresAtHeight": True}, "invalid type: boolean `true`, expected u32"),
        (ADD | {"expiresAtHeight": 7.0}, "invalid type: floating point `7.0`, expected u32"),
        ({k: v for k, v in RIGHT.items() if k != "right"}, "missing field `right`"),
        (RIGHT | {"right": None}, "invalid type: null, expected a string"),
    ],
)
def test_signables_refused(item: object, message: str) -> None:
    assert refusal(parse_signable, item) == message


def test_numbers_of_any_size_are_refused_without_trouble() -> None:
    for text in ("1" * 4000, "-" + "1" * 4000, "1e400000", "-0"):
        with pytest.raises(DataError):
            parse_signable(ADD | parse_json(f'{{"expiresAtHeight": {text}}}'))


def test_reading_normalises() -> None:
    loose = {"extra": 1, "right": 5, "expiresAtHeight": None} | ADD
    del loose["lastTxId"]
    assert signable_to_record(parse_signable(loose)) == {
        "did": DID,
        "lastTxId": None,
        "operation": "addKey",
        "auth": OWN,
    }
    data = (b"\x01" + bytes(16)).hex()
    spelled = parse_signable(ADD | {"did": f"did:morpheus:ef{data}", "auth": f"ief{data}"})
    assert spelled.did.startswith("did:morpheus:ez")
    assert spelled.auth == spelled.key_id == "i" + spelled.did.removeprefix("did:morpheus:")
    tombstone = parse_signable(ADD | {"operation": "tombstoneDid", "auth": 5})
    assert signable_to_record(tombstone) == {
        "did": DID,
        "lastTxId": None,
        "operation": "tombstoneDid",
    }


def test_public_keys_know_their_id() -> None:
    assert parse_signable(ADD | {"auth": PUBLIC}).key_id == OWN


def test_member_orders() -> None:
    signable = make_signable(ADD_KEY, DID, None, auth=OWN, expires=9)
    assert list(signable_to_record(signable)) == [
        "did",
        "lastTxId",
        "operation",
        "auth",
        "expiresAtHeight",
    ]
    assert list(signable_to_record(signable, "ts")) == [
        "operation",
        "did",
        "lastTxId",
        "auth",
        "expiresAtHeight",
    ]


def test_signed_bytes() -> None:
    signables = (
        make_signable(ADD_KEY, DID, None, auth=OWN, expires=0),
        make_signable(ADD_RIGHT, DID, 'a"\u00e9', auth=PUBLIC, right="\uff02"),
        make_signable(TOMBSTONE, DID, ""),
    )
    text = (
        f'[{{"auth":"{OWN}","did":"{DID}","expiresAtHeight":0,"lastTxId":null,"operation":"addKey"}},'
        f'{{"auth":"{PUBLIC}","did":"{DID}","lastTxId":"a\\"e\u0301","operation":"addRight","right":"""}},'
        f'{{"did":"{DID}","lastTxId":"","operation":"tombstoneDid"}}]'
    ).encode()
    assert encode_signables(signables) == bytes([len(text) % 128 + 128, len(text) // 128]) + text
    assert encode_signables(()) == b"\x02[]"


def test_signing() -> None:
    secret = SecretKey("e", bytes(32))
    signables = (make_signable(TOMBSTONE, DID, None),)
    signed = sign_signables(signables, secret)
    public = parse_public_key(signed.signer)
    assert public == secret.public()
    assert is_valid(public, encode_signables(signables), parse_signature(signed.signature))
    assert parse_attempt(to_record(signed)) == parse_attempt(to_record(signed, "ts")) == signed


def test_builders_refuse_as_readers_do() -> None:
    with pytest.raises(DecodeError, match="must start with did:morpheus:"):
        make_signable(TOMBSTONE, "did:x", None)
    with pytest.raises(DecodeError, match=AUTHENTICATION):
        make_signable(ADD_KEY, DID, None)
    with pytest.raises(SchemaError, match="integer `5`"):
        make_signable(TOMBSTONE, DID, 5)


def test_fees() -> None:
    asset = make_asset((BeforeProof("a\u00f6\U0001f600"),))
    assert parse_attempts(asset["operationAttempts"]) == (BeforeProof("a\u00f6\U0001f600"),)
    # 59 bytes of attempt with the empty id, two brackets; the id is 7 bytes, 4 units.
    empty = len('[{"operation":"registerBeforeProof","contentId":""}]')
    assert compute_fee(asset, "ts") == (empty + 4 + 15) * 3000
    assert compute_fee(asset) == (empty + 7 + len('{"operationAttempts":}') + 15) * 3000
    with pytest.raises(SchemaError, match="operationAttempts"):
        compute_fee({}, "ts")
