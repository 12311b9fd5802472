"""The verbs of iop-proof about rows of the state: row asks for a proof, verify judges it offline."""

from __future__ import annotations

from iop.errors import DecodeError, UsageError
from iop_cli._command import Command, source, transform
from iop_cli._option import Option, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop_cli._shell import Shell

ROW = "iop.row/1"
TABLE = Option(
    ("among",),
    metavar="TABLE",
    help="account, did, name, proof, nonce, lock, content, statement or head.",
)
KEY = Option(
    ("key",),
    metavar="KEY",
    default="",
    help="Address or public key of an account, DID, name, content id, public key of a nonce, id of a statement or of the "
    "transaction of a lock; of head, none.",
)
HEIGHT = Option(
    ("--height",),
    kind="int",
    metavar="N",
    help="This height, of the 64 newest; not the newest one.",
)
TRUSTED = Option(
    ("--trusted",),
    metavar="ID|KEY",
    required=True,
    help="Whom you believe: the id of the next block, or the public key of the sequencer.",
)


def make_row_verbs() -> list[Command]:
    """The two verbs."""
    return [
        source(declare(node(row), TABLE, KEY, HEIGHT)),
        transform(declare(verify, TRUSTED), predicate=True),
    ]


def row(_shell: Shell, among: str, key: str, height: int | None, **given: Any) -> Iterator[Any]:
    """Print the node's proof of what the ledger holds, or does not hold, under a key; unchecked, for verify or the archive."""
    from iop.io.node_client import open_node

    yield open_node(given["node"], given["timeout"]).prove(among, name_key(among, key), height)


def name_key(table: str, text: str) -> str:
    """The key of a row as the ledger files it: accounts under the hash of address or public key, DIDs in base58btc, ids of
    statements as bytes. Raises UsageError, DataError."""
    if not text and table not in ("head", "name"):  # the root's name is empty
        raise UsageError(f"no key of table {table} is given", hint=f"iop-proof row {table} KEY")
    if table == "account":
        return _name_account(text)
    if table == "did":
        from iop.did.identifier import parse_did

        return str(parse_did(text))
    if table == "name" and text:
        from iop.ledger.coeus.name import parse_name

        return str(parse_name(text))
    if table == "nonce":
        from iop_cli._name_making import parse_owner

        return str(parse_owner(text))
    if table == "statement" and text.startswith("cbu"):
        from iop.ledger.board import parse_id

        return parse_id(text).hex()
    return text


def _name_account(text: str) -> str:
    from iop.ledger.address import compute_address_hash, parse_address
    from iop_cli._tx_making import parse_key

    if len(text) == 34:
        return parse_address(text)[1].hex()
    if len(text) == 40:  # as a proof names it
        return text
    key = parse_key(text)
    if len(key) != 33:
        raise DecodeError(
            f"no address or public key: {text!r:.80}", hint="iop-key show tells both of a key"
        )
    return compute_address_hash(key).hex()


def verify(shell: Shell, trusted: str, **_given: Any) -> Callable[[Any], Iterable[Any]]:
    """Judge proofs of rows without a node, and print what they prove; a row that is proven absent has value null."""
    from iop.errors import VerifyError
    from iop.ledger.block import compute_header_id
    from iop.ledger.proof import check_proof, from_record, parse_trusted
    from iop.ledger.row import show_key

    whom = parse_trusted(trusted)

    def step(record: Any) -> Iterable[Any]:
        proof = from_record(record)
        verdict: dict[str, Any] = {
            "type": ROW,
            "valid": True,
            "table": proof.table,
            "key": show_key(proof.table, proof.key),
            "height": proof.height,
            "block": compute_header_id(proof.header, proof.nethash).hex(),
        }
        try:
            check_proof(proof, whom)
        except VerifyError as error:
            shell.deny()
            yield verdict | {"valid": False, "error": error.message}
        else:
            yield verdict | {"value": proof.row}

    return step
