"""What each kind of transaction may do, and what it does."""

from __future__ import annotations

import hashlib

import pytest
from ledger_chain import COIN, KEYS, NAMES, SECRETS, core, forge, make_chain, pay, snapshot

from iop.errors import VerifyError
from iop.ledger.account import EMPTY
from iop.ledger.address import compute_address_hash, encode_address
from iop.ledger.seal import MultiSignature, compute_shared_key, sign_part, sign_schnorr, sign_second
from iop.ledger.wire import Transaction, compute_id_bytes
from iop.value import replace

FAILED = "Failed to apply transaction, because "


def refused(engine, tx) -> str:
    """The refusal of a transaction that comes next; nothing changes."""
    state = engine.state
    before = snapshot(state)
    with pytest.raises(VerifyError) as caught:
        state.check_transaction(tx)
    assert engine.propose([tx], state.params.epoch + state.timestamp + 1).transactions == ()
    assert snapshot(state) == before
    return caught.value.message


@pytest.fixture
def engine():
    return make_chain()[2]


def account(engine, n: int):
    return engine.state.book.account(NAMES[n])


def test_payment(engine) -> None:
    forge(engine, pay(0, 1, to=3, amount=7, fee=10**7))
    assert account(engine, 0).balance == 10_000 * COIN - 7 - 10**7
    assert account(engine, 0).nonce == 1 and account(engine, 0).public_key == KEYS[0]
    assert account(engine, 3).balance == 7 and account(engine, 3).public_key == b""
    assert engine.state.book.account_of(engine.producer).balance == 10**7


def test_payment_to_oneself(engine) -> None:
    forge(engine, pay(0, 1, to=0, amount=7, fee=10**7))
    assert account(engine, 0).balance == 10_000 * COIN - 10**7


def test_nonce_balance_and_unknown_sender(engine) -> None:
    assert refused(engine, pay(nonce=2)) == (
        f"Cannot apply a transaction with nonce 2: the sender {KEYS[0].hex()} has nonce 0."
    )
    assert refused(engine, pay(nonce=0)).startswith("Cannot apply a transaction with nonce 0")
    assert refused(engine, pay(amount=10_000 * COIN)) == "Insufficient balance in the wallet."
    assert refused(engine, pay(4)).startswith("Insufficient balance in database wallet.")
    forge(engine, pay(0, 1, to=4, amount=1))
    assert refused(engine, pay(4)) == "Insufficient balance in the wallet."


def test_expired(engine) -> None:
    assert "is expired since" in refused(engine, pay(expiration=2))
    forge(engine, pay(expiration=3))


def test_vote_needs_a_delegate(engine) -> None:
    key = KEYS[1].hex()
    plus, minus = {"votes": ["+" + key]}, {"votes": ["-" + key]}
    assert refused(engine, core(3, asset=plus)) == FAILED + "only delegates can be voted."
    assert refused(engine, core(3, asset=minus)) == FAILED + "the wallet has not voted."
    forge(engine, core(2, 1, asset={"delegate": {"username": "one"}}))
    forge(engine, core(3, asset=plus))
    assert account(engine, 0).vote == KEYS[1]
    assert engine.state.book.votes.get(KEYS[1]) == account(engine, 0).balance
    assert (
        refused(engine, core(3, nonce=2, asset=plus))
        == FAILED + "the sender wallet has already voted."
    )
    other = {"votes": ["-" + KEYS[2].hex()]}
    assert (
        refused(engine, core(3, nonce=2, asset=other)) == FAILED + "the wallet vote does not match."
    )
    forge(engine, pay(2, 1, to=0, amount=5))
    assert engine.state.book.votes.get(KEYS[1]) == account(engine, 0).balance
    forge(engine, core(3, nonce=2, asset=minus))
    assert account(engine, 0).vote == b"" and engine.state.book.votes.get(KEYS[1]) is None


def test_delegate_registration(engine) -> None:
    asset = {"delegate": {"username": "one"}}
    forge(engine, core(2, asset=asset))
    assert account(engine, 0).delegate.username == "one"
    assert engine.state.book.usernames.get("one") == NAMES[0]
    assert (
        refused(engine, core(2, 1, asset=asset))
        == FAILED + "the username 'one' is already registered."
    )
    again = {"delegate": {"username": "two"}}
    assert (
        refused(engine, core(2, nonce=2, asset=again))
        == FAILED + "the wallet already has a registered username."
    )


