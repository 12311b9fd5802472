"""Blocks on the state: what may follow, rewards, layer 2, taking back."""

from __future__ import annotations

import pytest
from ledger_chain import (
    COIN,
    KEYS,
    NAMES,
    PRODUCER,
    SECRETS,
    core,
    forge,
    make_chain,
    make_state,
    morpheus,
    pay,
    snapshot,
)

from iop.crypto.secp256k1 import compute_public_key
from iop.errors import DataError, DecodeError, LimitError, VerifyError
from iop.keys.multicipher import SecretKey
from iop.ledger.block import (
    Block,
    compute_block_id,
    compute_root,
    encode_block,
    is_block_signed,
    parse_block,
    sign_block,
)
from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
from iop.ledger.coeus.operation import from_record as read_operation
from iop.ledger.seal import sign_ecdsa
from iop.ledger.state import UNDO_BLOCKS, State
from iop.ledger.wire import Transaction, compute_id
from iop.value import replace

PROOF = {"operation": "registerBeforeProof", "contentId": "cjx"}


def coeus(operations, nonce: int, tx_nonce: int, sender: int = 0):
    owner = SecretKey("s", SECRETS[1])
    made = [read_operation(operation) for operation in operations]
    record = bundle_to_record(sign_bundle(owner, tuple(made), nonce))
    tx = Transaction(128, 4242, 2, tx_nonce, KEYS[sender], 10 * COIN, asset={"bundles": [record]})
    return sign_ecdsa(tx, SECRETS[sender])


def register(name: str):
    owner = str(SecretKey("s", SECRETS[1]).public())
    return {
        "type": "register",
        "name": name,
        "owner": owner,
        "subtreePolicies": {},
        "registrationPolicy": "owner",
        "data": {"type": "number"},
        "expiresAtHeight": 600,
    }


def test_same_blocks_same_state() -> None:
    _, _, engine = make_chain()
    other = make_state()
    for block in (
        forge(engine, pay(), pay(1)).block,
        forge(engine, morpheus([PROOF], nonce=2)).block,
        forge(engine).block,
    ):
        other.apply_block(parse_block(encode_block(block)))
    assert snapshot(other) == snapshot(engine.state)
    trusting = make_state()
    for changes in engine.state._undo:
        trusting.apply_block(changes.block, verify=False)
    assert snapshot(trusting) == snapshot(other)


def test_changes_tell_every_touched_row() -> None:
    state, _, engine = make_chain()
    changes = forge(engine, pay(to=3), core(2, 1, asset={"delegate": {"username": "d"}}))
    assert changes.block_id == state.block_id and len(changes.txids) == 2
    producer = state.book.account_of(engine.producer)
    assert set(changes.tables["accounts"]) == {
        NAMES[0],
        NAMES[1],
        NAMES[3],
        *[name for name, account in state.book.accounts.items() if account == producer],
    }
    old, new = changes.tables["accounts"][NAMES[3]]
    assert old is None and new.balance == 5
    assert changes.tables["usernames"] == {"d": (None, NAMES[1])}


@pytest.mark.parametrize(
    "change",
    [
        {"network": 100},
        {"height": 3},
        {"height": 1},
        {"parent": bytes(32)},
        {"producer": KEYS[0]},
        {"signature": bytes(64)},
        {"signature": b""},
        {"state": b"x" * 32},
    ],
)
def test_blocks_that_may_not_follow(change: dict) -> None:
    state, _, engine = make_chain()
    block = replace(engine.propose([pay()], state.params.epoch + 12), **change)
    before = snapshot(state)
    with pytest.raises(VerifyError):
        state.apply_block(block)
    assert snapshot(state) == before


def test_time_does_not_run_back() -> None:
    state, _, engine = make_chain()
    forge(engine, after=100)
    block = engine.propose([], 0)
    assert block.timestamp == 100
    early = sign_block(replace(block, timestamp=99), state.params, PRODUCER)
    with pytest.raises(VerifyError, match="time stamp"):
        state.apply_block(early)


