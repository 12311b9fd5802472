"""Full verdicts on statements and presentations: signatures, rights at the right height, dates, licences (morpheus 7 and 8).

What a verifier knows comes in as `Facts`; nothing is looked up here. The right height: a signature is judged in the range from
its after-proof to its before-proof. Without an after-proof the range is the one block before the end, since a key that speaks
for the DID then also answers for what it signed earlier; without a before-proof the end is the height at which the document
was read, so a key that was revoked since then proves nothing. (The original's own default starts at block 1 and warns
about every key that was added later; `after=1` gives that.)
"""

from __future__ import annotations

from iop.claim.facts import Facts
from iop.claim.license import judge_licenses
from iop.claim.moment import parse_moment
from iop.claim.presentation import check_presentation
from iop.claim.shape import read_did
from iop.claim.signed import SignedJson, from_record, is_valid_signed, open_envelope
from iop.claim.statement import check_request
from iop.claim.verdict import (
    ERROR,
    IMPERSONATE,
    WARNING,
    Issue,
    Verdict,
    find_issues,
    issue,
    place,
)
from iop.codec.digest import compute_content_id
from iop.did.document import is_key_of
from iop.did.identifier import compute_did, parse_did, parse_key_link
from iop.errors import DataError, VerifyError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.claim.signed import AfterProof
    from iop.codec.json import Json
    from iop.did.document import Document
    from iop.keys.multicipher import PublicKey


SIGNATURE = "signature"  # where the presenter's issues stand


@value
class Demand:
    """What a verifier asks of a presentation: a licence for whom and for what, and which processes and authorities count.

    Without processes or authorities any counts; authorities are DIDs in their usual spelling.
    """

    recipient: str | None = None
    purpose: str | None = None
    processes: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


def validate_statement(
    record: Json,
    facts: Facts,
    *,
    after: int | None = None,
    before: int | None = None,
    strict: bool = True,
    authorities: tuple[str, ...] = (),
) -> Verdict:
    """Whether a signed witness statement holds: its signature, the authority's word for the key, its dates.

    after, before: heights that bound the signing, in place of the document's own after-proof and of `facts.registered`.
    authorities: DIDs in their usual spelling that count; if none is given anybody may attest anything in their own name.
    Raises DataError for a record that is no signed document; all else is an issue.
    """
    signed = from_record(record)
    found = [] if is_valid_signed(signed, strict=strict) else [issue("signature-invalid")]
    try:
        payload, proof = open_envelope(signed.content)
    except DataError as exc:
        return Verdict((*found, _malformed("", exc)))
    if not isinstance(payload, dict):
        return Verdict(
            (*found, Issue(ERROR, "statement-hidden", "the statement shows its content id only"))
        )
    constraints = payload.get("constraints")
    if not isinstance(constraints, dict):
        return Verdict(
            (*found, Issue(ERROR, "constraints-hidden", "the statement hides its constraints"))
        )
    found += _judge_proof(proof, facts)
    found += _judge_dates(constraints, facts.now)
    try:
        authority = read_did(constraints.get("authority"))
    except DataError as exc:
        return Verdict((*found, _malformed("constraints.authority", exc)))
    if authorities and authority not in authorities:
        reason = f"{authority} is none of the authorities asked for"
        found.append(Issue(ERROR, "authority-unexpected", reason, "constraints.authority"))
    document = facts.documents.get(authority)
    if document is None:
        return Verdict((*found, _missing(authority, "constraints.authority")))
    end = before if before is not None else _find_height(record, facts)
    start = after if after is not None else (None if proof is None else proof.height)
    found += _judge_range(document, signed.public, start, end, strict=strict)
    found += _judge_link("witness", constraints.get("witness"), signed.public, facts)
    return Verdict(tuple(found))


def validate_request(
    record: Json,
    facts: Facts,
    *,
    after: int | None = None,
    before: int | None = None,
    strict: bool = True,
    authorities: tuple[str, ...] = (),
) -> Verdict:
    """Whether a signed witness request comes from its claimant: the signature, and the right to speak for the claimant's DID.

    Heights as for `validate_statement`. Where authorities are asked for a request does not do: none speaks in it. Raises DataError for a record that is no signed request.
    """
    signed = from_record(record)
    payload, proof = open_envelope(signed.content)
    request = check_request(payload)
    found = [] if is_valid_signed(signed, strict=strict) else [issue("signature-invalid")]
    found += _judge_proof(proof, facts)
    if authorities:
        found.append(Issue(ERROR, "authority-unexpected", "no authority speaks in a request"))
    found += _judge_link("claimant", request["claimant"], signed.public, facts)
    did = request["claimant"].partition("#")[0]
    document = facts.documents.get(did)
    if document is None:
        return Verdict((*found, _missing(did, "claimant")))
    end = before if before is not None else _find_height(record, facts)
    start = after if after is not None else (None if proof is None else proof.height)
    found += _judge_range(document, signed.public, start, end, strict=strict)
    return Verdict(tuple(found))


def demand_claimant(record: Json, facts: Facts) -> None:
    """Nothing if a signed request, whose signature holds, comes from its claimant. Raises VerifyError that names the DID.

    A DID document among the facts decides; without one the signer must be the key that the DID itself names.
    """
    did = check_request(open_envelope(from_record(record).content)[0])["claimant"].partition("#")[0]
    if read_did(did) in facts.documents:
        faults = [part for part in validate_request(record, facts).issues if part.severity == ERROR]
        if faults:
            raise VerifyError(
                f"the request does not come from its claimant {did}: {faults[0].reason}",
                issue=faults[0].name,
            )
    elif compute_did(from_record(record).public) != parse_did(did):
        raise VerifyError(
            f"the request does not come from its claimant {did}: another key signed it",
            hint="if the DID allows that key, show its document with --document or --node",
        )


def validate_presentation(
    record: Json,
    facts: Facts,
    demand: Demand,
    *,
    after: int | None = None,
    before: int | None = None,
    strict: bool = True,
) -> Verdict:
    """Whether a signed presentation holds, every part of it.

    Judged: its signature; the signer's right to speak for each subject at the height the subject's document was read; that each
    claim is the one its statements are about; every statement (`validate_statement`, `after` and `before` go there); the
    licences against the demand and the time. Raises DataError for a record that is no signed presentation.
    """
    signed = from_record(record)
    payload, proof = open_envelope(signed.content)
    presentation = check_presentation(payload)
    found = (
        []
        if is_valid_signed(signed, strict=strict)
        else place([issue("signature-invalid")], SIGNATURE)
    )
    found += _judge_proof(proof, facts)
    if not presentation["provenClaims"]:
        found.append(Issue(ERROR, "claim-missing", "the presentation proves nothing"))
    subjects: dict[str, str] = {}
    for index, proven in enumerate(presentation["provenClaims"]):
        where = f"provenClaims.{index}"
        found += _judge_claim(proven, where, demand, subjects)
        if not proven["statements"]:
            found.append(Issue(ERROR, "statement-missing", "no statement proves the claim", where))
        for number, statement in enumerate(proven["statements"]):
            verdict = validate_statement(
                statement,
                facts,
                after=after,
                before=before,
                strict=strict,
                authorities=demand.authorities,
            )
            spot = f"{where}.statements.{number}"
            found += [_nest(part, spot) for part in verdict.issues]
    found += _judge_subjects(subjects, signed, proof, facts, strict=strict)
    found += judge_licenses(presentation["licenses"], demand.recipient, demand.purpose, facts.now)
    return Verdict(tuple(found))


def _judge_claim(
    proven: dict[str, Any], where: str, demand: Demand, subjects: dict[str, str]
) -> list[Issue]:
    """The bond between a claim and its statements; the claim's subject joins `subjects`, with the place of the claim."""
    found: list[Issue] = []
    claim = proven["claim"]
    try:
        claim_id = compute_content_id(claim)
    except DataError as exc:
        return [_malformed(f"{where}.claim", exc)]
    shown = [claim]
    for number, statement in enumerate(proven["statements"]):
        spot = f"{where}.statements.{number}"
        try:
            payload, _ = open_envelope(statement["content"])
            if not isinstance(payload, dict):
                continue  # `statement-hidden` says it
            shown.append(payload.get("claim"))
            if compute_content_id(payload.get("claim")) != claim_id:
                found.append(
                    Issue(ERROR, "claim-mismatch", "the statement is about another claim", spot)
                )
        except DataError as exc:
            found.append(_malformed(spot, exc))
            continue
        process = payload.get("processId")
        if demand.processes and process not in demand.processes:
            found.append(
                Issue(ERROR, "process-unexpected", "the statement follows another process", spot)
            )
    texts = [item.get("subject") for item in shown if isinstance(item, dict)]
    if not texts:
        return [
            *found,
            Issue(ERROR, "subject-hidden", "nothing tells whom the claim is about", where),
        ]
    for text in texts:
        try:
            subjects.setdefault(read_did(text), where)
        except DataError as exc:
            found.append(_malformed(f"{where}.claim.subject", exc))
    return found


