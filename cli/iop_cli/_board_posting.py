"""Posting statements: batches filled from the stream, signed transactions around them, what became of each."""

from __future__ import annotations

from iop.errors import DataError, IopError, UsageError, VerifyError
from iop_cli._command import sink
from iop_cli._option import Option, declare, dry_run, node
from iop_cli._tx_making import FEE, NETWORK, WAIT, WITHIN, parse_nonce, signing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop.ledger.board import Statement
    from iop.ledger.wire import Transaction
    from iop_cli._shell import Shell

    Record = dict[str, Any]

POSTING = "iop.posting/1"
NONCE = Option(
    ("--nonce",),
    default="auto",
    metavar="N",
    help="Number of the payer's first transaction; auto asks the node.",
)
SKIP = Option(
    ("--skip-posted",),
    kind="flag",
    help="Leave out what is on the board already, and print where; else the node refuses it.",
)


def gather(shell: Shell, items: Iterator[Item], **given: Any) -> Iterable[Any]:
    """Post the statements of the input."""
    from iop.ledger.board import split

    poster = _Poster(shell, given)
    for batch in split(poster.read(items)):
        yield from poster.take_known()
        yield from poster.post(batch)
    yield from poster.take_known()


post = sink(
    declare(signing(node(dry_run(gather))), FEE, NONCE, SKIP, WAIT, WITHIN, NETWORK),
    name="post",
    without=("--on-error",),
)


def open_posting(record: Any) -> tuple[Any, Any]:
    """The statement of a record, and the id under which it was posted, None for a bare statement."""
    if isinstance(record, dict) and record.get("type") == POSTING:
        return record.get("statement"), record.get("id")
    return record, None


class _Poster:
    """One payer at one node."""

    def __init__(self, shell: Shell, given: Record) -> None:
        from iop.io.board_client import BoardClient
        from iop.io.node_client import open_node
        from iop_cli._tx_asking import with_pool_fees
        from iop_cli._tx_making import find_params
        from iop_cli._tx_sending import Signer

        self._client = open_node(given["node"], given["timeout"])
        self._board = BoardClient(self._client.url, given["timeout"])
        if not (given["key"] or given["ark"]):
            raise UsageError("name the key that pays: --key FILE#SELECTOR, or --ark")
        self._signer = Signer(shell, given, self._client)
        self._params = with_pool_fees(self._client, find_params(given["network"], self._client))
        self._shell, self._given = shell, given
        self._nonce = parse_nonce(given["nonce"])
        self._known: list[Record] = []
        self._seen: set[bytes] = set()

    def read(self, items: Iterator[Item]) -> Iterator[Statement]:
        """The statements to post, each signed and each once."""
        for item in items:
            try:
                statement = self._read(item)
            except IopError as error:
                error.detail.setdefault("record", item.number)
                if item.line:
                    error.detail["line"] = item.line
                raise
            if statement is not None:
                yield statement

    def take_known(self) -> list[Record]:
        """Postings of statements that were left out since the last call."""
        known, self._known = self._known, []
        return known

    def post(self, batch: tuple[Statement, ...]) -> Iterator[Record]:
        """Send one transaction; what became of its statements."""
        from iop_cli._tx_asking import rehearse, send, wait_for

        tx = self._make(batch)
        if self._given["dry_run"]:
            found = rehearse(self._client, tx)
            if found["errors"]:
                self._shell.deny()
            yield from _describe(batch, found["id"], dry_run=True, errors=found["errors"])
            return
        try:
            txid = send(self._client, tx, self._params)["id"]
        except VerifyError as error:
            if error.message.endswith("is on the board already."):
                error.hint = (
                    "nothing of this batch was sent; --skip-posted leaves out what stands there"
                )
            raise
        if not self._given["wait"]:
            yield from _describe(batch, txid)
            return
        wait_for(self._client, txid, self._given["within"])
        height = self._board.posting(_describe_one(batch[0], txid, 0)["id"])["height"]
        yield from _describe(batch, txid, height=height)

    def _read(self, item: Item) -> Statement | None:
        from iop.ledger.board import encode_id, is_statement_valid, read_statement

        record, _ = open_posting(item.strict_value)
        statement = read_statement(record)
        if not is_statement_valid(statement):
            raise DataError("signature does not match content and public key")
        if statement.id in self._seen:
            raise DataError(f"statement {encode_id(statement.id)} occurs twice")
        self._seen.add(statement.id)
        found = self._board.find(encode_id(statement.id)) if self._given["skip_posted"] else None
        if found is None:
            return statement
        self._known.append({name: found[name] for name in found if name != "statement"})
        return None

    def _make(self, batch: tuple[Statement, ...]) -> Transaction:
        from iop.ledger.builder import build_board
        from iop.ledger.record import to_record
        from iop.ledger.wire import UNKNOWN_NONCE

        nonce = UNKNOWN_NONCE
        if self._nonce is not None:
            nonce, self._nonce = self._nonce, self._nonce + 1
        draft = build_board(self._params, self._signer.public, nonce, batch, fee=self._given["fee"])
        return self._signer.sign(to_record(draft), self._params)


def _describe(batch: tuple[Statement, ...], txid: str, **more: Any) -> Iterator[Record]:
    for position, statement in enumerate(batch):
        yield _describe_one(statement, txid, position) | more


def _describe_one(statement: Statement, txid: str, position: int) -> Record:
    from iop.ledger.board import encode_id

    return {
        "type": POSTING,
        "id": encode_id(statement.id),
        "txid": txid,
        "position": position,
        "issuer": statement.issuer,
    }
