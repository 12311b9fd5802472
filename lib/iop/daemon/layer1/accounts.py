"""Wallets, delegates and locks under /api: out of the state in memory."""

from __future__ import annotations

from iop.daemon.http.pagination import Rows
from iop.errors import MissingError
from iop.ledger import answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.layer1.ask import Ask, View

    Record = dict[str, Json]

_BY_BALANCE = ("balance", True)
_BY_RANK = ("rank", False)
_BY_ID = ("lockId", False)


async def list_wallets(view: View, ask: Ask) -> Rows:
    """Accounts that fit, the richest first unless asked otherwise."""
    return await _list_wallets(view, ask, ask.filters)


async def list_top(view: View, ask: Ask) -> Rows:
    """The richest accounts. The original takes filters here, and ignores them."""
    return await _list_wallets(view, ask, {})


async def list_voters(view: View, ask: Ask) -> Rows:
    """The accounts that vote for a delegate."""
    _, account = _find_delegate(view, ask)
    return await _list_wallets(view, ask, {**ask.filters, "vote": account.public_key.hex()})


def get_wallet(view: View, ask: Ask) -> Record:
    """An account by address, public key or delegate name."""
    found = answer.find_wallet(view.state, ask.id)
    return answer.answer_wallet(view.state, *found, view.listing.directory)


async def list_delegates(view: View, ask: Ask) -> Rows:
    """Delegates that fit, by rank unless asked otherwise."""
    directory = view.listing.directory
    order = ask.query.get("orderBy", _BY_RANK)
    work = directory.find_delegates(ask.filters, order, ask.window)
    names, total = await view.listing.run(work)
    return Rows([_answer_delegate(view, name) for name in names], total)


def get_delegate(view: View, ask: Ask) -> Record:
    """A delegate by address, public key or name."""
    name, _ = _find_delegate(view, ask)
    return _answer_delegate(view, name)


async def list_locks(view: View, ask: Ask) -> Rows:
    """Open locks that fit."""
    return await _list_locks(view, ask, ask.filters)


async def list_locks_of_wallet(view: View, ask: Ask) -> Rows:
    """The open locks of an account; one whose key nobody has seen can have none."""
    _, account = answer.find_wallet(view.state, ask.id)
    if not account.public_key:
        return Rows([], 0)
    key = account.public_key.hex()
    return await _list_locks(view, ask, {**ask.filters, "senderPublicKey": key})


def get_lock(view: View, ask: Ask) -> Record:
    """An open lock by the id of its transaction."""
    txid = bytes.fromhex(ask.id) if ask.id == ask.id.lower() else b""
    lock = view.state.book.locks.get(txid)
    if lock is None:
        raise MissingError("Lock not found")
    return answer.answer_lock(txid, lock, view.state)


async def _list_wallets(view: View, ask: Ask, filters: dict[str, Any]) -> Rows:
    order = filters.get("orderBy", _BY_BALANCE)
    work = view.listing.directory.find_wallets(filters, order, ask.window)
    names, total = await view.listing.run(work)
    state, directory = view.state, view.listing.directory
    accounts = [(name, state.account(name)) for name in names]
    shown = [answer.answer_wallet(state, n, a, directory) for n, a in accounts if a is not None]
    return Rows(shown, total)


async def _list_locks(view: View, ask: Ask, filters: dict[str, Any]) -> Rows:
    order = ask.query.get("orderBy", _BY_ID)
    txids, total = await view.listing.run(
        view.listing.directory.find_locks(filters, order, ask.window)
    )
    state = view.state
    locks = [(txid, state.book.locks.get(txid)) for txid in txids]
    return Rows(
        [answer.answer_lock(i, lock, state) for i, lock in locks if lock is not None], total
    )


def _find_delegate(view: View, ask: Ask) -> tuple[bytes, Any]:
    name, account = answer.find_wallet(view.state, ask.id, "Delegate not found")
    if account.delegate is None:
        raise MissingError("Delegate not found")
    return name, account


def _answer_delegate(view: View, name: bytes) -> Record:
    rank = view.listing.directory.rank(name)
    return answer.answer_delegate(view.state, name, view.state.book.account(name), rank)
