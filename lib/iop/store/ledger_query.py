"""Questions about the index as SQL, the same for SQLite and PostgreSQL.

Every table has a key that grows with the chain: heights of blocks, numbers of transactions and statements. Conditions on
heights, times and block ids become a range of keys; without any other, the total is the range's length and an offset is an
addition, however deep. Other conditions are counted, up to COUNTED rows. Names in the SQL come from this file and from
`COLUMNS` only; values are bound.
"""

# ruff: noqa: S608 - names in the SQL are this room's own, values are bound

from __future__ import annotations

from iop.ledger.address import compute_address_hash
from iop.ledger.index import BLOCK, COLUMNS, HIGHEST, STATEMENT, TRANSACTION, Page, clean_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from iop.ledger.index import Condition, Query, Row

    Fetch = Callable[..., list[tuple[Any, ...]]]  # SQL with ?, then its values

COUNTED = 100_000
_KEYS = {BLOCK: "height", TRANSACTION: "number", STATEMENT: "number"}
_COMPARED = {"=": "=", ">=": ">=", "<=": "<=", "like": "LIKE"}
# What stands with the block when transactions are asked for.
_OF_BLOCK = {"block_id": "b.id", "timestamp": "b.timestamp"}
_PARTS = {"sender": "<> 2", "sender_name": "<> 2", "recipient": ">= 2", "party": "> 0"}


def select(query: Query, fetch: Fetch) -> Page:
    """The answer; all calls of `fetch` see the same state."""
    asked = _Asked(query, fetch)
    if asked.low > asked.high:
        return Page(0, ())
    down = asked.find_direction()
    if down is not None and asked.is_whole_range():
        total = asked.high - asked.low + 1
        count = max(0, min(query.limit, total - query.offset))
        first = asked.high - query.offset if down else asked.low + query.offset
        step = -1 if down else 1
        return Page(total, asked.fetch_rows(list(range(first, first + step * count, step))))
    total = asked.count()
    keys = asked.fetch_keys(down) if query.limit and query.offset < total else []
    return Page(min(total, COUNTED), asked.fetch_rows(keys), exact=total <= COUNTED)


