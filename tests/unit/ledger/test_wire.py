"""Transactions as bytes: layout, strictness, signatures at the end, ids."""

from __future__ import annotations

import hashlib

import pytest
from ledger_chain import KEYS, SECRETS, core, morpheus, pay

from iop.errors import DataError, DecodeError, LimitError
from iop.ledger.seal import sign_ecdsa, sign_part, sign_schnorr, sign_second
from iop.ledger.wire import (
    Transaction,
    compute_hash,
    compute_id,
    encode_transaction,
    parse_loosely,
    parse_signatures,
    parse_transaction,
)
from iop.value import replace

ASSETS = {
    1: {"signature": {"publicKey": KEYS[1].hex()}},
    2: {"delegate": {"username": "abc_!"}},
    3: {"votes": ["+" + KEYS[2].hex()]},
    4: {"multiSignature": {"publicKeys": [key.hex() for key in KEYS[:2]], "min": 2}},
    5: {"ipfs": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"},
    6: {
        "payments": [
            {"amount": "5", "recipientId": "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"},
            {"amount": "6", "recipientId": "tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik"},
        ]
    },
    7: None,
    8: {"lock": {"secretHash": "ab" * 32, "expiration": {"type": 2, "value": 70}}},
    9: {"claim": {"lockTransactionId": "cd" * 32, "unlockSecret": "ef" * 32}},
    10: {"refund": {"lockTransactionId": "cd" * 32}},
}


def make(type_: int) -> Transaction:
    more = {"amount": 9, "recipient": b"r" * 20} if type_ in (0, 8) else {}
    return core(type_, asset=ASSETS.get(type_), **more)


def test_transfer_bytes_field_by_field() -> None:
    tx = pay(amount=7, vendor_field="hi", expiration=3)
    data = encode_transaction(tx, signatures=False)
    assert data[:3] == b"\xff\x02\x80"
    assert data[3:7] == b"\x01\0\0\0" and data[7:9] == b"\0\0"
    assert data[9:17] == b"\x01" + bytes(7) and data[17:50] == KEYS[0]
    assert data[50:58] == (10**7).to_bytes(8, "little")
    assert data[58:61] == b"\x02hi"
    assert data[61:69] == b"\x07" + bytes(7) and data[69:73] == b"\x03\0\0\0"
    assert data[73] == 128 and data[74:] == tx.recipient


@pytest.mark.parametrize("type_", range(11))
def test_every_core_kind_reads_back(type_: int) -> None:
    tx = make(type_)
    assert parse_transaction(encode_transaction(tx)) == tx


def test_morpheus_reads_back_in_its_own_order() -> None:
    attempts = [
        {"operation": "registerBeforeProof", "contentId": "a"},
        {"z": 1, "a": [None, True, 1.5]},
    ]
    tx = morpheus(attempts)
    again = parse_transaction(encode_transaction(tx))
    assert again == tx
    assert list(again.asset["operationAttempts"][1]) == ["z", "a"]


def test_id_is_the_hash_of_everything() -> None:
    tx = pay()
    assert compute_id(tx) == hashlib.sha256(encode_transaction(tx)).hexdigest()
    assert compute_hash(tx) == hashlib.sha256(encode_transaction(tx, signatures=False)).digest()


def test_signatures_are_told_apart_by_length() -> None:
    der, part = pay().signature, b"\x01" + b"s" * 64
    assert parse_signatures(b"") == (b"", b"", ())
    assert parse_signatures(b"a" * 64) == (b"a" * 64, b"", ())
    assert parse_signatures(b"a" * 64 + b"b" * 64) == (b"a" * 64, b"b" * 64, ())
    assert parse_signatures(part) == (b"", b"", (part,))
    assert parse_signatures(b"a" * 64 + part) == (b"a" * 64, b"", (part,))
    assert parse_signatures(b"a" * 64 + b"b" * 64 + part) == (b"a" * 64, b"b" * 64, (part,))
    assert parse_signatures(der) == (der, b"", ())
    assert parse_signatures(der + der) == (der, der, ())


@pytest.mark.parametrize(
    "tail", [b"0", b"0\x50abc", pay().signature + b"x", pay().signature * 3, b"\x01" * 130]
)
def test_surplus_cut_off_and_twin_signatures_are_refused(tail: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_signatures(tail)


def test_too_many_parts() -> None:
    with pytest.raises(LimitError):
        parse_signatures(b"".join(bytes([n]) + b"s" * 64 for n in range(17)))


def test_second_and_parts_read_back() -> None:
    tx = sign_second(pay(), SECRETS[1], schnorr=False)
    assert parse_transaction(encode_transaction(tx)) == tx
    tx = sign_second(sign_schnorr(pay(), SECRETS[0]), SECRETS[1])
    assert parse_transaction(encode_transaction(tx)) == tx
    tx = sign_schnorr(
        sign_part(sign_part(replace(make(4), signature=b""), SECRETS[0], 0), SECRETS[1], 1),
        SECRETS[0],
    )
    assert len(tx.signatures) == 2
    assert parse_transaction(encode_transaction(tx)) == tx


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\xff\x02", b"\xfe\x02"),  # marker
        (b"\xff\x02", b"\xff\x01"),  # version
        (b"\xff\x02\x80\x01\0\0\0\0\0", b"\xff\x02\x80\x01\0\0\0\x0b\0"),  # kind
        (b"\xff\x02\x80", b"\xff\x02\x64"),  # network of the recipient differs
    ],
)
def test_refused_bytes(old: bytes, new: bytes) -> None:
    data = encode_transaction(pay())
    assert data.startswith(old)
    with pytest.raises(DecodeError):
        parse_transaction(data.replace(old, new, 1))


