"""Builders, fees, verdicts, and the small parts: tables, whole numbers, ECMAScript's number text."""

from __future__ import annotations

import pytest
from ledger_chain import ADDRESSES, KEYS, SECRETS, morpheus, pay

from iop.errors import DataError, VerifyError
from iop.ledger import builder
from iop.ledger.asset import (
    encode_morpheus,
    encode_number,
    normalize_asset,
    parse_coeus,
    parse_morpheus,
)
from iop.ledger.fee import (
    check_layer2_fee,
    check_pool_fee,
    compute_layer2_fee,
    compute_minimum_fee,
    compute_pool_fee,
    compute_static_fee,
)
from iop.ledger.integer import parse_integer, show
from iop.ledger.kind import MULTI_SIGNATURE
from iop.ledger.params import MAINNET, TESTNET
from iop.ledger.record import to_record
from iop.ledger.seal import sign_ecdsa
from iop.ledger.table import Table
from iop.ledger.verdict import judge, judge_fee
from iop.ledger.wire import Transaction, encode_transaction
from iop.value import replace


def test_builders_set_the_usual_fees() -> None:
    sender = KEYS[0]
    assert builder.build_transfer(TESTNET, sender, 1, ADDRESSES[1], 5).fee == 10_000_000
    assert builder.build_vote(TESTNET, sender, 1, KEYS[1]).fee == 100_000_000
    assert builder.build_vote(TESTNET, sender, 1, KEYS[1], is_for=False).asset["votes"][0][0] == "-"
    assert builder.build_registration(TESTNET, sender, 1, "me").fee == 2_500_000_000
    assert builder.build_resignation(TESTNET, sender, 1, fee=7).fee == 7
    built = builder.build_morpheus(TESTNET, sender, 1, [])
    assert built.fee == (len('{"operationAttempts":[]}') + 15) * 3000
    assert builder.build_coeus(TESTNET, sender, 1, []).fee == len('{"bundles":[]}') * 3000


@pytest.mark.parametrize(
    "build",
    [
        lambda: builder.build_transfer(TESTNET, KEYS[0], 1, ADDRESSES[1], 0),
        lambda: builder.build_transfer(TESTNET, KEYS[0], 1, ADDRESSES[1], 2**63),
        lambda: builder.build_transfer(TESTNET, KEYS[0], 1, "x", 1),
        lambda: builder.build_transfer(MAINNET, KEYS[0], 1, ADDRESSES[1], 1),
        lambda: builder.build_transfer(
            TESTNET, KEYS[0], 1, ADDRESSES[1], 1, vendor_field="ä" * 128
        ),
        lambda: builder.build_transfer(TESTNET, KEYS[0], 1, ADDRESSES[1], 1, expiration=2**32),
        lambda: builder.build_transfer(TESTNET, KEYS[0], -2, ADDRESSES[1], 1),
        lambda: builder.build_transfer(TESTNET, bytes(33), 1, ADDRESSES[1], 1),
        lambda: builder.build_transfer(TESTNET, KEYS[0], 1, ADDRESSES[1], 1, fee=-1),
        lambda: builder.build_vote(TESTNET, KEYS[0], 1, bytes(33)),
        lambda: builder.build_registration(TESTNET, KEYS[0], 1, "A"),
        lambda: builder.build_registration(TESTNET, KEYS[0], 1, ""),
        lambda: builder.build_registration(TESTNET, KEYS[0], 1, "x" * 21),
        lambda: builder.build_coeus(TESTNET, KEYS[0], 1, [{}]),
    ],
)
def test_what_is_not_built(build) -> None:
    with pytest.raises(DataError):
        build()


