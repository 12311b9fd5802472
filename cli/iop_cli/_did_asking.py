"""The verbs of iop-did that name and look up identifiers: from-key, document, resolve, history."""

from __future__ import annotations

import os

from iop.errors import DataError, DecodeError, UsageError
from iop.io.config import is_terminal
from iop_cli._command import Command, Line, source
from iop_cli._option import INPUT, Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.io.stream import Item
    from iop_cli._shell import Shell

KEYS = Option(
    ("keys",),
    metavar="KEY|FILE",
    multiple=True,
    help="Public keys, key ids, DIDs, or files of them; none: those of stdin.",
)
ON_ERROR = next(option for option in INPUT if option.dest == "on_error")
DIDS = Option(("dids",), metavar="DID", multiple=True, help="Identifiers; none: those of stdin.")
HEIGHT = Option(("--height",), kind="int", metavar="N", help="This height, not the last one.")
THEN = Option(
    ("--as-it-was",),
    kind="flag",
    help="With --height: as it was known then, nothing of what came later (asks iop-node only).",
)
PROVEN = Option(
    ("--proof",),
    kind="flag",
    help="With --trusted: ask for a proof and print what it proves, whatever the node may say.",
)
TRUSTED = Option(
    ("--trusted",),
    metavar="ID|KEY",
    help="With --proof: the id of the block after, or the public key of the sequencer.",
)
ATTEMPTS = Option(
    ("--attempts",), kind="flag", help="Show the operations of rejected transactions, too."
)


def make_asking_verbs() -> list[Command]:
    """The four verbs."""
    return [
        source(declare(from_key, KEYS, ON_ERROR)),
        source(declare(document, DIDS, HEIGHT)),
        source(declare(node(resolve), DIDS, HEIGHT, THEN, PROVEN, TRUSTED)),
        source(declare(node(history), DIDS, ATTEMPTS)),
    ]


def from_key(shell: Shell, keys: tuple[str, ...], on_error: str) -> Iterator[Any]:
    """Print the DID of public keys, key ids or records of keys."""
    from iop.did.naming import parse_naming

    for found in _read_keys(shell, keys):
        if isinstance(found, str):
            yield Line(found)
            continue
        try:
            yield Line(parse_naming(found.text))
        except DataError as error:
            error.detail |= {"record": found.number, "line": found.line}
            if on_error == "stop":
                raise
            shell.status = error.exit
            if on_error == "skip":
                shell.reporter.error(error)
            else:
                from iop.io.report import error_record

                yield error_record(error, shell.prog)


def _read_keys(shell: Shell, keys: tuple[str, ...]) -> Iterator[str | Item]:
    """DIDs of the texts, and the records of the files; a text is a file's name when it names no key."""
    from iop.did.naming import find_did

    if not keys and is_terminal(0):
        raise UsageError("no key is named", hint="name one, or pipe them in")
    for text in keys or ("-",):
        try:
            found = None if text == "-" else find_did(text)
        except DecodeError as exc:
            if not os.path.exists(text):
                exc.hint = "and there is no file of that name"
                raise
            found = None
        if found is None:
            yield from shell.open_items(text)
        else:
            yield found


def document(shell: Shell, dids: tuple[str, ...], height: int | None) -> Iterator[Any]:
    """Print the documents that identifiers have without any transaction."""
    from iop.did.document import implicit_document
    from iop.did.identifier import parse_did

    for did in _read_dids(shell, dids):
        yield implicit_document(parse_did(did), height or 0)


def resolve(
    shell: Shell, dids: tuple[str, ...], height: int | None, as_it_was: bool, **given: Any
) -> Iterator[Any]:
    """Print the documents of identifiers: did:morpheus from a node, did:key computed."""
    from iop.did.naming import DID_KEY
    from iop.io.node_client import open_node

    if as_it_was and not height:
        raise UsageError("--as-it-was goes with a --height from 1")
    trusted: str | None = given["trusted"]
    if given["proof"] is (trusted is None):
        raise UsageError(
            "--proof and --trusted go together", hint="--trusted ID of a block you believe, or KEY"
        )
    client = None
    for did in _read_dids(shell, dids):
        if did.startswith(DID_KEY):
            from iop.did.did_key import compute_document

            yield compute_document(did)
            continue
        client = client or open_node(given["node"], given["timeout"])
        if trusted is not None:
            yield _prove(client, did, height, trusted)
        elif as_it_was and height:
            yield client.document_then(did, height)
        else:
            yield client.document(did, height)


def _prove(client: NodeClient, did: str, height: int | None, trusted: str) -> dict[str, Any]:
    """The document that a proof shows, as it was known at its height."""
    from iop.did.entry import implicit_state, to_document
    from iop.did.identifier import parse_did
    from iop.did.row import parse_fact
    from iop.errors import PeerError
    from iop.ledger.proof import check_proof, from_record, parse_trusted
    from iop.ledger.row import DID

    whom = parse_trusted(trusted)
    text = str(parse_did(did))
    record = client.prove(DID, text, height)
    try:
        shown = from_record(record)
    except DataError as exc:
        raise PeerError(f"{client.url} answered with no proof: {exc.message}") from exc
    if (shown.table, shown.key) != (DID, text.encode()) or height not in (None, shown.height):
        raise PeerError(f"{client.url} proved something else than asked")
    check_proof(shown, whom)
    known = None if shown.row is None else parse_fact(shown.row)[0]
    return to_document(text, known or implicit_state(text), shown.height)


def history(shell: Shell, dids: tuple[str, ...], attempts: bool, **given: Any) -> Iterator[Any]:
    """Print the operations on identifiers, newest first, with their transactions, heights and verdicts."""
    from iop.did.naming import DID_KEY
    from iop.io.node_client import open_node

    client = open_node(given["node"], given["timeout"])
    for did in _read_dids(shell, dids):
        if did.startswith(DID_KEY):
            raise DataError(f"{did[:64]} has no history: the ledger knows did:morpheus only")
        yield from client.operations_of(did, attempts=attempts)


def _read_dids(shell: Shell, dids: tuple[str, ...]) -> Iterator[str]:
    from iop.did.naming import find_did, parse_naming

    if dids:
        return map(find_did, dids)
    if is_terminal(0):
        raise UsageError("no DID is named", hint="name one, or pipe them in")
    return (parse_naming(item.text) for item in shell.open_items(None))
