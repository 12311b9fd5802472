"""The pool, submissions to it, and the engine that empties it."""

from __future__ import annotations

import pytest
from ledger_chain import (
    ADDRESSES,
    COIN,
    KEYS,
    NAMES,
    PRODUCER,
    SECRETS,
    core,
    forge,
    make_chain,
    morpheus,
    pay,
)

from iop.errors import SchemaError, VerifyError
from iop.ledger.engine import Solo
from iop.ledger.mempool import Mempool
from iop.ledger.params import Limits
from iop.ledger.record import to_record
from iop.ledger.seal import sign_ecdsa, sign_second
from iop.ledger.state import State
from iop.ledger.submission import check_body, submit
from iop.ledger.wire import Transaction, compute_id, compute_id_bytes
from iop.value import replace

PROOF = {"operation": "registerBeforeProof", "contentId": "cjx"}


def post(state: State, pool: Mempool, *transactions, **more):
    records = [tx if isinstance(tx, dict) else to_record(tx) for tx in transactions]
    return submit(check_body({"transactions": records}, state), state, pool, **more)


def error_of(answer) -> tuple[str, str]:
    (found,) = answer.errors.values()
    return found[0]


def test_chains_of_nonces() -> None:
    state, pool, _ = make_chain()
    answer = post(state, pool, pay(nonce=1), pay(nonce=2), pay(1))
    assert len(answer.accept) == 3 and answer.accept == answer.broadcast and len(answer.taken) == 3
    assert answer.to_record() == {
        "data": {
            "accept": list(answer.accept),
            "broadcast": list(answer.accept),
            "excess": [],
            "invalid": [],
        }
    }
    assert [tx.nonce for tx in pool.transactions()] == [1, 2, 1]
    assert pool.account(KEYS[0]).nonce == 2 and pool.count_of(KEYS[0]) == 2 and len(pool) == 3
    assert pool.find(compute_id_bytes(pay())) == pay() and pool.find(bytes(32)) is None
    gap = post(state, pool, pay(nonce=4))
    assert error_of(gap) == (
        "ERR_APPLY",
        f"Cannot apply a transaction with nonce 4: the sender {KEYS[0].hex()} has nonce 2.",
    )
    assert gap.to_record()["data"]["invalid"] == [compute_id(pay(nonce=4))]
    assert gap.to_record()["errors"] == {
        compute_id(pay(nonce=4)): [{"type": error_of(gap)[0], "message": error_of(gap)[1]}]
    }


def test_waiting_money_cannot_be_spent_twice_nor_before_it_arrives() -> None:
    state, pool, engine = make_chain()
    post(state, pool, pay(amount=9_000 * COIN, to=3))
    assert error_of(post(state, pool, pay(nonce=2, amount=2_000 * COIN))) == (
        "ERR_APPLY",
        "Insufficient balance in the wallet.",
    )
    assert error_of(post(state, pool, pay(3))) == (
        "ERR_APPLY",
        (
            "Insufficient balance in database wallet. "
            "Wallet is not allowed to spend before funding is confirmed."
        ),
    )
    engine.commit(engine.propose(pool.transactions(), state.params.epoch + 12))
    assert len(pool) == 0
    assert post(state, pool, pay(3)).accept


@pytest.mark.parametrize(
    ("tx", "type_", "message"),
    [
        (pay(fee=1), "ERR_LOW_FEE", "The fee is too low to broadcast and accept the transaction"),
        (
            morpheus([PROOF], fee=203_999),
            "ERR_LOW_FEE",
            "The fee for this transaction must be at least 210000",
        ),
        (
            replace(pay(), amount=6),
            "ERR_BAD_DATA",
            "Transaction didn't pass the verification process.",
        ),
        (pay(expiration=2), "ERR_EXPIRED", None),
        (
            {**to_record(pay()), "recipientId": "hMDCcdnhKM8BYcEMPJ5ruH1JtxK9gBfeJR"},
            "ERR_INVALID_RECIPIENT",
            "Recipient hMDCcdnhKM8BYcEMPJ5ruH1JtxK9gBfeJR is not on the same network: 128",
        ),
        (
            morpheus([{**PROOF, "contentId": "ä"}]),
            "ERR_UNKNOWN",
            (
                "Failed to deserialize transaction, encountered invalid bytes: "
                "Unexpected non-whitespace character after JSON at position 75"
            ),
        ),
        (
            {**to_record(morpheus([])), "asset": "x"},
            "ERR_INVALID_TX",
            "missing field `operationAttempts`",
        ),
        (
            core(3, asset={"votes": ["+" + KEYS[1].hex()]}),
            "ERR_APPLY",
            "Failed to apply transaction, because only delegates can be voted.",
        ),
        (
            core(
                9,
                fee=0,
                asset={"claim": {"lockTransactionId": "ab" * 32, "unlockSecret": "cd" * 32}},
            ),
            "ERR_HTLCLOCKNOTFOUND",
            f'The associated lock transaction id "{"ab" * 32}" was not found.',
        ),
    ],
)
def test_refusals(tx, type_: str, message: str | None) -> None:
    state, pool, _ = make_chain()
    answer = post(state, pool, tx)
    assert error_of(answer)[0] == type_ and len(answer.invalid) == 1 and not answer.accept
    if message is not None:
        assert error_of(answer)[1] == message
    assert len(pool) == 0


