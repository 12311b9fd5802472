"""A node on SQLite with a little of everything in its chain, and a way to ask it as a client does."""

from __future__ import annotations

import asyncio
import json

from iop.crypto.hash import sha256
from iop.crypto.secp256k1 import compute_public_key
from iop.daemon.http.dispatch import Interface, Request, settle
from iop.daemon.ledger.node import LedgerNode
from iop.daemon.routes.table import make_router
from iop.ledger.address import compute_address_hash, encode_address
from iop.ledger.chain import encode_chain, read_chain
from iop.ledger.params import LOCAL_MILESTONES
from iop.ledger.seal import sign_ecdsa
from iop.ledger.wire import Transaction, compute_id
from iop.store.ledger_open import create_store

COIN = 10**8
SECRETS = [sha256(b"layer 1, %d" % n) for n in range(6)]
KEYS = [compute_public_key(secret) for secret in SECRETS]
NAMES = [compute_address_hash(key) for key in KEYS]
ADDRESSES = [encode_address(128, name) for name in NAMES]
SEQUENCER = SECRETS[5]
SECRET = bytes(32)  # that opens the lock
GENESIS = {
    "type": "iop.genesis/1",
    "name": "layer1",
    "milestones": [{**LOCAL_MILESTONES[0], "activeDelegates": 1}],
    "wallets": [
        {"address": ADDRESSES[n], "balance": str((10 - n) * 10_000 * COIN)} for n in range(4)
    ]
    + [
        {
            "address": ADDRESSES[5],
            "balance": "1",
            "publicKey": KEYS[5].hex(),
            "username": "sequencer",
        }
    ],
}


def sign(type_, sender, nonce, *, fee=30 * COIN, asset=None, **more):
    tx = Transaction(128, 1, type_, nonce, KEYS[sender], fee, asset=asset, **more)
    return sign_ecdsa(tx, SECRETS[sender])


def pay(sender, nonce, to, *, amount=5, fee=10**7, **more):
    return sign(0, sender, nonce, fee=fee, amount=amount, recipient=NAMES[to], **more)


PAYMENTS = [
    {"amount": "7", "recipientId": ADDRESSES[2]},
    {"amount": "8", "recipientId": ADDRESSES[4]},
]
LOCK = sign(
    8,
    1,
    1,
    amount=77,
    recipient=NAMES[2],
    asset={
        "lock": {"secretHash": sha256(SECRET).hex(), "expiration": {"type": 2, "value": 10_000}}
    },
)
LATE_LOCK = sign(
    8,
    1,
    2,
    amount=78,
    recipient=NAMES[3],
    asset={"lock": {"secretHash": "11" * 32, "expiration": {"type": 2, "value": 9_000}}},
)
CLAIM = sign(
    9,
    2,
    1,
    fee=0,
    asset={"claim": {"lockTransactionId": compute_id(LOCK), "unlockSecret": SECRET.hex()}},
)
VOTE = sign(3, 1, 3, asset={"votes": ["+" + KEYS[0].hex()]})
BLOCKS = (  # from height 2 on
    (
        sign(2, 0, 1, asset={"delegate": {"username": "zero"}}),
        pay(0, 2, 1, vendor_field="for you"),
    ),
    (LOCK, LATE_LOCK, VOTE),
    (sign(6, 0, 3, asset={"payments": PAYMENTS}), CLAIM),
    (pay(3, 1, 0, amount=COIN),),
    (),
    (sign(2, 3, 2, asset={"delegate": {"username": "three"}}), sign(7, 0, 4)),
)
WAITING = (pay(2, 2, 0, fee=2 * 10**7), pay(3, 3, 0, fee=3 * 10**7))


class Asked:
    """One answer."""

    def __init__(self, reply):
        self.status = reply.status
        self.body = json.loads(reply.body)

    @property
    def data(self):
        assert self.status == 200, self.body
        return self.body["data"]

    @property
    def meta(self):
        return self.body["meta"]

    def column(self, name):
        return [row[name] for row in self.data]


class Client:
    """Asks a node's interface; each question has its own event loop."""

    def __init__(self, node):
        self.node = node
        self.interface = Interface(make_router(), node)

    def __call__(self, path, body=None):
        path, _, query = path.partition("?")
        data = b"" if body is None else json.dumps(body).encode()
        request = Request("GET" if body is None else "POST", f"/api{path}", body=data, query=query)

        async def ask():
            return await settle(self.interface.answer(request))

        return Asked(asyncio.run(ask()))


def make_node(path):
    """The node, with BLOCKS forged. path: of a file, or a database's URL."""
    chain = encode_chain(GENESIS)
    clock = [1_700_000_000.0]
    store = create_store(str(path), chain)
    node = LedgerNode(store, read_chain(chain), SEQUENCER, now=lambda: clock[0])

    async def fill():
        await node.recover()
        for transactions in BLOCKS:
            for tx in transactions:
                node.mempool.add(tx)
            await node.keep(transactions)
            clock[0] += 12
            changes = await node.forge()
            assert len(changes.txids) == len(transactions), "a transaction was left out"
        for tx in WAITING:
            node.mempool.add(tx)

    asyncio.run(fill())
    return node