class _Asked:
    """One question, its conditions sorted into a range of keys, joins and tests."""

    def __init__(self, query: Query, fetch: Fetch) -> None:
        self._query = query
        self._fetch = fetch
        self._key = _KEYS[query.table]
        self._heights: list[int] = [0, HIGHEST]
        self._parties: list[tuple[str, bytes]] = []  # condition on the part, account
        self._tests: list[str] = []
        self._values: list[object] = []
        for condition in query.where:
            self._take(condition)
        self._find_range()

    def _take(self, condition: Condition) -> None:
        table, column, op, value = (
            self._query.table,
            condition.column,
            condition.op,
            _bind(condition.value),
        )
        if op in ("=", "<=", ">=") and (column == "height" or self._is_time(column)):
            if op != "<=":
                self._raise_low(self._find_height(column, ">=", "", value))
            if op != ">=":
                self._lower_high(self._find_height(column, "<=", " DESC", value))
        elif op == "=" and (table, column) in ((BLOCK, "id"), (TRANSACTION, "block_id")):
            height = self._find_block(value)
            self._raise_low(height)
            self._lower_high(height)
        elif table == TRANSACTION and op in ("=", "in") and column in _PARTS:
            self._take_party(column, op, value)
        else:
            self._test(self._name(column), op, value)

    def _is_time(self, column: str) -> bool:
        return column == "timestamp" and self._query.table != STATEMENT

    def _find_height(self, column: str, op: str, direction: str, value: Any) -> int | None:
        if column == "height":
            return int(value)
        found = self._fetch(
            f"SELECT height FROM block_index WHERE timestamp {op} ? "
            f"ORDER BY timestamp{direction}, height{direction} LIMIT 1",
            value,
        )
        return found[0][0] if found else None

    def _find_block(self, block_id: Any) -> int | None:
        found = self._fetch("SELECT height FROM block_index WHERE id = ?", block_id)
        return found[0][0] if found else None

    def _raise_low(self, height: int | None) -> None:
        self._heights[0] = max(self._heights[0], HIGHEST if height is None else height)

    def _lower_high(self, height: int | None) -> None:
        self._heights[1] = min(self._heights[1], -1 if height is None else height)

    def _take_party(self, column: str, op: str, value: Any) -> None:
        names = value if op == "in" else (value,)
        if column == "sender":  # a key has one account
            names = tuple(compute_address_hash(key) for key in names)
        if op == "=":
            self._parties.append((_PARTS[column], names[0]))
        elif not names:
            self._tests.append("1 = 0")
        else:
            marks = ", ".join("?" * len(names))
            self._tests.append(
                f"t.number IN (SELECT number FROM party_index WHERE account IN ({marks}) "
                f"AND part {_PARTS[column]})"
            )
            self._values += names

    def _test(self, name: str, op: str, value: Any) -> None:
        if op == "in":
            self._tests.append(f"{name} IN ({', '.join('?' * len(value))})" if value else "1 = 0")
            self._values += value
        else:
            escape = " ESCAPE '\\'" if op == "like" else ""
            self._tests.append(f"{name} {_COMPARED[op]} ?{escape}")
            self._values.append(value)

    def _name(self, column: str) -> str:
        table = self._query.table
        assert column in COLUMNS[table]
        return _OF_BLOCK[column] if table == TRANSACTION and column in _OF_BLOCK else f"t.{column}"

    def _find_range(self) -> None:
        table, key = self._query.table, self._key
        (self._ends,) = self._fetch(
            f"SELECT (SELECT min({key}) FROM {table}_index), (SELECT max({key}) FROM {table}_index)"
        )
        low, high = self._heights
        if self._ends[0] is None or low > high:
            self.low, self.high = 0, -1
            return
        if table != BLOCK:  # numbers of the blocks' transactions or statements
            low = self._count_until("<", low) if low > 0 else 0
            high = self._count_until("<=", high) - 1 if high < HIGHEST else HIGHEST
        self.low, self.high = max(low, self._ends[0]), min(high, self._ends[1])

    def _count_until(self, op: str, height: int) -> int:
        found = self._fetch(
            f"SELECT {self._query.table}s_end FROM block_index WHERE height {op} ? "
            "ORDER BY height DESC LIMIT 1",
            height,
        )
        return found[0][0] if found else 0

    def is_whole_range(self) -> bool:
        """Whether every key of the range has a row that is asked for."""
        if self._tests or self._parties:
            return False
        if self._query.table != BLOCK or self.low > 1:
            return True
        # a log that was begun with a snapshot has block 1 and then those after the snapshot
        found = self._fetch("SELECT min(height) FROM block_index WHERE height > 1")
        return found[0][0] in (2, None)

    def find_direction(self) -> bool | None:
        """Whether rows come from the end of the chain down; None when they are in another order."""
        order, table = self._query.order, self._query.table
        if not order:
            return False
        down = order[0][1]
        columns = [column for column, _ in order]
        if table == BLOCK and columns[0] == "height":
            return down
        rest = columns
        while rest and (rest[0] == "height" or self._is_time(rest[0])):
            rest = rest[1:]
        along = ("position", "ordinal")[: len(rest)] if "height" in columns else ()
        if len(rest) < len(columns) and tuple(rest) == along:
            return down if all(descending == down for _, descending in order) else None
        return None

    def count(self) -> int:
        """How many rows are asked for, at most one more than COUNTED."""
        source, values = self._source(())
        found = self._fetch(
            f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {COUNTED + 1}) AS asked", *values
        )
        return int(found[0][0])

    def fetch_keys(self, down: bool | None) -> list[int]:
        """Keys of the page's rows, in order."""
        query = self._query
        order = query.order if down is None else ()
        last = down if down is not None else query.order[-1][1]
        source, values = self._source([self._name(column) for column, _ in order])
        key = self._key_name()
        terms = [
            f"{self._name(column)}{' DESC NULLS LAST' if descending else ' NULLS FIRST'}"
            for column, descending in order
        ]
        terms.append(f"{key}{' DESC' if last else ''}")
        found = self._fetch(
            f"SELECT {key} FROM {source} ORDER BY {', '.join(terms)} LIMIT ? OFFSET ?",
            *values,
            query.limit,
            query.offset,
        )
        return [row[0] for row in found]

    def _key_name(self) -> str:
        return "p0.number" if self._parties else f"t.{self._key}"

    def _source(self, ordered: Sequence[str]) -> tuple[str, list[object]]:
        """What stands after FROM, up to and including the conditions, and its values."""
        tests, values = list(self._tests), list(self._values)
        names = " ".join([*tests, *ordered])
        tables = []
        for i, (part, account) in enumerate(self._parties):
            joined = "" if not i else f" ON p{i}.number = p0.number"
            tables.append(f"party_index p{i}{joined}")
            tests.append(f"p{i}.account = ? AND p{i}.part {part}")
            values.append(account)
        if not tables:
            tables.append(f"{self._query.table}_index t")
        elif "t." in names or "b." in names:
            tables.append("transaction_index t ON t.number = p0.number")
        if "b." in names:
            tables.append("block_index b ON b.height = t.height")
        if (self.low, self.high) != self._ends:
            tests.append(f"{self._key_name()} BETWEEN ? AND ?")
            values += (self.low, self.high)
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        return " JOIN ".join(tables) + where, values

    def fetch_rows(self, keys: list[int]) -> tuple[Row, ...]:
        """The rows with these keys, in their order."""
        if not keys:
            return ()
        table = self._query.table
        names = ", ".join(self._name(column) for column in COLUMNS[table])
        join = " JOIN block_index b ON b.height = t.height" if table == TRANSACTION else ""
        found = self._fetch(
            f"SELECT t.{self._key}, {names} FROM {table}_index t{join} "
            f"WHERE t.{self._key} IN ({', '.join('?' * len(keys))})",
            *keys,
        )
        rows = {row[0]: tuple(row[1:]) for row in found}
        return tuple(rows[key] for key in keys)


def _bind(value: Any) -> Any:
    """A value as the tables hold it."""
    if isinstance(value, tuple):
        return tuple(_bind(one) for one in value)
    if isinstance(value, int):
        return max(-HIGHEST, min(value, HIGHEST))
    return clean_text(value) if isinstance(value, str) else value