def test_one_wrong_transaction_refuses_the_whole_block() -> None:
    state, _, engine = make_chain()
    good = engine.propose([pay(), pay(1)], state.params.epoch + 12)
    before = snapshot(state)
    for wrong in (
        pay(nonce=5),
        replace(pay(1), amount=6),
        pay(4),
        replace(pay(1), amount=0, signature=b""),
    ):
        block = replace(good, transactions=(pay(), wrong))
        block = sign_block(block, state.params, PRODUCER)
        with pytest.raises((VerifyError, DataError)):
            state.apply_block(block)
        assert snapshot(state) == before
    state.apply_block(good)


def test_limits_of_a_block() -> None:
    small = {"height": 1, "aip11": True, "block": {"maxTransactions": 2, "maxPayload": 11 * 1024}}
    state, _, engine = make_chain(milestones=[small])
    payments = [pay(nonce=n) for n in (1, 2, 3)]
    assert len(engine.propose(payments, state.params.epoch + 12).transactions) == 2
    block = engine.propose([], state.params.epoch + 12)
    with pytest.raises(VerifyError, match="at most 2 transactions"):
        state.apply_block(
            sign_block(replace(block, transactions=tuple(payments)), state.params, PRODUCER)
        )
    long = morpheus([{"operation": "registerBeforeProof", "contentId": "x" * 12_000}], fee=COIN)
    assert engine.propose([long], state.params.epoch + 12).transactions == ()
    with pytest.raises(VerifyError, match="payload"):
        state.apply_block(sign_block(replace(block, transactions=(long,)), state.params, PRODUCER))


def test_rewards_and_supply() -> None:
    milestones = [{"height": 1, "aip11": True}, {"height": 3, "reward": 2 * COIN}]
    state, _, engine = make_chain(milestones=milestones)
    start = state.supply
    forge(engine)
    assert state.supply == start
    forge(engine)
    forge(engine)
    assert state.supply == start + 4 * COIN
    assert state.book.account_of(engine.producer).balance == 4 * COIN
    assert sum(account.balance for _, account in state.book.accounts.items()) == state.supply


def test_a_delegate_that_produces_counts_its_blocks() -> None:
    state, pool, _ = make_chain()
    from iop.ledger.engine import Solo

    engine = Solo(state, pool, secret=SECRETS[2])
    forge(engine, core(2, 2, asset={"delegate": {"username": "maker"}}))
    changes = forge(engine, pay())
    delegate = state.book.account(NAMES[2]).delegate
    assert (delegate.produced, delegate.fees) == (2, 30 * COIN + 10**7)
    assert delegate.last_block == changes.block_id


def test_layer_two_rejects_without_harm_to_layer_one() -> None:
    state, _, engine = make_chain()
    first = forge(engine, morpheus([PROOF]))
    assert first.outcomes[0].error is None
    again = forge(engine, morpheus([PROOF], nonce=2))
    assert again.outcomes[0].error.startswith("Before proof cjx is already registered at 2")
    assert state.registry.is_confirmed(again.txids[0].hex()) is False
    odd = {
        "operation": "signed",
        "signables": [{"operation": "tombstoneDid", "did": "x", "lastTxId": None}],
        "signerPublicKey": "",
        "signature": "",
    }
    third = forge(engine, morpheus([odd], nonce=3))
    assert not third.outcomes[0].is_recorded
    assert state.registry.is_confirmed(third.txids[0].hex()) is None
    assert state.book.account(NAMES[0]).nonce == 3


def test_names() -> None:
    state, _, engine = make_chain()
    done = forge(engine, coeus([register(".schema.a")], 1, 1))
    assert done.outcomes[0].error is None
    rejected = forge(engine, coeus([register(".schema.a")], 2, 2))
    assert "Valid domain .schema.a exists" in rejected.outcomes[0].error
    assert state.names.is_confirmed(rejected.txids[0].hex()) is False


