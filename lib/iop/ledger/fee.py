"""Fees: what a builder offers, what layer 2 demands, what the pool asks (morpheus 16.4). All in flakes."""

from __future__ import annotations

from iop.errors import DataError, VerifyError
from iop.ledger import kind as kinds
from iop.ledger.asset import encode_morpheus
from iop.ledger.wire import PUBLIC_SIZE, Transaction, encode_transaction
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.kind import Kind
    from iop.ledger.params import Params

PER_BYTE = 3000  # flakes, layer-2 kinds
_LONGEST_DER = 72  # bytes of a signature
MORPHEUS_OFFSET = 15  # bytes added to a Morpheus asset
_MORPHEUS_FRAME = len('{"operationAttempts":}')


def compute_static_fee(kind: Kind, params: Params, height: int, asset: Json = None) -> int:
    """The published fee of a core kind at a height; a multi-signature registration pays it once per key and once more."""
    fee = params.rules_at(height).static_fees.get(kind.key, 0)
    if kind == kinds.MULTI_SIGNATURE and isinstance(asset, dict):
        fee *= len(asset["multiSignature"]["publicKeys"]) + 1
    return fee


def compute_layer2_fee(tx: Transaction) -> int:
    """The least a node takes for a Morpheus or Coeus transaction; 0 for other kinds. Raises DataError: asset unreadable."""
    if tx.type_group != kinds.MORPHEUS_GROUP:
        return 0
    if tx.type == kinds.MORPHEUS.type:
        return (_count_attempt_units(tx.asset) + MORPHEUS_OFFSET) * PER_BYTE
    from iop.ledger.coeus.bundle import asset_from_record, compute_fee

    return compute_fee(asset_from_record(tx.asset))


def compute_offered_fee(asset: Json) -> int:
    """The fee the original's builder sets for a Morpheus asset: UTF-8 bytes of the whole, so never too little."""
    return (len(encode_morpheus(asset)) + MORPHEUS_OFFSET) * PER_BYTE


def compute_pool_fee(tx: Transaction, params: Params) -> int:
    """The least the pool takes: (addon + half the size, rounded up) times the price of a byte."""
    kind = kinds.find_kind(tx.type_group, tx.type)
    if kind in (kinds.HTLC_CLAIM, kinds.HTLC_REFUND):
        return 0
    size = (len(encode_transaction(tx)) + 1) // 2
    return (params.fees.addon_bytes.get(kind.key, 0) + size) * max(1, params.fees.per_byte)


def compute_minimum_fee(tx: Transaction, params: Params) -> int:
    """The least fee with which the transaction enters a pool, once signed if it is not."""
    if not tx.sender:
        # a draft: what is not there yet takes this much room
        tx = replace(tx, sender=bytes(PUBLIC_SIZE), nonce=0)
    if not tx.signature:
        tx = replace(tx, signature=bytes(_LONGEST_DER))
    return max(compute_layer2_fee(tx), compute_pool_fee(tx, params))


def check_layer2_fee(tx: Transaction) -> None:
    """VerifyError ERR_LOW_FEE when a layer-2 transaction offers less than `compute_layer2_fee`, ERR_INVALID_TX if unreadable."""
    try:
        least = compute_layer2_fee(tx)
    except DataError as exc:
        raise VerifyError(exc.message, type="ERR_INVALID_TX") from exc
    if tx.fee < least:
        raise VerifyError(
            f"The fee for this transaction must be at least {least}", type="ERR_LOW_FEE"
        )


def check_pool_fee(tx: Transaction, params: Params) -> None:
    """VerifyError ERR_LOW_FEE when the pool would not take the fee."""
    if tx.fee < compute_pool_fee(tx, params):
        raise VerifyError(
            "The fee is too low to broadcast and accept the transaction", type="ERR_LOW_FEE"
        )


def _count_attempt_units(asset: Json) -> int:
    """UTF-16 units of the JSON text of the attempts array, as ECMAScript writes it."""
    if not isinstance(asset, dict) or not isinstance(asset.get("operationAttempts"), list):
        raise DataError("missing field `operationAttempts`")
    text = encode_morpheus({"operationAttempts": asset["operationAttempts"]}).decode()
    units = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return units - _MORPHEUS_FRAME
