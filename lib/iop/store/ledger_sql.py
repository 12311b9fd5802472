"""What the ledger stores on SQLite and on PostgreSQL have in common: log, pool and index in plain SQL.

Rows of the index are written with their block, in the same durable step: a reader never meets one without the other, and
there is nothing to repair at start. Measured in SQLite with blocks of 250 transfers between random accounts and 50,000 in the log,
CPU time of the writing thread for each, most of it spent outside the interpreter's lock: 40 us, of which rows in order of the log take
8, kinds and the pool 12, ids 6 to 8 and parties 8 to 16, because each of these touches a page of its own. Batches of 4096 behind
the log would take a third less, and half with 500,000 in the log; they would bring a second path of look-ups and a repair.
"""

# ruff: noqa: S608 - names in the SQL are this room's own, values are bound

from __future__ import annotations

from iop.errors import DataError
from iop.ledger.block import HEADER_SIZE, SIGNATURE_SIZE, parse_block
from iop.ledger.chain import read_chain
from iop.ledger.genesis import compute_genesis_block
from iop.ledger.index import index_block
from iop.store.ledger import (
    BlockEntry,
    Facts,
    FeeSum,
    Place,
    PoolEntry,
    compute_digest,
    compute_root,
    refuse_pruned,
)
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from iop.ledger.genesis import Genesis
    from iop.ledger.index import BlockRows, Page, Query
    from iop.store.ledger import Change, Progress

    Rows = list[tuple[Any, ...]]

READ_BLOCKS = 512  # fetched at once while the log is read,
READ_BYTES = 16 * 2**20  # as long as they are about this much
PRUNE_BATCH = 512  # blocks pruned in one durable step
HEAD_BYTES = HEADER_SIZE + SIGNATURE_SIZE
QUERY_S = 0.5  # time that one question may take
CHECK_S = 14 * 86_400.0  # how long a whole check may take
_FIRST = 2  # lowest height in a log: block 1 follows from the network definition


@value
class Tip:
    """Where the log ends: height, digest, and how many transactions and statements it has had so far."""

    height: int | None
    digest: bytes
    transactions: int = 0
    statements: int = 0


