"""Transactions under /api: lists, searches and single ones, forged and waiting; votes, and what became of locks."""

from __future__ import annotations

import asyncio

from iop.daemon.http.pagination import Rows
from iop.daemon.layer1.blocks import find_height
from iop.daemon.layer1.filter import NOTHING, Column, Filter, parse_name
from iop.errors import BusyError, MissingError
from iop.ledger.answer import find_wallet
from iop.ledger.answer_chain import (
    TRANSACTION_VERSION,
    Forged,
    answer_transaction,
)
from iop.ledger.block import compute_block_id
from iop.ledger.index import COLUMNS, TRANSACTION, Page
from iop.ledger.kind import CORE, HTLC_CLAIM, HTLC_REFUND, VOTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.layer1.ask import Ask, View

    Record = dict[str, Json]

MAX_SEARCHED = 5_000  # transactions whose assets one search looks into
_AT_ONCE = 16  # rows answered between two pauses
_COLUMNS = {
    "id": Column("id", "id"),
    "blockId": Column("block_id", "id"),
    "type": Column("type"),
    "typeGroup": Column("type_group"),
    "version": Column("", "constant", TRANSACTION_VERSION),
    "senderPublicKey": Column("sender", "key"),
    "recipientId": Column("recipient", "name"),
    "timestamp": Column("timestamp"),
    "nonce": Column("nonce"),
    "amount": Column("amount"),
    "fee": Column("fee"),
    "vendorField": Column("vendor_field", "part"),
}
_NEWEST_FIRST = (("timestamp", True), ("height", True), ("position", True))
_AS_IN_BLOCK = (("height", False), ("position", False))
_PLACE = {name: place for place, name in enumerate(COLUMNS[TRANSACTION])}


async def list_transactions(view: View, ask: Ask) -> Rows:
    """Forged transactions that fit, newest first unless asked otherwise."""
    return await _list(view, ask, _read_filter(view, ask.filters))


async def search_transactions(view: View, ask: Ask) -> Rows:
    """As above; an asset has to be contained in those of the transactions."""
    asked = _read_filter(view, ask.filters)
    if "asset" not in ask.body:
        return await _list(view, ask, asked)
    return await _search_assets(view, ask, asked)


async def list_of_block(view: View, ask: Ask) -> Rows:
    """The transactions of a block, in its order."""
    height = find_height(view, ask.id)
    asked = _read_filter(view, ask.filters)
    if "blockId" not in ask.query:  # the original lets it win over the path
        asked.add("height", "=", height)
    return await _list(view, ask, asked, *_AS_IN_BLOCK)


async def list_of_wallet(view: View, ask: Ask) -> Rows:
    """All that an account sent and received. As in the original, an id narrows nothing here."""
    name, _ = find_wallet(view.state, ask.id)
    asked = _read_filter(view, _without_id(ask.filters))
    asked.add("party", "=", name)
    return await _list(view, ask, asked)


async def list_sent(view: View, ask: Ask) -> Rows:
    """What an account sent."""
    name, _ = find_wallet(view.state, ask.id)
    asked = _read_filter(view, ask.filters)
    asked.add("sender_name", "=", name)
    return await _list(view, ask, asked)


async def list_received(view: View, ask: Ask) -> Rows:
    """What an account received, in multi-payments too. The original also lists here what the account itself sent to nobody."""
    name, _ = find_wallet(view.state, ask.id)
    asked = _read_filter(view, ask.filters)
    asked.add("recipient", "=", name)
    return await _list(view, ask, asked)


async def list_votes_of_wallet(view: View, ask: Ask) -> Rows:
    """The votes that an account cast and took back."""
    name, _ = find_wallet(view.state, ask.id)
    asked = _read_filter(view, {"type": VOTE.type})
    asked.add("sender_name", "=", name)
    return await _list(view, ask, asked)


async def list_votes(view: View, ask: Ask) -> Rows:
    """Votes of all accounts."""
    return await _list(view, ask, _read_filter(view, {"type": VOTE.type, **ask.filters}))


async def list_unlocked(view: View, ask: Ask) -> Rows:
    """The claims and refunds of some locks, all on one page. Without locks there are none."""
    asked = _read_filter(view, {})
    ids = ask.body.get("ids", [])
    asked.is_empty = not ids
    asked.add("type_group", "=", CORE)
    asked.add("type", "in", (HTLC_CLAIM.type, HTLC_REFUND.type))
    asked.add("subject", "in", tuple(bytes.fromhex(txid) for txid in ids))
    page = await asked.select(TRANSACTION, view.listing, (0, len(ids)), *_AS_IN_BLOCK)
    return Rows(await _answer_rows(view, page, transformed=True), page.total)


