"""Blocks under /api: lists, searches, one by id or height."""

from __future__ import annotations

from iop.daemon.http.pagination import Rows
from iop.daemon.layer1.filter import Column, Filter
from iop.errors import MissingError
from iop.ledger.answer import find_wallet
from iop.ledger.answer_chain import BLOCK_VERSION, answer_block, read_head
from iop.ledger.index import BLOCK, COLUMNS, Condition, Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.layer1.ask import Ask, View

    Record = dict[str, Json]

_HIGHEST = 2**31 - 1  # what the original takes for a height
_COLUMNS = {
    "id": Column("id", "id"),
    "version": Column("", "constant", BLOCK_VERSION),
    "timestamp": Column("timestamp"),
    "previousBlock": Column("previous", "id"),
    "height": Column("height"),
    "numberOfTransactions": Column("transactions"),
    "totalAmount": Column("amount"),
    "totalFee": Column("fee"),
    "reward": Column("reward"),
    "generatorPublicKey": Column("producer", "key"),
}
_NEWEST_FIRST = ("height", True)


async def list_blocks(view: View, ask: Ask) -> Rows:
    """Blocks that fit, newest first unless asked otherwise."""
    return await _list(view, ask, Filter(_COLUMNS, ask.filters, view.state))


async def list_forged(view: View, ask: Ask) -> Rows:
    """Blocks of a delegate, newest first. The original takes other filters and orders here, and ignores them."""
    _, account = find_wallet(view.state, ask.id, "Delegate not found")
    if account.delegate is None:
        raise MissingError("Delegate not found")
    asked = Filter(_COLUMNS, {"generatorPublicKey": account.public_key.hex()}, view.state)
    return await _list(view, ask, asked)


def get_first(view: View, ask: Ask) -> Record:
    """The first block."""
    head = read_head(view.state.genesis_block, view.state)
    return answer_block(*head, view.state, transformed=ask.is_transformed)


def get_last(view: View, ask: Ask) -> Record | Awaitable[Record]:
    """The newest block."""
    return _answer(view, view.state.height, transformed=ask.is_transformed)


def get_block(view: View, ask: Ask) -> Record | Awaitable[Record]:
    """A block by height, or else by id."""
    return _answer(view, find_height(view, ask.id), transformed=ask.is_transformed)


def find_height(view: View, text: str) -> int:
    """The height of the block that a text names. Raises MissingError `Block not found`."""
    state = view.state
    if len(text) <= 20 and text.isascii() and text.isdigit():
        height = int(text)
        if state.genesis_block.height <= height <= min(state.height, _HIGHEST):
            return height
    elif len(text) == 64 and text == text.lower() and _HEX.issuperset(text):
        found = view.chain.find_block(bytes.fromhex(text))
        if found is not None:
            return found
    raise MissingError("Block not found")


def _answer(view: View, height: int, *, transformed: bool) -> Record | Awaitable[Record]:
    state = view.state
    if height == state.genesis_block.height:
        return answer_block(*read_head(state.genesis_block, state), state, transformed=transformed)
    try:
        block = view.chain.block_at(height)
    except MissingError:
        return _answer_pruned(view, height, transformed=transformed)
    if block is None:
        raise MissingError("Block not found")
    return answer_block(*read_head(block, state), state, transformed=transformed)


async def _answer_pruned(view: View, height: int, *, transformed: bool) -> Record:
    """A block whose transactions are gone: the index and the header still tell all that is shown."""
    page = await view.listing.select(Query(BLOCK, (Condition("height", "=", height),)))
    if not page.rows:
        raise MissingError("Block not found")
    return _answer_row(view, page.rows[0], transformed=transformed)


async def _list(view: View, ask: Ask, asked: Filter) -> Rows:
    page = await asked.select(BLOCK, view.listing, ask.window, _NEWEST_FIRST)
    shown = [_answer_row(view, row, transformed=ask.is_transformed) for row in page.rows]
    return Rows(shown, page.total, not page.exact)


def _answer_row(view: View, row: tuple[Any, ...], *, transformed: bool) -> Record:
    state = view.state
    height = row[_HEIGHT]
    if height == state.genesis_block.height:
        return answer_block(*read_head(state.genesis_block, state), state, transformed=transformed)
    header = view.chain.header_at(height)
    assert header is not None, "the index holds what the log does not"
    return answer_block(row, header, state, transformed=transformed)


_HEIGHT = list(COLUMNS[BLOCK]).index("height")
_HEX = frozenset("0123456789abcdef")
