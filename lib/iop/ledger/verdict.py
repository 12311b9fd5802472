"""Verdicts on a transaction by itself, as records: what a node would say before it looks at any account."""

from __future__ import annotations

from iop.errors import DataError
from iop.ledger.draft import from_draft
from iop.ledger.fee import compute_minimum_fee
from iop.ledger.params import MAX_HEIGHT
from iop.ledger.record import from_record
from iop.ledger.seal import is_signature_valid
from iop.ledger.wire import compute_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.params import Params

VERDICT = "iop.tx-verdict/1"
FEE = "iop.tx-fee/1"


def judge(record: Json, params: Params, height: int = MAX_HEIGHT) -> dict[str, Json]:
    """Whether a node of that network takes form and first signature at a height; `error` tells why not.

    Whether second and multiple signatures are right depends on the account, and is not said.
    """
    try:
        tx = from_record(record, params, height=height)
    except DataError as exc:
        return {"type": VERDICT, "valid": False, "error": exc.message}
    verdict: dict[str, Json] = {"type": VERDICT, "id": compute_id(tx)}
    if is_signature_valid(tx):
        return verdict | {"valid": True}
    return verdict | {"valid": False, "error": "signature is not the sender's"}


def judge_fee(record: Json, params: Params) -> dict[str, Json]:
    """The fee of a transaction or draft, and the least with which it enters a node's pool, in flakes."""
    tx = from_draft(record, params)
    least = compute_minimum_fee(tx, params)
    return {"type": FEE, "fee": str(tx.fee), "minimum": str(least), "enough": tx.fee >= least}