class SqlLedger:
    """The part of a `LedgerStore` that both have. `name` is how messages call the store.

    A subclass brings how SQL is run: `fetch`, `run`, `insert`, `reading` and `writing`, and what only its database knows.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._genesis = self._read_genesis()
        self.tip = self.read_tip()

    # What a subclass brings. SQL has ? for values; every method turns the database's errors into ours.

    def fetch(self, sql: str, *values: object) -> Rows:
        """All rows of a question."""
        raise NotImplementedError

    def run(self, sql: str, *values: object) -> None:
        """One change, inside `writing`."""
        raise NotImplementedError

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Whole rows into a table, inside `writing`."""
        raise NotImplementedError

    def remove(self, table: str, columns: tuple[str, ...], keys: Sequence[tuple[Any, ...]]) -> None:
        """The rows whose columns have these values, inside `writing`."""
        raise NotImplementedError

    def join_pool(self, entries: Sequence[PoolEntry]) -> None:
        """Waiting transactions into the pool, but for known ones, inside `writing`."""
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[None]:
        """A durable transaction: all changes made inside, or none when the block ends in an error."""
        raise NotImplementedError

    def reading(self, limit_s: float) -> AbstractContextManager[None]:
        """All questions inside see the same state and end with LimitError when they take longer."""
        raise NotImplementedError

    # What both do alike.

    def genesis(self) -> bytes:
        """The network definition given at creation."""
        return self._genesis

    def head(self) -> int | None:
        """Height of the last block, None for an empty log."""
        rows = self.fetch("SELECT max(height) FROM block")
        height: int | None = rows[0][0]
        return height

    def write(self, changes: Sequence[Change]) -> None:
        """All changes in one durable transaction.

        Raises HostError (disk or server refuse: nothing was changed) or DataError when a block does not follow the last.
        """
        with self.writing():
            tip = self.tip
            for change in changes:
                self.join_pool(change.accept)
                self.remove("pool", ("txid",), [(txid,) for txid in change.drop])
                if change.block is not None and change.rows is not None:
                    tip = self._append(change.block, change.rows, tip)
        self.tip = tip

    def _append(self, block: BlockEntry, rows: BlockRows, tip: Tip) -> Tip:
        if tip.height is not None and block.height != tip.height + 1:
            raise DataError(f"block {block.height} cannot follow block {tip.height}")
        if block.height < _FIRST or rows.block[0] != block.height:
            raise DataError(f"block {block.height} cannot be in a log with rows of {rows.block[0]}")
        digest = compute_digest(tip.digest, block.height, block.data)
        self.insert("block", [(block.height, digest, block.data)])
        tip = self.insert_rows([rows], Tip(block.height, digest, tip.transactions, tip.statements))
        self.remove("pool", ("txid",), [(row[0],) for row in rows.transactions])
        return tip

    def insert_rows(self, blocks: Sequence[BlockRows], tip: Tip) -> Tip:
        """Rows of consecutive blocks into the index, inside `writing`; the tip with their transactions counted in."""
        heads: Rows = []
        transactions: Rows = []
        parties: Rows = []
        statements: Rows = []
        number, posted = tip.transactions, tip.statements
        for rows in blocks:
            transactions += [
                (number + i, *row[:3], *row[5:]) for i, row in enumerate(rows.transactions)
            ]
            parties += [(name, number + position, part) for name, position, part in rows.parties]
            statements += [(posted + i, *row) for i, row in enumerate(rows.statements)]
            number += len(rows.transactions)
            posted += len(rows.statements)
            heads.append((*rows.block, number, posted))
        self.insert("block_index", heads)
        self.insert("transaction_index", transactions)
        self.insert("party_index", sorted(parties))
        self.insert("statement_index", statements)
        return Tip(tip.height, tip.digest, number, posted)

    def blocks(self, start: int = 0) -> Iterator[BlockEntry]:
        """Blocks from `start` on, ascending. Raises DataError at the first gap or digest that does not fit."""
        first = self.read_first()
        if 0 < start < first:
            raise refuse_pruned(start, first)
        start = max(start, first)
        before = self.fetch(
            "SELECT height, digest FROM block WHERE height < ? ORDER BY height DESC LIMIT 1", start
        )
        height, digest = before[0] if before else (None, compute_root(self._genesis))
        count = 16
        while True:
            rows = self.fetch(
                "SELECT height, digest, data FROM block WHERE height >= ? ORDER BY height LIMIT ?",
                start,
                count,
            )
            size = 0
            for row in rows:
                if height is not None and row[0] != height + 1:
                    raise DataError(f"{self.name} is damaged: block {height + 1} is missing")
                height = row[0]
                digest = compute_digest(digest, height, self._demand_bytes(height, row[2]))
                if digest != row[1]:
                    raise self._damaged(height)
                size += len(row[2])
                yield BlockEntry(height, row[2])
            if len(rows) < count:
                return
            assert height is not None
            start = height + 1
            count = max(1, min(READ_BLOCKS, READ_BYTES * len(rows) // max(size, 1)))

    def block_at(self, height: int) -> BlockEntry | None:
        """One block, or None. Raises MissingError when it was pruned."""
        rows = self.fetch("SELECT data FROM block WHERE height = ?", height)
        if not rows:
            return None
        data = self._demand_bytes(height, rows[0][0])
        if len(data) <= HEAD_BYTES and height < (first := self.read_first()):
            raise refuse_pruned(height, first)
        return BlockEntry(height, data)

    def header_at(self, height: int) -> bytes | None:
        """Header and signature of a block, or None."""
        rows = self.fetch(
            f"SELECT substr(data, 1, {HEAD_BYTES}) FROM block WHERE height = ?", height
        )
        return self._demand_bytes(height, rows[0][0]) if rows else None

    def _demand_bytes(self, height: int, data: object) -> bytes:
        """The data of a block: a damaged row of SQLite may hold a value of any type."""
        if isinstance(data, bytes):
            return data
        raise self._damaged(height)

    def _damaged(self, height: int) -> DataError:
        return DataError(f"{self.name} is damaged: block {height} does not match its digest")

    def find(self, txid: bytes) -> Place | None:
        """Where the transaction stands in the log, or None."""
        rows = self.fetch("SELECT height, position FROM transaction_index WHERE id = ?", txid)
        return Place(*rows[0]) if rows else None

    def find_block(self, block_id: bytes) -> int | None:
        """Height of the block with that id, or None."""
        rows = self.fetch("SELECT height FROM block_index WHERE id = ?", block_id)
        return rows[0][0] if rows else None

    def select(self, query: Query) -> Page:
        """Rows of the index. Raises LimitError when that takes longer than half a second."""
        from iop.store.ledger_query import select

        with self.reading(QUERY_S):
            return select(query, self.fetch)

    def sum_fees(self, since: int, least: int, until: int) -> list[FeeSum]:
        """Fees of the kinds of transactions. Raises LimitError when that takes longer than half a second."""
        with self.reading(QUERY_S):
            rows = self.fetch(
                "SELECT type_group, type, count(*), sum(fee), min(fee), max(fee) FROM transaction_index "
                "WHERE number >= (SELECT transactions_end - transactions FROM block_index "
                "WHERE timestamp >= ? ORDER BY timestamp, height LIMIT 1) AND height <= ? AND fee >= ? "
                "GROUP BY type_group, type ORDER BY type_group, type",
                since,
                until,
                least,
            )
        return [FeeSum(*map(int, row)) for row in rows]

    def pool(self) -> list[PoolEntry]:
        """Accepted transactions that are in no block, oldest first."""
        return [
            PoolEntry(*row) for row in self.fetch("SELECT txid, data FROM pool ORDER BY sequence")
        ]

    def rebuild_index(self, progress: Progress | None = None) -> None:
        """Throw the index of all whole blocks away and make it again from the log, in one durable step."""
        first = self.read_first()
        with self.writing():
            for table in ("party_index", "transaction_index"):
                self.run(f"DELETE FROM {table}")
            for table in ("statement_index", "block_index"):
                self.run(f"DELETE FROM {table} WHERE height >= ?", first)
            self.run("DELETE FROM block_index WHERE height = 1")
            tip = self.fill_index(progress)
        self.tip = tip

    def fill_index(self, progress: Progress | None) -> Tip:
        """Rows of block 1 and of all whole blocks, inside `writing`."""
        start = self.read_start()
        genesis = index_block(compute_genesis_block(start), start.params)
        self.insert_rows([genesis], Tip(None, b""))
        tip = self.read_tip()
        first, last = self.read_first(), tip.height or 0
        counted = self.fetch(
            "SELECT transactions_end, statements_end FROM block_index WHERE height < ? "
            "ORDER BY height DESC LIMIT 1",
            first,
        )
        tip = Tip(tip.height, tip.digest, *(counted[0] if counted else (0, 0)))
        batch: list[BlockRows] = []
        waiting = 0
        for entry in self.blocks():
            batch.append(index_block(parse_block(entry.data), start.params))
            waiting += 1 + len(batch[-1].transactions)
            if waiting >= READ_BLOCKS or entry.height == last:
                tip = self.insert_rows(batch, tip)
                batch, waiting = [], 0
                if progress is not None:
                    progress(entry.height, last)
        return tip

    def check(self, progress: Progress | None = None) -> None:
        """Look through everything. Raises DataError at the first damage."""
        from iop.store.ledger_audit import audit

        self.check_database()
        with self.reading(CHECK_S):  # somebody may be writing meanwhile
            audit(self, progress)

    def check_database(self) -> None:
        """What the database can find wrong by itself. Raises DataError."""
        raise NotImplementedError

    def prune(self, height: int) -> int:
        """Leave header and signature of the blocks below a height, and drop their transactions from the index."""
        first, last = self.read_first(), self.tip.height or 0
        until, done = min(height, last), 0
        params = self.read_start().params
        while first < until:
            step = min(first + PRUNE_BATCH, until)
            entries = []
            for entry in self.blocks(first):
                if entry.height >= step:
                    break
                entries.append(entry)
            with self.writing():
                self._forget([index_block(parse_block(e.data), params) for e in entries], step)
            first, done = step, done + len(entries)
        return done

    def _forget(self, blocks: list[BlockRows], step: int) -> None:
        parties: Rows = []
        number = 0
        for rows in blocks:
            ends = self.fetch(
                "SELECT transactions_end FROM block_index WHERE height = ?", rows.block[0]
            )
            if not ends:
                raise DataError(f"{self.name} is damaged: block {rows.block[0]} has no row")
            number = ends[0][0]
            begin = number - len(rows.transactions)
            parties += [(name, begin + position) for name, position, _ in rows.parties]
        self.remove("party_index", ("account", "number"), sorted(parties))
        self.run("DELETE FROM transaction_index WHERE number < ?", number)
        self.run(
            f"UPDATE block SET data = substr(data, 1, {HEAD_BYTES}) WHERE height < ? AND height >= ?",
            step,
            blocks[0].block[0],
        )
        self.run("DELETE FROM meta WHERE name = 'pruned'")
        self.insert("meta", [("pruned", step.to_bytes(8, "big"))])

    def facts(self) -> Facts:
        """Figures for operators."""
        tip, first = self.read_tip(), self.read_first()
        (waiting,) = self.fetch("SELECT count(*) FROM pool")[0]
        size, free = self.measure()
        return Facts(
            tip.height,
            None if tip.height is None else first,
            tip.transactions,
            tip.statements,
            waiting,
            size,
            free,
        )

    def measure(self) -> tuple[int, int]:
        """Bytes on disk, and bytes of those that are free."""
        raise NotImplementedError

    def read_first(self) -> int:
        """Lowest height that was not pruned; of a log that was not, the lowest there is, or 2."""
        rows = self.fetch("SELECT data FROM meta WHERE name = 'pruned'")
        if rows:
            return int.from_bytes(rows[0][0], "big")
        (lowest,) = self.fetch("SELECT min(height) FROM block")[0]
        return _FIRST if lowest is None else int(lowest)

    def read_tip(self) -> Tip:
        """Where the log ends, as it stands in the tables."""
        rows = self.fetch(
            "SELECT b.height, b.digest, i.transactions_end, i.statements_end FROM block b "
            "LEFT JOIN block_index i ON i.height = b.height ORDER BY b.height DESC LIMIT 1"
        )
        if not rows:
            return Tip(None, compute_root(self._genesis))
        height, digest, transactions, statements = rows[0]
        return Tip(height, digest, transactions or 0, statements or 0)

    def read_start(self) -> Genesis:
        """The network's parameters and first balances."""
        return read_chain(self._genesis)

    def _read_genesis(self) -> bytes:
        rows = self.fetch("SELECT data FROM meta WHERE name = 'genesis'")
        if not rows:
            raise DataError(f"{self.name} is damaged: it names no network")
        return bytes(rows[0][0])