def get_transaction(view: View, ask: Ask) -> Record:
    """A forged transaction."""
    found = view.chain.find(_parse_id(ask.id))
    if found is None:
        raise MissingError("Transaction not found")
    tx, block = found
    block_id = compute_block_id(block, view.state.params)
    forged = Forged(block_id, block.height, block.timestamp)
    return answer_transaction(tx, view.state, forged, transformed=ask.is_transformed)


async def get_vote(view: View, ask: Ask) -> Record:
    """A forged vote."""
    asked = _read_filter(view, {"id": ask.id, "type": VOTE.type})
    page = await asked.select(TRANSACTION, view.listing, (0, 1), *_NEWEST_FIRST)
    if not page.rows:
        raise MissingError("Vote not found")
    return (await _answer_rows(view, page, transformed=ask.is_transformed))[0]


def list_unconfirmed(view: View, ask: Ask) -> Rows:
    """What waits, the highest fees first."""
    entries = sorted(view.mempool.entries(), key=lambda entry: -entry.tx.fee)
    offset, limit = ask.window
    page = entries[offset : offset + limit]
    transformed = ask.is_transformed
    shown = [answer_transaction(e.tx, view.state, transformed=transformed) for e in page]
    return Rows(shown, len(entries))


def get_unconfirmed(view: View, ask: Ask) -> Record:
    """A waiting transaction."""
    tx = view.mempool.find(_parse_id(ask.id))
    if tx is None:
        raise MissingError("Transaction not found")
    return answer_transaction(tx, view.state)


def _read_filter(view: View, asked: dict[str, Any]) -> Filter:
    """The conditions, with what the original makes of types, senders and lists of addresses."""
    if "type" in asked and "typeGroup" not in asked:
        asked = {**asked, "typeGroup": CORE}
    found = Filter(_COLUMNS, asked, view.state)
    if "senderId" in asked:
        name = parse_name(asked["senderId"], view.state.params.byte)
        account = None if name is None else view.state.account(name)
        if account is None or not account.public_key:
            found.is_empty = True
        else:
            found.add("sender_name", "=", name)
    if "addresses" in asked:
        is_sent = "senderPublicKey" in asked or "senderId" in asked
        if "recipientId" not in asked:
            found.take_names("recipient" if is_sent else "party", asked["addresses"])
        elif not is_sent:
            found.take_names("sender_name", asked["addresses"])
    return found


async def _list(view: View, ask: Ask, asked: Filter, *usual: tuple[str, bool]) -> Rows:
    page = await asked.select(TRANSACTION, view.listing, ask.window, *(usual or _NEWEST_FIRST))
    shown = await _answer_rows(view, page, transformed=ask.is_transformed)
    return Rows(shown, page.total, None if page is NOTHING else not page.exact)


async def _search_assets(view: View, ask: Ask, asked: Filter) -> Rows:
    """A search that looks into the assets of what else fits, with pauses. Raises BusyError when that is too much."""
    matches: list[tuple[Any, ...]] = []
    offset = 0
    while True:
        window = (offset, _SEARCHED_AT_ONCE)
        page = await asked.select(TRANSACTION, view.listing, window, *_NEWEST_FIRST)
        if page.total > MAX_SEARCHED:
            raise BusyError(f"assets of more than {MAX_SEARCHED} transactions, ask for less")
        for place, row in enumerate(page.rows):
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            tx = view.chain.transaction_at(row[_PLACE["height"]], row[_PLACE["position"]])
            if _contains(tx.asset, ask.body["asset"]):
                matches.append(row)
        offset += len(page.rows)
        if not page.rows or offset >= page.total:
            break
    first, limit = ask.window
    shown = Page(len(matches), tuple(matches[first : first + limit]))
    rows = await _answer_rows(view, shown, transformed=ask.is_transformed)
    return Rows(rows, shown.total, is_estimate=False)


async def _answer_rows(view: View, page: Page, *, transformed: bool) -> list[Record]:
    shown = []
    for count, row in enumerate(page.rows):
        if count and count % _AT_ONCE == 0:
            await asyncio.sleep(0)
        seen = {name: row[place] for name, place in _PLACE.items()}
        forged = Forged(seen["block_id"], seen["height"], seen["timestamp"])
        tx = view.chain.transaction_at(seen["height"], seen["position"])
        shown.append(answer_transaction(tx, view.state, forged, transformed=transformed))
    return shown


def _parse_id(text: str) -> bytes:
    """The bytes of an id; none for capitals, because ids are filed in lower case."""
    return bytes.fromhex(text) if text == text.lower() else b""


def _without_id(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: wish for name, wish in asked.items() if name != "id"}


def _contains(whole: Json, part: Json) -> bool:
    """Whether one JSON value contains another, as PostgreSQL's `@>` has it."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and _contains(whole[name], member) for name, member in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(
            any(_contains(item, member) for item in whole) for member in part
        )
    return type(whole) is type(part) and whole == part


_SEARCHED_AT_ONCE = 1_000  # rows asked of the index at a time
