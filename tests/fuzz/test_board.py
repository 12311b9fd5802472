"""Hostile statements: whatever comes, it parses to one form or is refused as data, quickly."""

from __future__ import annotations

import contextlib
import os
import sys

import hypothesis.strategies as st
from hypothesis import given, settings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from board_bench import ANN, BOB, DID, build, carry, say
from ledger_chain import make_chain

from iop.codec.json import encode_json, parse_json
from iop.errors import DataError, IopError
from iop.ledger.board import (
    check_signatures,
    encode_id,
    judge,
    parse_batch,
    parse_id,
    read_batch,
    read_statement,
    statements_of,
)
from iop.ledger.board_query import parse_filter
from iop.ledger.board_row import encode_posting, parse_posting
from iop.ledger.params import TESTNET
from iop.ledger.record import from_record, to_record
from iop.ledger.submission import check_body, submit
from iop.ledger.wire import encode_transaction, parse_transaction

STATE, POOL, _ = make_chain()
SEEDS = [say(issuer=DID), say(1, BOB, x={"y": [None, True, "e\u0301"]}), say(2, pad="x" * 300)]
CONTENT_IDS = [judge(each)["contentId"] for each in SEEDS]
BATCH = read_batch({"statements": SEEDS}).data
RAW = encode_transaction(build(*SEEDS))

TEXT = st.text(max_size=12) | st.sampled_from(
    ["iop.vote/1", DID, DID + "#0", "\uff02", "é", "content", "publicKey", str(ANN.public), "1e400"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        how = draw(st.integers(0, 3))
        if how == 0 and data:
            data[place] = draw(st.integers(0, 255))
        elif how == 1:
            del data[place : place + draw(st.integers(1, 40))]
        elif how == 2:
            data[place:place] = draw(
                st.binary(max_size=8) | st.sampled_from([b" ", b"[" * 200, b'"n":0,', b"\\u0041"])
            )
        else:
            del data[place:]
    return bytes(data)


@st.composite
def statements(draw: st.DrawFn):
    record = parse_json(encode_json(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.sampled_from([record, record.get("content"), record.get("signature")]))
        if not isinstance(part, dict):
            continue
        name = draw(st.sampled_from([*part, "type", "issuer", "nonce"]) | TEXT)
        if draw(st.booleans()):
            part.pop(name, None)
        else:
            part[name] = draw(JSON)
    return record


@settings(max_examples=300)
@given(st.binary(max_size=200) | damaged(BATCH))
def test_batch_bytes(data: bytes) -> None:
    try:
        batch = parse_batch(data)
    except DataError:
        return
    assert batch.data == data and read_batch(dict(batch)).data == data
    assert batch.statements == read_batch(parse_json(data)).statements


@settings(max_examples=300)
@given(damaged(RAW))
def test_transaction_bytes(data: bytes) -> None:
    try:
        tx = parse_transaction(data)
    except DataError:
        return
    assert encode_transaction(tx) == data


@settings(max_examples=400)
@given(statements() | JSON)
def test_statement_records(record) -> None:
    verdict = judge(record)
    try:
        statement = read_statement(record)
    except DataError:
        assert not verdict["valid"]
        return
    again = read_statement(parse_json(statement.data))
    assert again == statement
    assert parse_id(encode_id(statement.id)) == statement.id
    # nobody can change a statement so that the signature of its signer still holds for what it says now
    if verdict["valid"]:
        assert verdict["contentId"] in CONTENT_IDS


@settings(max_examples=200)
@given(st.lists(statements() | JSON, max_size=3) | JSON)
def test_submissions(given_) -> None:
    asset = {"statements": given_} if isinstance(given_, list) else given_
    record = parse_json(encode_json(to_record(carry(say(9))) | {"asset": asset}))
    try:
        checked = check_body({"transactions": [record]}, STATE)
    except DataError:
        return
    answer = submit(checked, STATE, POOL)
    assert len(answer.accept) + len(answer.invalid) + len(answer.excess) == 1
    for entry in POOL.entries():
        POOL.remove(entry.txid)


@settings(max_examples=200)
@given(st.lists(statements(), max_size=3))
def test_what_is_taken_is_signed(given_) -> None:
    record = to_record(carry(say(9))) | {"asset": {"statements": given_}}
    with contextlib.suppress(DataError):
        tx = from_record(parse_json(encode_json(record)), TESTNET)
        check_signatures(read_batch(dict(tx.asset)))
        assert len(statements_of(tx)) == len(given_)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("type issuer from until limit after x".split()),
            st.text(max_size=50) | st.sampled_from([DID, "0", "7", "cbu" + "A" * 43]),
        ),
        max_size=4,
    )
)
def test_filters(pairs) -> None:
    with contextlib.suppress(DataError):
        parse_filter(pairs)


@settings(max_examples=200)
@given(JSON | st.tuples(st.integers(), st.text(), st.integers(), TEXT, TEXT).map(list))
def test_rows(row) -> None:
    try:
        posting = parse_posting(row)
    except IopError:
        return
    assert parse_json(encode_posting(posting)) == row
