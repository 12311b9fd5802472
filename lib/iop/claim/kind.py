"""Which of the Morpheus documents a record is, told by its members, and whether it has that one's shape (morpheus 8)."""

from __future__ import annotations

from iop.errors import SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

# The first pair of members that a record has decides; later kinds are more general.
_MARKS = (
    ("presentation", ("provenClaims",)),
    ("statement", ("constraints", "claim")),
    ("request", ("claimant", "claim")),
    ("process", ("claimSchema",)),
    ("scenario", ("prerequisites",)),
    ("claim", ("subject", "content")),
)
SIGNABLE = ("statement", "request")


def identify(record: Json) -> str:
    """The kind of an unsigned record: presentation, statement, request, process, scenario or claim. SchemaError: none of them."""
    if isinstance(record, dict):
        for kind, members in _MARKS:
            if all(name in record for name in members):
                return kind
    raise SchemaError(
        "expected a claim, witness request, witness statement, presentation, process or scenario"
    )


def check_kind(kind: str, record: Json) -> dict[str, Any]:
    """The record as it is signed, or unchanged where its id covers every member. Raises DataError for a wrong shape."""
    # Each kind's module is loaded for its own records only: a stream of statements needs no schemas.
    if kind in ("claim", "request", "statement"):
        from iop.claim import statement

        checks = {
            "claim": statement.check_claim,
            "request": statement.check_request,
            "statement": statement.check_statement,
        }
        return checks[kind](record)
    if kind == "presentation":
        from iop.claim.presentation import check_presentation

        return check_presentation(record)
    if kind == "process":
        from iop.claim.process import check_process

        return check_process(record)
    if kind == "scenario":
        from iop.claim.scenario import check_scenario

        return check_scenario(record)
    raise SchemaError(f"no kind of document is called {kind!r}")


def check_signable(record: Json) -> dict[str, Any]:
    """The witness statement or witness request of a record, as it is signed. Raises DataError for anything else."""
    kind = identify(record)
    if kind not in SIGNABLE:
        raise SchemaError(f"expected a witness statement or a witness request, got a {kind}")
    return check_kind(kind, record)


def open_signed(record: Json) -> tuple[Json, bool]:
    """The payload of a signed document, out of its envelope; any other record as it is. The flag says which it was."""
    if isinstance(record, dict) and "signature" in record and "content" in record:
        from iop.claim.signed import from_record, open_envelope

        return open_envelope(from_record(record).content)[0], True
    return record, False