def test_taking_back_restores_everything() -> None:
    state, _, engine = make_chain()
    forge(engine, pay(), morpheus([PROOF], nonce=2), coeus([register(".schema.a")], 1, 3))
    before = snapshot(state)
    changes = forge(
        engine,
        pay(1),
        morpheus([PROOF], nonce=4),
        morpheus([{**PROOF, "contentId": "y"}], nonce=5),
        coeus([register(".schema.a")], 2, 6),
        coeus([register(".schema.b")], 2, 7),
        coeus([{"type": "update", "name": ".schema.b", "data": {"type": "string"}}], 3, 8),
    )
    assert [o.error is None for o in changes.outcomes] == [False, True, False, True, True]
    after = snapshot(state)
    assert state.revert_block() == changes.block
    assert snapshot(state) == before
    assert state.registry.is_confirmed(changes.txids[2].hex()) is None
    state.apply_block(changes.block)
    assert snapshot(state) == after


def test_only_the_newest_blocks_can_be_taken_back() -> None:
    state, _, engine = make_chain()
    for _ in range(UNDO_BLOCKS + 3):
        forge(engine)
    for _ in range(UNDO_BLOCKS):
        state.revert_block()
    assert state.height == 4
    with pytest.raises(VerifyError, match="cannot be taken back"):
        state.revert_block()
    with pytest.raises(VerifyError):
        make_state().revert_block()


def test_delegates_of_the_genesis() -> None:
    state = make_state(wallets=[{"publicKey": KEYS[0].hex(), "balance": 5, "username": "first"}])
    assert state.book.account(NAMES[0]).delegate.username == "first"
    assert state.book.usernames.get("first") == NAMES[0]


def test_block_bytes() -> None:
    _, _, engine = make_chain()
    block = engine.propose([pay(), pay(1)], engine.state.params.epoch + 12)
    data = encode_block(block)
    assert parse_block(data) == block and is_block_signed(block, engine.state.params)
    assert block.transactions[0] == parse_block(data).transactions[0]
    unsigned = replace(block, signature=b"")
    assert parse_block(encode_block(unsigned)) == unsigned
    assert not is_block_signed(unsigned, engine.state.params)
    for wrong in (
        b"",
        b"\x03" + data[1:],
        b"\x00" + data[1:],
        data[:-1],
        data + b"x",
        data[:211] + b"\x03" + data[212:],
    ):
        with pytest.raises(DecodeError):
            parse_block(wrong)
    with pytest.raises(DecodeError, match="root"):
        parse_block(data[:-1] + bytes([data[-1] ^ 1]))
    for huge in (bytes(33 * 2**20), data[:211] + b"\xff" * 4 + data[215:]):
        with pytest.raises(LimitError):
            parse_block(huge)


def test_block_id_covers_network_and_header_but_no_signature() -> None:
    state, _, engine = make_chain()
    block = engine.propose([pay()], state.params.epoch + 12)
    same = compute_block_id(replace(block, signature=b""), state.params)
    assert same == compute_block_id(block, state.params)
    other = replace(state.params, nethash=bytes(32))
    assert compute_block_id(block, other) != same
    for change in ({"timestamp": 13}, {"state": b"s" * 32}, {"transactions": ()}, {"height": 9}):
        assert compute_block_id(replace(block, **change), state.params) != same


def test_merkle_root_splits_at_powers_of_two() -> None:
    import hashlib

    def sha(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def root(leaves):  # RFC 9162 2.1.1, word by word
        if not leaves:
            return sha(b"")
        if len(leaves) == 1:
            return sha(b"\0" + leaves[0])
        k = 1
        while k * 2 < len(leaves):
            k *= 2
        return sha(b"\1" + root(leaves[:k]) + root(leaves[k:]))

    for count in range(20):
        ids = [sha(b"%d" % n) for n in range(count)]
        assert compute_root(ids) == root(ids)


def test_signing_a_block_for_somebody_else() -> None:
    state, _, engine = make_chain()
    block = engine.propose([], state.params.epoch)
    with pytest.raises(DataError):
        sign_block(block, state.params, SECRETS[0])
    with pytest.raises(DataError):
        encode_block(Block(128, -1, 0, bytes(32), compute_public_key(PRODUCER)))


def test_txids_are_the_ids() -> None:
    _, _, engine = make_chain()
    tx = pay()
    assert forge(engine, tx).txids[0].hex() == compute_id(tx)


def test_state_is_all_there_is() -> None:
    assert isinstance(make_state(), State)
