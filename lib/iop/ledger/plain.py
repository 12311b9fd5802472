"""Records in their plainest form, read in one pass.

Nearly everything that clients send is written the way builders write it: numbers as decimal text or small integers, hex digits
in pairs, only the members the kind has. For such records one look at each member tells that `iop.ledger.forms` finds no fault and
which transaction `iop.ledger.record` would build. Everything else, right or wrong, is None here and is judged there, in the
original's words.
"""

from __future__ import annotations

from iop.codec.hex import parse_hex
from iop.codec.json import encode_plain
from iop.errors import DataError, DecodeError
from iop.ledger import kind as kinds
from iop.ledger.address import parse_address
from iop.ledger.asset import MAX_BYTES
from iop.ledger.board import read_batch
from iop.ledger.wire import PUBLIC_SIZE, SCHNORR_SIZE, VERSION, Transaction
from iop.value import remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.schema import Context

_SAFE = 2**53  # integers up to here are doubles exactly
_DIGITS = 18  # of a decimal text that fits 63 bits whatever they are
_DER_SIZES = range(66, 73)  # bytes of a DER signature that cannot be taken for anything else
_COMMON = frozenset(
    (
        "version",
        "network",
        "type",
        "typeGroup",
        "nonce",
        "senderPublicKey",
        "fee",
        "amount",
        "id",
        "signature",
    )
)
_TRANSFER = _COMMON | {"recipientId", "vendorField", "expiration"}
_WITH_ASSET = _COMMON | {"asset"}
_ASSET = {"operationAttempts"}
_BEFORE_PROOF = {"operation", "contentId"}
_SIGNED = {"operation", "signables", "signerPublicKey", "signature"}
_SIGNABLE = {"operation", "did", "lastTxId"}
_SIGNABLES: dict[str, set[str]] = {
    "addKey": _SIGNABLE | {"auth"},
    "revokeKey": _SIGNABLE | {"auth"},
    "addRight": _SIGNABLE | {"auth", "right"},
    "revokeRight": _SIGNABLE | {"auth", "right"},
    "tombstoneDid": _SIGNABLE,
}


def read_plain(record: Json, context: Context) -> Transaction | None:
    """The transaction of a signed transfer, DID or board transaction in plain form; None for every other value.

    `context` is that of the forms (`iop.ledger.forms.make_context`).
    """
    if type(record) is not dict or record.get("version") != VERSION:
        return None
    try:
        if record.get("typeGroup", kinds.CORE) == kinds.CORE:
            return _read_transfer(record, context)
        if record["typeGroup"] == kinds.BOARD_GROUP:
            return _read_board(record, context)
        return _read_morpheus(record, context)
    except (_NotPlainError, DecodeError, KeyError, TypeError):
        return None


class _NotPlainError(Exception):
    """The record needs a closer look."""


def _read_transfer(record: dict[str, Any], context: Context) -> Transaction:
    if not record.keys() <= _TRANSFER:
        raise _NotPlainError
    byte, hashed = parse_address(_text(record["recipientId"], 34))
    vendor = record.get("vendorField")
    if vendor is not None and len(_text(vendor).encode()) > min(context.vendor_length, 0xFF):
        raise _NotPlainError
    expiration = record.get("expiration", 0)
    if byte != context.byte or not _is_whole(expiration, 2**32 - 1):
        raise _NotPlainError
    return Transaction(
        *_read_head(record, kinds.TRANSFER, context),
        _number(record["amount"], 1),
        hashed,
        expiration,
        vendor or None,
        None,
        _read_signature(record),
        b"",
        (),
    )


def _read_morpheus(record: dict[str, Any], context: Context) -> Transaction:
    if not record.keys() <= _WITH_ASSET or _number(record["amount"], 0):
        raise _NotPlainError
    asset = _object(record["asset"])
    if asset.keys() != _ASSET:
        raise _NotPlainError
    for attempt in _list(asset["operationAttempts"]):
        _check_attempt(_object(attempt))
    text = encode_plain(asset)
    if len(text) > MAX_BYTES or not text.isascii():
        raise _NotPlainError
    tx = Transaction(
        *_read_head(record, kinds.MORPHEUS, context),
        0,
        b"",
        0,
        None,
        asset,
        _read_signature(record),
        b"",
        (),
    )
    remember(tx, "asset_bytes", text.encode())
    return tx


