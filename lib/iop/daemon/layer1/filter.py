"""Filters and orders of a layer-1 request as a question to the index (morpheus ch. 13)."""

from __future__ import annotations

from iop.errors import DecodeError
from iop.ledger.address import parse_address
from iop.ledger.index import HIGHEST, MAX_PATTERN, Condition, Page, Query
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from iop.daemon.layer1.listing import Listing
    from iop.ledger.state import State

    Order = tuple[str, bool]  # column, is descending

NOTHING = Page(0, ())


@value
class Column:
    """What a parameter asks for: a column of the index, and how its value is read.

    kind: `number` (a number, or from and to), `id`, `key`, `name` (an address or several), `part` (of a text), or `constant`:
    no column, all rows have `same`.
    """

    name: str
    kind: str = "number"
    same: int = 0


class Filter:
    """The conditions that the parameters of a request make; `is_empty` when no row can meet them."""

    def __init__(
        self, columns: Mapping[str, Column], asked: Mapping[str, Any], state: State
    ) -> None:
        self._columns = columns
        self._byte = state.params.byte
        self._order: Order | None = asked.get("orderBy")
        self.where: list[Condition] = []
        self.is_empty = False
        for name, wish in asked.items():
            column = columns.get(name)
            if column is not None:
                self._take(column, wish)

    def add(self, column: str, op: str, wish: Any) -> None:
        """One more condition."""
        self.where.append(Condition(column, op, wish))

    async def select(
        self, table: str, listing: Listing, window: tuple[int, int], *usual: Order
    ) -> Page:
        """The rows. usual: the order when none is asked for; its later parts also tell apart what is equal otherwise."""
        if self.is_empty or window[0] > HIGHEST:
            return NOTHING
        order = usual
        if self._order is not None:
            column = self._columns[self._order[0]].name
            order = ((column, self._order[1]),) if column else ()
            if column not in ("height", "timestamp"):
                order += usual[-2:]
        query = Query(table, tuple(self.where), order, window[0], window[1])
        return await listing.select(query)

    def _take(self, column: Column, wish: Any) -> None:
        if column.kind == "number":
            self._take_number(column.name, wish)
        elif column.kind == "constant":
            self.is_empty |= wish != column.same
        elif column.kind in ("id", "key"):
            size = 64 if column.kind == "id" else 66
            if len(wish) != size or wish != wish.lower():  # decimal ids are those of other chains
                self.is_empty = True
            else:
                self.add(column.name, "=", bytes.fromhex(wish))
        elif column.kind == "name":
            self.take_names(column.name, wish)
        else:
            pattern = "%{}%".format(wish.replace("\\", "\\\\"))
            is_short = len(pattern) <= MAX_PATTERN
            self.add(column.name, *(("like", pattern) if is_short else ("=", wish)))

    def take_names(self, column: str, wish: str | list[str]) -> None:
        """A condition on accounts, by one address or several; those of other networks have none."""
        texts = wish if isinstance(wish, list) else [wish]
        names = tuple(name for text in texts if (name := parse_name(text, self._byte)))
        if not names:
            self.is_empty = True
        elif isinstance(wish, list):
            self.add(column, "in", names)
        else:
            self.add(column, "=", names[0])

    def _take_number(self, column: str, wish: Any) -> None:
        if not isinstance(wish, dict):
            self.add(column, "=", wish)
            return
        for member, op in (("from", ">="), ("to", "<=")):
            if member in wish:
                self.add(column, op, wish[member])


def parse_name(text: str, byte: int) -> bytes | None:
    """The account of an address on the network with that byte, or None."""
    try:
        found, name = parse_address(text)
    except DecodeError:
        return None
    return name if found == byte else None
