"""Client of the board of a ledger node: statements by filter, page after page, or by id.

Nothing has to be taken from the node on trust but where and when a statement was posted: that it is the one asked for, and that
its signer signed it, is checked here. Errors as in `iop.io.node_exchange`.
"""

from __future__ import annotations

from iop.codec.form import encode_form
from iop.errors import DataError, MissingError, PeerError
from iop.io.node_exchange import TIMEOUT_S, Exchange
from iop.ledger.board import encode_id, is_statement_valid, parse_id, read_statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.ledger.board import Statement

    Record = dict[str, Any]

BOARD = "/iop/v1/board"
POSTING = "iop.posting/1"


class BoardClient:
    """The board of one node, one connection kept open."""

    def __init__(self, url: str, timeout: float = TIMEOUT_S) -> None:
        self._exchange = Exchange(url, timeout)
        self.url = self._exchange.url
        self.first = 1
        """Height from which on the node knows the statements, as its last page said."""

    def postings(self, filters: dict[str, str]) -> Iterator[Record]:
        """All statements (iop.posting/1) that pass the filters, in the order of the chain; names as in the query string."""
        after = filters.get("after", "")
        while True:
            members = filters | ({"after": after} if after else {})
            page = self._exchange.ask_object(f"{BOARD}?{encode_form(members)}")
            rows, following, first = page.get("statements"), page.get("next"), page.get("first")
            if not isinstance(rows, list) or not isinstance(first, int):
                raise PeerError(f"{self.url} answered {BOARD} without a list of statements")
            self.first = first
            for row in rows:
                self._check(row)
                yield row
            if following is None:
                return
            # a page that leads nowhere new would be asked for for ever
            if not rows or following != rows[-1]["id"] or following == after:
                raise PeerError(f"{self.url} answered {BOARD} with a page that has no end")
            after = following

    def posting(self, id_: str) -> Record:
        """One statement (iop.posting/1) by its id. Raises MissingError, DataError for a text that is no id."""
        parse_id(id_)
        row = self._exchange.ask_object(f"{BOARD}/{id_}")
        self._check(row)
        if row["id"] != id_:
            raise PeerError(f"{self.url} answered another statement than {id_}")
        return row

    def find(self, id_: str) -> Record | None:
        """As `posting`, None for a statement that is not on the board."""
        try:
            return self.posting(id_)
        except MissingError:
            return None

    def close(self) -> None:
        """Close the connection."""
        self._exchange.close()

    def _check(self, row: object) -> None:
        if not isinstance(row, dict) or row.get("type") != POSTING:
            raise PeerError(f"{self.url} answered with no {POSTING}")
        try:
            statement: Statement | None = read_statement(row.get("statement"))
        except DataError:
            statement = None
        if statement is None or row.get("id") != encode_id(statement.id):
            raise PeerError(f"{self.url} answered a statement that is none, or another's id")
        if row.get("issuer") != statement.issuer:
            raise PeerError(f"{self.url} answered statement {row['id']} as another issuer's")
        if type(row.get("height")) is not int or not isinstance(row.get("txid"), str):
            raise PeerError(f"{self.url} does not say where statement {row['id']} stands")
        if not is_statement_valid(statement):
            raise PeerError(
                f"{self.url} answered statement {row['id']} with a signature that does not hold"
            )
