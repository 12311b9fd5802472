"""Operations, bundles and assets: reading, writing, signing, prices, each refusal."""

from __future__ import annotations

import pytest

from iop.codec.json import encode_json, parse_json
from iop.errors import DataError, DecodeError, LimitError, SchemaError
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import (
    Asset,
    asset_from_record,
    asset_to_record,
    bundle_from_record,
    bundle_to_record,
    compute_fee,
    compute_price,
    encode_asset,
    encode_signing_text,
    is_signature_valid,
    parse_asset,
    sign_bundle,
)
from iop.ledger.coeus.operation import Delete, Policies, Register, from_record, to_record

SECRET = SecretKey("e", bytes(32))
KEY = str(SECRET.public())
REGISTER = {
    "type": "register",
    "name": ".schema.a",
    "owner": KEY,
    "subtreePolicies": {"expiration": 5, "schema": {"type": "object"}},
    "registrationPolicy": "any",
    "data": {"x": 1},
    "expiresAtHeight": 69,
}
UPDATE = {"type": "update", "name": ".schema.a", "data": None}
RENEW = {"type": "renew", "name": ".schema.a", "expiresAtHeight": 2**32 - 1}
TRANSFER = {"type": "transfer", "name": ".schema.a", "toOwner": "system"}
DELETE = {"type": "delete", "name": ""}
ALL = [REGISTER, UPDATE, RENEW, TRANSFER, DELETE]


@pytest.mark.parametrize("record", ALL, ids=[str(item["type"]) for item in ALL])
def test_operation_round_trip(record: dict) -> None:
    assert encode_json(to_record(from_record(record))) == encode_json(record)
    assert from_record(dict(reversed(record.items())) | {"unknown": 1}) == from_record(record)


def test_null_policies_are_none() -> None:
    record = REGISTER | {"subtreePolicies": {"expiration": None, "schema": None, "other": 1}}
    operation = from_record(record)
    assert isinstance(operation, Register)
    assert operation.policies == Policies()
    assert to_record(operation)["subtreePolicies"] == {}


def test_keys_are_printed_in_base58() -> None:
    spelled = "pef" + SECRET.public().data.hex()
    assert to_record(from_record(REGISTER | {"owner": spelled}))["owner"] == KEY


@pytest.mark.parametrize("record", ALL, ids=[str(item["type"]) for item in ALL])
def test_missing_members(record: dict) -> None:
    for name in record:
        with pytest.raises(SchemaError, match=f"missing field `{name}`"):
            from_record({key: member for key, member in record.items() if key != name})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "foo"}, "unknown variant `foo`, expected one of `register`, `update`, `renew`"),
        ({"type": 1}, "invalid type: integer, expected variant identifier"),
        ({"name": 1}, "invalid type: integer, expected a string"),
        ({"name": "x"}, "DomainName must be absolute and start with '.'"),
        ({"owner": "did:morpheus:ez"}, "data did not match any variant of untagged enum Principal"),
        ({"owner": None}, "data did not match any variant of untagged enum Principal"),
        ({"subtreePolicies": None}, "invalid type: null, expected struct SubtreePolicies"),
        ({"subtreePolicies": []}, "invalid type: sequence, expected struct SubtreePolicies"),
        ({"subtreePolicies": {"expiration": -1}}, "invalid value: integer, expected u32"),
        ({"subtreePolicies": {"expiration": 2**32}}, "invalid value: integer, expected u32"),
        ({"subtreePolicies": {"expiration": 1.0}}, "invalid type: floating point, expected u32"),
        ({"registrationPolicy": "x"}, "unknown variant `x`, expected `owner` or `any`"),
        ({"registrationPolicy": True}, "invalid type: boolean, expected string or map"),
        ({"expiresAtHeight": True}, "invalid type: boolean, expected u32"),
        ({"expiresAtHeight": "1"}, "invalid type: string, expected u32"),
        ({"expiresAtHeight": {}}, "invalid type: map, expected u32"),
    ],
)
def test_operation_refusals(change: dict, words: str) -> None:
    with pytest.raises(DataError) as caught:
        from_record(REGISTER | change)
    assert caught.value.message.startswith(words)


def test_operation_is_an_object() -> None:
    with pytest.raises(SchemaError, match="internally tagged enum UserOperation"):
        from_record(["register"])


def test_signing_text_is_canonical() -> None:
    operations = tuple(map(from_record, [UPDATE | {"data": {"b": [1, 2], "a": "é"}}, DELETE]))
    assert encode_signing_text(operations, 7) == (
        '{"nonce":7,"operations":[{"data":{"a":"e\u0301","b":[1,2]},"name":".schema.a","type":"update"},'
        '{"name":"","type":"delete"}]}'
    )


