"""Claims, witness requests and witness statements: their shapes and their making (morpheus 8).

A claim says something about a subject; its content should hold every separately revealable item as `{"nonce", "value"}`,
so that a masked item cannot be guessed from its id. A statement is a claim with the constraints of the authority.
"""

from __future__ import annotations

from iop.claim.moment import complete_moment, parse_moment
from iop.claim.shape import (
    DROPPED,
    NULLED,
    Member,
    Shape,
    read_any,
    read_content_id,
    read_did,
    read_optional_text,
    read_record,
    read_text,
    reader,
)
from iop.codec.json import Real
from iop.codec.nonce import SIZE, encode_nonce, wrap_nonce
from iop.codec.unicode import normalize_nfkd
from iop.did.identifier import parse_key_link
from iop.errors import DecodeError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.codec.json import Json

    Draw = Callable[[int], bytes]  # that many random bytes

LARGEST = 2**53 - 1  # of the integers that JavaScript keeps

CLAIM = Shape("Claim", (Member("subject", read_did), Member("content", read_any)))
REQUEST = Shape(
    "WitnessRequest",
    (
        Member("processId", read_content_id),
        Member("claimant", read_text),
        Member("claim", reader(CLAIM)),
        Member("evidence", read_any),
        Member("nonce", read_text, DROPPED),
    ),
)
CONSTRAINTS = Shape(
    "Constraints",
    (
        Member("after", read_optional_text, NULLED),
        Member("before", read_optional_text, NULLED),
        Member("witness", read_text),
        Member("authority", read_did),
        Member("content", read_any),
    ),
)
STATEMENT = Shape(
    "WitnessStatement",
    (
        Member("processId", read_content_id),
        Member("claim", reader(CLAIM)),
        Member("constraints", reader(CONSTRAINTS)),
        Member("nonce", read_text, DROPPED),
    ),
)


def check_claim(record: Json) -> dict[str, Json]:
    """The claim of a record as it is signed: subject and content. Raises SchemaError or DecodeError."""
    return read_record(CLAIM, record)


def check_request(record: Json) -> dict[str, Json]:
    """The witness request of a record as it is signed: what the original drops is gone. Raises SchemaError or DecodeError."""
    return read_record(REQUEST, record)


def check_statement(record: Json) -> dict[str, Json]:
    """The witness statement of a record as it is signed: missing dates are null, what the original drops is gone.

    The claim must be open. Raises SchemaError or DecodeError.
    """
    return read_record(STATEMENT, record)


def build_claim(subject: str, items: dict[str, Json], draw: Draw) -> dict[str, Json]:
    """A claim about `subject` with every item wrapped in a nonce of its own: `{name: {"nonce", "value"}}`.

    Names and values are normalised first (`normalize_value`): a mask shows text in NFKD, and its digest must be the signed one.
    `draw(33)` is asked for once per item. Raises SchemaError when two names become one, or a number is too large.
    """
    content: dict[str, Json] = {}
    for name, item in items.items():
        normal = normalize_nfkd(name)
        if normal in content:
            raise SchemaError(f"two items are named {normal!r} in normal form")
        content[normal] = wrap_nonce(normalize_value(item), draw(SIZE))
    return check_claim({"subject": subject, "content": content})


def normalize_value(given: Json) -> Json:
    """The value in the form in which all clients of the original agree on its digest (morpheus 6.2 and 6.3).

    Member names and texts are brought to NFKD; numbers are written as their double's shortest digits, whole ones as integers,
    since JavaScript clients would write them so. Raises SchemaError when two names become one, and for numbers beyond 2^53 - 1,
    which those clients round.
    """
    if isinstance(given, str):
        return normalize_nfkd(given)
    if isinstance(given, list):
        return [normalize_value(item) for item in given]
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _normalize_number(given)
    if not isinstance(given, dict):
        return given
    made: dict[str, Json] = {}
    for name, item in given.items():
        normal = normalize_nfkd(name)
        if normal in made:
            raise SchemaError(f"two members are named {normal!r} in normal form")
        made[normal] = normalize_value(item)
    return made


def _normalize_number(given: float) -> Json:
    if not -LARGEST <= given <= LARGEST:
        raise SchemaError(
            "a number is larger than 2^53 - 1, which other software rounds", hint="give it as text"
        )
    if isinstance(given, int):
        return given
    number = float(given)
    return int(number) if number.is_integer() else Real(repr(number))


def build_request(
    process_id: str, claimant: str, claim: Json, evidence: Json, draw: Draw
) -> dict[str, Json]:
    """A witness request with a fresh nonce. `claimant` is a key link, `evidence` null, an object or a content id."""
    check_key_link(claimant)
    return check_request(
        {
            "processId": process_id,
            "claimant": claimant,
            "claim": claim,
            "evidence": evidence,
            "nonce": encode_nonce(draw(SIZE)),
        }
    )


def build_statement(
    process_id: str,
    claim: Json,
    authority: str,
    witness: str,
    draw: Draw,
    *,
    after: str | None = None,
    before: str | None = None,
    content: Json = None,
) -> dict[str, Json]:
    """A witness statement with a fresh nonce, ready to be signed.

    authority: DID; witness: key link of the signing key. after, before: date-times between which the statement holds, or
    None. content: further constraints as the process's schema has them. Raises DecodeError for a date that does not parse,
    SchemaError for dates in the wrong order (the original checks neither).
    """
    check_key_link(witness)
    check_period(after, before)
    return check_statement(
        {
            "processId": process_id,
            "claim": claim,
            "constraints": {
                "after": None if after is None else complete_moment(after),
                "before": None if before is None else complete_moment(before),
                "witness": witness,
                "authority": authority,
                "content": content,
            },
            "nonce": encode_nonce(draw(SIZE)),
        }
    )


def check_period(after: str | None, before: str | None) -> None:
    """Nothing if both date-times parse and the first comes first. Raises DecodeError or SchemaError."""
    start = None if after is None else parse_moment(after)
    end = None if before is None else parse_moment(before)
    if start is not None and end is not None and start >= end:
        raise SchemaError(f"the period ends before it starts: {after} to {before}")


def check_key_link(text: str) -> None:
    """Nothing if the text is a key link with a DID, `did:morpheus:ez…#0`. Raises DecodeError."""
    did, _ = parse_key_link(text)
    if not did:
        raise DecodeError(f"key link lacks its DID: {text[:80]}")
