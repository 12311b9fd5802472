"""The verb `iop-tx watch`: what a node tells as it happens."""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._command import Command, source
from iop_cli._option import Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

DID = Option(("--did",), metavar="DID", help="Only transactions that concern this DID.")
NAME = Option(
    ("--name",), metavar="NAME", help="Only transactions that concern this name or one below it."
)
KIND = Option(
    ("--kind",),
    multiple=True,
    metavar="KIND",
    help="Only these: block, transaction, or a kind of transaction, as transfer or coeusTransaction.",
)
FROM = Option(
    ("--from-height",),
    kind="int",
    metavar="N",
    help="Begin with the block of this height. Default: the next block.",
)


def make_watch() -> Command:
    """The verb."""
    return source(declare(node(watch), DID, NAME, KIND, FROM), live=True)


def watch(_shell: Shell, **given: Any) -> Iterator[Any]:
    """Print transactions and blocks as they happen, until interrupted."""
    from iop.io.node_client import open_node

    start = given["from_height"]
    if start is not None and start < 1:
        raise UsageError(f"--from-height is 1 or more, got {start}")
    members = [(name, given[name]) for name in ("did", "name") if given[name] is not None]
    members += [("kind", kind) for kind in given["kind"]]
    client = open_node(given["node"], given["timeout"])
    yield from client.watch(members, None if start is None else start - 1, given["timeout"])