def test_resignation_needs_enough_others() -> None:
    milestone = {"height": 1, "activeDelegates": 1, "aip11": True}
    engine = make_chain(milestones=[milestone])[2]
    assert refused(engine, core(7)) == FAILED + "the wallet is not a delegate."
    for n in (0, 1):
        forge(engine, core(2, n, asset={"delegate": {"username": f"d{n}"}}))
    forge(engine, core(7, nonce=2))
    assert account(engine, 0).delegate.is_resigned
    assert refused(engine, core(7, nonce=3)) == FAILED + "the wallet already resigned as delegate."
    assert (
        refused(engine, core(7, 1, nonce=2))
        == FAILED + "not enough delegates to allow resignation."
    )
    vote = core(3, 2, asset={"votes": ["+" + KEYS[0].hex()]})
    assert refused(engine, vote) == FAILED + "it votes for a resigned delegate."


def test_second_signature(engine) -> None:
    assert refused(engine, sign_second(pay(), SECRETS[1], schnorr=False)) == (
        FAILED + "wallet does not allow second signatures."
    )
    asset = {"signature": {"publicKey": KEYS[3].hex()}}
    forge(engine, core(1, asset=asset))
    assert account(engine, 0).second_key == KEYS[3]
    assert refused(engine, pay(nonce=2)) == FAILED + "the second signature could not be verified."
    forge(engine, sign_second(pay(nonce=2), SECRETS[3], schnorr=False))
    twice = sign_second(core(1, nonce=3, asset=asset), SECRETS[3], schnorr=False)
    assert "null" in refused_form(engine, twice)
    assert (
        refused(engine, core(1, nonce=3, asset=asset))
        == FAILED + "second signature is already enabled."
    )


def refused_form(engine, tx) -> str:
    from iop.errors import DataError

    with pytest.raises(DataError) as caught:
        engine.state.check_transaction(tx)
    return caught.value.message


def share(keys=(0, 1), least: int = 2, parts=(0, 1), sender: int = 0, nonce: int = 1):
    asset = {"multiSignature": {"publicKeys": [KEYS[k].hex() for k in keys], "min": least}}
    tx = Transaction(128, 1, 4, nonce, KEYS[sender], 30 * COIN, asset=asset)
    for index in parts:
        tx = sign_part(tx, SECRETS[keys[index]], index)
    return sign_schnorr(tx, SECRETS[sender])


def test_shared_account(engine) -> None:
    assert refused(engine, share(least=1, parts=(0,))) == (
        FAILED + "the number of provided keys does not match the number of signatures."
    )
    wrong = share()
    swapped = tuple(bytes([1 - part[0]]) + part[1:] for part in wrong.signatures)
    wrong = sign_schnorr(replace(wrong, signature=b"", signatures=swapped), SECRETS[0])
    assert refused(engine, wrong) == FAILED + "the multi signature could not be verified."
    forge(engine, share())
    public = compute_shared_key(MultiSignature(2, tuple(KEYS[:2])))
    name = compute_address_hash(public)
    assert engine.state.book.account(name).multi_signature.least == 2
    assert refused(engine, share(nonce=2)) == FAILED + "multi signature is already enabled."
    fund = replace(pay(2, 1), signature=b"", recipient=name, amount=100 * COIN)
    forge(engine, sign_schnorr(fund, SECRETS[2]))
    spend = Transaction(128, 1, 0, 1, public, 10**7, amount=5, recipient=NAMES[3])
    one = sign_part(spend, SECRETS[0], 0)
    assert refused(engine, one) == FAILED + "the multi signatures are invalid."
    forge(engine, sign_part(one, SECRETS[1], 1))
    assert account(engine, 3).balance == 5
    for type_, asset in (
        (1, {"signature": {"publicKey": KEYS[4].hex()}}),
        (2, {"delegate": {"username": "x"}}),
    ):
        tx = Transaction(128, 1, type_, 2, public, 30 * COIN, asset=asset)
        tx = sign_part(sign_part(tx, SECRETS[0], 0), SECRETS[1], 1)
        assert refused(engine, tx) == FAILED + "multi signature is enabled."


