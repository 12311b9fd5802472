"""Drafts: the JSON form of an unsigned transaction that may lack what only its signer knows, the sender's key and nonce.

A draft without them goes down a pipe until somebody with the key fills them in; with them it is what wallets call an unsigned
transaction. In a `Transaction`, an unknown sender is empty and an unknown nonce is `UNKNOWN_NONCE`.
"""

from __future__ import annotations

from iop.errors import DataError
from iop.ledger.record import from_record
from iop.ledger.wire import UNKNOWN_NONCE, Transaction
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.params import Params

_NO_KEY = "00" * 33
_SIGNATURES = ("signature", "secondSignature", "signSignature", "signatures")


def from_draft(record: Json, params: Params) -> Transaction:
    """The transaction of a draft, or of a whole record with its signatures. Raises as `from_record`."""
    is_bare = isinstance(record, dict) and not any(record.get(name) for name in _SIGNATURES)
    if not is_bare:
        return from_record(record, params, is_signed=False)
    filled = {"version": 2, "senderPublicKey": _NO_KEY, "nonce": "0"} | record
    tx = from_record(filled, params, is_signed=False)
    sender = tx.sender if "senderPublicKey" in record else b""
    nonce = tx.nonce if "nonce" in record else UNKNOWN_NONCE
    return replace(tx, sender=sender, nonce=nonce)


def complete(tx: Transaction, sender: bytes, nonce: int | None) -> Transaction:
    """The draft with sender and nonce, where it lacks them. Raises DataError for another sender, or when no nonce is known."""
    if tx.sender and tx.sender != sender:
        raise DataError(
            f"transaction of sender {tx.sender.hex()} cannot be signed with the key of {sender.hex()}"
        )
    if tx.nonce != UNKNOWN_NONCE:
        nonce = tx.nonce
    if nonce is None:
        raise DataError("transaction has no nonce", hint="name a node with --node, or give --nonce")
    return replace(tx, sender=sender, nonce=nonce)
