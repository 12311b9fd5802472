"""Hostile input: whatever comes, it parses or is refused as data, quickly."""

from __future__ import annotations

import contextlib
import os
import sys

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import ADDRESSES, KEYS, core, make_chain, morpheus, pay

from iop.codec.json import encode_json, parse_json
from iop.errors import ConfigError, DataError, MissingError, VerifyError
from iop.ledger import genesis
from iop.ledger.address import parse_address
from iop.ledger.answer import find_wallet
from iop.ledger.block import encode_block, parse_block
from iop.ledger.draft import from_draft
from iop.ledger.epoch import parse_instant
from iop.ledger.integer import parse_integer, show
from iop.ledger.params import MAX_HEIGHT, TESTNET
from iop.ledger.record import find_form_faults, from_record, to_record
from iop.ledger.seal import is_seal_valid
from iop.ledger.submission import check_body, submit
from iop.ledger.wire import encode_transaction, parse_loosely, parse_transaction

STATE, POOL, ENGINE = make_chain()
SEEDS = [
    pay(vendor_field="x"),
    morpheus([{"operation": "registerBeforeProof", "contentId": "cjx"}]),
    core(3, asset={"votes": ["+" + KEYS[1].hex()]}),
    core(2, asset={"delegate": {"username": "d"}}),
    core(4, asset={"multiSignature": {"publicKeys": [k.hex() for k in KEYS[:2]], "min": 1}}),
    core(6, asset={"payments": [{"amount": "1", "recipientId": a} for a in ADDRESSES[:2]]}),
    core(
        8,
        amount=5,
        recipient=b"r" * 20,
        asset={"lock": {"secretHash": "ab" * 32, "expiration": {"type": 1, "value": 9}}},
    ),
]
RAW = [encode_transaction(tx) for tx in SEEDS]
RECORDS = [to_record(tx) for tx in SEEDS]
BLOCK = encode_block(ENGINE.propose(SEEDS[:1], STATE.params.epoch + 12))

LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "0", "1", "0x1", "00" * 33, "ab" * 65, ADDRESSES[0], 2**63, 2**53 + 1, 128, 4242]
    )
)
JSON = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=10,
)
WORDS = sorted(
    {name for record in RECORDS for name in record}
    | {"signatures", "secondSignature", "signSignature", "timestamp", "expiration"}
)
ASSETS = sorted(
    "operationAttempts bundles votes delegate signature multiSignature payments lock claim refund ipfs".split()
)


@st.composite
def damaged(draw: st.DrawFn, pool: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(pool)))
    for _ in range(draw(st.integers(1, 4))):
        how = draw(st.integers(0, 3))
        place = draw(st.integers(0, max(0, len(data) - 1)))
        if how == 0 and data:
            data[place] = draw(st.integers(0, 255))
        elif how == 1:
            del data[place:]
        elif how == 2:
            data[place:place] = draw(st.binary(max_size=8))
        else:
            data += draw(st.binary(max_size=70))
    return bytes(data)


@st.composite
def records(draw: st.DrawFn):
    record = dict(draw(st.sampled_from(RECORDS)))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(WORDS))
        how = draw(st.integers(0, 3))
        if how == 0:
            record.pop(name, None)
        elif how == 1 and isinstance(record.get("asset"), dict):
            record["asset"] = record["asset"] | {draw(st.sampled_from(ASSETS)): draw(JSON)}
        else:
            record[name] = draw(JSON)
    return record


@settings(max_examples=300)
@given(st.binary(max_size=300) | damaged(RAW))
def test_transaction_bytes(data: bytes) -> None:
    try:
        tx = parse_transaction(data)
    except DataError:
        pass
    else:
        assert encode_transaction(tx) == data
    with contextlib.suppress(DataError):
        parse_loosely(data)


@settings(max_examples=100)
@given(st.binary(max_size=300) | damaged([BLOCK]))
def test_block_bytes(data: bytes) -> None:
    with contextlib.suppress(DataError):
        assert encode_block(parse_block(data)) == data


@settings(max_examples=400)
@given(records() | JSON)
def test_transaction_records(record) -> None:
    record = parse_json(encode_json(record))
    find_form_faults(record, TESTNET, MAX_HEIGHT)
    for read in (from_record, from_draft):
        try:
            tx = read(record, TESTNET)
        except DataError:
            continue
        to_record(tx)


@settings(max_examples=200)
@given(st.lists(records(), min_size=1, max_size=3))
def test_submissions(given_) -> None:
    body = parse_json(encode_json({"transactions": given_}))
    try:
        checked = check_body(body, STATE)
    except DataError:
        return
    answer = submit(checked, STATE, POOL)
    assert len(answer.accept) + len(answer.excess) + len(answer.invalid) >= 1
    for tx in answer.taken:
        STATE.check_effect(tx)
    encode_json(answer.to_record())
    for entry in POOL.entries():
        POOL.remove(entry.txid)


@settings(max_examples=100)
@given(
    JSON
    | st.dictionaries(
        st.sampled_from("type name like network nethash epoch milestones fees wallets".split()),
        JSON,
    )
)
def test_genesis_records(record) -> None:
    record = parse_json(encode_json(record))
    if isinstance(record, dict):
        record = {
            "type": "iop.genesis/1",
            "name": "x",
            "wallets": [{"address": ADDRESSES[0]}],
        } | record
    try:
        found = genesis.from_record(record)
        genesis.compute_genesis_block(found)
    except ConfigError:
        pass
    with contextlib.suppress(ConfigError):
        genesis.read_configuration(record)


@settings(max_examples=200)
@given(JSON)
def test_numbers_and_texts(value) -> None:
    number = parse_integer(value)
    assert number is None or isinstance(number, int)
    assert len(show(value)) <= 200


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_texts(text: str) -> None:
    for read in (parse_instant, parse_address):
        with contextlib.suppress(DataError):
            read(text)
    with pytest.raises(MissingError):
        find_wallet(STATE, text)


@settings(max_examples=150)
@given(st.binary(max_size=80) | damaged([SEEDS[0].signature]))
def test_signatures(signature: bytes) -> None:
    assert is_seal_valid(KEYS[0], bytes(32), signature) is False


@settings(max_examples=50)
@given(st.sampled_from(SEEDS), st.integers(-5, 2**70), st.integers(-5, 2**70))
def test_states_refuse_or_take(tx, nonce: int, amount: int) -> None:
    from iop.value import replace

    with contextlib.suppress(DataError, VerifyError):
        STATE.check_transaction(replace(tx, nonce=nonce, amount=amount))
