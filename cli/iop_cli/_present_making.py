"""The verb of iop-present that makes presentations, and their licences."""

from __future__ import annotations

from iop.errors import DataError, UsageError
from iop_cli._command import sink
from iop_cli._document import read_document
from iop_cli._normal import Opening
from iop_cli._option import clock, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.io.stream import Item
    from iop_cli._shell import Shell


@sink
@option(
    "--keep",
    default="",
    metavar="PATHS",
    help="Paths within each claim to open, as .content.name,.content.degree.",
)
@option(
    "--scenario",
    kind="file",
    metavar="FILE",
    help="Open what this scenario asks for, and grant its licences.",
)
@option("--keep-missing", kind="flag", help="Let paths lead nowhere, as the original does.")
@option("--license-to", metavar="DID", help="Who may use the presentation.")
@option("--purpose", metavar="TEXT", help="What for.")
@option("--valid-from", metavar="DATETIME", help="Start of the licence; now by default.")
@option("--valid-until", metavar="DATETIME", help="End of the licence.")
@option("--each", kind="flag", help="One presentation for each statement.")
@clock
@seed
def make(
    shell: Shell, items: Iterator[Item], *, keep: str, scenario: str | None, each: bool, **rest: Any
) -> Iterator[Any]:
    """Make an unsigned presentation of signed statements.

    Their claims are masked to the paths of --keep; their own copies of the claims are collapsed.
    """
    from iop.claim.presentation import build_presentation
    from iop.claim.scenario import check_scenario, compute_keep

    wanted = None if scenario is None else check_scenario(read_document(shell, scenario))
    if wanted is not None:
        keep = ",".join(filter(None, (keep, compute_keep(wanted))))
    licenses = _build_licenses(shell, wanted)
    opening = Opening("" if rest["keep_missing"] else keep)
    statements = _read(items, opening)
    for group in ([one] for one in statements) if each else (statements,):
        made = build_presentation(group, keep, licenses, shell.random)
        if not each:
            opening.demand()
        yield made
    opening.demand()


def _read(items: Iterator[Item], opening: Opening) -> Iterator[Json]:
    """The records, their claims noted; the error of one that cannot be read names it."""
    from iop.claim.presentation import collapse_claim
    from iop.claim.signed import from_record

    for item in items:
        try:
            record = item.strict_value
            opening.note(collapse_claim(from_record(record))[0])
        except DataError as exc:
            exc.detail.setdefault("record", item.number)
            raise
        yield record


def _build_licenses(shell: Shell, scenario: dict[str, Json] | None) -> list[Json]:
    from iop.claim.moment import encode_moment
    from iop.claim.presentation import build_license
    from iop.claim.scenario import build_licenses

    given = {
        name: shell.options[name] for name in ("license_to", "purpose", "valid_from", "valid_until")
    }
    start = given["valid_from"] or encode_moment(shell.now() * 1000)
    licenses = [] if scenario is None else build_licenses(scenario, str(start))
    if given["license_to"] is None:
        if any(given.values()):
            raise UsageError("a licence needs its recipient", hint="add --license-to DID")
        return licenses
    if given["purpose"] is None or given["valid_until"] is None:
        raise UsageError(
            "a licence needs a purpose and an end", hint="add --purpose and --valid-until"
        )
    words = (given["license_to"], given["purpose"], start, given["valid_until"])
    return [*licenses, build_license(*map(str, words))]
