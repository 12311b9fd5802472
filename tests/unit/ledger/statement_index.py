"""Rows of statements in a list, and `select` over them as a store means it: small enough to be right at sight."""

from __future__ import annotations

from operator import eq, ge, le

from iop.ledger.index import COLUMNS, STATEMENT, Page, Query, index_block

OPERATORS = {"=": eq, ">=": ge, "<=": le}
PLACE = [list(COLUMNS[STATEMENT]).index(name) for name in ("height", "position", "ordinal")]


class StatementIndex:
    """The statements of blocks, and rows of the blocks."""

    def __init__(self) -> None:
        self.rows: list[tuple] = []
        self.blocks: list[tuple] = []
        self.asked = 0

    def add(self, block, params) -> None:
        """Take in a block."""
        rows = index_block(block, params)
        self.rows += rows.statements
        self.blocks.append(rows.block)

    def select(self, query: Query) -> Page:
        """Rows in the order of the chain."""
        assert not query.order and not query.offset
        self.asked += 1
        names = list(COLUMNS[query.table])
        rows = self.blocks
        if query.table == STATEMENT:
            rows = sorted(self.rows, key=lambda row: [row[place] for place in PLACE])
        found = [
            row
            for row in rows
            if all(OPERATORS[c.op](row[names.index(c.column)], c.value) for c in query.where)
        ]
        return Page(len(found), tuple(found[: query.limit]))


def answer(work, select):
    """The result of work that asks an index."""
    try:
        query = next(work)
        while True:
            query = work.send(select(query))
    except StopIteration as done:
        return done.value
