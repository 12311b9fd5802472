"""The index of a ledger store held against its log: every row that should be there is, and no other.

The log is read once, block by block; what `index_block` gives of them is compared in batches. Of pruned blocks the headers
are left, which must name one another as parents and stand in the index under their ids.
"""

# ruff: noqa: S608 - names in the SQL are this room's own, values are bound

from __future__ import annotations

from iop.errors import DataError
from iop.ledger.block import compute_header_id, parse_block, parse_header
from iop.ledger.genesis import compute_genesis_block
from iop.ledger.index import index_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.ledger.index import BlockRows
    from iop.store.ledger import Progress
    from iop.store.ledger_sql import SqlLedger

    Rows = list[tuple[Any, ...]]

BATCH = 400  # transactions, or blocks, compared at once
_TRANSACTION = (
    "number, id, height, position, sender, sender_name, recipient, type_group, type, amount, fee, nonce, "
    "vendor_field, subject"
)
_STATEMENT = "number, id, height, position, ordinal, type, issuer, data"
_BLOCK = (
    "height, id, previous, timestamp, producer, transactions, amount, fee, reward, payload_length, "
    "transactions_end, statements_end"
)


def audit(store: SqlLedger, progress: Progress | None) -> None:
    """Compare all of it. Raises DataError at the first difference."""
    audited = _Audit(store)
    audited.read_headers()
    last = store.head() or 0
    for entry in store.blocks():
        block = parse_block(entry.data)
        if block.height != entry.height:
            raise DataError(f"the log has block {block.height} at height {entry.height}")
        audited.take(index_block(block, audited.params))
        if audited.is_full() or entry.height == last:
            audited.compare()
            if progress is not None:
                progress(entry.height, last)
    audited.compare_totals()


class _Audit:
    def __init__(self, store: SqlLedger) -> None:
        start = store.read_start()
        self.params = start.params
        self._store = store
        self._heads: Rows = []
        self._transactions: Rows = []
        self._parties: Rows = []
        self._statements: Rows = []
        self._first = store.read_first()
        genesis = index_block(compute_genesis_block(start), start.params).block
        rows = store.fetch(f"SELECT {_BLOCK} FROM block_index WHERE height = 1")
        if [tuple(row) for row in rows] != [(*genesis, 0, 0)]:
            raise DataError(f"{store.name} is damaged: the row of block 1 is wrong")
        ends = store.fetch(
            "SELECT transactions_end, statements_end FROM block_index WHERE height < ? "
            "ORDER BY height DESC LIMIT 1",
            self._first,
        )
        self._number, self._posted = self._start = ends[0]
        self._party_count = 0

    def take(self, rows: BlockRows) -> None:
        begin, posted = self._number, self._posted
        self._transactions += [
            (begin + i, *row[:3], *row[5:]) for i, row in enumerate(rows.transactions)
        ]
        self._parties += [(name, begin + place, part) for name, place, part in rows.parties]
        self._statements += [(posted + i, *row) for i, row in enumerate(rows.statements)]
        self._number += len(rows.transactions)
        self._posted += len(rows.statements)
        self._heads.append((*rows.block, self._number, self._posted))

    def is_full(self) -> bool:
        return len(self._heads) >= BATCH or len(self._parties) >= BATCH

    def compare(self) -> None:
        store = self._store
        keys = [row[0] for row in self._heads]
        self._demand(
            self._heads,
            store.fetch(
                f"SELECT {_BLOCK} FROM block_index WHERE height BETWEEN ? AND ? ORDER BY height",
                keys[0],
                keys[-1],
            ),
        )
        for table, columns, rows in (
            ("transaction_index", _TRANSACTION, self._transactions),
            ("statement_index", _STATEMENT, self._statements),
        ):
            if rows:
                sql = f"SELECT {columns} FROM {table} WHERE number BETWEEN ? AND ? ORDER BY number"
                self._demand(rows, store.fetch(sql, rows[0][0], rows[-1][0]))
        self._compare_parties()
        self._heads, self._transactions, self._statements = [], [], []

    def _compare_parties(self) -> None:
        for at in range(0, len(self._parties), BATCH):
            wanted = sorted(self._parties[at : at + BATCH])
            marks = ", ".join(["(?, ?)"] * len(wanted))
            values = [one for name, number, _ in wanted for one in (name, number)]
            found = self._store.fetch(
                f"SELECT p.account, p.number, p.part FROM (VALUES {marks}) AS v "
                "JOIN party_index p ON p.account = v.column1 AND p.number = v.column2",
                *values,
            )
            self._demand(wanted, sorted(found))
        self._party_count += len(self._parties)
        self._parties = []

    def _demand(self, wanted: Rows, found: Rows) -> None:
        if wanted == [tuple(row) for row in found]:
            return
        heights = f"{self._heads[0][0]} to {self._heads[-1][0]}"
        raise DataError(
            f"{self._store.name} is damaged: the index of blocks {heights} differs from the log",
            hint="make the index again",
        )

    def compare_totals(self) -> None:
        """No rows beside those that were compared."""
        (blocks,) = self._store.fetch("SELECT count(*) FROM block")[0]
        expected = {
            "block_index": blocks + 1,  # and block 1
            "transaction_index": self._number - self._start[0],
            "party_index": self._party_count,
            "statement_index": self._posted,
        }
        for table, count in expected.items():
            (found,) = self._store.fetch(f"SELECT count(*) FROM {table}")[0]
            if found != count:
                raise DataError(
                    f"{self._store.name} is damaged: {table} has {found} rows, the log gives {count}",
                    hint="make the index again",
                )

    def read_headers(self) -> None:
        """The chain of what is left of pruned blocks."""
        previous = b""
        (lowest,) = self._store.fetch("SELECT min(height) FROM block")[0]
        for height in range(lowest or 0, self._first if lowest is not None else 0):
            data = self._store.header_at(height)
            if data is None:
                raise DataError(f"{self._store.name} is damaged: block {height} is missing")
            header = parse_header(data)
            block_id = compute_header_id(header, self.params.nethash)
            if header.height != height or (previous and header.parent != previous):
                raise DataError(f"{self._store.name} is damaged: header {height} does not follow")
            if self._store.find_block(block_id) != height:
                raise DataError(f"{self._store.name} is damaged: block {height} has no row")
            previous = block_id
        whole = self._store.header_at(self._first) if previous else None
        if whole is not None and parse_header(whole).parent != previous:
            raise DataError(f"{self._store.name} is damaged: header {self._first} does not follow")
