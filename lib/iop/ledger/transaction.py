"""Transactions, under one name: the value and its bytes, its JSON form, its signatures (morpheus ch. 16)."""

from __future__ import annotations

from iop.ledger.record import check_form, from_record, to_record
from iop.ledger.seal import (
    compute_shared_key,
    is_multi_valid,
    is_second_valid,
    is_signature_valid,
    sign_ecdsa,
    sign_part,
    sign_schnorr,
    sign_second,
)
from iop.ledger.wire import (
    Transaction,
    compute_hash,
    compute_id,
    compute_id_bytes,
    encode_transaction,
    parse_transaction,
)

__all__ = [
    "Transaction",
    "check_form",
    "compute_hash",
    "compute_id",
    "compute_id_bytes",
    "compute_shared_key",
    "encode_transaction",
    "from_record",
    "is_multi_valid",
    "is_second_valid",
    "is_signature_valid",
    "parse_transaction",
    "sign_ecdsa",
    "sign_part",
    "sign_schnorr",
    "sign_second",
    "to_record",
]
