"""The content ids that the verbs of iop-proof are about."""

from __future__ import annotations

from iop.errors import UsageError
from iop.io.config import is_terminal
from iop_cli._option import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop_cli._shell import Shell

IDS = Option(("ids",), metavar="ID", multiple=True, help="Content ids; none: those of stdin.")
HINT = "iop-digest makes them from records; --any-text asks for whatever it is"
ANY = Option(
    ("--any-text",),
    kind="flag",
    help="Ask for texts that are no content ids, too; the ledger registers any.",
)


def read_ids(shell: Shell, ids: tuple[str, ...], *, strict: bool = False) -> Iterator[str]:
    """The ids named, else those of stdin; strict: nothing but content ids (UsageError, of stdin SchemaError)."""
    from iop.did.naming import is_content_id, parse_content_id

    wrong = next((text for text in ids if strict and not is_content_id(text)), None)
    if wrong is not None:
        raise UsageError(f"no content id: {wrong[:80]!r}", hint=HINT)
    if ids:
        return iter(ids)
    if is_terminal(0):
        raise UsageError("no content id is named", hint="name one, or pipe them in")
    return (parse_content_id(item.text, strict=strict) for item in shell.open_items(None))
