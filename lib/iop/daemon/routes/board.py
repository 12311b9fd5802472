"""The board under /iop/v1; handlers as in `iop.daemon.routes.morpheus`."""

from __future__ import annotations

from iop.codec.form import parse_form
from iop.codec.json import encode_json
from iop.daemon.http.description import (
    HEX_ID,
    NATURAL,
    NULL,
    TEXT,
    describe,
    either,
    list_of,
    object_of,
    record_of,
    text_like,
)
from iop.daemon.http.reply import Reply, refuse
from iop.errors import DataError, MissingError
from iop.ledger.board import encode_id, parse_id
from iop.ledger.board_query import MAX_LIMIT, find_first, find_page, find_row, parse_filter
from iop.ledger.board_row import Posting, to_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, TypeVar

    from iop.codec.json import Json
    from iop.daemon.http.router import Params, Router
    from iop.ledger.board_query import Asking, Row
    from iop.ledger.index import Page, Query
    from iop.ledger.state import State

    T = TypeVar("T")

    class Index(Protocol):
        """Rows of the index, as far as the state has come."""

        async def select(self, query: Query) -> Page: ...

    class View(Protocol):
        """What the handlers read."""

        state: State

        @property
        def listing(self) -> Index: ...


PREFIX = "/iop/v1"
BOARD = "iop.board/1"

_ID = text_like("^cbu[A-Za-z0-9_-]{43}$", "cbuzQJC1PB8cPmjAqHNzjeEKBXZ1nzLbTfvBPzmqXMpqWc")
_ISSUER = text_like("^(did:morpheus:|p)", "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr")
_PAIR = object_of("SignaturePair", publicKey=TEXT, bytes=TEXT)
_POSTING = record_of(
    "posting",
    id=_ID,
    height=NATURAL,
    txid=HEX_ID,
    position=NATURAL,
    issuer=_ISSUER,
    statement=object_of("SignedStatement", content={"type": "object"}, signature=_PAIR),
)
_PAGE = record_of("board", first=NATURAL, statements=list_of(_POSTING), next=either(_ID, NULL))
_FILTERS = {
    "type": text_like("^[A-Za-z][A-Za-z0-9._/-]{0,63}$", "licence.chapter/1"),
    "issuer": _ISSUER,
    "from": NATURAL,
    "until": NATURAL,
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    "after": _ID,
}


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", PREFIX + "/board", get_board)
    router.add("GET", PREFIX + "/board/{id}", get_statement)


@describe(_PAGE, query=_FILTERS, errors=(404, 422))
async def get_board(view: View, params: Params, _body: Json) -> Reply:
    """A page of statements by type, issuer and height; `next` is what `after` takes for the page behind it, null at the end.

    `first` is the height from which on this node knows the statements: one that began with a snapshot lacks those before.
    """
    try:
        found = await _ask(view, find_page(parse_filter(parse_form(params.query))))
        first = await _ask(view, find_first(view.state.height))
    except DataError as error:
        return refuse(422, error.message)
    except MissingError as error:
        return refuse(404, error.message)
    listed = b",".join([each for each in (_encode(view, row) for row in found.rows) if each])
    following = encode_json(encode_id(found.rows[-1][0]) if found.more else None)
    head = b'{"type":"%b","first":%d,"statements":' % (BOARD.encode(), first)
    return Reply(200, b'%b[%b],"next":%b}' % (head, listed, following.encode()))


@describe(_POSTING, params={"id": _ID}, errors=(404, 422))
async def get_statement(view: View, params: Params, _body: Json) -> Reply:
    """One statement by its id."""
    try:
        id_ = parse_id(params["id"])
        body = _encode(view, await _ask(view, find_row(id_)))
    except DataError as error:
        return refuse(422, error.message)
    except MissingError as error:
        known = view.state.book.statements.get(id_)
        if known is None:
            return refuse(404, error.message)
        where = f"in block {known.height}, before the first one that this node has"
        return refuse(404, f"statement {params['id']} was posted {where}")
    return (
        Reply(200, body) if body else refuse(404, f"statement {params['id']} is not on the board")
    )


async def _ask(view: View, work: Asking[T]) -> T:
    """The result of work that asks the index."""
    try:
        query = next(work)
        while True:
            query = work.send(await view.listing.select(query))
    except StopIteration as done:
        result: T = done.value
    return result


def _encode(view: View, row: Row) -> bytes:
    """The record of a row, empty when its block was taken back meanwhile; the statement goes out as it is filed."""
    id_, height, _, position, type_, issuer, data = row
    posting = view.state.book.statements.get(id_)
    if posting is None:
        return b""
    head = to_record(id_, Posting(height, posting.txid, position, type_, issuer))
    return b'%b,"statement":%b}' % (encode_json(head).encode()[:-1], data)
