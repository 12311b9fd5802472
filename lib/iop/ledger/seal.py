"""Signatures on transactions: making them, and judging them as the original node does (morpheus 16.3).

A signature of 64 bytes is Schnorr of the draft before BIP340, everything else is ECDSA in strict DER with low S.
"""

from __future__ import annotations

from iop.crypto.batch import ECDSA_DER, SCHNORR_ARK
from iop.crypto.hash import sha256
from iop.crypto.secp256k1 import (
    compute_public_key,
    encode_der,
    is_valid_der,
    is_valid_schnorr_ark,
    sign_schnorr_ark,
)
from iop.crypto.secp256k1 import sign_ecdsa as sign_digest_ecdsa
from iop.errors import DataError
from iop.ledger.wire import (
    SCHNORR_SIZE,
    Transaction,
    compute_hash,
    compute_part_hash,
    compute_second_hash,
)
from iop.value import remember, replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.crypto.batch import Item

MAX_KEYS = 16


@value
class MultiSignature:
    """The rule of a shared account: `least` of `keys` (33 bytes each) must sign."""

    least: int
    keys: tuple[bytes, ...]


def sign_ecdsa(tx: Transaction, secret: bytes) -> Transaction:
    """The transaction with a DER signature (RFC 6979, low S), as vaults make it.

    Raises DataError when the sender key is not the secret's.
    """
    _check_sender(tx, secret)
    return replace(tx, signature=encode_der(sign_digest_ecdsa(secret, compute_hash(tx))))


def sign_schnorr(tx: Transaction, secret: bytes) -> Transaction:
    """The transaction with a Schnorr signature, as passphrase builders make it. Raises DataError as `sign_ecdsa`."""
    _check_sender(tx, secret)
    return replace(tx, signature=sign_schnorr_ark(secret, compute_hash(tx)))


def sign_second(tx: Transaction, secret: bytes, *, schnorr: bool = True) -> Transaction:
    """The transaction with a second signature over the first; sign the first beforehand."""
    digest = compute_second_hash(tx)
    made = (
        sign_schnorr_ark(secret, digest)
        if schnorr
        else encode_der(sign_digest_ecdsa(secret, digest))
    )
    return replace(tx, second_signature=made)


def sign_part(tx: Transaction, secret: bytes, index: int) -> Transaction:
    """The transaction with one more multi-signature part, by key number `index` of the rule. Parts come first."""
    if not 0 <= index < MAX_KEYS:
        raise DataError(f"key index must be in 0..{MAX_KEYS - 1}, got {index}")
    part = bytes((index,)) + sign_schnorr_ark(secret, compute_part_hash(tx))
    return replace(tx, signatures=(*tx.signatures, part))


def is_signature_valid(tx: Transaction) -> bool:
    """Whether the first signature is the sender's. False when there is none. The verdict stays with the transaction."""
    verdict: bool | None = getattr(tx, "is_signed", None)
    if verdict is None:
        verdict = bool(tx.signature) and is_seal_valid(tx.sender, compute_hash(tx), tx.signature)
        remember(tx, "is_signed", verdict)
    return verdict


def make_seal_check(tx: Transaction) -> Item:
    """What `iop.crypto.batch` is asked for the verdict of `is_signature_valid`."""
    rule = SCHNORR_ARK if len(tx.signature) == SCHNORR_SIZE else ECDSA_DER
    return rule, tx.sender, compute_hash(tx), tx.signature


def is_second_valid(tx: Transaction, public: bytes) -> bool:
    """Whether the second signature was made with that key over everything else. False when there is none."""
    if not tx.second_signature:
        return False
    return is_seal_valid(public, compute_second_hash(tx), tx.second_signature)


def is_multi_valid(tx: Transaction, rule: MultiSignature) -> bool:
    """Whether enough parts are right: parts are tried in order until `least` are, as the original counts.

    Duplicate key numbers and numbers beyond the rule's keys make it false.
    """
    indexes = [part[0] for part in tx.signatures]
    if len(set(indexes)) < len(indexes):
        return False
    digest = compute_part_hash(tx)
    good = 0
    for tried, part in enumerate(tx.signatures, 1):
        if part[0] >= len(rule.keys):
            return False
        good += is_valid_schnorr_ark(rule.keys[part[0]], digest, part[1:])
        if good == rule.least:
            return True
        if len(tx.signatures) - (tried - good) < rule.least:
            return False
    return False


def is_seal_valid(public: bytes, digest: bytes, signature: bytes) -> bool:
    """The verdict on one signature over a 32-byte digest: Schnorr at 64 bytes, else strict DER with low S."""
    verify = is_valid_schnorr_ark if len(signature) == SCHNORR_SIZE else is_valid_der
    return verify(public, digest, signature)


def compute_shared_key(rule: MultiSignature) -> bytes:
    """The public key of a shared account: the sum of its keys and of a key that stands for `least`.

    That key's secret is SHA-256 of `least` as two hex digits. Raises DataError when a key is no point.
    """
    from coincurve import PublicKey

    fixed = compute_public_key(sha256(f"{rule.least:02x}".encode()))
    try:
        return PublicKey.combine_keys([PublicKey(key) for key in (fixed, *rule.keys)]).format()
    except ValueError as exc:
        raise DataError("The multi signature asset is invalid.") from exc


def _check_sender(tx: Transaction, secret: bytes) -> None:
    if compute_public_key(secret) != tx.sender:
        raise DataError(
            "Attempt to sign transaction with key different from tx.sender_public_key",
            hint="the transaction names another sender; build it for the key that signs",
        )
