"""What a DID document says about a signature made within a range of blocks (morpheus 7).

A range runs from a height that the signature is proven to be younger than up to one it is proven to be older than, the end
not included. Issues carry the original's texts; `name` is ours and stable. No issue: valid. Only warnings: maybe valid.

The original stays silent in some corners: a key that ended exactly at the start, one that began exactly at the end, and a right
that was withdrawn within the range. With `strict` these are issues too. In both rules the first entry of the key decides, so a
key that was revoked and added again is judged by its first life.
"""

from __future__ import annotations

from iop.claim.signed import from_record, is_valid_signed
from iop.did.document import (
    check_document,
    find_key,
    is_granted_at,
    is_key_of,
    is_tombstoned_at,
)
from iop.errors import DataError
from iop.value import replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.did.document import Document, Member
    from iop.keys.multicipher import KeyId, PublicKey

IMPERSONATE = "impersonate"
ERROR = "error"
WARNING = "warning"

REASONS = {
    "did-tombstoned": (ERROR, "DID was tombstoned before given period"),
    "did-tombstoned-during": (WARNING, "DID was tombstoned during given period"),
    "right-never-granted": (ERROR, "Right was never granted to given authentication"),
    "key-unknown": (ERROR, "No matching authentication found in DID"),
    "key-too-new": (ERROR, "Key was enabled only after given period"),
    "key-enabled-during": (WARNING, "Key was enabled during given period"),
    "key-expired": (ERROR, "Key expired before given period"),
    "key-expired-during": (WARNING, "Key expired during given period"),
    "right-not-held": (ERROR, "Required right was never granted for key"),
    "right-changed-during": (WARNING, "Required right changed during given period"),
    "signature-invalid": (ERROR, "Signature is invalid"),
}


@value
class Issue:
    """One finding. `where` is the place in the document judged, empty for the whole of it."""

    severity: str
    name: str
    reason: str
    where: str = ""


@value
class Verdict:
    """Issues in the order of their finding."""

    issues: tuple[Issue, ...] = ()

    @property
    def status(self) -> str:
        """`invalid` with any error, `maybe valid` with warnings only, else `valid`."""
        if any(issue.severity == ERROR for issue in self.issues):
            return "invalid"
        return "maybe valid" if self.issues else "valid"

    def to_original(self) -> dict[str, Json]:
        """Status and messages in the form of the original: `{code: 0, reason, severity}`."""
        return {
            "status": self.status,
            "messages": [
                {"code": 0, "reason": issue.reason, "severity": issue.severity}
                for issue in self.issues
            ],
        }

    def to_record(self) -> dict[str, Json]:
        """Status and named issues as one of our records (`iop.verdict/1`)."""
        return {
            "type": "iop.verdict/1",
            "status": self.status,
            "issues": [
                {"severity": i.severity, "name": i.name, "reason": i.reason}
                | ({"where": i.where} if i.where else {})
                for i in self.issues
            ],
        }


def issue(name: str) -> Issue:
    """The issue of the table with that name."""
    severity, reason = REASONS[name]
    return Issue(severity, name, reason)


def place(issues: list[Issue], where: str) -> list[Issue]:
    """The same issues, found at a place."""
    return [replace(found, where=where) for found in issues]


def validate_signed(
    record: Json,
    document: Json,
    from_height: int | None = None,
    until_height: int | None = None,
    *,
    strict: bool = True,
) -> Verdict:
    """Whether the signer of a signed document spoke for a DID over a range of blocks: `validateWithDidDoc` of morpheus 7.

    The range starts at 1 and ends at the height the document was queried at, unless given. `strict=False` gives the original's
    verdicts, for the signature as well. That the document is the one of the right DID is the caller's to see to.
    Raises DataError for malformed input and for a range that the original refuses, VerifyError for a future height.
    """
    signed = from_record(record)
    body = check_document(document)
    start = 1 if from_height is None else from_height
    end = body["queriedAtHeight"] if until_height is None else until_height
    found = list(validate_right(body, signed.public, IMPERSONATE, start, end, strict=strict).issues)
    if not is_valid_signed(signed, strict=strict):
        found.append(issue("signature-invalid"))
    return Verdict(tuple(found))


def validate_right(
    document: Document,
    auth: KeyId | PublicKey,
    right: str,
    from_height: int,
    until_height: int,
    *,
    strict: bool = True,
) -> Verdict:
    """Whether an authentication held a right from a height on and up to another (morpheus 7, range rules and issue order).

    document: one that `check_document` passed. Raises DataError for a range before block 1 or without a block in it and for a
    history out of order, VerifyError for a range that ends after the height the document was queried at.
    """
    if from_height < 1:
        raise DataError("Range must not predate genesis block")
    if from_height >= until_height:
        raise DataError(f"Invalid block range {from_height}-{until_height}")
    is_tombstoned_at(document, until_height)  # refuses a height that the document cannot know
    return Verdict(
        tuple(find_issues(document, auth, right, from_height, until_height, strict=strict))
    )


def find_issues(
    document: Document,
    auth: KeyId | PublicKey,
    right: str,
    start: int,
    end: int,
    *,
    strict: bool,
) -> list[Issue]:
    """The issues of a range, without the checks of the range itself."""
    found: list[Issue] = []
    tombstoned = document.get("tombstonedAtHeight")
    if tombstoned is not None:
        if tombstoned <= start:
            found.append(issue("did-tombstoned"))
        elif tombstoned < end:
            found.append(issue("did-tombstoned-during"))
    entries = document.get("rights", {}).get(right)
    if entries is None:
        return [*found, issue("right-never-granted")]
    pair = _find_entry(document, entries, auth, found)
    if pair is None:
        return [*found, issue("key-unknown")]
    key, entry = pair
    _judge_key(key, start, end, found, strict=strict)
    _judge_right(entry, start, end, found, strict=strict)
    return found


def _find_entry(
    document: Document, entries: list[Member], auth: KeyId | PublicKey, found: list[Issue]
) -> tuple[Member, Member] | None:
    """The first key and entry of an authentication; broken links before it are issues."""
    for entry in entries:
        try:
            key = find_key(document, entry["keyLink"])
        except DataError as exc:
            found.append(Issue(ERROR, "document-malformed", exc.message))
            continue
        if is_key_of(key, auth):
            return key, entry
    return None


def _judge_key(key: Member, start: int, end: int, found: list[Issue], *, strict: bool) -> None:
    since, until = key.get("validFromHeight"), key.get("validUntilHeight")
    if since is not None:
        if end < since or (strict and end == since):
            found.append(issue("key-too-new"))
        elif start < since < end:
            found.append(issue("key-enabled-during"))
    if until is not None:
        if until < start or (strict and until == start):
            found.append(issue("key-expired"))
        elif start < until < end:
            found.append(issue("key-expired-during"))


def _judge_right(
    entry: dict[str, Any], start: int, end: int, found: list[Issue], *, strict: bool
) -> None:
    if not entry["history"]:
        raise DataError("right entry of a DID document has an empty history")
    changes = any(start < (point.get("height") or 0) < end for point in entry["history"])
    if is_granted_at(entry, start):
        if strict and changes:
            found.append(issue("right-changed-during"))
    else:
        found.append(issue("right-changed-during" if changes else "right-not-held"))
