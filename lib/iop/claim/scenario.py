"""Scenarios: what an inspector wants to see and may do with it, and whether a presentation serves (morpheus 8).

A prerequisite is met by a proven claim with a statement of its process and with every asked field open; a required licence by
one for the same recipient and purpose that lasts at least the asked span. This judges what is shown, not whether it is true:
that is `iop.claim.validation`.
"""

from __future__ import annotations

from iop.claim.license import judge_licenses
from iop.claim.moment import add_duration, encode_moment, parse_duration, parse_moment
from iop.claim.presentation import build_license, is_open_at
from iop.claim.process import PROCESS
from iop.claim.shape import (
    DROPPED,
    Member,
    Shape,
    content_of,
    list_of,
    optional,
    read_did,
    read_integer,
    read_object,
    read_record,
    read_text,
    reader,
)
from iop.claim.signed import open_envelope
from iop.claim.verdict import ERROR, Issue, Verdict
from iop.codec.digest import compute_content_id
from iop.errors import DataError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

_PREREQUISITE = Shape(
    "Prerequisite",
    (
        Member("process", content_of(reader(PROCESS))),
        Member("claimFields", list_of(read_text)),
    ),
)
_REQUIRED_LICENSE = Shape(
    "LicenseSpecification",
    (Member("issuedTo", read_did), Member("purpose", read_text), Member("expiry", read_text)),
)
SCENARIO = Shape(
    "Scenario",
    (
        Member("name", read_text),
        Member("version", read_integer),
        Member("description", read_text),
        Member("prerequisites", list_of(reader(_PREREQUISITE))),
        Member("requiredLicenses", list_of(reader(_REQUIRED_LICENSE))),
        Member("resultSchema", optional(content_of(read_object))),
        Member("nonce", read_text, DROPPED),
    ),
)


def check_scenario(record: Json) -> dict[str, Json]:
    """The scenario of a record, unchanged: its id covers every member. Raises DataError for a wrong shape, path or span."""
    found = read_record(SCENARIO, record)
    for needed in found["prerequisites"]:
        for path in needed["claimFields"]:
            if not path.startswith("."):
                raise SchemaError(f"Path must start with '.' but it's: {path[:80]}")
    for wanted in found["requiredLicenses"]:
        parse_duration(wanted["expiry"])
    assert isinstance(record, dict)
    return record


def compute_keep(scenario: dict[str, Any]) -> str:
    """The keep list that opens every field the scenario asks for, for `iop.claim.presentation.mask_claim`."""
    paths = [path for needed in scenario["prerequisites"] for path in needed["claimFields"]]
    return ",".join(dict.fromkeys(paths))


def build_licenses(scenario: dict[str, Any], start: str) -> list[Json]:
    """The licences a scenario asks for, from a date-time on, as long as it asks. Raises DataError for a date that is none."""
    moment = parse_moment(start)
    return [
        build_license(
            wanted["issuedTo"],
            wanted["purpose"],
            start,
            encode_moment(add_duration(moment, parse_duration(wanted["expiry"]))),
        )
        for wanted in scenario["requiredLicenses"]
    ]


def judge_presentation(
    presentation: dict[str, Any], scenario: dict[str, Any], now: int | None = None
) -> Verdict:
    """What a presentation (`check_presentation`) lacks for a scenario (`check_scenario`); licences are tried at `now`."""
    found: list[Issue] = []
    for index, needed in enumerate(scenario["prerequisites"]):
        where = f"prerequisites.{index}"
        process = needed["process"]
        process_id = process if isinstance(process, str) else compute_content_id(process)
        claims = [
            proven["claim"]
            for proven in presentation["provenClaims"]
            if any(_follows(statement, process_id) for statement in proven["statements"])
        ]
        if not claims:
            reason = f"no statement follows the process {process_id}"
            found.append(Issue(ERROR, "prerequisite-missing", reason, where))
            continue
        hidden = min(
            (
                [path for path in needed["claimFields"] if not is_open_at(claim, path)]
                for claim in claims
            ),
            key=len,
        )
        found += [Issue(ERROR, "field-hidden", f"{path} is not shown", where) for path in hidden]
    for index, wanted in enumerate(scenario["requiredLicenses"]):
        found += judge_licenses(
            presentation["licenses"],
            wanted["issuedTo"],
            wanted["purpose"],
            now,
            expiry=wanted["expiry"],
            where=f"requiredLicenses.{index}",
        )
    return Verdict(tuple(found))


def _follows(statement: dict[str, Any], process_id: str) -> bool:
    try:
        payload, _ = open_envelope(statement["content"])
    except DataError:
        return False
    return isinstance(payload, dict) and payload.get("processId") == process_id
