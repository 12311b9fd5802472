"""Laws of the ledger: bytes and records read back, blocks undo exactly, money is neither made nor lost."""

from __future__ import annotations

import os
import sys

import hypothesis.strategies as st
from hypothesis import given, settings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import (
    ADDRESSES,
    COIN,
    KEYS,
    NAMES,
    SECRETS,
    forge,
    make_chain,
    morpheus,
    pay,
    snapshot,
)

from iop.codec.json import encode_json, parse_json
from iop.ledger.asset import encode_morpheus, normalize_asset
from iop.ledger.block import encode_block, parse_block
from iop.ledger.epoch import format_instant, parse_instant
from iop.ledger.params import TESTNET
from iop.ledger.record import from_record, to_record
from iop.ledger.seal import is_signature_valid, sign_ecdsa, sign_part, sign_schnorr, sign_second
from iop.ledger.table import Table
from iop.ledger.wire import Transaction, encode_transaction, parse_transaction

AMOUNT = st.integers(1, 2**63 - 1)
FEE = st.integers(1, 2**63 - 1)
NONCE = st.integers(0, 2**63 - 1)
HASH = st.binary(min_size=32, max_size=32).map(bytes.hex)
KEY = st.sampled_from(KEYS)
NAME = st.binary(min_size=20, max_size=20)
ASCII = st.text(st.characters(max_codepoint=126), max_size=12)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | ASCII
)
TREE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ASCII, inner, max_size=3),
    max_leaves=8,
)
PROOF = st.fixed_dictionaries(
    {"operation": st.just("registerBeforeProof"), "contentId": ASCII}, optional={"extra": TREE}
)


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    """A signed transaction of any kind but Coeus, as its form wants it."""
    kind = draw(st.integers(0, 11))
    signer = draw(st.integers(0, len(SECRETS) - 1))
    given: dict = {"type_group": 1, "type": kind, "nonce": draw(NONCE), "fee": draw(FEE)}
    if kind in (0, 8):
        given |= {"amount": draw(AMOUNT), "recipient": draw(NAME)}
    if kind in (0, 6, 8):
        vendor = draw(st.none() | st.text(min_size=1, max_size=60))
        given["vendor_field"] = vendor
    if kind == 0:
        given["expiration"] = draw(st.integers(0, 2**32 - 1))
    expiration = {"type": draw(st.sampled_from([1, 2])), "value": draw(st.integers(0, 2**32 - 1))}
    rows = st.builds(
        lambda amount, to: {"amount": str(amount), "recipientId": to},
        AMOUNT,
        st.sampled_from(ADDRESSES),
    )
    keys = draw(st.lists(KEY, min_size=1, max_size=4, unique=True))
    given["asset"] = {
        1: {"signature": {"publicKey": draw(KEY).hex()}},
        2: {"delegate": {"username": draw(st.text("abz09!@$&_.", min_size=1, max_size=20))}},
        3: {"votes": [draw(st.sampled_from("+-")) + draw(KEY).hex()]},
        4: {
            "multiSignature": {
                "publicKeys": [k.hex() for k in keys],
                "min": draw(st.integers(1, len(keys))),
            }
        },
        5: {"ipfs": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"},
        6: {"payments": draw(st.lists(rows, min_size=2, max_size=4))},
        8: {"lock": {"secretHash": draw(HASH), "expiration": expiration}},
        9: {"claim": {"lockTransactionId": draw(HASH), "unlockSecret": draw(HASH)}},
        10: {"refund": {"lockTransactionId": draw(HASH)}},
        11: normalize_asset({"operationAttempts": draw(st.lists(PROOF, max_size=3))}),
    }.get(kind)
    if kind in (9, 10):
        given["fee"] = 0
    if kind == 11:
        given |= {"type_group": 4242, "type": 1}
    tx = Transaction(128, sender=KEYS[signer], **given)
    if kind == 4:
        for index in draw(st.permutations(range(len(keys)))):
            tx = sign_part(tx, SECRETS[KEYS.index(keys[index])], index)
        return sign_schnorr(tx, SECRETS[signer])
    schnorr = draw(st.booleans())
    tx = (sign_schnorr if schnorr else sign_ecdsa)(tx, SECRETS[signer])
    if kind != 1 and draw(st.booleans()):
        tx = sign_second(tx, SECRETS[0], schnorr=schnorr)
    return tx


@settings(max_examples=150)
@given(transactions())
def test_bytes_and_records_read_back(tx: Transaction) -> None:
    data = encode_transaction(tx)
    assert parse_transaction(data) == tx
    record = to_record(tx)
    assert from_record(record, TESTNET) == tx
    assert from_record(parse_json(encode_json(record)), TESTNET) == tx
    assert is_signature_valid(tx)


@settings(max_examples=100)
@given(transactions(), st.data())
def test_no_byte_can_be_changed_unseen(tx: Transaction, data: st.DataObject) -> None:
    raw = bytearray(encode_transaction(tx))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    from iop.errors import DataError

    try:
        other = parse_transaction(bytes(raw))
    except DataError:
        return
    assert encode_transaction(other) == bytes(raw)
    in_second = bool(other.second_signature) and other.signature == tx.signature
    assert other != tx and (in_second or not is_signature_valid(other))


@settings(max_examples=100)
@given(TREE)
def test_normal_assets_stay_as_they_are(tree) -> None:
    once = normalize_asset(tree)
    assert encode_morpheus(normalize_asset(once)) == encode_morpheus(once)
    assert encode_morpheus(parse_json(encode_morpheus(once))) == encode_morpheus(once)


STEP = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.integers(1, 6_000 * COIN), st.integers(10**7, 10**9)
)


