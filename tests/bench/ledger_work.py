"""Inputs of the ledger's benchmarks: signed transactions, ready-made request bodies, DID operations."""

from __future__ import annotations

from iop.codec.json import encode_json
from iop.crypto import ed25519
from iop.crypto.hash import sha256
from iop.did.identifier import compute_did
from iop.did.operation import ADD_KEY, BEFORE_PROOF, Signable, encode_signables, make_asset
from iop.did.operation import Signed as SignedBlock
from iop.keys.multicipher import ED25519, PublicKey, SecretKey, Signature, compute_key_id
from iop.ledger.address import compute_address_hash
from iop.ledger.fee import compute_offered_fee
from iop.ledger.genesis import RECORD, TEST_ADDRESS, TOTAL
from iop.ledger.params import LOCAL_MILESTONES
from iop.ledger.transaction import Transaction, sign_ecdsa, to_record

RICH = SecretKey(
    "s",
    sha256(b"scout try doll stuff cake welcome random taste load town clerk ostrich"),
)  # owns the coins of the test network
NETWORK_BYTE = 128
FEE = 10_000_000
PER_REQUEST = 40


def make_genesis(block_limit: int) -> dict[str, object]:
    """A network like testnet whose blocks take more transactions."""
    first = dict(LOCAL_MILESTONES[0])
    first["block"] = {**dict(first["block"]), "maxTransactions": block_limit}
    return {
        "type": RECORD,
        "name": "bench",
        "milestones": [first],
        "wallets": [{"address": TEST_ADDRESS, "balance": str(TOTAL)}],
    }


def make_sender(number: int) -> SecretKey:
    """One of many accounts."""
    return SecretKey("s", sha256(b"sender %d" % number))


def make_fund(senders: list[SecretKey]) -> list[Transaction]:
    """Transfers that give every sender enough for everything, the rich account's first ones."""
    public = RICH.public().data
    return [
        sign_ecdsa(
            Transaction(
                NETWORK_BYTE,
                1,
                0,
                nonce,
                public,
                FEE,
                amount=10**12,
                recipient=compute_address_hash(sender.public().data),
            ),
            RICH.data,
        )
        for nonce, sender in enumerate(senders, 1)
    ]


def make_transfers(sender: SecretKey, count: int) -> list[Transaction]:
    """So many first transfers of an account, each to somebody else."""
    public = sender.public().data
    return [
        sign_ecdsa(
            Transaction(
                NETWORK_BYTE,
                1,
                0,
                nonce,
                public,
                FEE,
                amount=1,
                recipient=compute_address_hash(public[:1] + sha256(b"%d" % nonce + public)),
            ),
            sender.data,
        )
        for nonce in range(1, count + 1)
    ]


def make_add_keys(sender: SecretKey, count: int, first: int) -> list[Transaction]:
    """So many first transactions of an account, each giving another DID its second key."""
    public = sender.public().data
    made = []
    for nonce in range(1, count + 1):
        asset = make_asset((make_add_key(first + nonce),))
        tx = Transaction(
            NETWORK_BYTE, 4242, 1, nonce, public, compute_offered_fee(asset), asset=asset
        )
        made.append(sign_ecdsa(tx, sender.data))
    return made


def make_add_key(number: int) -> SignedBlock:
    """The signed first operation on the DID of a number."""
    seed = sha256(b"did %d" % number)
    expanded = ed25519.expand_seed(seed)
    public = PublicKey(ED25519, expanded[32:])
    # any point of the curve serves as the added key
    added = PublicKey(ED25519, ed25519.compute_public_key(sha256(b"key %d" % number)))
    signables = (
        Signable(ADD_KEY, str(compute_did(public)), None, str(added), str(compute_key_id(added))),
    )
    signature = Signature(ED25519, ed25519.sign_expanded(expanded, encode_signables(signables)))
    return SignedBlock(signables, str(public), str(signature))


def make_proof(number: int) -> dict[str, object]:
    """An asset that registers one content id."""
    content_id = "cju" + sha256(b"content %d" % number).hex()
    return {"operationAttempts": [{"operation": BEFORE_PROOF, "contentId": content_id}]}


def make_requests(transactions: list[Transaction], host: str = "127.0.0.1") -> list[bytes]:
    """Whole HTTP requests, forty transactions each."""
    requests = []
    for start in range(0, len(transactions), PER_REQUEST):
        rows = [to_record(tx) for tx in transactions[start : start + PER_REQUEST]]
        body = encode_json({"transactions": rows}).encode()
        head = (
            f"POST /api/v2/transactions HTTP/1.1\r\nhost: {host}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests
