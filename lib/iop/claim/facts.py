"""What a verifier knows when it judges a signed document, and what it has to look up for that (morpheus 7 and 8)."""

from __future__ import annotations

from iop.claim.presentation import check_presentation
from iop.claim.shape import read_did
from iop.claim.signed import from_record, open_envelope
from iop.did.document import check_document
from iop.errors import DataError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iop.codec.json import Json
    from iop.did.document import Document


@value
class Facts:
    """What the verifier knows: DID documents by DID (`collect_documents`), the height at which a signed document was
    registered by its content id, block hashes by height, and the time in milliseconds since 1970 or None."""

    documents: dict[str, Document]
    registered: dict[str, int]
    blocks: dict[int, str]
    now: int | None = None


def collect_documents(records: Iterable[Json]) -> dict[str, Document]:
    """DID documents by the usual spelling of their DID; of two the one queried later counts. Raises DataError."""
    found: dict[str, Document] = {}
    for record in records:
        document = check_document(record)
        did = read_did(document["did"])
        known = found.get(did)
        if known is None or known["queriedAtHeight"] <= document["queriedAtHeight"]:
            found[did] = document
    return found


def find_dids(record: Json) -> list[str]:
    """The DIDs whose documents a verdict on a signed statement, request or presentation rests on, in the usual spelling.

    What is hidden or malformed is passed over: the verdict says it. Raises DataError for no signed document.
    """
    payload = open_envelope(from_record(record).content)[0]
    texts: list[Json] = []
    if isinstance(payload, dict) and "provenClaims" in payload:
        for proven in check_presentation(payload)["provenClaims"]:
            texts.append(_name_subject(proven["claim"]))
            for statement in proven["statements"]:
                shown = _open_quietly(statement["content"])
                texts += [_name_subject(shown.get("claim")), *_name_parties(shown)]
    elif isinstance(payload, dict):
        texts += _name_parties(payload)
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[read_did(text)] = None
        except DataError:
            continue
    return list(found)


def find_signed(record: Json) -> list[Json]:
    """The signed documents whose registration bounds a verdict: the record, or the statements of a presentation."""
    payload = open_envelope(from_record(record).content)[0]
    if isinstance(payload, dict) and "provenClaims" in payload:
        proven = check_presentation(payload)["provenClaims"]
        return [statement for part in proven for statement in part["statements"]]
    return [record]


def find_proofs(record: Json) -> list[int]:
    """The heights of blocks that after-proofs name, of a signed record and of the statements in it."""
    found: dict[int, None] = {}
    for content in (
        from_record(record).content,
        *(part["content"] for part in find_signed(record)),
    ):
        try:
            proof = open_envelope(content)[1]
        except DataError:
            continue
        if proof is not None:
            found[proof.height] = None
    return list(found)


def _open_quietly(content: Json) -> dict[str, Json]:
    try:
        payload = open_envelope(content)[0]
    except DataError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _name_subject(claim: Json) -> Json:
    return claim.get("subject") if isinstance(claim, dict) else None


def _name_parties(payload: dict[str, Json]) -> list[Json]:
    """Authority and witness of a statement, claimant of a request."""
    constraints = payload.get("constraints")
    if not isinstance(constraints, dict):
        constraints = {}
    links = [constraints.get("witness"), payload.get("claimant")]
    cut = [link.partition("#")[0] for link in links if isinstance(link, str)]
    return [constraints.get("authority"), *cut]
