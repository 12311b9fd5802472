"""The verbs of iop-name that ask a node: resolve, show, children, nonce."""

from __future__ import annotations

from iop.errors import DataError, DecodeError, SchemaError, UsageError
from iop_cli._command import Command, Line, source
from iop_cli._option import Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

NAMES = Option(("names",), metavar="NAME", multiple=True, help="Names; none: those of stdin.")
KEYS = Option(
    ("keys",),
    metavar="KEY",
    multiple=True,
    required=True,
    help="Public keys, p… text or of secp256k1 in hex.",
)
_JSON_STARTS = (b"{", b'"')


def make_asking_verbs() -> list[Command]:
    """The four verbs."""
    return [
        source(declare(node(resolve), NAMES)),
        source(declare(node(show), NAMES)),
        source(declare(node(children), NAMES)),
        source(declare(node(nonce), KEYS)),
    ]


def resolve(shell: Shell, names: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Print the data of names that stand."""
    from iop.io.node_client import open_node

    wanted = read_names(shell, names)
    client = open_node(given["node"], given["timeout"])
    for name in wanted:
        yield client.resolve(name)


def show(shell: Shell, names: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Print owner, policies and expiry of names, expired or not."""
    from iop.io.node_client import open_node

    wanted = read_names(shell, names)
    client = open_node(given["node"], given["timeout"])
    for name in wanted:
        yield client.metadata(name)


def children(shell: Shell, names: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Print the names right below names, expired or not."""
    from iop.io.node_client import open_node

    wanted = read_names(shell, names)
    client = open_node(given["node"], given["timeout"])
    for name in wanted:
        for edge in sorted(client.children(name)):
            yield Line(f"{name}.{edge}")


def nonce(_shell: Shell, keys: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Tell the last nonces that keys have used for bundles, and the next."""
    from iop.io.node_client import open_node
    from iop_cli._name_making import parse_owner

    wanted = [str(parse_owner(text)) for text in keys]
    client = open_node(given["node"], given["timeout"])
    for key in wanted:
        last = client.last_nonce(key)
        yield {"type": "iop.name-nonce/1", "publicKey": key, "last": last, "next": last + 1}


def read_names(shell: Shell, names: tuple[str, ...]) -> Iterator[str]:
    """The names of the command line, all judged before the first is asked for, else those of stdin. Raises UsageError, DataError."""
    from iop.io.config import is_terminal

    if names:
        return iter([_check_name(name) for name in names])
    if is_terminal(0):
        raise UsageError("no name is given", hint="name one, or pipe them in")
    return (_parse_line(item.text) for item in shell.open_items(None))


def _parse_line(line: bytes) -> str:
    """The name on a line of a stream: a JSON string, a record with `name` as operations are, or bare text."""
    from iop.codec.json import parse_json

    bare = line.strip()
    if not bare.startswith(_JSON_STARTS):
        try:
            return _check_name(bare.decode("ascii"))
        except UnicodeDecodeError as exc:
            raise DecodeError("a name is ASCII") from exc
    found = parse_json(bare)
    text = found.get("name") if isinstance(found, dict) else found
    if not isinstance(text, str):
        raise SchemaError("record names nothing: it has no `name`")
    return _check_name(text)


def _check_name(text: str) -> str:
    from iop.ledger.coeus.name import parse_name

    try:
        name = parse_name(text)
    except DataError as exc:
        hint = "names are written from the root down, as .schema.hotel"
        raise DecodeError(f"no name: {text[:80]!r}: {exc.message}", hint=hint) from exc
    if not name.edges:
        raise DecodeError("nodes do not answer for the root", hint="its one child is .schema")
    return str(name)
