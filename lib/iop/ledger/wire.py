"""Transactions of the ARK version-2 form as a value and as bytes (morpheus 16.2, 16.3).

A `Transaction` holds what the bytes hold. `asset` is the JSON asset of its kind as a decoded record: order of members is part
of a Morpheus transaction's bytes, so the record is kept as it came and never sorted.
"""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError, LimitError
from iop.ledger.kind import find_kind
from iop.ledger.reader import Reader
from iop.value import remember, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

MARKER = 0xFF
VERSION = 2
PUBLIC_SIZE = 33  # bytes of a sender public key
SCHNORR_SIZE = 64
PART_SIZE = 65  # one multi-signature: key index and Schnorr signature
MAX_PARTS = 16
UNKNOWN_NONCE = -1  # of a draft, which has no bytes
SURPLUS = "signature buffer not exhausted"
MAX_SIZE = 8 * 2**20  # bytes; the largest block payload of the published networks


@value
class Transaction:
    """One transaction. Keys and hashes are bytes, amounts flakes; an absent signature is empty.

    network: address byte. sender: 33-byte public key. recipient: 20-byte address hash of that network, or empty.
    signatures: the parts of a multi-signature, 65 bytes each. vendor_field: None when absent (an empty one is written alike).
    Its bytes, its id, what layer 2 reads in it and whether it is signed are worked out once and stay with it, so the asset must not
    be changed in place.
    """

    __memo__ = ("_bytes", "_id", "asset_bytes", "attempts", "is_signed")

    network: int
    type_group: int
    type: int
    nonce: int
    sender: bytes
    fee: int
    amount: int = 0
    recipient: bytes = b""
    expiration: int = 0
    vendor_field: str | None = None
    asset: Json = None
    signature: bytes = b""
    second_signature: bytes = b""
    signatures: tuple[bytes, ...] = ()


def encode_transaction(tx: Transaction, *, signatures: bool = True) -> bytes:
    """The bytes of morpheus 16.2, with or without the signatures at the end. Raises DataError: a field out of range."""
    if not signatures:
        return encode_body(tx)
    data: bytes | None = getattr(tx, "_bytes", None)
    if data is None:
        data = _encode_body(tx) + encode_signatures(tx)
        remember(tx, "_bytes", data)
    return data


def encode_body(tx: Transaction) -> bytes:
    """Everything before the signatures: what the message hash covers. Raises DataError as `encode_transaction`."""
    data: bytes | None = getattr(tx, "_bytes", None)
    return _encode_body(tx) if data is None else data[: len(data) - len(encode_signatures(tx))]


def _encode_body(tx: Transaction) -> bytes:
    vendor = (tx.vendor_field or "").encode()
    if len(vendor) > 0xFF:
        raise LimitError(f"vendor field of at most 255 bytes expected, got {len(vendor)}")
    if len(tx.sender) != PUBLIC_SIZE:
        raise DataError(f"sender public key of {PUBLIC_SIZE} bytes expected, got {len(tx.sender)}")
    try:
        head = (
            bytes((MARKER, VERSION, tx.network))
            + tx.type_group.to_bytes(4, "little")
            + tx.type.to_bytes(2, "little")
            + tx.nonce.to_bytes(8, "little")
            + tx.sender
            + tx.fee.to_bytes(8, "little")
            + bytes((len(vendor),))
        )
        return head + vendor + find_kind(tx.type_group, tx.type).encode(tx)
    except (OverflowError, ValueError) as exc:
        raise DataError("a number of the transaction does not fit its field") from exc


def encode_signatures(tx: Transaction) -> bytes:
    """Signature, second signature and multi-signature parts, as far as they are there."""
    return tx.signature + tx.second_signature + b"".join(tx.signatures)


def parse_transaction(data: bytes) -> Transaction:
    """The transaction of exactly these bytes: writing it again gives them back, so that its id is unambiguous.

    Refuses what the original reads and silently rewrites (white space in an asset, a vendor field on a kind that has none).
    Raises DecodeError, LimitError.
    """
    if len(data) > MAX_SIZE:
        raise LimitError(f"transaction of at most {MAX_SIZE} bytes expected, got {len(data)}")
    tx = parse_loosely(data)
    if encode_transaction(tx) != data:
        raise DecodeError("transaction bytes are not in the form they would be written in")
    return tx


