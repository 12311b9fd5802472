"""Whom and what a signed document names: subjects, authorities and processes, so that a verdict says what it is about."""

from __future__ import annotations

from iop.claim.shape import read_did
from iop.claim.signed import open_envelope
from iop.errors import DataError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iop.codec.json import Json


@value
class Parties:
    """DIDs in their usual spelling and content ids of processes, each once, in the order of the document.

    `relied`: the DIDs whose documents decide, which are those of authorities, witnesses and claimants, and of a presentation's
    subjects.
    """

    subjects: tuple[str, ...]
    authorities: tuple[str, ...]
    processes: tuple[str, ...]
    relied: tuple[str, ...]


def find_parties(content: Json) -> Parties:
    """The parties of a signed statement, request or presentation, by the content of its signed document.

    Nothing is checked: what is hidden or malformed is left out, as the verdict says so.
    """
    payload = _open(content)
    proven = _pick(payload, "provenClaims")
    shown = [payload]
    claims: list[Json] = []
    if isinstance(proven, list):
        claims = [_pick(part, "claim") for part in proven]
        lists = [_pick(part, "statements") for part in proven]
        shown = [
            _open(_pick(one, "content"))
            for statements in lists
            if isinstance(statements, list)
            for one in statements
        ]
    inner = [_pick(item, "claim") for item in shown]
    constraints = [_pick(item, "constraints") for item in shown]
    authorities = _name_dids(_pick(item, "authority") for item in constraints)
    links = [_pick(item, "witness") for item in constraints]
    links += [_pick(item, "claimant") for item in shown]
    subjects = _name_dids(_pick(claim, "subject") for claim in claims + inner)
    processes = (_pick(item, "processId") for item in shown)
    relied = subjects if isinstance(proven, list) else ()
    signers = _name_dids(link.partition("#")[0] for link in links if isinstance(link, str))
    return Parties(
        subjects,
        authorities,
        tuple(dict.fromkeys(name for name in processes if isinstance(name, str))),
        tuple(dict.fromkeys((*relied, *authorities, *signers))),
    )


def _open(content: Json) -> Json:
    try:
        return open_envelope(content)[0]
    except DataError:
        return None


def _pick(item: Json, name: str) -> Json:
    return item.get(name) if isinstance(item, dict) else None


def _name_dids(texts: Iterable[Json]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[read_did(text)] = None
        except DataError:
            continue
    return tuple(found)
