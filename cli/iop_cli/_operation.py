"""The verbs of iop-did that write down one operation on an identifier, for `sign` to sign."""

from __future__ import annotations

from iop.errors import DataError, DecodeError
from iop_cli._command import Command, source
from iop_cli._option import Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

DID = Option(("did",), metavar="DID", required=True, help="The identifier to change.")
LAST = Option(
    ("--last-txid",),
    metavar="TXID",
    help="The last transaction on the DID; when absent, --node is asked, and without --node there is none.",
)
AUTH = Option(("--auth",), metavar="KEY", required=True, help="The public key or key id concerned.")
UNTIL = Option(
    ("--expires",), kind="int", metavar="HEIGHT", help="Height from which the key is not valid."
)
RIGHT = Option(
    ("--right",),
    kind="choice",
    choices=("update", "impersonate"),
    required=True,
    help="To sign operations on the DID, or to sign in its name.",
)

VERBS = (
    ("add-key", "addKey", (AUTH, UNTIL), "Write down that a key is added."),
    ("revoke-key", "revokeKey", (AUTH,), "Write down that a key is revoked."),
    ("add-right", "addRight", (AUTH, RIGHT), "Write down that a key gets a right."),
    ("revoke-right", "revokeRight", (AUTH, RIGHT), "Write down that a key loses a right."),
    ("tombstone", "tombstoneDid", (), "Write down that the DID is given up for ever."),
)


def make_verbs() -> list[Command]:
    """The five verbs."""
    return [_make_verb(*row) for row in VERBS]


def _make_verb(name: str, operation: str, options: tuple[Option, ...], summary: str) -> Command:
    def write(_shell: Shell, **given: Any) -> Iterator[Any]:
        yield _write(operation, **given)

    write.__doc__ = summary
    made: Command = source(declare(node(write), DID, *options, LAST), name=name)
    return made


def parse_people_auth(text: str) -> None:
    """Nothing for a public key or key id; DecodeError that names the text, where the library has the original's words."""
    from iop.keys.multicipher import parse_auth

    try:
        parse_auth(text)
    except DataError as exc:
        hint = "public keys start with p, key ids with i: iop-key show prints both"
        raise DecodeError(f"{text[:80]!r} is no public key or key id", hint=hint) from exc


def _write(operation: str, did: str, last_txid: str | None, **given: Any) -> dict[str, Any]:
    from iop.did.operation import make_signable, normalize_did, signable_to_record

    if "auth" in given:
        parse_people_auth(given["auth"])
    url, timeout = given.pop("node"), given.pop("timeout")
    if last_txid is None and url is not None:
        from iop.io.node_client import open_node

        last_txid = open_node(url, timeout).last_txid(normalize_did(did))
    return signable_to_record(make_signable(operation, did, last_txid, **given))
