"""Runner of the file claims: processes, requests, statements, presentations, and what the official signers enforce."""

from __future__ import annotations

from iop.claim.presentation import check_presentation, collapse_claim
from iop.claim.process import check_process
from iop.claim.signed import (
    Signer,
    from_record,
    is_signed_valid,
    is_valid_signed,
    open_envelope,
)
from iop.claim.statement import check_claim, check_request, check_statement
from iop.codec.digest import compute_content_id
from iop.codec.mask import apply_mask
from iop.conform.case import Case, compare
from iop.conform.claim_signed import compare_result, is_same_order
from iop.did.identifier import compute_did
from iop.errors import DataError, MissingError
from iop.keys.mnemonic import compute_seed
from iop.keys.morpheus import derive_key
from iop.keys.multicipher import compute_key_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.codec.json import Json

    Check = Callable[[Json], dict[str, Json]]

_SIGNERS: dict[str, Check] = {
    "signWitnessRequest": check_request,
    "signWitnessStatement": check_statement,
    "signClaimPresentation": check_presentation,
}
_LISTS: dict[str, tuple[str, Check]] = {
    "requests": ("request", check_request),
    "statements": ("statement", check_statement),
    "presentations": ("presentation", check_presentation),
}


def run_claims(document: dict[str, Any]) -> Iterator[Case]:
    """claims: every list, ids and signatures byte by byte; the signer is the persona of the file's phrase."""
    seed = compute_seed(document["phrase"]["phrase"], document["phrase"]["password"])
    signers: dict[int, Signer] = {}
    for index, case in enumerate(document["signers"]):
        signer = signers[case["idx"]] = Signer(derive_key(seed, "persona", case["idx"]))
        key_id = compute_key_id(signer.public)
        yield compare(f"signers {index} publicKey", str(signer.public), case["publicKey"])
        yield compare(f"signers {index} keyId", str(key_id), case["keyId"])
        yield compare(f"signers {index} did", str(compute_did(key_id)), case["did"])
    for index, case in enumerate(document["processes"]):
        got = compute_content_id(check_process(case["process"]))
        yield compare(f"processes {index} contentId", got, case["contentId"])
    for name, (member, check) in _LISTS.items():
        for index, case in enumerate(document[name]):
            label = f"{name} {index}"
            yield from _run_signing(label, case, member, check, signers[case["signer"]])
            if name == "presentations":
                yield from _run_masking(label, case, document)
    for index, case in enumerate(document["shapes"]):
        yield from _run_shape(f"shapes {index}", case, signers)


def _run_signing(
    label: str, case: dict[str, Any], member: str, check: Check, signer: Signer
) -> Iterator[Case]:
    given = case[member]
    yield compare_result(f"{label} contentId", lambda: compute_content_id(given), case["contentId"])
    yield compare_result(f"{label} signed", lambda: signer.sign_json(check(given)), case["signed"])
    if "ok" not in case["signed"]:
        return
    signed = case["signed"]["ok"]
    same = is_same_order(signer.sign_json(check(given)), signed)
    yield Case(f"{label} signed order", same, "" if same else "members stand in another order")
    yield compare(f"{label} signed valid", is_signed_valid(signed, strict=False), True)
    yield compare_result(
        f"{label} signedContentId", lambda: compute_content_id(signed), case["signedContentId"]
    )


def _run_masking(label: str, case: dict[str, Any], document: dict[str, Any]) -> Iterator[Case]:
    """The mask of the first claim against the whole one, and the statements that outlive their masking."""
    proven = case["presentation"]["provenClaims"]
    masked = proven[0]["claim"]
    yield compare(f"{label} masked_claim_id", compute_content_id(masked), case["masked_claim_id"])
    claim = _find_claim(case["claim_id"], document)
    yield compare(f"{label} claim", apply_mask(claim, case["claim_keep"]), masked)
    verdicts = []
    for statement in (item for part in proven for item in part["statements"]):
        verdicts.append(is_signed_valid(statement, strict=False))
        if _is_open(statement["content"]):
            collapsed = collapse_claim(from_record(statement))[1]
            verdicts.append(is_valid_signed(collapsed, strict=False))
    name = "statement_signature_still_valid"
    yield compare(f"{label} {name}", all(verdicts), case[name])


def _is_open(content: Json) -> bool:
    payload = open_envelope(content)[0]
    return isinstance(payload, dict) and isinstance(payload.get("claim"), dict)


def _find_claim(claim_id: str, document: dict[str, Any]) -> Json:
    """The whole claim of an id from the file's statements. Raises DataError if none is about it."""
    for item in document["statements"]:
        claim = item["statement"]["claim"]
        if compute_content_id(claim) == claim_id:
            return check_claim(claim)
    raise DataError(f"no statement is about the claim {claim_id}")


def _run_shape(label: str, case: dict[str, Any], signers: dict[int, Signer]) -> Iterator[Case]:
    full = f"{label} {case['function']} {case['change']}"
    check = _SIGNERS.get(case["function"])
    if check is None:
        yield Case(full, False, f"unknown function {case['function']!r}")
        return
    if "input" not in case:
        yield compare_result(full, lambda: _find_signer(case["result"], signers), case["result"])
        return

    def act() -> Json:
        return _sign_like(check(case["input"]), case["result"], signers)

    yield compare_result(full, act, case["result"])


def _sign_like(
    content: dict[str, Json], result: dict[str, Any], signers: dict[int, Signer]
) -> Json:
    """The content signed by whoever signed the recorded result."""
    if "ok" not in result:
        return content
    wanted = result["ok"]["signature"]["publicKey"]
    for signer in signers.values():
        if str(signer.public) == wanted:
            return signer.sign_json(content)
    raise DataError(f"no signer of the file has the key {wanted}")


def _find_signer(result: dict[str, Any], signers: dict[int, Signer]) -> Json:
    """What a vault says of a key id it does not hold; the recording names the id in the text alone."""
    words = str(result.get("error", "")).split(" ")
    wanted = words[3] if len(words) > 3 else ""
    for signer in signers.values():
        if str(compute_key_id(signer.public)) == wanted:
            return wanted
    raise MissingError(f"Could not find {wanted} among Morpheus key ids")
