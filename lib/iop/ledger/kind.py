"""The kinds of transactions: what stands between vendor field and signatures (morpheus 16.2).

The table `KINDS` maps (type group, type) to a `Kind`; its `key` is the name the original uses for fees and schemas. Each
kind writes its part from a transaction and reads it back as fields of one. Assets are the JSON records of the original.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58, parse_base58
from iop.codec.hex import parse_hex
from iop.codec.varint import encode_varint
from iop.errors import DataError, DecodeError, LimitError, SchemaError
from iop.ledger.address import encode_address, parse_address
from iop.ledger.asset import encode_coeus, encode_morpheus, parse_coeus, parse_morpheus
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from iop.ledger.reader import Reader
    from iop.ledger.wire import Transaction

    Fields = dict[str, Any]

CORE, MORPHEUS_GROUP, BOARD_GROUP = 1, 4242, 4244  # type groups
KEY_SIZE = 33
HASH_SIZE = 20
ID_SIZE = 32
MAX_PAYMENTS = 0xFFFF


@value
class Kind:
    """One kind. `encode` gives the type part of a transaction, `parse` reads it as (some) fields of a transaction."""

    type_group: int
    type: int
    key: str
    encode: Callable[[Transaction], bytes]
    parse: Callable[[Reader, int], Fields]
    has_vendor_field: bool = False

    # Kinds are the constants below; comparing them member by member would cost as much as judging a transaction.
    __eq__ = object.__eq__
    __hash__ = object.__hash__


def find_kind(type_group: int, type_: int) -> Kind:
    """The kind of a type group and type. Raises DecodeError for one that is not known, in the original's words."""
    try:
        return KINDS[type_group, type_]
    except KeyError:
        raise DecodeError(f"Unknown transaction type: {type_group}/{type_}") from None


def _asset(tx: Transaction, *path: str) -> Any:
    """A member of the asset by path; SchemaError when it is not there."""
    found: Any = tx.asset
    for name in path:
        if not isinstance(found, dict) or name not in found:
            raise SchemaError(f"asset lacks {'.'.join(path)!r}")
        found = found[name]
    return found


def _number(number: Any, size: int) -> bytes:
    if not isinstance(number, int) or isinstance(number, bool):
        raise SchemaError(f"whole number expected, got {number!r:.60}")
    return number.to_bytes(size, "little")


def _hex(text: Any, size: int) -> bytes:
    if not isinstance(text, str) or len(text) != 2 * size:
        raise SchemaError(f"{2 * size} hex digits expected, got {text!r:.80}")
    return parse_hex(text)


def _recipient(tx: Transaction) -> bytes:
    if len(tx.recipient) != HASH_SIZE:
        raise DataError(f"recipient of {HASH_SIZE} bytes expected, got {len(tx.recipient)}")
    return bytes((tx.network,)) + tx.recipient


def _read_recipient(reader: Reader, network: int) -> bytes:
    byte = reader.read_number(1)
    if byte != network:
        raise DecodeError(f"Expected address network byte {network}, but got {byte}.")
    return reader.read(HASH_SIZE)


def _encode_transfer(tx: Transaction) -> bytes:
    return tx.amount.to_bytes(8, "little") + tx.expiration.to_bytes(4, "little") + _recipient(tx)


def _parse_transfer(reader: Reader, network: int) -> Fields:
    amount, expiration = reader.read_number(8), reader.read_number(4)
    return {
        "amount": amount,
        "expiration": expiration,
        "recipient": _read_recipient(reader, network),
    }


def _encode_second_signature(tx: Transaction) -> bytes:
    return _hex(_asset(tx, "signature", "publicKey"), KEY_SIZE)


def _parse_second_signature(reader: Reader, _: int) -> Fields:
    return {"asset": {"signature": {"publicKey": reader.read(KEY_SIZE).hex()}}}


def _encode_registration(tx: Transaction) -> bytes:
    username = _asset(tx, "delegate", "username")
    if not isinstance(username, str):
        raise SchemaError("user name must be text")
    name = username.encode()
    return bytes((len(name),)) + name


