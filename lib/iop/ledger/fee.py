"""Fees: what a builder offers, what layer 2 demands, what the pool asks (morpheus 16.4). All in flakes."""

from __future__ import annotations

from iop.errors import DataError, VerifyError
from iop.ledger import kind as kinds
from iop.ledger.asset import normalize_asset
from iop.ledger.wire import PUBLIC_SIZE, Transaction, encode_transaction
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.kind import Kind
    from iop.ledger.params import Params

_LONGEST_DER = 72  # bytes of a signature


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
        return _compute_morpheus_fee(tx)
    from iop.ledger.coeus.bundle import asset_from_record, compute_fee

    return compute_fee(asset_from_record(tx.asset))


def compute_offered_fee(asset: Json) -> int:
    """The fee the original's builder sets for a Morpheus asset: UTF-8 bytes of the whole, so never too little."""
    return _compute_asset_fee(asset, "wasm")


def compute_pool_fee(tx: Transaction, params: Params, size: int | None = None) -> int:
    """The least the pool takes: (addon + half the size, rounded up) times the price of a byte. size: in bytes, if known."""
    kind = kinds.find_kind(tx.type_group, tx.type)
    if kind in (kinds.HTLC_CLAIM, kinds.HTLC_REFUND):
        return 0
    half = ((len(encode_transaction(tx)) if size is None else size) + 1) // 2
    return (params.fees.addon_bytes.get(kind.key, 0) + half) * max(1, params.fees.per_byte)


def compute_minimum_fee(tx: Transaction, params: Params) -> int:
    """The least fee with which the transaction enters a pool, once signed if it is not."""
    # what a draft lacks takes this much room
    tx = replace(
        tx,
        sender=tx.sender or bytes(PUBLIC_SIZE),
        nonce=max(tx.nonce, 0),
        signature=tx.signature or bytes(_LONGEST_DER),
    )
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


def check_pool_fee(tx: Transaction, params: Params, size: int | None = None) -> None:
    """VerifyError ERR_LOW_FEE when the pool would not take the fee."""
    if tx.fee < compute_pool_fee(tx, params, size):
        raise VerifyError(
            "The fee is too low to broadcast and accept the transaction", type="ERR_LOW_FEE"
        )


def _compute_morpheus_fee(tx: Transaction) -> int:
    known: bytes | None = getattr(tx, "asset_bytes", None)
    if known is None or len(tx.asset) != 1:
        return _compute_asset_fee(tx.asset, "ts")
    from iop.did.operation import compute_size_fee

    # known bytes are ASCII, and the one member is the list that counts
    return compute_size_fee(len(known) - len('{"operationAttempts":}'))


def _compute_asset_fee(asset: Json, builder: str) -> int:
    from iop.did.operation import compute_fee

    if not isinstance(asset, dict):
        raise DataError("missing field `operationAttempts`")
    return compute_fee(normalize_asset(asset), builder)
