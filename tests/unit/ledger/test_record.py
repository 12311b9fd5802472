"""The JSON form: leniencies and refusals of the original node."""

from __future__ import annotations

import json
import os

import pytest
from ledger_chain import ADDRESSES, KEYS, SECRETS, core, morpheus, pay

from iop.conform.ledger_ark import run_ark_verdicts
from iop.errors import DataError, DecodeError, SchemaError
from iop.ledger.draft import complete, from_draft
from iop.ledger.params import MAINNET, TESTNET
from iop.ledger.record import check_form, find_form_faults, from_record, to_record
from iop.ledger.seal import is_signature_valid, sign_ecdsa
from iop.ledger.wire import UNKNOWN_NONCE, compute_id
from iop.value import replace

VECTORS = os.path.join(os.path.dirname(__file__), "../../vectors/ledger/ark_verdicts.json")


def test_recorded_verdicts() -> None:
    with open(VECTORS, encoding="utf-8") as file:
        failed = [case for case in run_ark_verdicts(json.load(file)) if not case.ok]
    assert failed == []


def test_round_trip_and_order_of_members() -> None:
    tx = pay(vendor_field="x", expiration=99)
    record = to_record(tx)
    assert (
        list(record)
        == (
            "version network typeGroup type nonce senderPublicKey fee amount expiration recipientId vendorField id signature"
        ).split()
    )
    assert from_record(record, TESTNET) == tx
    assert record["id"] == compute_id(tx)


def test_leniencies() -> None:
    tx = pay(amount=12345)
    record = to_record(tx)
    loose = {**record, "amount": 12345, "fee": 10**7, "extra": 1, "id": "00" * 32}
    loose["senderPublicKey"] = loose["senderPublicKey"].upper()
    for gone in ("network", "typeGroup"):
        del loose[gone]
    assert from_record(loose, TESTNET) == tx
    reversed_ = dict(reversed(record.items()))
    assert from_record(reversed_, TESTNET) == tx


def test_amounts_beyond_the_doubles_survive_only_as_text() -> None:
    record = to_record(pay(amount=2**53 + 1))
    assert is_signature_valid(from_record(record, TESTNET))
    assert not is_signature_valid(from_record({**record, "amount": 2**53 + 1}, TESTNET))


def test_vendor_field_is_dropped_where_there_is_none() -> None:
    vote = core(3, asset={"votes": ["+" + KEYS[1].hex()]})
    assert from_record({**to_record(vote), "vendorField": "x"}, TESTNET) == vote


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": "0"}, 'data.amount should pass "bignumber" keyword validation'),
        ({"amount": "1.5"}, "Cannot convert 1.5 to a BigInt"),
        ({"amount": None}, "Cannot convert null to a BigInt"),
        ({"fee": {}}, "Cannot convert [object Object] to a BigInt"),
        ({"network": 100}, 'data.network should pass "network" keyword validation'),
        ({"version": 1}, "data should have required property '.timestamp'"),
        ({"version": 3}, "data.version should be equal to one of the allowed values"),
        ({"type": 11}, "Unknown transaction type: Core/11"),
        ({"typeGroup": 2, "type": 0}, "Unknown transaction type: 2/0"),
        (
            {"senderPublicKey": "00"},
            "data.senderPublicKey should NOT be shorter than 66 characters",
        ),
        (
            {"recipientId": "x" * 34 + "l"},
            "data.recipientId should NOT be longer than 34 characters",
        ),
        ({"signature": "!"}, 'data.signature should match pattern "^[a-zA-Z0-9]+$"'),
        ({"expiration": 1.5}, "data.expiration should be integer"),
        ({"expiration": -1}, "data.expiration should be >= 0"),
        ({"signatures": []}, "data.signatures should NOT have fewer than 1 items"),
        (
            {"signatures": ["ab" * 65, "ab" * 65]},
            "data.signatures should NOT have duplicate items (items ## 0 and 1 are identical)",
        ),
        (
            {"vendorField": "ä" * 128},
            (
                "data.vendorField should be null, data.vendorField should match format "
                '"vendorField", data.vendorField should match some schema in anyOf'
            ),
        ),
    ],
)
def test_refusals_in_the_original_words(change: dict, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        from_record({**to_record(pay()), **change}, TESTNET)
    assert caught.value.message == message


def test_recipient_of_another_network() -> None:
    record = {**to_record(pay()), "recipientId": "hMDCcdnhKM8BYcEMPJ5ruH1JtxK9gBfeJR"}
    with pytest.raises(DecodeError) as caught:
        from_record(record, TESTNET)
    assert caught.value.message.endswith("Expected address network byte 128, but got 100.")


def test_checksum_of_an_address() -> None:
    record = {**to_record(pay()), "recipientId": ADDRESSES[1][:-1] + "1"}
    with pytest.raises(DecodeError, match="Invalid checksum"):
        from_record(record, TESTNET)


def test_not_a_transaction() -> None:
    for wrong in (None, [], "x", 5):
        with pytest.raises(SchemaError):
            from_record(wrong, TESTNET)
    assert find_form_faults([], TESTNET, 1) == ["data should be object"]


def test_version_two_needs_its_milestone() -> None:
    with pytest.raises(SchemaError, match="Version 2 not supported."):
        from_record(to_record(pay()), TESTNET, height=1)


def test_non_ascii_assets_cannot_be_carried() -> None:
    tx = morpheus([{"operation": "registerBeforeProof", "contentId": "ä"}])
    with pytest.raises(
        DecodeError, match="Unexpected non-whitespace character after JSON at position 75"
    ):
        from_record(to_record(tx), TESTNET)


def test_numbers_of_an_asset_become_doubles() -> None:
    record = to_record(
        morpheus([{"operation": "registerBeforeProof", "contentId": "x", "n": 1, "1": 2}])
    )
    tx = from_record(record, TESTNET)
    assert list(tx.asset["operationAttempts"][0]) == ["1", "operation", "contentId", "n"]


def test_check_form_refuses_what_no_record_makes() -> None:
    check_form(pay(), TESTNET)
    for wrong in (
        replace(pay(), amount=0),
        replace(pay(), network=100),
        replace(core(7), amount=5),
        replace(core(7), recipient=b"r" * 20),
        replace(pay(), signature=b""),
    ):
        with pytest.raises(DataError):
            check_form(wrong, TESTNET)


def test_other_network() -> None:
    with pytest.raises(SchemaError):
        from_record(to_record(pay()), MAINNET)


def test_drafts() -> None:
    bare = replace(pay(), signature=b"", sender=b"", nonce=UNKNOWN_NONCE)
    record = to_record(bare)
    assert "nonce" not in record and "senderPublicKey" not in record and "id" not in record
    assert from_draft(record, TESTNET) == bare
    whole = complete(bare, KEYS[0], 1)
    assert sign_ecdsa(whole, SECRETS[0]) == pay()
    assert complete(whole, KEYS[0], 7) == whole
    assert from_draft(to_record(whole), TESTNET) == whole
    with pytest.raises(DataError, match="no nonce"):
        complete(bare, KEYS[0], None)
    with pytest.raises(DataError, match="cannot be signed"):
        complete(whole, KEYS[1], 1)
    with pytest.raises(SchemaError):
        from_draft([], TESTNET)
