"""The JSON form of transactions, with the leniencies and refusals of the original node (morpheus 16.1, 16.5).

On the way in: amounts and fees may be numbers or text, a missing `network` is the node's own, a missing `typeGroup` is 1, members
that the kind does not have are dropped (with them the vendor field of a kind that carries none), a wrong `id` is ignored. On the way
out: the order of members is that of the original's builder.
"""

from __future__ import annotations

from itertools import takewhile

from iop.codec.hex import parse_hex
from iop.errors import DataError, DecodeError, SchemaError
from iop.ledger import kind as kinds
from iop.ledger.address import encode_address, parse_address
from iop.ledger.asset import check_ascii, encode_morpheus, normalize_asset, normalize_coeus
from iop.ledger.forms import FORMS, MEMBERS, SIGNED, STRICT_FORMS, make_context
from iop.ledger.integer import parse_integer, show
from iop.ledger.params import MAX_HEIGHT
from iop.ledger.schema import find_faults
from iop.ledger.wire import (
    SURPLUS,
    UNKNOWN_NONCE,
    VERSION,
    Transaction,
    compute_id,
    encode_transaction,
    parse_signatures,
    parse_transaction,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.kind import Kind
    from iop.ledger.params import Params

_HEX = frozenset("0123456789abcdefABCDEF")
_MEMBER_OF = {  # first member read of an asset that its form does not demand
    "ipfs": "ipfs",
    "multiPayment": "payments",
    "htlcLock": "lock",
    "htlcClaim": "claim",
    "htlcRefund": "refund",
}
_KINDS_BY_TEXT = {f"{group}/{type_}": kind for (group, type_), kind in kinds.KINDS.items()}
_BROKEN = "Failed to deserialize transaction, encountered invalid bytes: "


def from_record(
    record: Json, params: Params, *, height: int = MAX_HEIGHT, is_signed: bool = True
) -> Transaction:
    """The transaction a node on that network makes of a JSON record at a height (by default: all milestones passed).

    is_signed: False takes builders' records without `id` and signatures, too. Raises SchemaError with the words of the original's
    validator, DecodeError with those of its reader. Whether the signature is right is another question.
    """
    if not isinstance(record, dict):
        raise SchemaError("a transaction must be a JSON object")
    # amounts are read before anything else; as text, because beyond 2^53 only that survives
    amounts = {name: str(_read_big(record, name)) for name in ("amount", "fee")}
    data = record | amounts
    faults = find_form_faults(data, params, height, is_signed=is_signed)
    if faults:
        raise SchemaError(", ".join(faults))
    tx = build_transaction(data, params, is_signed=is_signed)[0]
    if not params.rules_at(height).aip11:
        raise SchemaError(f"Version {VERSION} not supported.")
    return tx


def find_form_faults(
    record: Json, params: Params, height: int, *, is_signed: bool = True
) -> list[str]:
    """What the original's validator finds wrong with a record, member by member; nothing when it has its kind's form."""
    if not isinstance(record, dict):
        return ["data should be object"]
    try:
        kind = _find_kind(record)
    except SchemaError as exc:
        return [exc.message]
    form = (STRICT_FORMS if is_signed else FORMS)[kind.key]
    return find_faults(form, record, make_context(params, height))


def build_transaction(
    record: dict[str, Any], params: Params, *, is_signed: bool = True
) -> tuple[Transaction, Kind]:
    """The transaction of a record without form faults, and its kind. Raises SchemaError, DecodeError.

    `type` in the detail of the error is the pool's error type where that is not the usual one.
    """
    kind = _find_kind(record)
    data = {name: member for name, member in record.items() if name in MEMBERS[kind.key]}
    if data.get("version") != VERSION:
        raise SchemaError(f"Version {data.get('version') or 1} not supported.")
    tx = _build(data, kind, params)
    if is_signed and not (tx.signature or tx.signatures):
        # text without a hex digit pair at its front: the reader finds no signature
        raise SchemaError(", ".join(find_faults(SIGNED, {"id": ""}, make_context(params, 1))))
    return tx, kind


def check_form(tx: Transaction, params: Params, height: int = MAX_HEIGHT) -> None:
    """Nothing when the transaction is one that `from_record` could have made; else SchemaError or DecodeError.

    For transactions that came as bytes, whose fields a form has not yet seen.
    """
    if tx.network != params.byte:
        raise SchemaError('data.network should pass "network" keyword validation')
    again = from_record(to_record(tx), params, height=height)
    if again != tx:
        raise DecodeError("transaction has fields its kind does not carry")


def to_record(tx: Transaction) -> dict[str, Json]:
    """The JSON form, with `id` when it carries any signature."""
    kind = kinds.find_kind(tx.type_group, tx.type)
    record: dict[str, Json] = {
        "version": VERSION,
        "network": tx.network,
        "typeGroup": tx.type_group,
        "type": tx.type,
    }
    if tx.asset is not None:
        record["asset"] = tx.asset
    if tx.nonce != UNKNOWN_NONCE:
        record["nonce"] = str(tx.nonce)
    if tx.sender:
        record["senderPublicKey"] = tx.sender.hex()
    record["fee"] = str(tx.fee)
    record["amount"] = str(tx.amount)
    if tx.expiration:
        record["expiration"] = tx.expiration
    if tx.recipient and kind in (kinds.TRANSFER, kinds.HTLC_LOCK):
        record["recipientId"] = encode_address(tx.network, tx.recipient)
    if tx.vendor_field is not None:
        record["vendorField"] = tx.vendor_field
    if tx.signature or tx.second_signature or tx.signatures:
        record["id"] = compute_id(tx)
    if tx.signature:
        record["signature"] = tx.signature.hex()
    if tx.second_signature:
        record["secondSignature"] = tx.second_signature.hex()
    if tx.signatures:
        record["signatures"] = [part.hex() for part in tx.signatures]
    return record


def _find_kind(record: Mapping[str, Json]) -> Kind:
    """The kind is looked up by texts, so a type written as text finds it, too, for the form to refuse."""
    group = show(record.get("typeGroup", kinds.CORE))
    type_ = show(record["type"]) if "type" in record else "undefined"
    kind = _KINDS_BY_TEXT.get(f"{group}/{type_}")
    if kind is None:
        shown = "Core" if group == "1" else group
        raise SchemaError(f"Unknown transaction type: {shown}/{type_}")
    return kind


def _read_big(data: Mapping[str, Json], name: str) -> int:
    """Amounts are read before any form is looked at, and by other words."""
    if data.get(name) is None:
        what = "null" if name in data else "undefined"
        raise SchemaError(f"Cannot convert {what} to a BigInt")
    number = parse_integer(data[name])
    if number is None:
        shown = show(data[name])
        if isinstance(data[name], float):
            raise SchemaError(
                f"The number {shown} cannot be converted to a BigInt because it is not an integer"
            )
        raise SchemaError(f"Cannot convert {shown} to a BigInt")
    return number


def _build(data: dict[str, Any], kind: Kind, params: Params) -> Transaction:
    signature, second, parts = _read_signatures(data)
    network = data.get("network") or params.byte
    vendor = data.get("vendorField") if kind.has_vendor_field else None
    tx = Transaction(
        network,
        kind.type_group,
        kind.type,
        parse_integer(data["nonce"]) or 0,
        parse_hex(data["senderPublicKey"].lower()),
        parse_integer(data["fee"]) or 0,
        amount=parse_integer(data["amount"]) or 0,
        recipient=_read_recipient(data, kind, params),
        expiration=_wrap(data.get("expiration") or 0) if kind == kinds.TRANSFER else 0,
        vendor_field=vendor or None,
        asset=_read_asset(data, kind, params),
        signature=signature,
        second_signature=second,
        signatures=parts,
    )
    try:
        # The bytes are the transaction: what does not read back is refused, and what they say otherwise (names' data are
        # canonical there) holds from the start, or a node that replays its log would come to another state.
        return parse_transaction(encode_transaction(tx))
    except DataError as exc:
        raise DecodeError(_BROKEN + exc.message) from exc


def _read_recipient(data: dict[str, Any], kind: Kind, params: Params) -> bytes:
    if kind not in (kinds.TRANSFER, kinds.HTLC_LOCK):
        return b""
    try:
        return _parse_recipient(data["recipientId"], params)
    except DecodeError as exc:
        if kind == kinds.TRANSFER and "network byte" in exc.message:
            exc.detail["type"] = "ERR_INVALID_RECIPIENT"
        raise


def _parse_recipient(text: str, params: Params) -> bytes:
    try:
        byte, hashed = parse_address(text)
    except DecodeError as exc:
        raise DecodeError(exc.message.replace("Incorrect", "Invalid")) from exc
    if byte != params.byte:
        raise DecodeError(f"{_BROKEN}Expected address network byte {params.byte}, but got {byte}.")
    return hashed


def _read_asset(data: dict[str, Any], kind: Kind, params: Params) -> Json:
    """The asset as the bytes will hold it: keys in lower case, amounts as text, surplus members of core kinds gone."""
    asset = data.get("asset")
    if kind in (kinds.TRANSFER, kinds.DELEGATE_RESIGNATION):
        return None
    if asset is None:
        member = _MEMBER_OF.get(kind.key, "operationAttempts")
        raise SchemaError(f"Cannot read properties of undefined (reading '{member}')")
    if kind == kinds.MORPHEUS:
        asset = normalize_asset(asset)
        try:
            check_ascii(encode_morpheus(asset))
        except DecodeError as exc:
            raise DecodeError(_BROKEN + exc.message) from exc
        return asset
    if kind == kinds.COEUS:
        try:
            return normalize_coeus(asset)
        except DataError as exc:
            exc.detail["type"] = "ERR_INVALID_TX"
            raise
    if kind == kinds.BOARD:
        return _read_batch(asset)
    return _read_core_asset(asset, kind, params)


def _read_batch(asset: Json) -> Json:
    """The statements of a board transaction, each signed by the key it names."""
    from iop.ledger.board import check_signatures, read_batch

    try:
        batch = read_batch(asset)
        check_signatures(batch)
    except DataError as exc:
        exc.detail["type"] = "ERR_INVALID_TX"
        raise
    return batch


def _read_core_asset(asset: dict[str, Any], kind: Kind, params: Params) -> Json:
    if kind == kinds.SECOND_SIGNATURE:
        return {"signature": {"publicKey": asset["signature"]["publicKey"].lower()}}
    if kind == kinds.DELEGATE_REGISTRATION:
        return {"delegate": {"username": asset["delegate"]["username"]}}
    if kind == kinds.VOTE:
        # anything but a plus is a minus
        return {"votes": [("+" if v[0] == "+" else "-") + v[1:].lower() for v in asset["votes"]]}
    if kind == kinds.MULTI_SIGNATURE:
        rule = asset["multiSignature"]
        keys = [key.lower() for key in rule["publicKeys"]]
        return {"multiSignature": {"publicKeys": keys, "min": int(rule["min"])}}
    if kind == kinds.IPFS:
        return {"ipfs": asset["ipfs"]}
    if kind == kinds.MULTI_PAYMENT:
        return {"payments": [_read_payment(each, params) for each in asset["payments"]]}
    if kind == kinds.HTLC_LOCK:
        lock = asset["lock"]
        expiration = {name: _wrap(lock["expiration"][name]) for name in ("type", "value")}
        return {"lock": {"secretHash": lock["secretHash"].lower(), "expiration": expiration}}
    member = "claim" if kind == kinds.HTLC_CLAIM else "refund"
    names = ("lockTransactionId", "unlockSecret")
    return {member: {n: asset[member][n].lower() for n in names if n in asset[member]}}


def _read_payment(payment: dict[str, Any], params: Params) -> Json:
    _parse_recipient(payment["recipientId"], params)
    return {
        "amount": str(parse_integer(payment["amount"])),
        "recipientId": payment["recipientId"],
    }


def _wrap(number: float) -> int:
    """A whole number as a field of 32 bits holds it."""
    return int(number) % 2**32


def _read_hex(text: str) -> bytes:
    """Bytes up to the first pair that is no hex, as the original's buffers read it."""
    if len(text) % 2:
        raise DecodeError("Illegal str: Length not a multiple of 2")
    pairs = (text[i : i + 2] for i in range(0, len(text), 2))
    good = "".join(takewhile(_HEX.issuperset, pairs))
    return bytes.fromhex(good)


def _read_signatures(data: dict[str, Any]) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """The signatures as the reader finds them in the bytes, which is not always as the members said."""
    second = data.get("secondSignature") or data.get("signSignature") or ""
    parts = data.get("signatures") or []
    texts = (data.get("signature") or "", second, "".join(parts))
    tail = b"".join(_read_hex(text) for text in texts)
    try:
        return parse_signatures(tail)
    except DecodeError as exc:
        again = _BROKEN if exc.message == SURPLUS else ""  # this one is wrapped twice on its way up
        raise DecodeError(_BROKEN + again + exc.message) from exc
