"""The board under /iop/v1; handlers as in `iop.daemon.morpheus_routes`."""

from __future__ import annotations

from iop.codec.form import parse_form
from iop.codec.json import encode_json
from iop.daemon.reply import Reply, refuse
from iop.errors import DataError, MissingError
from iop.ledger.board import encode_id, parse_id
from iop.ledger.board_query import find_page, find_row, parse_filter
from iop.ledger.board_row import Posting, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from iop.codec.json import Json
    from iop.daemon.router import Params, Router
    from iop.ledger.index import Page, Query
    from iop.ledger.state import State

    class Index(Protocol):
        """Rows of the index."""

        def select(self, query: Query) -> Page: ...

    class View(Protocol):
        """What the handlers read."""

        state: State

        @property
        def chain(self) -> Index: ...


PREFIX = "/iop/v1"
BOARD = "iop.board/1"


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", PREFIX + "/board", get_board)
    router.add("GET", PREFIX + "/board/{id}", get_statement)


def get_board(view: View, params: Params, _body: Json) -> Reply:
    """A page of statements by type, issuer and height; `next` is what `after` takes for the page behind it, null at the end."""
    try:
        asked = parse_filter(parse_form(params.query))
        found = find_page(asked, view.chain.select, view.state.height)
    except DataError as error:
        return refuse(422, error.message)
    except MissingError as error:
        return refuse(404, error.message)
    following = encode_id(found.rows[-1][0]) if found.more else None
    listed = b",".join([_encode(view, row) for row in found.rows])
    return Reply(
        200,
        b'{"type":"%b","statements":[%b],"next":%b}'
        % (BOARD.encode(), listed, encode_json(following).encode()),
    )


def get_statement(view: View, params: Params, _body: Json) -> Reply:
    """One statement by its id."""
    try:
        row = find_row(parse_id(params["id"]), view.chain.select, view.state.height)
    except DataError as error:
        return refuse(422, error.message)
    except MissingError as error:
        return refuse(404, error.message)
    return Reply(200, _encode(view, row))


def _encode(view: View, row: tuple[Any, ...]) -> bytes:
    """The record of a row; the statement goes out as it is filed, without being read again."""
    id_, height, _, position, type_, issuer, data = row
    posting = view.state.book.statements.get(id_)
    assert posting is not None, "the index holds what the state does not"
    head = describe(id_, Posting(height, posting.txid, position, type_, issuer))
    return b'%b,"statement":%b}' % (encode_json(head).encode()[:-1], data)