def parse_loosely(data: bytes) -> Transaction:
    """The transaction as the original reads it; for comparisons, its bytes may differ from `data`."""
    reader = Reader(data)
    reader.skip(1)  # the marker is not looked at
    version = reader.read_number(1)
    if version != VERSION:
        raise DecodeError(f"Version {version} not supported.")
    network = reader.read_number(1)
    kind = find_kind(reader.read_number(4), reader.read_number(2))
    nonce = reader.read_number(8)
    sender = reader.read(PUBLIC_SIZE)
    fee = reader.read_number(8)
    vendor = reader.read(reader.read_number(1))
    try:
        vendor_field = vendor.decode() if vendor and kind.has_vendor_field else None
    except UnicodeDecodeError as exc:
        raise DecodeError("vendor field is not UTF-8") from exc
    fields = kind.parse(reader, network)
    signature, second, parts = parse_signatures(reader.read_rest())
    return Transaction(
        network,
        kind.type_group,
        kind.type,
        nonce,
        sender,
        fee,
        vendor_field=vendor_field,
        signature=signature,
        second_signature=second,
        signatures=parts,
        **fields,
    )


def parse_signatures(tail: bytes) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """Signature, second signature and parts out of the bytes after the type part (morpheus 16.3).

    64 or 128 bytes, or a multiple of 65 beside nothing, 64 or 128: Schnorr. Anything else: up to two DER signatures.
    """
    size = len(tail)
    for plain in (0, SCHNORR_SIZE, 2 * SCHNORR_SIZE):
        if size == plain or (size > plain and (size - plain) % PART_SIZE == 0):
            return _split_schnorr(tail, plain)
    first = _cut_der(tail)
    second = _cut_der(tail[len(first) :])
    if len(first) + len(second) != size:
        raise DecodeError(SURPLUS)
    return first, second, ()


def _split_schnorr(tail: bytes, plain: int) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    parts = tuple(tail[i : i + PART_SIZE] for i in range(plain, len(tail), PART_SIZE))
    if len({part[0] for part in parts}) < len(parts):
        raise DecodeError("Invalid multi signature, because duplicate participant found.")
    if len(parts) > MAX_PARTS:
        raise LimitError(f"at most {MAX_PARTS} signatures expected, got {len(parts)}")
    signatures = tail[:plain]
    return signatures[:SCHNORR_SIZE], signatures[SCHNORR_SIZE:], parts


def _cut_der(tail: bytes) -> bytes:
    """The signature at the front, by its own length byte; empty for an empty tail."""
    if not tail:
        return b""
    size = tail[1] + 2 if len(tail) > 1 else 2
    if size > len(tail):
        raise DecodeError("signature is cut off")
    return tail[:size]


def compute_hash(tx: Transaction) -> bytes:
    """What the sender's signature signs: SHA-256 of the bytes with the multi-signature parts, without the two signatures."""
    return sha256(encode_body(tx) + b"".join(tx.signatures))


def compute_part_hash(tx: Transaction) -> bytes:
    """What every multi-signature part signs: SHA-256 of the bytes without any signature."""
    return sha256(encode_body(tx))


def compute_second_hash(tx: Transaction) -> bytes:
    """What the second signature signs: SHA-256 of the bytes with everything but itself."""
    return sha256(encode_body(tx) + tx.signature + b"".join(tx.signatures))


def compute_id_bytes(tx: Transaction) -> bytes:
    """SHA-256 of the bytes with all signatures, 32 bytes."""
    txid: bytes | None = getattr(tx, "_id", None)
    if txid is None:
        txid = sha256(encode_transaction(tx))
        remember(tx, "_id", txid)
    return txid


def compute_id(tx: Transaction) -> str:
    """The id: SHA-256 of the bytes with all signatures, 64 lower-case hex digits."""
    return compute_id_bytes(tx).hex()