def test_duplicates_and_forged_ones() -> None:
    state, pool, engine = make_chain()
    tx = pay()
    post(state, pool, tx)
    assert error_of(post(state, pool, tx)) == (
        "ERR_DUPLICATE",
        f"Duplicate transaction {compute_id(tx)}",
    )
    with pytest.raises(VerifyError):
        pool.add(tx)
    engine.commit(engine.propose(pool.transactions(), state.params.epoch + 12))
    assert error_of(post(state, pool, tx, is_forged=lambda _: True)) == (
        "ERR_FORGED",
        "Already forged.",
    )


def test_one_of_a_kind_at_a_time() -> None:
    state, pool, engine = make_chain()
    forge(engine, core(2, 1, asset={"delegate": {"username": "d"}}))
    vote = {"votes": ["+" + KEYS[1].hex()]}
    post(state, pool, core(3, asset=vote))
    found = error_of(post(state, pool, core(3, nonce=2, asset={"votes": ["-" + KEYS[1].hex()]})))
    assert found == (
        "ERR_PENDING",
        f"Sender {KEYS[0].hex()} already has a transaction of type 'Vote' in the pool",
    )
    post(state, pool, core(2, 2, asset={"delegate": {"username": "e"}}))
    found = error_of(post(state, pool, core(2, 0, nonce=2, asset={"delegate": {"username": "e"}})))
    assert found == ("ERR_PENDING", 'Delegate registration for "e" already in the pool')


def test_pending_claims() -> None:
    import hashlib

    state, pool, engine = make_chain()
    asset = {
        "lock": {
            "secretHash": hashlib.sha256(b"s" * 32).hexdigest(),
            "expiration": {"type": 2, "value": 99},
        }
    }
    tx = core(8, amount=COIN, recipient=NAMES[3], fee=10**7, asset=asset)
    forge(engine, tx)
    claim = {"claim": {"lockTransactionId": compute_id(tx), "unlockSecret": (b"s" * 32).hex()}}
    assert post(state, pool, core(9, 1, fee=0, asset=claim)).accept
    assert error_of(post(state, pool, core(9, 2, fee=0, asset=claim)))[0] == "ERR_PENDING"
    engine.commit(engine.propose(pool.transactions(), state.params.epoch + 99))
    assert state.book.account(NAMES[3]).balance == COIN


def limited(**limits) -> tuple[State, Mempool, Solo]:
    state, _, _ = make_chain()
    state.params = replace(state.params, limits=Limits(**limits))
    pool = Mempool(state)
    return state, pool, Solo(state, pool, secret=PRODUCER)


def test_a_senders_share() -> None:
    state, pool, _ = limited(per_sender=2)
    answer = post(state, pool, *(pay(nonce=n) for n in (1, 2)))
    more = post(state, pool, pay(nonce=3))
    assert (
        len(answer.accept) == 2 and more.excess == (compute_id(pay(nonce=3)),) and not more.errors
    )
    with pytest.raises(VerifyError):
        pool.add(pay(nonce=3))


def test_a_full_pool_keeps_the_better_fee() -> None:
    state, pool, _ = limited(in_pool=3)
    post(state, pool, pay(nonce=1), pay(nonce=2, fee=2 * 10**7), pay(1, fee=3 * 10**7))
    answer = post(state, pool, pay(2, fee=10**7))
    assert error_of(answer) == (
        "ERR_POOL_FULL",
        (
            "Pool is full (has 3 transactions) and this transaction's fee 10000000 is not higher than "
            "the lowest fee already in pool 20000000"
        ),
    )
    assert answer.broadcast == (compute_id(pay(2, fee=10**7)),)
    assert post(state, pool, pay(2, fee=4 * 10**7)).accept
    assert len(pool) == 3 and pool.account(KEYS[0]).nonce == 1  # only the last of a sender leaves
    assert pool.account(KEYS[0]).balance == 10_000 * COIN - 5 - 10**7
    assert error_of(post(state, pool, pay(2, nonce=2, fee=1)))[0] == "ERR_LOW_FEE"


