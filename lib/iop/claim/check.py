"""Whether a record has the shape of its kind and follows its process; signatures and rights are no matter here (morpheus 8)."""

from __future__ import annotations

from iop.claim.kind import check_kind, identify, open_signed
from iop.claim.process import Process
from iop.claim.schema import WRAPPED, Fault, Schema
from iop.codec.digest import compute_content_id
from iop.errors import DataError, LimitError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

_HINT = (
    "values made by iop-claim new are {nonce, value}: describe these in the schema, "
    "or make the process with iop-claim process --wrapped"
)
_FOLLOWING = ("claim", "request", "statement")


def check_record(record: Json, process: Process | None = None) -> dict[str, Any]:
    """What is wrong with a claim, request, statement, presentation, process or scenario, signed or not (`iop.check/1`).

    `contentId` is the id of the record as given. A process document has its schemas compiled. With `process`, claims,
    requests and statements must follow it; other kinds then are a fault. Raises SchemaError for a record of no known kind.
    """
    payload, signed = open_signed(record)
    kind = identify(payload)
    faults: list[Fault] = []
    content_id: str | None = None
    try:
        content_id = compute_content_id(record)
        shaped = check_kind(kind, payload)
        if kind == "process":
            faults += _find_schema_faults(shaped)
        if process is not None:
            faults += _find_process_faults(kind, shaped, process)
    except DataError as exc:
        faults.append(Fault("", "shape", exc.message))
    return {
        "type": "iop.check/1",
        "valid": not faults,
        "kind": kind,
        "signed": signed,
        "contentId": content_id,
        "faults": [
            {"path": fault.path, "keyword": fault.keyword, "reason": fault.reason}
            for fault in faults
        ],
    }


def demand_process(record: dict[str, Json], process: Process) -> None:
    """Nothing if a shaped claim, request or statement follows the process. Raises SchemaError that names the first faults."""
    faults = process.find_faults(record)
    if faults:
        told = "; ".join(f"{fault.path or 'the record'}: {fault.reason}" for fault in faults[:3])
        wrapped = any(fault.reason.endswith(WRAPPED) for fault in faults)
        raise SchemaError(f"does not follow the process: {told}", hint=_HINT if wrapped else None)


def _find_schema_faults(document: dict[str, Json]) -> list[Fault]:
    faults = []
    for name in ("claimSchema", "evidenceSchema", "constraintsSchema"):
        if isinstance(document[name], dict):
            try:
                Schema(document[name])
            except (SchemaError, LimitError) as exc:
                faults.append(Fault(f".{name}", "schema", exc.message))
    return faults


def _find_process_faults(kind: str, shaped: dict[str, Json], process: Process) -> list[Fault]:
    if kind not in _FOLLOWING:
        return [Fault("", "kind", f"a {kind} follows no process")]
    return process.find_faults(shaped)