@settings(max_examples=40)
@given(st.lists(st.lists(STEP, max_size=5), min_size=1, max_size=5))
def test_blocks_undo_exactly_and_money_is_kept(blocks) -> None:
    state, _, engine = make_chain()
    total = state.supply
    seen = [snapshot(state)]
    taken = []
    for steps in blocks:
        candidates = []
        nonces = {n: state.book.account(NAMES[n]).nonce for n in range(5)}
        for sender, to, amount, fee in steps:
            candidates.append(pay(sender, nonces[sender] + 1, to=to, amount=amount, fee=fee))
            nonces[sender] += 1
            candidates.append(
                morpheus(
                    [{"operation": "registerBeforeProof", "contentId": str(amount % 3)}],
                    sender,
                    nonces[sender] + 1,
                )
            )
            nonces[sender] += 1
        block = engine.propose(candidates, state.params.epoch + state.timestamp + 12)
        assert parse_block(encode_block(block)) == block
        taken.append(engine.commit(block).block)
        seen.append(snapshot(state))
        accounts = [account for _, account in state.book.accounts.items()]
        assert sum(account.balance for account in accounts) == total == state.supply
        assert all(account.balance >= 0 for account in accounts)
    for expected in reversed(seen[:-1]):
        state.revert_block()
        assert snapshot(state) == expected
    for block in taken:
        state.apply_block(block)
    assert snapshot(state) == seen[-1]


PUT = st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 3))


@given(st.lists(st.lists(PUT, max_size=6), max_size=5), st.lists(PUT, max_size=6))
def test_a_table_is_a_dict_with_memory(rounds, tail) -> None:
    table: Table[str, int] = Table("t")
    model: dict[str, int] = {}
    undo = []

    def put(key, item) -> None:
        table.put(key, item)
        if item is None:
            model.pop(key, None)
        else:
            model[key] = item

    for steps in rounds:
        before = dict(model)
        for key, item in steps:
            put(key, item)
        undo.append((before, table.take_changes()))
        assert dict(table.items()) == model
    kept = dict(model)
    for key, item in tail:
        put(key, item)
    table.rollback()
    assert dict(table.items()) == kept
    for before, changes in reversed(undo):
        table.restore(changes)
        assert dict(table.items()) == before


@given(st.integers(0, 253_402_300_799))
def test_instants_read_back(unix: int) -> None:
    assert parse_instant(format_instant(unix)) == unix


def test_a_chain_of_many_blocks() -> None:
    _, _, engine = make_chain()
    for number in range(1, 80):
        forge(engine, pay(nonce=number))
    assert engine.state.height == 80
