"""iop-board(1): the board of the ledger: post signed statements, find them, judge them.

A statement is a signed document as iop-sign makes it, whose content is an object with a `type`, as `{"type":"vote/1", ...}`, and maybe
an `issuer`, a DID. `post` hands the statements of the input to a node, many to a transaction, whose fee the key named by --key or --ark
pays: it need not be the key that signed them. Posted is posted: nobody can take a statement down or change it, and each stands there
once. `list` prints what stands there, by type, issuer and height, `show` single ones; both check id and signature of all they print.
`check` judges statements without a node: form, size, signature.

The board tells who signed what, and in which block. Whether that key had the right to speak for the issuer is for the reader to judge:
iop-did resolve --height tells which keys a DID had then. `post` touches a secret and gathers statements until a transaction is full;
the others stream. All but `check` talk to the node named by --node.

Records:
    in: signed statements (a foreign document); check: iop.posting/1, too
    out: iop.posting/1; check: iop.statement-verdict/1

Statuses:
    1 check: not fit for the board; post: refused by the node, whose words are the message
    65 not a statement, its signature does not hold, or too large
    66 show: not on the board
    69 node not reachable
    75 node too slow, too much waiting in its pool, or --wait ran out
    76 node broke the protocol, or what it answered was not signed
    77 passphrase wrong

Environment:
    `IOP_PASSPHRASE_COMMAND` is a command that prints the passphrase.

Notes:
    A statement has at most 65536 bytes, those of its canonical text. Numbers are whole, texts in Unicode NFKD (iop-sign --normalize),
    containers at most 32 deep. `id` covers content and signer; the content's own id, which iop-digest prints, is the same for all
    who sign it and for a masked copy, so count contents of one signer once.

    `iop-proof row statement ID` gets the proof that a statement stands where `show` says, for whoever trusts the sequencer's key alone.

    On the ledger a batch is a transaction of type group 4244, type 1. Its asset is `{"statements":[...]}`, at most 256 of them and 1032192
    bytes: the canonical text, behind its length as a varint.

    At an error `post` stops. What it printed is on its way; the rest, from the first statement that it did not print, was not sent. Check first,
    and repeat with --skip-posted:

      iop-board check -q votes && iop-board post votes --skip-posted --key coin --node http://127.0.0.1:4703

Examples:
    $ iop-keygen --kind ed25519 --unencrypted --name ann --seed 00 --now 0 2>/dev/null | grep -o '"type":"[^"]*"'
    "type":"iop.key/1"
    $ echo '{"type":"vote/1","for":["a","b"]}' | iop-sign --key ann | tee vote | iop-board check --field id
    cbur7NOlbR1HNSLf1ZIlL1Q-y0mavh0krB6IcBPPOa5dDE
    $ sed 's/"b"/"c"/' vote | iop-board check --field error
    signature does not match content and public key
    ? 1

See also:
    iop-sign iop-verify iop-tx iop-proof iop-did iop-node
"""

from __future__ import annotations

from iop_cli._board_posting import post
from iop_cli._command import Noun, run, source, transform
from iop_cli._option import Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop.io.board_client import BoardClient
    from iop.io.stream import Item
    from iop_cli._shell import Shell

FILTERS = (
    Option(("--type",), metavar="TYPE", help="Only statements of this type, as iop.vote/1."),
    Option(("--issuer",), metavar="DID|KEY", help="Only those of this DID or public key."),
    Option(
        ("--since",), kind="int", metavar="N", help="Only those in blocks of this height or above."
    ),
    Option(("--until",), kind="int", metavar="N", help="Only those in blocks up to this height."),
    Option(("--after",), metavar="ID", help="Only those behind this statement."),
)
IDS = Option(("ids",), metavar="ID", multiple=True, required=True, help="Ids of statements: cbu...")


def list_(shell: Shell, since: int | None, **given: Any) -> Iterator[Any]:
    """Print statements in the order of the chain."""
    asked = {name: given[name] for name in ("type", "issuer", "until", "after")} | {"from": since}
    filters = {name: str(each) for name, each in asked.items() if each is not None}
    board = _open_board(given)
    yield from board.postings(filters)
    if board.first > max(1, since or 1) and given["after"] is None:
        shell.warn(
            f"this node knows the statements from block {board.first} on",
            "ask one that did not begin with a snapshot",
        )


def show(_shell: Shell, ids: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Print statements by their ids."""
    board = _open_board(given)
    return (board.posting(each) for each in ids)


def _open_board(given: dict[str, Any]) -> BoardClient:
    from iop.io.board_client import BoardClient
    from iop.io.node_client import open_node

    return BoardClient(open_node(given["node"], given["timeout"]).url, given["timeout"])


def check(shell: Shell) -> Callable[[Item], Iterable[Any]]:
    """Judge whether statements may be posted."""
    from iop.ledger.board import judge
    from iop_cli._board_posting import open_posting

    def step(item: Item) -> Iterable[Any]:
        record, named = open_posting(item.strict_value)
        verdict = judge(record)
        if verdict["valid"] and named not in (None, verdict["id"]):
            verdict |= {"valid": False, "error": f"posted under another id, {named!r:.60}"}
        if not verdict["valid"]:
            shell.deny()
        return (verdict,)

    return step


command = Noun(
    post,
    source(declare(node(list_), *FILTERS)),
    source(declare(node(show), IDS)),
    transform(raw=True, predicate=True)(check),
)


def main() -> None:
    """Entry point."""
    run(command, "iop-board", __doc__)


if __name__ == "__main__":
    main()