def test_fees() -> None:
    tx = pay()
    size = len(encode_transaction(tx))
    assert compute_pool_fee(tx, MAINNET) == (100 + (size + 1) // 2) * 3000
    assert compute_pool_fee(tx, TESTNET) == (100 + (size + 1) // 2) * 1000
    assert compute_layer2_fee(tx) == 0
    attempts = [{"operation": "registerBeforeProof", "contentId": "ä😀"}]
    units = len('[{"operation":"registerBeforeProof","contentId":"ä😀"}]') + 1
    assert compute_layer2_fee(morpheus(attempts)) == (units + 15) * 3000
    rule = {"multiSignature": {"publicKeys": ["a", "b"], "min": 1}}
    assert compute_static_fee(MULTI_SIGNATURE, TESTNET, 5, rule) == 3 * 500_000_000
    draft = builder.build_transfer(TESTNET, b"", -1, ADDRESSES[1], 5)
    for known in ({}, {"sender": KEYS[0]}, {"nonce": 3}):
        known_draft = replace(draft, **known)
        assert compute_minimum_fee(known_draft, TESTNET) >= compute_minimum_fee(tx, TESTNET)
    claim = Transaction(
        128,
        1,
        9,
        1,
        KEYS[0],
        0,
        asset={"claim": {"lockTransactionId": "ab" * 32, "unlockSecret": "cd" * 32}},
    )
    assert compute_pool_fee(claim, TESTNET) == 0
    for asset in (None, {}, {"operationAttempts": 5}):
        with pytest.raises(VerifyError) as caught:
            check_layer2_fee(replace(morpheus([]), asset=asset))
        assert caught.value.detail["type"] == "ERR_INVALID_TX"
    with pytest.raises(VerifyError):
        check_pool_fee(replace(pay(), fee=5), TESTNET)


def test_verdicts() -> None:
    record = to_record(pay())
    assert judge(record, TESTNET) == {"type": "iop.tx-verdict/1", "id": record["id"], "valid": True}
    wrong = judge({**record, "nonce": "2"}, TESTNET)
    assert wrong["valid"] is False and wrong["error"] == "signature is not the sender's"
    assert judge({}, TESTNET)["valid"] is False
    assert judge(record, TESTNET, 1)["error"] == "Version 2 not supported."
    assert judge_fee(record, TESTNET)["enough"] is True
    cheap = sign_ecdsa(replace(pay(), fee=1), SECRETS[0])
    assert judge_fee(to_record(cheap), TESTNET)["enough"] is False


def test_table_undo() -> None:
    table: Table[str, int] = Table("t")
    table.put("a", 1)
    assert table.take_changes() == {"a": (None, 1)}
    table.put("a", 2)
    table.put("b", 3)
    table.put("b", None)
    changes = table.take_changes()
    assert changes == {"a": (1, 2)}
    table.restore(changes)
    assert table.get("a") == 1
    table.put("a", None)
    table.put("c", 4)
    table.rollback()
    assert dict(table.items()) == {"a": 1} and table.take_changes() == {}


def test_table_fork() -> None:
    table: Table[str, int] = Table("t")
    table.put("a", 1)
    fork = table.fork()
    assert fork.get("a") == 1
    fork.put("a", None)
    fork.put("b", 2)
    assert fork.get("a") is None and list(fork.values()) == [2] and list(table.values()) == [1]
    fork.forget("a")
    assert fork.get("a") == 1 and sorted(fork.items()) == [("a", 1), ("b", 2)]


def test_whole_numbers() -> None:
    for text, number in (
        (" 7\n", 7),
        ("0x1F", 31),
        ("-5", -5),
        ("", 0),
        ([], 0),
        ([5], 5),
        (True, 1),
        (2.0, 2),
    ):
        assert parse_integer(text) == number
    assert parse_integer(2**53 + 1) == 2**53
    for wrong in (
        "1.5",
        "1e3",
        "0x",
        "-0x1",
        "1_0",
        "٣",
        1.5,
        None,
        {},
        [1, 2],
        [True],
        "9" * 5000,
    ):
        assert parse_integer(wrong) is None


def test_texts_of_values() -> None:
    assert [show(v) for v in (None, True, False, [1, None, "a"], {}, 5, 1e21)] == [
        "null",
        "true",
        "false",
        "1,,a",
        "[object Object]",
        "5",
        "1e+21",
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-1.5e300, "-1.5e+300"),
        (123.456, "123.456"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_print_as_ecmascript_prints_them(number: float, text: str) -> None:
    assert encode_number(number) == text


def test_assets() -> None:
    assert encode_morpheus(
        {"b": 1.0, "a": [1e2, 2**60, {"2": 0, "x": 0, "10": 0, "1": 0, "01": 0}]}
    ) == (b'{"b":1,"a":[100,1152921504606847000,{"1":0,"2":0,"10":0,"x":0,"01":0}]}')
    assert normalize_asset({"a": 5}) == {"a": 5}
    with pytest.raises(DataError):
        encode_morpheus({"a": "x" * 2**20})
    for data in (b"{", b"\xff", '{"a":"ä"}'.encode(), bytes(2**20 + 1)):
        with pytest.raises(DataError):
            parse_morpheus(data)
    for data in (b'{"bundles": []}', b"{}", b'{"bundles":[],"x":1}'):
        with pytest.raises(DataError):
            parse_coeus(data)
