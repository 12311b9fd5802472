"""Licences of a presentation against what a reader asks, and against the clock (morpheus 8)."""

from __future__ import annotations

from iop.claim.moment import add_duration, parse_duration, parse_moment
from iop.claim.verdict import ERROR, Issue
from iop.did.identifier import parse_did
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    License = dict[str, Any]


def judge_licenses(
    licenses: list[License],
    recipient: str | None,
    purpose: str | None,
    now: int | None,
    *,
    expiry: str | None = None,
    where: str = "licenses",
) -> list[Issue]:
    """The issue that keeps every licence from serving, or nothing if one serves.

    A licence serves when it is issued to the recipient, for the purpose, at the time, and (`expiry`, an ISO 8601 duration)
    lasts at least that long. None leaves a condition out; without recipient and purpose a presentation needs no licence, but
    if it has some, one must be in force. The issue names the condition that the best licence failed.
    """
    if recipient is None and purpose is None and not licenses:
        return []
    wanted = None if recipient is None else str(parse_did(recipient))
    left = [item for item in licenses if wanted is None or item["issuedTo"] == wanted]
    if not left:
        reason = f"no licence is issued to {wanted}" if wanted else "no licence is given"
        return [Issue(ERROR, "license-missing", reason, where)]
    left = [item for item in left if purpose is None or item["purpose"] == purpose]
    if not left:
        return [
            Issue(ERROR, "license-purpose", f"no licence is for the purpose {purpose!r}", where)
        ]
    best: Issue | None = None
    for item in left:
        found = _judge_dates(item, now, expiry, where)
        if found is None:
            return []
        best = best or found
    assert best is not None
    return [best]


def _judge_dates(item: License, now: int | None, expiry: str | None, where: str) -> Issue | None:
    try:
        start, end = parse_moment(item["validFrom"]), parse_moment(item["validUntil"])
        least = start if expiry is None else add_duration(start, parse_duration(expiry))
    except DataError as exc:
        return Issue(ERROR, "date-malformed", exc.message, where)
    if start >= end:
        return Issue(ERROR, "license-empty", "the licence ends before it starts", where)
    if now is not None and now < start:
        return Issue(
            ERROR, "license-too-early", f"the licence holds from {item['validFrom']} on", where
        )
    if now is not None and now >= end:
        return Issue(
            ERROR, "license-expired", f"the licence held until {item['validUntil']}", where
        )
    if end < least:
        return Issue(ERROR, "license-too-short", f"the licence lasts less than {expiry}", where)
    return None
