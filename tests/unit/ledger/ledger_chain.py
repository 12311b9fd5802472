"""A little chain to test on: keys with money, a state, a pool, a sequencer."""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.crypto.secp256k1 import compute_public_key
from iop.ledger.address import compute_address_hash, encode_address
from iop.ledger.engine import Solo
from iop.ledger.genesis import from_record
from iop.ledger.mempool import Mempool
from iop.ledger.seal import sign_ecdsa
from iop.ledger.state import State
from iop.ledger.wire import Transaction

COIN = 10**8
SECRETS = [sha256(b"key %d" % n) for n in range(5)]
KEYS = [compute_public_key(secret) for secret in SECRETS]
NAMES = [compute_address_hash(key) for key in KEYS]
ADDRESSES = [encode_address(128, name) for name in NAMES]
PRODUCER = sha256(b"producer")


def make_state(balance: int = 10_000 * COIN, rich: int = 3, **more) -> State:
    """A state in which the first keys are rich, and the others have nothing."""
    record = {
        "type": "iop.genesis/1",
        "name": "test",
        "wallets": [{"address": ADDRESSES[n], "balance": str(balance)} for n in range(rich)],
    }
    return State(from_record(record | more))


def make_chain(**more) -> tuple[State, Mempool, Solo]:
    state = make_state(**more)
    pool = Mempool(state)
    return state, pool, Solo(state, pool, secret=PRODUCER)


def pay(sender: int = 0, nonce: int = 1, to: int = 1, amount: int = 5, fee: int = 10**7, **more):
    """A signed payment between the numbered keys."""
    tx = Transaction(
        128, 1, 0, nonce, KEYS[sender], fee, amount=amount, recipient=NAMES[to], **more
    )
    return sign_ecdsa(tx, SECRETS[sender])


def core(type_: int, sender: int = 0, nonce: int = 1, fee: int = 30 * COIN, asset=None, **more):
    """A signed transaction of another core kind."""
    tx = Transaction(128, 1, type_, nonce, KEYS[sender], fee, asset=asset, **more)
    return sign_ecdsa(tx, SECRETS[sender])


def morpheus(attempts, sender: int = 0, nonce: int = 1, fee: int = 10**7):
    tx = Transaction(
        128, 4242, 1, nonce, KEYS[sender], fee, asset={"operationAttempts": list(attempts)}
    )
    return sign_ecdsa(tx, SECRETS[sender])


def forge(engine: Solo, *transactions: Transaction, after: int = 12):
    """Commit a block of exactly these transactions; fails when one of them is left out."""
    state = engine.state
    block = engine.propose(transactions, state.params.epoch + state.timestamp + after)
    assert len(block.transactions) == len(transactions), "a transaction was left out"
    return engine.commit(block)


def snapshot(state: State):
    """Everything that a block may change."""
    tables = {table.name: dict(table.items()) for table in state.book.tables()}
    names = state.names
    return (
        state.height,
        state.timestamp,
        state.block_id,
        tables,
        state.registry.last_height(),
        names.last_seen_height,
        dict(names.nonces),
        dict(names.statuses),
        repr(dump_names(names.root)),
    )


def dump_names(domain):
    children = domain.children or {}
    return (
        domain.metadata(),
        domain.data(),
        {k: dump_names(v) for k, v in sorted(children.items())},
    )