def _parse_registration(reader: Reader, _: int) -> Fields:
    name = reader.read(reader.read_number(1))
    try:
        return {"asset": {"delegate": {"username": name.decode()}}}
    except UnicodeDecodeError as exc:
        raise DecodeError("user name is not UTF-8") from exc


def _encode_vote(tx: Transaction) -> bytes:
    votes = _asset(tx, "votes")
    out = bytearray((len(votes),))
    for vote in votes:
        if not isinstance(vote, str):
            raise SchemaError("a vote must be text")
        out += (b"\x01" if vote[:1] == "+" else b"\x00") + _hex(vote[1:], KEY_SIZE)
    return bytes(out)


def _parse_vote(reader: Reader, _: int) -> Fields:
    votes = []
    for _vote in range(reader.read_number(1)):
        sign, key = reader.read(1), reader.read(KEY_SIZE)
        votes.append(("+" if sign[0] & 0x0F == 1 else "-") + key.hex())
    return {"asset": {"votes": votes}}


def _encode_multi_signature(tx: Transaction) -> bytes:
    keys = _asset(tx, "multiSignature", "publicKeys")
    head = _number(_asset(tx, "multiSignature", "min"), 1) + _number(len(keys), 1)
    return head + b"".join(_hex(key, KEY_SIZE) for key in keys)


def _parse_multi_signature(reader: Reader, _: int) -> Fields:
    least, count = reader.read_number(1), reader.read_number(1)
    keys = [reader.read(KEY_SIZE).hex() for _key in range(count)]
    return {"asset": {"multiSignature": {"publicKeys": keys, "min": least}}}


def _encode_ipfs(tx: Transaction) -> bytes:
    text = _asset(tx, "ipfs")
    if not isinstance(text, str) or len(text) > 512:
        raise SchemaError(f"IPFS hash must be base58 text, got {text!r:.60}")
    return parse_base58(text)


def _parse_ipfs(reader: Reader, _: int) -> Fields:
    function, size = reader.read(1), reader.read(1)
    return {"asset": {"ipfs": encode_base58(function + size + reader.read(size[0]))}}


def _encode_payments(tx: Transaction) -> bytes:
    payments = _asset(tx, "payments")
    if len(payments) > MAX_PAYMENTS:
        raise LimitError(f"at most {MAX_PAYMENTS} payments expected, got {len(payments)}")
    out = bytearray(len(payments).to_bytes(2, "little"))
    for payment in payments:
        byte, hashed = parse_address(payment["recipientId"])
        if byte != tx.network:
            raise DecodeError(f"Expected address network byte {tx.network}, but got {byte}.")
        out += int(payment["amount"]).to_bytes(8, "little") + bytes((byte,)) + hashed
    return bytes(out)


def _parse_payments(reader: Reader, network: int) -> Fields:
    payments = []
    for _payment in range(reader.read_number(2)):
        amount = reader.read_number(8)
        recipient = encode_address(network, _read_recipient(reader, network))
        payments.append({"amount": str(amount), "recipientId": recipient})
    return {"asset": {"payments": payments}}


def _encode_nothing(_: Transaction) -> bytes:
    return b""


def _parse_nothing(_reader: Reader, _: int) -> Fields:
    return {}


def _encode_lock(tx: Transaction) -> bytes:
    expiration = _asset(tx, "lock", "expiration")
    return (
        tx.amount.to_bytes(8, "little")
        + _hex(_asset(tx, "lock", "secretHash"), 32)
        + _number(expiration.get("type"), 1)
        + _number(expiration.get("value"), 4)
        + _recipient(tx)
    )


def _parse_lock(reader: Reader, network: int) -> Fields:
    amount, secret_hash = reader.read_number(8), reader.read(32).hex()
    expiration = {"type": reader.read_number(1), "value": reader.read_number(4)}
    return {
        "amount": amount,
        "recipient": _read_recipient(reader, network),
        "asset": {"lock": {"secretHash": secret_hash, "expiration": expiration}},
    }


