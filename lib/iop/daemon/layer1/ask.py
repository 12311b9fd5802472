"""A layer-1 request, judged by its route's schema, and the answer put in its frame (morpheus ch. 13).

A handler takes the view and an `Ask` and gives the record to be answered, a page of rows (`Rows`) or a whole reply, at
once or to be waited for. It raises MissingError for what there is none of, which becomes the original's 404.
"""

from __future__ import annotations

from iop.codec.form import group_form, parse_form
from iop.daemon.http.pagination import Rows, get_window, to_page
from iop.daemon.http.parameter import Unfit, check_members, object_of
from iop.daemon.http.payload import Foreign
from iop.daemon.http.reply import Reply, encode, refuse
from iop.daemon.layer1.schema import SCHEMAS, Schema
from iop.errors import MissingError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Protocol

    from iop.codec.json import Json
    from iop.daemon.http.router import Params
    from iop.daemon.layer1.listing import Listing
    from iop.ledger.block import Block, Header
    from iop.ledger.mempool import Mempool
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction

    class Blocks(Protocol):
        """Forged transactions with their blocks, and blocks by height and id; one that was pruned raises MissingError."""

        def find(self, txid: bytes) -> tuple[Transaction, Block] | None: ...
        def find_block(self, block_id: bytes) -> int | None: ...
        def block_at(self, height: int) -> Block | None: ...
        def header_at(self, height: int) -> Header | None: ...
        def transaction_at(self, height: int, position: int) -> Transaction: ...

    class View(Protocol):
        """What the handlers read, and how a submission is taken."""

        state: State
        mempool: Mempool

        @property
        def chain(self) -> Blocks: ...
        @property
        def listing(self) -> Listing: ...
        def submit(self, records: list[Json]) -> Reply | Awaitable[Reply]: ...

    Found = Reply | Rows | dict[str, Any] | list[Any]
    Handler = Callable[[View, "Ask"], Found | Awaitable[Found]]
    Routed = Callable[[View, Params, Json], Reply | Awaitable[Reply]]

_ANYTHING = Schema()


@value
class Ask:
    """What was asked: parameters of the path, the query and the body, all judged; `given`: the query as it came."""

    path: str
    params: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any]
    given: dict[str, str]

    @property
    def id(self) -> Any:
        """The parameter that most routes have."""
        return self.params["id"]

    @property
    def filters(self) -> dict[str, Any]:
        """All that narrows a list: the members of query and body."""
        return {**self.query, **self.body}

    @property
    def window(self) -> tuple[int, int]:
        """Offset and limit of the page."""
        return get_window(self.query)

    @property
    def is_transformed(self) -> bool:
        """False when rows are to be shown as they are kept."""
        return self.query.get("transform", True) is not False


def judge(route: str, handler: Handler) -> Routed:
    """A handler for the router: the request is judged by the schema of `route`, the answer framed."""
    schema = SCHEMAS.get(route, _ANYTHING)
    defaults = {"transform": True} if "transform" in (schema.query or ()) else None

    def routed(view: View, params: Params, body: Json) -> Reply | Awaitable[Reply]:
        given = group_form(parse_form(params.query))
        try:
            ask = Ask(
                params.path[params.path.index("/", 1) :],  # links leave out the prefix
                dict(params) if schema.params is None else check_members(params, schema.params),
                given if schema.query is None else check_members(given, schema.query, defaults),
                {} if schema.body is None else _check_body(body, schema.body),
                {name: text for name, text in given.items() if isinstance(text, str)},
            )
        except Unfit as unfit:
            return refuse(422, ". ".join(unfit.reasons))
        try:
            found = handler(view, ask)
        except MissingError as error:
            return refuse(404, error.message)
        if isinstance(found, Reply | Rows | dict | list):
            return _frame(found, ask)
        return _settle(found, ask)

    return routed


async def _settle(found: Awaitable[Found], ask: Ask) -> Reply:
    try:
        return _frame(await found, ask)
    except MissingError as error:
        return refuse(404, error.message)


def _frame(found: Found, ask: Ask) -> Reply:
    if isinstance(found, Reply):
        return found
    if isinstance(found, Rows):
        return encode(to_page(found, ask.path, ask.given, ask.query))
    return encode({"data": found})


def _check_body(body: Json, rules: Any) -> dict[str, Any]:
    return check_members(object_of(None if isinstance(body, Foreign) else body, "value"), rules)
