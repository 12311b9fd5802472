"""Rows of the index and questions about it: what follows from a block, and which questions are none."""

import pytest

from iop.errors import DataError, LimitError
from iop.ledger.address import compute_address_hash
from iop.ledger.block import compute_block_id
from iop.ledger.index import (
    COLUMNS,
    HIGHEST,
    RECEIVED,
    SENT,
    Condition,
    Query,
    index_block,
)
from iop.ledger.wire import Transaction, compute_id_bytes, encode_transaction
from sample_chain import NAMES, PARAMS, PRODUCER, SENDERS, Chain, payments, transfer


def index(*transactions):
    chain = Chain()
    change = chain.grow(*transactions)
    return chain.blocks[0], change.rows


def test_row_of_a_block():
    made = [transfer(1), transfer(2)]
    block, rows = index(*made)
    assert dict(zip(COLUMNS["block"], rows.block, strict=True)) == {
        "height": 2,
        "id": compute_block_id(block, PARAMS),
        "previous": bytes(32),
        "timestamp": 24,
        "producer": PRODUCER,
        "transactions": 2,
        "amount": 3,
        "fee": 23,
        "reward": PARAMS.rules_at(2).reward,
        "payload_length": sum(len(encode_transaction(tx)) for tx in made),
    }


def test_row_of_a_transaction():
    tx = transfer(4, vendor_field="text \0")
    block, rows = index(transfer(3), tx)
    assert dict(zip(COLUMNS["transaction"], rows.transactions[1], strict=True)) == {
        "id": compute_id_bytes(tx),
        "height": 2,
        "position": 1,
        "block_id": compute_block_id(block, PARAMS),
        "timestamp": 24,
        "sender": tx.sender,
        "sender_name": compute_address_hash(tx.sender),
        "recipient": tx.recipient,
        "type_group": 1,
        "type": 0,
        "amount": 4,
        "fee": 14,
        "nonce": 4,
        "vendor_field": "text \ufffd",
        "subject": None,
    }


def test_parties():
    to_itself = transfer(3, recipient=NAMES[0])
    _, rows = index(transfer(1), to_itself, payments(2, NAMES[0], NAMES[2], NAMES[2]))
    assert sorted(rows.parties) == sorted(
        [
            (NAMES[1], 0, SENT),
            (NAMES[2], 0, RECEIVED),
            (NAMES[0], 1, SENT + RECEIVED),
            (NAMES[0], 2, SENT + RECEIVED),
            (NAMES[2], 2, RECEIVED),
        ]
    )


@pytest.mark.parametrize(
    ("type_", "asset", "subject"),
    [
        (3, {"votes": ["+" + SENDERS[1].hex()]}, SENDERS[1]),
        (3, {"votes": ["-" + SENDERS[1].hex(), "+" + SENDERS[2].hex()]}, SENDERS[2]),
        (3, {"votes": []}, None),
        (9, {"claim": {"lockTransactionId": "0a" * 32, "unlockSecret": "00" * 32}}, b"\n" * 32),
        (10, {"refund": {"lockTransactionId": "0b" * 32}}, b"\v" * 32),
        (7, None, None),
    ],
)
def test_subject(type_, asset, subject):
    _, rows = index(Transaction(128, 1, type_, 1, SENDERS[0], 1, asset=asset))
    assert rows.transactions[0][-1] == subject


def test_numbers_stop_at_the_highest():
    big = 2**64 - 1
    _, rows = index(Transaction(128, 1, 0, big, SENDERS[0], big, amount=big, recipient=NAMES[0]))
    row = dict(zip(COLUMNS["transaction"], rows.transactions[0], strict=True))
    assert (row["amount"], row["fee"], row["nonce"]) == (HIGHEST,) * 3


def test_same_block_same_rows():
    block, rows = index(transfer(1), payments(2, NAMES[1]))
    assert index_block(block, PARAMS) == rows


NAME = bytes(20)


@pytest.mark.parametrize(
    ("error", "made"),
    [
        (DataError, lambda: Query("pool")),
        (DataError, lambda: Query("block; DROP TABLE block")),
        (DataError, lambda: Condition("height", "<>", 1)),
        (DataError, lambda: Condition("height", "= 1 OR", 1)),
        (DataError, lambda: Query("block", (Condition("digest", "=", b""),))),
        (DataError, lambda: Query("block", (Condition("1=1 --", "=", 1),))),
        (DataError, lambda: Query("block", (Condition("party", "=", NAME),))),
        (DataError, lambda: Query("block", (Condition("height", "=", "1"),))),
        (DataError, lambda: Query("block", (Condition("height", "=", True),))),
        (DataError, lambda: Query("block", (Condition("height", "=", 1.0),))),
        (DataError, lambda: Query("block", (Condition("height", "=", None),))),
        (DataError, lambda: Query("block", (Condition("height", "in", 1),))),
        (DataError, lambda: Query("block", (Condition("height", "in", (1, "2")),))),
        (DataError, lambda: Query("block", (Condition("height", "like", 1),))),
        (DataError, lambda: Query("block", (Condition("id", "like", b"%"),))),
        (DataError, lambda: Query("transaction", (Condition("party", ">=", NAME),))),
        (DataError, lambda: Query("transaction", (Condition("recipient", "=", b"short"),))),
        (DataError, lambda: Query("transaction", (Condition("vendor_field", "like", "a\\"),))),
        (LimitError, lambda: Query("transaction", (Condition("vendor_field", "like", "a" * 256),))),
        (LimitError, lambda: Query("block", (Condition("height", "in", tuple(range(257))),))),
        (LimitError, lambda: Query("block", (Condition("height", ">=", 1),) * 33)),
        (LimitError, lambda: Query("block", limit=1001)),
        (LimitError, lambda: Query("block", limit=-1)),
        (LimitError, lambda: Query("block", offset=-1)),
        (LimitError, lambda: Query("block", offset=2**63)),
        (DataError, lambda: Query("block", order=(("digest", True),))),
        (DataError, lambda: Query("transaction", order=(("party", True),))),
    ],
)
def test_what_is_no_question(error, made):
    with pytest.raises(error):
        made()


def test_pattern_may_end_with_an_escaped_backslash():
    Query("transaction", (Condition("vendor_field", "like", "a\\\\"),))