def _encode_claim(tx: Transaction) -> bytes:
    return _hex(_asset(tx, "claim", "lockTransactionId"), ID_SIZE) + _hex(
        _asset(tx, "claim", "unlockSecret"), 32
    )


def _parse_claim(reader: Reader, _: int) -> Fields:
    lock, secret = reader.read(ID_SIZE).hex(), reader.read(32).hex()
    return {"asset": {"claim": {"lockTransactionId": lock, "unlockSecret": secret}}}


def _encode_refund(tx: Transaction) -> bytes:
    return _hex(_asset(tx, "refund", "lockTransactionId"), ID_SIZE)


def _parse_refund(reader: Reader, _: int) -> Fields:
    return {"asset": {"refund": {"lockTransactionId": reader.read(ID_SIZE).hex()}}}


def _encode_morpheus(tx: Transaction) -> bytes:
    known: bytes | None = getattr(tx, "asset_bytes", None)
    data = encode_morpheus(tx.asset) if known is None else known
    return encode_varint(len(data)) + data


def _parse_morpheus(reader: Reader, _: int) -> Fields:
    return {"asset": parse_morpheus(reader.read(reader.read_varint()))}


def _encode_coeus(tx: Transaction) -> bytes:
    data = encode_coeus(tx.asset)
    return encode_varint(len(data)) + data


def _parse_coeus(reader: Reader, _: int) -> Fields:
    return {"asset": parse_coeus(reader.read(reader.read_varint()))}


def _encode_board(tx: Transaction) -> bytes:
    from iop.ledger.board import read_batch

    data = read_batch(tx.asset).data
    return encode_varint(len(data)) + data


def _parse_board(reader: Reader, _: int) -> Fields:
    from iop.ledger.board import parse_batch

    return {"asset": parse_batch(reader.read(reader.read_varint()))}


TRANSFER = Kind(CORE, 0, "transfer", _encode_transfer, _parse_transfer, True)
SECOND_SIGNATURE = Kind(
    CORE, 1, "secondSignature", _encode_second_signature, _parse_second_signature
)
DELEGATE_REGISTRATION = Kind(
    CORE, 2, "delegateRegistration", _encode_registration, _parse_registration
)
VOTE = Kind(CORE, 3, "vote", _encode_vote, _parse_vote)
MULTI_SIGNATURE = Kind(CORE, 4, "multiSignature", _encode_multi_signature, _parse_multi_signature)
IPFS = Kind(CORE, 5, "ipfs", _encode_ipfs, _parse_ipfs)
MULTI_PAYMENT = Kind(CORE, 6, "multiPayment", _encode_payments, _parse_payments, True)
DELEGATE_RESIGNATION = Kind(CORE, 7, "delegateResignation", _encode_nothing, _parse_nothing)
HTLC_LOCK = Kind(CORE, 8, "htlcLock", _encode_lock, _parse_lock, True)
HTLC_CLAIM = Kind(CORE, 9, "htlcClaim", _encode_claim, _parse_claim)
HTLC_REFUND = Kind(CORE, 10, "htlcRefund", _encode_refund, _parse_refund)
MORPHEUS = Kind(MORPHEUS_GROUP, 1, "morpheusTransaction", _encode_morpheus, _parse_morpheus)
COEUS = Kind(MORPHEUS_GROUP, 2, "coeusTransaction", _encode_coeus, _parse_coeus)
BOARD = Kind(BOARD_GROUP, 1, "board", _encode_board, _parse_board)

KINDS: Mapping[tuple[int, int], Kind] = {
    (kind.type_group, kind.type): kind
    for kind in (
        TRANSFER,
        SECOND_SIGNATURE,
        DELEGATE_REGISTRATION,
        VOTE,
        MULTI_SIGNATURE,
        IPFS,
        MULTI_PAYMENT,
        DELEGATE_RESIGNATION,
        HTLC_LOCK,
        HTLC_CLAIM,
        HTLC_REFUND,
        MORPHEUS,
        COEUS,
        BOARD,
    )
}