def test_every_cut_is_refused_or_another_transaction() -> None:
    data = encode_transaction(pay())
    body = len(encode_transaction(pay(), signatures=False))
    for size in range(len(data)):
        if size in (body, body + 64, body + 65):  # unsigned, Schnorr or one part by length
            assert encode_transaction(parse_transaction(data[:size])) == data[:size]
        else:
            with pytest.raises(DecodeError):
                parse_transaction(data[:size])


def test_what_the_original_rewrites_is_refused() -> None:
    spaced = encode_transaction(morpheus([])).replace(b"\x18{", b"\x19{ ", 1)
    assert parse_loosely(spaced).asset == {"operationAttempts": []}
    with pytest.raises(DecodeError, match="would be written"):
        parse_transaction(spaced)
    vote = encode_transaction(make(3))
    with pytest.raises(DecodeError):
        parse_transaction(vote[:58] + b"\x02hi" + vote[59:])
    with pytest.raises(DecodeError):
        parse_transaction(vote.replace(b"\x01\x01" + KEYS[2], b"\x01\x11" + KEYS[2]))


def test_vendor_field_has_to_be_text() -> None:
    data = encode_transaction(pay(vendor_field="ab"))
    with pytest.raises(DecodeError, match="UTF-8"):
        parse_transaction(data.replace(b"\x02ab", b"\x02\xff\xfe"))


def test_fields_out_of_range() -> None:
    with pytest.raises(LimitError):
        encode_transaction(pay_unsigned(vendor_field="x" * 256))
    for wrong in (
        {"nonce": -1},
        {"nonce": 2**64},
        {"fee": 2**64},
        {"network": 256},
        {"amount": -1},
    ):
        with pytest.raises(DataError):
            encode_transaction(pay_unsigned(**wrong))
    for wrong in ({"sender": b""}, {"recipient": b"x"}):
        with pytest.raises(DataError):
            encode_transaction(pay_unsigned(**wrong))


def pay_unsigned(**changes) -> Transaction:
    return replace(pay(), signature=b"", **changes)


def test_too_large() -> None:
    with pytest.raises(LimitError):
        parse_transaction(bytes(9 * 2**20))


@pytest.mark.parametrize(
    ("type_", "asset"),
    [
        (1, {"signature": {}}),
        (1, {"signature": {"publicKey": "00"}}),
        (1, {"signature": {"publicKey": 5}}),
        (1, None),
        (2, {"delegate": {"username": 5}}),
        (3, {"votes": [5]}),
        (5, {"ipfs": 5}),
        (5, {"ipfs": "0"}),
        (8, {"lock": {"secretHash": "00" * 32, "expiration": {"type": True, "value": 1}}}),
    ],
)
def test_assets_of_another_form(type_: int, asset: object) -> None:
    tx = Transaction(128, 1, type_, 1, KEYS[0], 1, recipient=b"r" * 20, asset=asset)
    with pytest.raises(DataError):
        encode_transaction(tx)


def test_signing_for_somebody_else() -> None:
    with pytest.raises(DataError, match="Attempt to sign transaction with key different"):
        sign_ecdsa(pay(), SECRETS[1])