def test_parts_without_a_shared_account(engine) -> None:
    tx = sign_schnorr(sign_part(replace(pay(), signature=b""), SECRETS[1], 0), SECRETS[0])
    assert refused(engine, tx) == FAILED + "the transaction does not support multi signatures."


def test_ipfs(engine) -> None:
    asset = {"ipfs": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"}
    forge(engine, core(5, asset=asset))
    assert account(engine, 0).contents == 1
    assert refused(engine, core(5, 1, asset=asset)) == (
        FAILED + "this IPFS hash is already registered on the blockchain."
    )


def test_many_payments(engine) -> None:
    addresses = [encode_address(128, name) for name in NAMES]
    rows = [{"amount": str(n + 1), "recipientId": addresses[n]} for n in (3, 4, 3)]
    forge(engine, core(6, asset={"payments": rows}, fee=10**7))
    assert account(engine, 3).balance == 8 and account(engine, 4).balance == 5
    assert account(engine, 0).balance == 10_000 * COIN - 13 - 10**7
    rows = [{"amount": str(5_000 * COIN), "recipientId": addresses[3]}] * 2
    assert (
        refused(engine, core(6, nonce=2, asset={"payments": rows}))
        == "Insufficient balance in the wallet."
    )


SECRET = b"s" * 32
HASH = hashlib.sha256(SECRET).hexdigest()


def lock(expiration: dict, nonce: int = 1, amount: int = 50 * COIN):
    return core(
        8,
        nonce=nonce,
        amount=amount,
        recipient=NAMES[3],
        fee=10**7,
        asset={"lock": {"secretHash": HASH, "expiration": expiration}},
    )


def claim(lock_id: bytes, secret: bytes = SECRET, sender: int = 1, nonce: int = 1):
    asset = {"claim": {"lockTransactionId": lock_id.hex(), "unlockSecret": secret.hex()}}
    return core(9, sender, nonce, fee=0, asset=asset)


def refund(lock_id: bytes, sender: int = 1, nonce: int = 1):
    return core(10, sender, nonce, fee=0, asset={"refund": {"lockTransactionId": lock_id.hex()}})


def test_hash_time_lock_claimed(engine) -> None:
    assert (
        refused(engine, lock({"type": 2, "value": 54}))
        == FAILED + "the associated HTLC lock transaction expired."
    )
    tx = lock({"type": 2, "value": 60})
    lock_id = compute_id_bytes(tx)
    assert "could not be found" in refused(engine, claim(lock_id))
    forge(engine, tx)
    assert account(engine, 0).locked == 50 * COIN
    assert refused(engine, claim(lock_id, b"x" * 32)).startswith(
        FAILED + "the secret provided does not match"
    )
    assert (
        refused(engine, refund(lock_id))
        == FAILED + "the associated HTLC lock transaction did not expire yet."
    )
    forge(engine, claim(lock_id))
    assert account(engine, 3).balance == 50 * COIN and account(engine, 0).locked == 0
    assert account(engine, 1).nonce == 1
    assert "could not be found" in refused(engine, claim(lock_id, nonce=2))


def test_hash_time_lock_refunded(engine) -> None:
    value = engine.state.timestamp + 12 * 53 + 1
    tx = lock({"type": 1, "value": value})
    lock_id = compute_id_bytes(tx)
    forge(engine, tx)
    assert "did not expire yet" in refused(engine, refund(lock_id))
    forge(engine, after=value)
    assert (
        refused(engine, claim(lock_id)) == FAILED + "the associated HTLC lock transaction expired."
    )
    before = account(engine, 0).balance
    forge(engine, refund(lock_id))
    assert account(engine, 0).balance == before + 50 * COIN


def test_kinds_before_their_milestone() -> None:
    first = {"height": 1, "aip11": True, "htlcEnabled": False, "morpheus": False, "coeus": False}
    engine = make_chain(milestones=[first])[2]
    assert (
        refused(engine, lock({"type": 2, "value": 60})) == "Transaction type Core/8 is deactivated."
    )
    old = make_chain(milestones=[first | {"aip11": False}])[2]
    assert "Version 2 not supported." in refused_form(old, pay())


def test_an_account_nobody_used_is_empty(engine) -> None:
    assert account(engine, 4) == EMPTY and engine.state.account(NAMES[4]) is None
