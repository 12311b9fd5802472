"""Questions about the board: statements by type, issuer and height, page by page in the order of the chain.

A page ends after `limit` statements or about 1 MiB, whichever comes first; the id of its last statement asks for the next one.
Statements are never taken down and new ones come last, so pages neither skip nor repeat whatever is posted meanwhile.

What has to be looked up is yielded as a `Query` of the index and expected back as its `Page`; who asks the store, and in which
thread, is the caller's business.
"""

from __future__ import annotations

from iop.errors import DataError, MissingError, SchemaError
from iop.ledger.board import encode_id, is_type, parse_id
from iop.ledger.index import BLOCK, STATEMENT, Condition, Query
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any, TypeVar

    from iop.ledger.index import Page

    T = TypeVar("T")
    Row = tuple[Any, ...]
    Asking = Generator[Query, Page, T]
    Test = tuple[Condition, ...]

MAX_LIMIT = 100  # statements of a page
PAGE_BYTES = 2**20
MAX_HEIGHT = 2**53 - 1
_AFTER_GENESIS = 2  # height of the first block that can carry anything
_PARAMETERS = ("type", "issuer", "from", "until", "limit", "after")


@value
class Filter:
    """Which statements: empty texts and None leave out a test. `first` and `last` are heights, both inclusive; `after` an id."""

    type: str = ""
    issuer: str = ""
    first: int = 1
    last: int = MAX_HEIGHT
    limit: int = MAX_LIMIT
    after: bytes | None = None

    def __check__(self) -> None:
        if self.type and not is_type(self.type):
            raise SchemaError(f"type {self.type!r:.80} is none that a statement can have")
        if self.last < self.first:
            raise SchemaError(f"until ({self.last}) must not be below from ({self.first})")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise SchemaError(f"limit of 1 to {MAX_LIMIT} expected, got {self.limit}")


@value
class Found:
    """One page: rows of the index in the order of the chain, and whether more may follow."""

    rows: tuple[Row, ...]
    more: bool


def parse_filter(pairs: Sequence[tuple[str, str]]) -> Filter:
    """The filter of a query string's names and values. Raises DataError: unknown or repeated name, value that is none."""
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in _PARAMETERS:
            raise SchemaError(f"no parameter {name!r:.40} here, there are {', '.join(_PARAMETERS)}")
        if name in given:
            raise SchemaError(f"parameter {name} is given twice")
        given[name] = text
    return Filter(
        given.get("type", ""),
        parse_issuer(given["issuer"]) if given.get("issuer") else "",
        _read_number(given, "from", 1),
        _read_number(given, "until", MAX_HEIGHT),
        _read_number(given, "limit", MAX_LIMIT),
        parse_id(given["after"]) if given.get("after") else None,
    )


def parse_issuer(text: str) -> str:
    """A DID or public key in the spelling of the index. Raises DataError."""
    from iop.did.identifier import PREFIX, parse_did
    from iop.keys.multicipher import parse_public_key

    try:
        return str(parse_did(text) if text.startswith(PREFIX) else parse_public_key(text))
    except DataError as exc:
        raise SchemaError(
            f"issuer is a DID or a public key, got {text!r:.80}: {exc.message:.120}"
        ) from exc


def find_page(asked: Filter) -> Asking[Found]:
    """The page that a filter asks for. Raises MissingError: `after` is not on the board."""
    wanted = asked.limit + 1  # one more tells whether there are more
    rows: list[Row] = []
    fixed = [Condition("height", "<=", asked.last)]
    if asked.type:
        fixed.append(Condition("type", "=", asked.type))
    if asked.issuer:
        fixed.append(Condition("issuer", "=", asked.issuer))
    for place in (yield from _find_places(asked)):
        page = yield Query(STATEMENT, (*place, *fixed), limit=wanted - len(rows))
        rows += page.rows
        if len(rows) == wanted:
            break
    size = kept = 0
    for row in rows[: asked.limit]:
        size += len(row[-1])
        if kept and size > PAGE_BYTES:
            break
        kept += 1
    return Found(tuple(rows[:kept]), more=kept < len(rows))


def find_first(newest: int) -> Asking[int]:
    """The height from which on the index knows all statements: 1, unless the node began with a snapshot.

    newest: height of the state.
    """
    page = yield Query(BLOCK, (Condition("height", ">=", _AFTER_GENESIS),), limit=1)
    first: int = page.rows[0][0] if page.rows else newest + 1
    return 1 if first == _AFTER_GENESIS else first


def find_row(id_: bytes) -> Asking[Row]:
    """The row of a statement. Raises MissingError."""
    page = yield Query(STATEMENT, (Condition("id", "=", id_),), limit=1)
    if not page.rows:
        raise MissingError(f"statement {encode_id(id_)} is not on the board")
    return page.rows[0]


def _find_places(asked: Filter) -> Asking[list[Test]]:
    """Tests that one after the other mean: from the lowest height on, and behind the statement `after`."""
    if asked.after is None:
        return [(Condition("height", ">=", asked.first),)]
    _, height, position, ordinal, *_ = yield from find_row(asked.after)
    places: list[Test] = []
    if height >= asked.first:
        same = Condition("height", "=", height)
        mates = Condition("position", "=", position), Condition("ordinal", ">=", ordinal + 1)
        places = [(same, *mates), (same, Condition("position", ">=", position + 1))]
    return [*places, (Condition("height", ">=", max(asked.first, height + 1)),)]


def _read_number(given: dict[str, str], name: str, otherwise: int) -> int:
    text = given.get(name)
    if text is None or text == "":
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise SchemaError(f"{name} is a whole number, got {text!r:.40}")
    return int(text)