def test_sign_and_verify() -> None:
    bundle = sign_bundle(SECRET, tuple(map(from_record, ALL)), 3)
    assert is_signature_valid(bundle)
    record = bundle_to_record(bundle)
    assert list(record) == ["operations", "nonce", "publicKey", "signature"]
    assert bundle_from_record(record) == bundle
    assert not is_signature_valid(bundle_from_record(record | {"nonce": 4}))
    assert not is_signature_valid(bundle_from_record(record | {"operations": ALL[1:]}))
    other = str(SecretKey("e", b"\1" * 32).public())
    assert not is_signature_valid(bundle_from_record(record | {"publicKey": other}))
    secp = str(SecretKey("s", b"\1" * 32).public())
    assert not is_signature_valid(bundle_from_record(record | {"publicKey": secp}))


def test_names_beyond_nfkd_cannot_be_signed() -> None:
    strange = from_record(UPDATE | {"data": {"é": 1}})
    with pytest.raises(DataError, match="normalized with Unicode NFKD"):
        sign_bundle(SECRET, (strange,), 1)
    bundle = sign_bundle(SECRET, (), 1)
    record = bundle_to_record(bundle) | {"operations": [to_record(strange)]}
    assert not is_signature_valid(bundle_from_record(record))
    assert compute_fee(asset_from_record({"bundles": [record]})) > 0


@pytest.mark.parametrize("nonce", [-1, 2**64, True, 1.0, "1", None])
def test_nonce_is_u64(nonce: object) -> None:
    record = bundle_to_record(sign_bundle(SECRET, (), 1))
    with pytest.raises(SchemaError, match="expected u64"):
        bundle_from_record(record | {"nonce": nonce})
    if type(nonce) is int:
        with pytest.raises(SchemaError):
            sign_bundle(SECRET, (), nonce)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"operations": {}}, "invalid type: expected a sequence of operations"),
        ({"publicKey": 1}, "invalid type: expected a string"),
        ({"signature": None}, "invalid type: expected a string"),
        ({"publicKey": "x"}, "Public keys must start with 'p'"),
        ({"signature": "x"}, "Signatures must start with 's'"),
    ],
)
def test_bundle_refusals(change: dict, words: str) -> None:
    record = bundle_to_record(sign_bundle(SECRET, (), 1))
    with pytest.raises(DataError) as caught:
        bundle_from_record(record | change)
    assert caught.value.message.startswith(words)
    for name in ("operations", "nonce", "publicKey", "signature"):
        with pytest.raises(SchemaError, match=f"missing field `{name}`"):
            bundle_from_record({key: member for key, member in record.items() if key != name})
    with pytest.raises(SchemaError):
        bundle_from_record([])


def test_prices() -> None:
    bundle = sign_bundle(SECRET, tuple(map(from_record, ALL)), 1)
    assert compute_price(bundle) == 4 * 200_000
    asset = Asset((bundle, bundle))
    assert compute_fee(asset) == 3000 * len(encode_asset(asset)) + 8 * 200_000
    assert compute_fee(Asset(())) == 3000 * len('{"bundles":[]}')


def test_fee_counts_bytes_before_normalisation() -> None:
    asset = Asset((sign_bundle(SECRET, (from_record(UPDATE | {"data": "é"}),), 1),))
    assert compute_fee(asset) == 3000 * (len(encode_asset(asset)) - 1) + 200_000


def test_asset_bytes() -> None:
    asset = Asset((sign_bundle(SECRET, tuple(map(from_record, ALL)), 1),))
    data = encode_asset(asset)
    assert parse_asset(data) == asset
    assert asset_from_record(asset_to_record(asset)) == asset
    assert parse_asset(b'{"bundles":[]}') == Asset(())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + " ",
        lambda text: text.replace(",", ", ", 1),
        lambda text: text[:-1] + ',"x":1}',
        lambda text: encode_json(dict(reversed(parse_json(text)["bundles"][0].items()))).join(
            ('{"bundles":[', "]}")
        ),
        lambda text: text.replace('"subtreePolicies":{', '"subtreePolicies":{"a":1,'),
        lambda text: text.replace(KEY, "pef" + SECRET.public().data.hex()),
        lambda text: text.replace('{"x":1}', '{"x":1.50}'),
    ],
)
def test_asset_has_to_be_canonical(change) -> None:
    asset = Asset((sign_bundle(SECRET, (from_record(REGISTER),), 1),))
    with pytest.raises(
        DecodeError, match="Attempt to construct CoeusAsset from non-canonical bytes"
    ):
        parse_asset(change(encode_asset(asset).decode()).encode())


def test_asset_refusals() -> None:
    with pytest.raises(SchemaError, match="expected struct CoeusAsset"):
        parse_asset(b"[]")
    with pytest.raises(SchemaError, match="missing field `bundles`"):
        parse_asset(b"{}")
    with pytest.raises(SchemaError, match="sequence of bundles"):
        parse_asset(b'{"bundles":{}}')
    with pytest.raises(LimitError, match="CoeusAsset max size is 1048576 bytes"):
        parse_asset(b" " * (1024 * 1024 + 1))
    with pytest.raises(DecodeError):
        parse_asset(b"{")


def test_values_show_no_surprise() -> None:
    assert Delete(from_record(DELETE).name) == from_record(DELETE)