def test_bytes_of_the_pool_are_bounded() -> None:
    state, pool, _ = limited(pool_bytes=400)
    assert len(post(state, pool, pay(), pay(1)).accept) == 2 and pool.size_bytes < 400
    assert error_of(post(state, pool, pay(2)))[0] == "ERR_POOL_FULL"


def test_removing_takes_the_later_nonces_along() -> None:
    state, pool, _ = make_chain()
    post(state, pool, *(pay(nonce=n) for n in (1, 2, 3)), pay(1))
    gone = pool.remove(compute_id_bytes(pay(nonce=2)))
    assert gone == (compute_id_bytes(pay(nonce=3)),) and len(pool) == 2
    assert pool.remove(bytes(32)) == ()


def test_a_block_makes_waiting_ones_impossible() -> None:
    state, pool, engine = make_chain()
    post(state, pool, pay(amount=6_000 * COIN), pay(nonce=2), pay(1, expiration=3))
    other = pay(amount=7_000 * COIN, to=3)
    forge(engine, other)
    # the first of sender 0 can no longer come, and the second needs nonce 2, which it is
    assert [tx.sender for tx in pool.transactions()] == [KEYS[0]]
    assert pool.account(KEYS[0]).nonce == 2
    state.revert_block()
    assert pool.reset() == (compute_id_bytes(pay(nonce=2)),)


def test_one_block_holds_what_fits_in_order() -> None:
    state, pool, engine = make_chain()
    post(state, pool, *(pay(nonce=n) for n in range(1, 6)), pay(1))
    block = engine.propose(pool.transactions(), state.params.epoch + 12)
    assert [tx.nonce for tx in block.transactions] == [1, 2, 3, 4, 5, 1]
    assert engine.propose([pay(nonce=2), pay(nonce=1)], state.params.epoch).transactions == (pay(),)


def test_engine_is_one_sequencer() -> None:
    state, pool, engine = make_chain()
    assert engine.due_at() == state.params.epoch + 12
    assert engine.is_due(state.params.epoch + 12) and not engine.is_due(state.params.epoch + 11)
    with pytest.raises(VerifyError):
        Solo(state, pool)
    follower = Solo(state, pool, producer=engine.producer)
    with pytest.raises(VerifyError, match="only the sequencer"):
        follower.propose([], 0)
    stranger = Solo(state, pool, secret=SECRETS[4])
    with pytest.raises(VerifyError, match="block by"):
        follower.commit(stranger.propose([], state.params.epoch + 12))
    follower.commit(engine.propose([], state.params.epoch + 12))
    assert state.height == 2


def test_second_signature_in_the_pool() -> None:
    state, pool, engine = make_chain()
    forge(engine, core(1, asset={"signature": {"publicKey": KEYS[3].hex()}}))
    assert post(state, pool, sign_second(pay(nonce=2), SECRETS[3], schnorr=False)).accept
    assert error_of(post(state, pool, pay(nonce=3)))[0] == "ERR_APPLY"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "should be object"),
        ({}, "should have required property 'transactions'"),
        ({"transactions": {}}, "should be array"),
        ({"transactions": []}, "should NOT have fewer than 1 items"),
        ({"transactions": [{}] * 41}, "should NOT have more than 40 items"),
        ({"transactions": [5]}, "should be object,should match some schema in anyOf"),
        (
            {"transactions": [{**to_record(pay()), "amount": "0"}]},
            'should pass "bignumber" keyword validation,should match some schema in anyOf',
        ),
    ],
)
def test_bodies_refused_as_a_whole(body, message: str) -> None:
    state, _, _ = make_chain()
    with pytest.raises(SchemaError) as caught:
        check_body(body, state)
    assert caught.value.message == message


def test_coeus_fee_and_unreadable_bundles() -> None:
    state, pool, _ = make_chain()
    bundle = {"operations": [], "nonce": 1, "publicKey": "x", "signature": "y"}
    tx = Transaction(128, 4242, 2, 1, KEYS[0], COIN, asset={"bundles": []})
    record = to_record(sign_ecdsa(tx, SECRETS[0]))
    assert (
        error_of(post(state, pool, {**record, "asset": {"bundles": [bundle]}}))[0]
        == "ERR_INVALID_TX"
    )
    cheap = sign_ecdsa(replace(tx, fee=1), SECRETS[0])
    assert error_of(post(state, pool, cheap)) == (
        "ERR_LOW_FEE",
        "The fee for this transaction must be at least 42000",
    )
    assert post(state, pool, record).accept


def test_addresses_are_those_of_the_keys() -> None:
    assert all(address.startswith("t") for address in ADDRESSES)
