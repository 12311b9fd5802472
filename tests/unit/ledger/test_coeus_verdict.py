"""Verdicts on operations and bundles of names without a chain: every refusal its own case."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from iop.errors import SchemaError
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
from iop.ledger.coeus.operation import from_record
from iop.ledger.coeus.verdict import check_layer1, judge

ALICE, BOB = SecretKey("e", bytes([1]) * 32), SecretKey("s", bytes([2]) * 32)
REGISTER = {
    "type": "register",
    "name": ".schema.a",
    "owner": str(ALICE.public()),
    "subtreePolicies": {"expiration": 9, "schema": {}},
    "registrationPolicy": "any",
    "data": {},
    "expiresAtHeight": 9,
}
OPERATIONS = [
    REGISTER,
    {"type": "update", "name": ".a", "data": "text"},
    {"type": "update", "name": ".a", "data": []},
    {"type": "update", "name": ".a", "data": 0.5},
    {"type": "renew", "name": ".a", "expiresAtHeight": 2**32 - 1},
    {"type": "transfer", "name": ".a", "toOwner": str(BOB.public())},
    {"type": "delete", "name": ".a"},
]


def bundle(*operations: dict, by: SecretKey = ALICE) -> dict:
    return bundle_to_record(sign_bundle(by, tuple(map(from_record, operations)), 1))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda record: str(record)[:50])
def test_good_ones(operation: dict) -> None:
    assert judge(operation) == {
        "type": "iop.name-verdict/1",
        "kind": "operation",
        "valid": True,
    }
    assert judge(bundle(operation))["valid"] is True


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (5, "internally tagged enum"),
        ({"type": "rename", "name": ".a"}, "unknown variant `rename`"),
        ({"type": "delete"}, "missing field `name`"),
        ({"type": "delete", "name": "a"}, "must be absolute"),
        ({"type": "delete", "name": ""}, "operation.name should match pattern"),
        ({"type": "renew", "name": ".a", "expiresAtHeight": 2**32}, "expected u32"),
        ({"type": "transfer", "name": ".a", "toOwner": "x"}, "enum Principal"),
        ({"type": "update", "name": ".a", "data": None}, "operation.data should be object"),
        ({"type": "update", "name": ".a", "data": True}, "operation.data should be object"),
        (REGISTER | {"subtreePolicies": {"schema": True}}, "subtreePolicies.schema should be"),
        (REGISTER | {"registrationPolicy": "all"}, "unknown variant `all`"),
        ({"operations": []}, "missing field `nonce`"),
        ({"operations": {}, "nonce": 1, "publicKey": "", "signature": ""}, "sequence"),
        (bundle(REGISTER) | {"nonce": 2}, "tampered"),
        (bundle(REGISTER) | {"publicKey": str(BOB.public())}, "tampered"),
        (bundle(REGISTER) | {"publicKey": "p"}, ""),
        (bundle(REGISTER, by=BOB), "owner of .schema.a is not the key that signed"),
        (bundle(REGISTER | {"owner": "system"}), "System principal of .schema.a is not the key"),
        (bundle({"type": "update", "name": ".a", "data": None}), "operation.data should be"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_bad_ones(record: object, error: str) -> None:
    verdict = judge(record)
    assert verdict["valid"] is False
    assert error in verdict["error"]
    is_bundle = isinstance(record, dict) and ("operations" in record)
    assert verdict["kind"] == ("bundle" if is_bundle else "operation")


def test_names_that_have_no_canonical_form() -> None:
    record = bundle(REGISTER)
    record["operations"][0]["data"] = {"é": 1}  # one code point, which NFKD takes apart
    assert judge(record)["valid"] is False


def test_layer_1_is_asked_about_all() -> None:
    good = from_record({"type": "delete", "name": ".a"})
    bad = from_record({"type": "update", "name": ".a", "data": None})
    check_layer1([good, good])
    with pytest.raises(SchemaError, match=r"operation\.data should be"):
        check_layer1([good, bad])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "name", "operations", "nonce", "data", "publicKey", "signature"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_record_has_a_verdict(record: object) -> None:
    assert isinstance(judge(record)["valid"], bool)
