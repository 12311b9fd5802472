"""Verdicts on operations and bundles of names by themselves, as records: what nodes would say before they look at any name."""

from __future__ import annotations

from iop.errors import DataError, SchemaError
from iop.ledger.coeus.bundle import Asset, bundle_from_record, encode_asset, is_signature_valid
from iop.ledger.coeus.operation import Register, from_record, to_record
from iop.ledger.forms import FORMS, make_context
from iop.ledger.params import MAX_HEIGHT, NETWORKS
from iop.ledger.schema import find_faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.coeus.bundle import Bundle
    from iop.ledger.coeus.operation import Operation

VERDICT = "iop.name-verdict/1"
_BUNDLE = FORMS["coeusTransaction"]["properties"]["asset"]["properties"]["bundles"]["items"]
_FORMS = {
    form["properties"]["type"]["const"]: form
    for form in _BUNDLE["properties"]["operations"]["items"]["oneOf"]
}
_CONTEXT = make_context(NETWORKS["testnet"], MAX_HEIGHT)  # of no matter for this form


def judge(record: Json) -> dict[str, Any]:
    """Whether an operation, or a bundle with its signature, is one that nodes read; `error` tells why not.

    A record with `operations` or `signature` is taken for a bundle. What the names stand at is not asked: the nonce may be used, a
    name may be taken, or belong to somebody else.
    """
    is_bundle = isinstance(record, dict) and bool(record.keys() & {"operations", "signature"})
    verdict: dict[str, Any] = {"type": VERDICT, "kind": "bundle" if is_bundle else "operation"}
    try:
        if is_bundle:
            error = _find_fault(bundle_from_record(record))
        else:
            check_layer1([from_record(record)])
            error = ""
    except DataError as exc:
        error = exc.message
    return verdict | ({"valid": False, "error": error} if error else {"valid": True})


def check_layer1(operations: list[Operation]) -> None:
    """Nothing for operations that layer 1 carries; it takes less than the registry: data, for one, is no null and no boolean.

    Raises SchemaError with layer 1's words.
    """
    for operation in operations:
        record = to_record(operation)
        for fault in find_faults(_FORMS[record["type"]], record, _CONTEXT):
            raise SchemaError(fault.replace("data", "operation", 1))


def _find_fault(bundle: Bundle) -> str:
    check_layer1(list(bundle.operations))
    encode_asset(Asset((bundle,)))
    if not is_signature_valid(bundle):
        return "Invalid signature or the operations were tampered with"
    for operation in bundle.operations:
        if isinstance(operation, Register) and operation.owner != bundle.public_key:
            owner = "System principal" if operation.owner is None else "owner"
            return f"{owner} of {operation.name} is not the key that signed"
    return ""
