"""Presentations: claims masked to what the holder reveals, the statements that prove them, licences for the reader (morpheus 8).

The masked claim has the digest of the whole one, so the statements about it stay valid; their own copy of the claim is collapsed
to its id, or the mask would hide nothing.
"""

from __future__ import annotations

from iop.claim.moment import complete_moment, parse_moment
from iop.claim.shape import (
    DROPPED,
    Member,
    Shape,
    list_of,
    read_any,
    read_did,
    read_record,
    read_text,
    reader,
)
from iop.claim.signed import SignedJson, from_record, is_content_id, open_envelope, to_record
from iop.codec.digest import compute_content_id
from iop.codec.mask import apply_mask
from iop.codec.nonce import SIZE, encode_nonce
from iop.errors import DataError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.claim.statement import Draw
    from iop.codec.json import Json

MAX_CLAIMS = 10_000  # proven claims of one presentation


def _read_signed(given: Json) -> dict[str, Json]:
    return to_record(from_record(given))


LICENSE = Shape(
    "License",
    (
        Member("issuedTo", read_did),
        Member("purpose", read_text),
        Member("validFrom", read_text),
        Member("validUntil", read_text),
    ),
)
PROVEN_CLAIM = Shape(
    "ProvenClaim", (Member("claim", read_any), Member("statements", list_of(_read_signed)))
)
PRESENTATION = Shape(
    "ClaimPresentation",
    (
        Member("provenClaims", list_of(reader(PROVEN_CLAIM))),
        Member("licenses", list_of(reader(LICENSE))),
        Member("nonce", read_text, DROPPED),
    ),
)


def check_presentation(record: Json) -> dict[str, Any]:
    """The presentation of a record as it is signed: what the original drops is gone. Raises SchemaError or DecodeError.

    Statements must be signed documents; that their signatures hold is judged by `iop.claim.validation`.
    """
    found = read_record(PRESENTATION, record)
    if len(found["provenClaims"]) > MAX_CLAIMS:
        raise SchemaError(f"more than {MAX_CLAIMS} proven claims in one presentation")
    return found


def build_license(
    issued_to: str, purpose: str, valid_from: str, valid_until: str
) -> dict[str, Json]:
    """A licence: who may use the presentation, for what, and when. Raises DataError for dates that do not parse or agree."""
    if parse_moment(valid_from) >= parse_moment(valid_until):
        raise SchemaError(f"the licence ends before it starts: {valid_from} to {valid_until}")
    return read_record(
        LICENSE,
        {
            "issuedTo": issued_to,
            "purpose": purpose,
            "validFrom": complete_moment(valid_from),
            "validUntil": complete_moment(valid_until),
        },
    )


def build_presentation(
    statements: Iterable[Json], keep: str, licenses: list[Json], draw: Draw
) -> dict[str, Json]:
    """A presentation of signed statements, their claims masked to the paths of `keep` (relative to the claim).

    Statements about one claim stand together. Raises DataError: a statement that hides its claim, a claim whose digest does
    not survive the mask (texts that are not in NFKD).
    """
    proven: dict[str, dict[str, Any]] = {}
    for record in statements:
        signed = from_record(record)
        claim, collapsed = collapse_claim(signed)
        claim_id = compute_content_id(claim)
        if claim_id not in proven:
            proven[claim_id] = {"claim": mask_claim(claim, keep), "statements": []}
        proven[claim_id]["statements"].append(to_record(collapsed))
    return check_presentation(
        {
            "provenClaims": list(proven.values()),
            "licenses": licenses,
            "nonce": encode_nonce(draw(SIZE)),
        }
    )


def mask_claim(claim: Json, keep: str) -> Json:
    """The claim with only the paths of `keep` open; the empty list gives its content id. Raises DataError as above."""
    masked = apply_mask(claim, keep)
    if compute_content_id(masked) != compute_content_id(claim):
        raise DataError(
            "the claim has another digest after masking: it holds texts that are not in Unicode NFKD",
            hint="bring the values of a claim to NFKD before it is signed; iop-claim new does",
        )
    return masked


def collapse_claim(signed: SignedJson) -> tuple[Json, SignedJson]:
    """The claim of a signed statement, and the same statement with the claim collapsed to its id."""
    payload, proof = open_envelope(signed.content)
    if not isinstance(payload, dict) or not isinstance(payload.get("claim"), dict):
        raise SchemaError("the statement does not hold its claim openly")
    claim = payload["claim"]
    content: Json = payload | {"claim": compute_content_id(claim)}
    if proof is not None:
        content = signed.content | {"content": content}
    return claim, SignedJson(signed.public, content, signed.signature, signed.nonce)


def find_revealed(value: Json, path: str = "") -> Iterator[tuple[str, Json, bool]]:
    """Every leaf of a masked value: its path, its value, and whether it is open; a content id counts as hidden.

    Nonces are left out. Array elements have their index as a path segment.
    """
    waiting: list[tuple[str, Json]] = [(path, value)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, dict) and item:
            members = [(f"{place}.{name}", item[name]) for name in item if name != "nonce"]
            waiting.extend(reversed(members))
        elif isinstance(item, list) and item:
            waiting.extend((f"{place}.{i}", item[i]) for i in range(len(item) - 1, -1, -1))
        else:
            yield place, item, not (isinstance(item, str) and is_content_id(item))


def reveal(presentation: dict[str, Any]) -> dict[str, Any]:
    """What a presentation (`check_presentation`) shows and what it hides, as one of our records (`iop.reveal/1`)."""
    return {
        "type": "iop.reveal/1",
        "claims": [_reveal_claim(proven) for proven in presentation["provenClaims"]],
        "licenses": presentation["licenses"],
    }


def _reveal_claim(proven: dict[str, Any]) -> dict[str, Any]:
    claim = proven["claim"]
    leaves = list(find_revealed(claim))
    parties = []
    for statement in proven["statements"]:
        payload, _ = open_envelope(statement["content"])
        shown = payload if isinstance(payload, dict) else {}
        constraints = shown.get("constraints")
        parties.append(
            {
                "processId": shown.get("processId"),
                "authority": constraints.get("authority")
                if isinstance(constraints, dict)
                else None,
                "signer": statement["signature"]["publicKey"],
            }
        )
    return {
        "claimId": compute_content_id(claim),
        "subject": claim.get("subject") if isinstance(claim, dict) else None,
        "revealed": {path or ".": value for path, value, opened in leaves if opened},
        "hidden": [path or "." for path, _, opened in leaves if not opened],
        "statements": parties,
    }


def is_open_at(value: Json, path: str) -> bool:
    """True if a path (`.content.degree`) leads through open objects to something that is not a content id."""
    for name in path.removeprefix(".").split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return not (isinstance(value, str) and is_content_id(value))
