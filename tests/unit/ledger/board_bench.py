"""Statements to post, and transactions that carry them."""

from __future__ import annotations

from ledger_chain import KEYS, SECRETS

from iop.claim.signed import Signer
from iop.keys.multicipher import SecretKey
from iop.ledger.builder import build_board
from iop.ledger.params import TESTNET
from iop.ledger.seal import sign_ecdsa
from iop.ledger.wire import Transaction

ANN, BOB = Signer(SecretKey("e", b"a" * 32)), Signer(SecretKey("s", b"b" * 32))
DID = "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr"


def say(number: int = 0, signer: Signer = ANN, **more) -> dict:
    """A signed statement."""
    return signer.sign_json({"type": "iop.vote/1", "n": number} | more)


def say_sized(size: int, signer: Signer = ANN) -> dict:
    """A signed statement whose canonical text has so many bytes."""
    from iop.ledger.board import read_statement

    spare = size - len(read_statement(say(pad="", signer=signer)).data)
    return say(pad="x" * spare, signer=signer)


def carry(*statements: dict, sender: int = 0, nonce: int = 1, fee: int = 10**9) -> Transaction:
    """A signed transaction of statements, as a wallet would make it that checks nothing."""
    asset = {"statements": list(statements)}
    tx = Transaction(128, 4244, 1, nonce, KEYS[sender], fee, asset=asset)
    return sign_ecdsa(tx, SECRETS[sender])


def build(*statements: dict, sender: int = 0, nonce: int = 1) -> Transaction:
    """A signed transaction with the usual fee."""
    from iop.ledger.board import read_statement

    made = build_board(TESTNET, KEYS[sender], nonce, [read_statement(each) for each in statements])
    return sign_ecdsa(made, SECRETS[sender])