def _judge_subjects(
    subjects: dict[str, str],
    signed: SignedJson,
    proof: AfterProof | None,
    facts: Facts,
    *,
    strict: bool,
) -> list[Issue]:
    """The presenter's right to speak for each subject. Their issues stand at the signature, unlike those of statements."""
    found: list[Issue] = []
    if len(subjects) > 1:
        found.append(Issue(WARNING, "subjects-differ", "the claims are about several subjects"))
    start = None if proof is None else proof.height
    for subject, where in subjects.items():
        document = facts.documents.get(subject)
        if document is None:
            found.append(_missing(subject, f"{where}.claim.subject"))
        else:
            issues = _judge_range(document, signed.public, start, None, strict=strict)
            found += place(issues, SIGNATURE)
    return found


def _judge_range(
    document: Document, public: PublicKey, start: int | None, end: int | None, *, strict: bool
) -> list[Issue]:
    """The issues of the key in a range of blocks; an open start is the block before the end, an open end the present."""
    present = document["queriedAtHeight"]
    if end is None:
        end = present + 1  # the block of the document itself counts
    elif end > present:
        return [
            Issue(ERROR, "height-unknown", f"Queried future height {end}, present is {present}")
        ]
    start = max(end - 1, 0) if start is None else start
    if start >= max(end, 1):
        return [Issue(ERROR, "range-empty", f"Invalid block range {start}-{end}")]
    try:
        return find_issues(document, public, IMPERSONATE, start, end, strict=strict)
    except DataError as exc:
        return [Issue(ERROR, "document-malformed", exc.message)]


def _judge_proof(proof: AfterProof | None, facts: Facts) -> list[Issue]:
    if proof is None:
        return []
    known = facts.blocks.get(proof.height)
    if known is None:
        reason = f"the hash of block {proof.height} is not known here"
        return [Issue(WARNING, "after-proof-unchecked", reason)]
    if known != proof.block_hash:
        return [Issue(ERROR, "after-proof-wrong", f"block {proof.height} has another hash")]
    return []


def _judge_dates(constraints: dict[str, Json], now: int | None) -> list[Issue]:
    found: list[Issue] = []
    for name in ("after", "before"):
        text = constraints.get(name)
        if text is None:
            continue
        where = f"constraints.{name}"
        try:
            moment = parse_moment(text if isinstance(text, str) else "")
        except DataError as exc:
            found.append(Issue(ERROR, "date-malformed", exc.message, where))
            continue
        if now is not None and name == "after" and now < moment:
            found.append(
                Issue(ERROR, "statement-too-early", f"the statement holds from {text} on", where)
            )
        if now is not None and name == "before" and now >= moment:
            found.append(
                Issue(ERROR, "statement-expired", f"the statement held until {text}", where)
            )
    return found


def _judge_link(noun: str, link: Json, public: PublicKey, facts: Facts) -> list[Issue]:
    """Whether the signer is the key that a key link names, as witness or claimant.

    The DID's word for the signer is judged elsewhere and is what counts, so these are warnings.
    """
    where = "constraints.witness" if noun == "witness" else noun
    try:
        did, index = parse_key_link(link if isinstance(link, str) else "")
    except DataError:
        return [
            Issue(WARNING, f"{noun}-malformed", f"the {noun} is not named by a key link", where)
        ]
    document = facts.documents.get(did)
    if document is None:
        return [Issue(WARNING, f"{noun}-unchecked", f"no DID document of the {noun} {did}", where)]
    keys = document["keys"]
    if index >= len(keys) or not is_key_of(keys[index], public):
        reason = f"another key signed than the named {noun}'s"
        return [Issue(WARNING, f"{noun}-mismatch", reason, where)]
    return []


def _find_height(record: Json, facts: Facts) -> int | None:
    """The height at which the signed document was registered. The signature is part of that id, the content alone is not."""
    if not facts.registered:
        return None
    try:
        return facts.registered.get(compute_content_id(record))
    except DataError:
        return None


def _malformed(where: str, exc: DataError) -> Issue:
    return Issue(ERROR, "statement-malformed", exc.message, where)


def _missing(did: str, where: str) -> Issue:
    return Issue(ERROR, "document-missing", f"no DID document of {did}", where)


def _nest(found: Issue, spot: str) -> Issue:
    return place([found], f"{spot}.{found.where}" if found.where else spot)[0]