def _read_board(record: dict[str, Any], context: Context) -> Transaction:
    """The statements' signatures are not looked at."""
    if not record.keys() <= _WITH_ASSET or _number(record["amount"], 0):
        raise _NotPlainError
    try:
        batch = read_batch(record["asset"])
    except DataError as exc:
        raise _NotPlainError from exc
    return Transaction(
        *_read_head(record, kinds.BOARD, context),
        0,
        b"",
        0,
        None,
        batch,
        _read_signature(record),
        b"",
        (),
    )


def _read_head(
    record: dict[str, Any], kind: kinds.Kind, context: Context
) -> tuple[int, int, int, int, bytes, int]:
    """Network, type group, type, nonce, sender and fee; the other members that every kind has are only looked at."""
    get = record.get
    sender = parse_hex(_text(record["senderPublicKey"], 2 * PUBLIC_SIZE))
    parse_hex(_text(record["id"], 64))
    group, type_, version = get("typeGroup", kinds.CORE), record["type"], record["version"]
    network = get("network", context.byte)
    if not (type(group) is type(type_) is type(version) is type(network) is int):
        raise _NotPlainError
    if group != kind.type_group or type_ != kind.type or network != context.byte:
        raise _NotPlainError
    least = 1 if kind == kinds.TRANSFER else 0
    fee = _number(record["fee"], least)
    return network, group, type_, _number(record["nonce"], 0), sender, fee


def _read_signature(record: dict[str, Any]) -> bytes:
    """A signature whose end is beyond doubt: of Schnorr's size, or DER of the usual sizes that says its own length."""
    signature = parse_hex(_text(record["signature"]))
    size = len(signature)
    if size != SCHNORR_SIZE and (size not in _DER_SIZES or signature[1] + 2 != size):
        raise _NotPlainError
    return signature


def _check_attempt(attempt: dict[str, Any]) -> None:
    """Nothing when an attempt on the DID registry has its usual members, all of the right type."""
    if attempt["operation"] == "registerBeforeProof":
        if attempt.keys() != _BEFORE_PROOF:
            raise _NotPlainError
        _text(attempt["contentId"])
        return
    if attempt["operation"] != "signed" or attempt.keys() != _SIGNED:
        raise _NotPlainError
    _text(attempt["signerPublicKey"])
    _text(attempt["signature"])
    for signable in _list(attempt["signables"]):
        _check_signable(_object(signable))


def _check_signable(signable: dict[str, Any]) -> None:
    names = signable.keys()
    if names != _SIGNABLES[signable["operation"]]:
        if names != _SIGNABLES["addKey"] | {"expiresAtHeight"}:
            raise _NotPlainError
        if signable["operation"] != "addKey" or not _is_whole(signable["expiresAtHeight"], _SAFE):
            raise _NotPlainError
    for name, member in signable.items():
        if (
            type(member) is not str
            and name != "expiresAtHeight"
            and (name, member) != ("lastTxId", None)
        ):
            raise _NotPlainError


def _object(given: Any) -> dict[str, Any]:
    if type(given) is not dict:
        raise _NotPlainError
    return given


def _list(given: Any) -> list[Any]:
    if type(given) is not list:
        raise _NotPlainError
    return given


def _text(given: Any, size: int | None = None) -> str:
    if type(given) is not str or (size is not None and len(given) != size):
        raise _NotPlainError
    return given


def _is_whole(given: Any, most: int) -> bool:
    return type(given) is int and 0 <= given <= most


def _number(given: Any, least: int) -> int:
    if type(given) is str and len(given) <= _DIGITS and given.isascii() and given.isdigit():
        number = int(given)
    elif _is_whole(given, _SAFE):
        number = given
    else:
        raise _NotPlainError
    if number < least:
        raise _NotPlainError
    return number
