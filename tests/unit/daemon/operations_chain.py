"""A chain on disk for the tests of operations, made without a running node."""

import contextlib

from iop.crypto.hash import sha256
from iop.daemon.ledger.home import Home, make_home, open_home
from iop.daemon.ledger.replay import replay
from iop.keys.multicipher import SecretKey
from iop.ledger.block import encode_block
from iop.ledger.engine import Solo
from iop.ledger.fee import compute_offered_fee
from iop.ledger.index import index_block
from iop.ledger.mempool import Mempool
from iop.ledger.state import State
from iop.ledger.transaction import Transaction, sign_ecdsa
from iop.ledger.wire import compute_id_bytes, encode_transaction
from iop.store.ledger import BlockEntry, Change, PoolEntry

RICH = SecretKey(
    "s", sha256(b"scout try doll stuff cake welcome random taste load town clerk ostrich")
)
PUBLIC = RICH.public().data
KEY = bytes([7]) * 32
PRODUCER = SecretKey("s", KEY).public().data
NOW = 1_700_000_000


def transfer(nonce):
    made = Transaction(128, 1, 0, nonce, PUBLIC, 10_000_000, amount=1, recipient=bytes(20))
    return sign_ecdsa(made, RICH.data)


def proof(nonce):
    asset = {"operationAttempts": [{"operation": "registerBeforeProof", "contentId": f"c{nonce}"}]}
    fee = compute_offered_fee(asset)
    return sign_ecdsa(Transaction(128, 4242, 1, nonce, PUBLIC, fee, asset=asset), RICH.data)


def make(folder, key=KEY):
    """A home without blocks; `key` None: without a key."""
    home = Home(str(folder))
    make_home(home, "testnet", key, now=0)
    return home


@contextlib.contextmanager
def opened(home, **how):
    store, genesis = open_home(home, **how)
    try:
        yield store, genesis
    finally:
        store.close()


def extend(home, count, key=KEY, waiting=0):
    """Append blocks of two transactions each, and let some more wait; the state at the end."""
    with opened(home) as (store, genesis):
        state = State(genesis)
        for _ in replay(store, state):
            pass
        engine = Solo(state, Mempool(state), secret=key)
        nonce = state.book.account_of(PUBLIC).nonce
        for number in range(count):
            block = engine.propose([transfer(nonce + 1), proof(nonce + 2)], NOW + number)
            nonce += 2
            rows = index_block(block, state.params)
            store.write([Change(block=BlockEntry(block.height, encode_block(block)), rows=rows)])
            engine.commit(block, verify=False)
        left = [transfer(nonce + 1 + number) for number in range(waiting)]
        entries = tuple(PoolEntry(compute_id_bytes(tx), encode_transaction(tx)) for tx in left)
        store.write([Change(accept=entries)])
        return state
