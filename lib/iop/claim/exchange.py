"""What authorities, inspectors and verifiers exchange over HTTP (morpheus 14): the shapes of requests and answers."""

from __future__ import annotations

from iop.claim.shape import (
    Member,
    Shape,
    list_of,
    optional,
    read_content_id,
    read_did,
    read_record,
    read_text,
    reader,
)
from iop.claim.signed import AFTER_PROOF
from iop.claim.verdict import ERROR, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

VALIDATION_REQUEST = Shape(
    "ValidationRequest",
    (
        Member("publicKey", read_text),
        Member("contentId", read_content_id),
        Member("signature", read_text),
        Member("onBehalfOf", read_did),
        Member("afterProof", optional(reader(AFTER_PROOF))),
    ),
)
VALIDATION_RESULT = Shape(
    "ValidationResult",
    (Member("errors", list_of(read_text)), Member("warnings", list_of(read_text))),
)


def check_validation_request(record: Json) -> dict[str, Json]:
    """The validation request of a record: key, content id, signature, DID, after-proof or null. Raises DataError."""
    return read_record(VALIDATION_REQUEST, record)


def check_validation_result(record: Json) -> dict[str, Json]:
    """The validation result of a record: texts of errors and of warnings. Raises SchemaError."""
    return read_record(VALIDATION_RESULT, record)


def to_validation_result(verdict: Verdict) -> dict[str, Json]:
    """A verdict as a verifier answers it."""
    return {
        "errors": [issue.reason for issue in verdict.issues if issue.severity == ERROR],
        "warnings": [issue.reason for issue in verdict.issues if issue.severity != ERROR],
    }
