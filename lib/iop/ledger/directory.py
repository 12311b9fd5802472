"""Lists of accounts, delegates and locks out of the state: filtered, ordered, by pages (morpheus ch. 13).

What clients ask all the time is kept in order while blocks go by: accounts by balance, voters by delegate and balance. Such an
order is made when it is first asked for and then follows the changes of the newest blocks. Any other list is picked and sorted
anew, and kept until the next block. All long work is done by generators that yield every few milliseconds, so that
whoever runs them can do other things between; a list that was made while a block arrived may show some rows of before it.

All filters of a request have to hold. Rows that are equal in the field asked for are in the order of their account hashes or lock
ids. (The original looks at the first range only, finds no amount equal to another, and sorts the sum of what a delegate
forged as text; none of that is imitated.)
"""

from __future__ import annotations

from iop.errors import DecodeError
from iop.ledger.address import compute_address_hash, parse_address
from iop.ledger.ordering import SLICE, Ordering
from iop.ledger.rules import is_expired
from iop.ledger.standing import Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any

    from iop.ledger.account import Account, Delegate, Lock
    from iop.ledger.state import State

    Filters = Mapping[str, Any]  # field → value, or {"from", "to"}, or a list of values
    Order = tuple[str, bool]  # field, is descending
    Window = tuple[int, int]  # offset, limit
    Found = tuple[list[bytes], int]  # names of one page, and how many there are in all
    Work = Generator[None, None, Found]
    Reads = Mapping[str, Callable[[Any], Any]]  # of a row: directory, name, account or lock

_BIAS = 1 << 63  # keeps keys of balances unsigned
_AFTER_BALANCES = b"\xff" * 29  # after the key of any balance
_NAME_SIZE, _LOCK_SIZE = 20, 32
_KEPT_LISTS = 4
_KEPT_ROWS = 1 << 20  # in all kept lists but one; a row takes some 90 bytes
_BALANCE = ("balance", True)
_RANK = ("rank", False)
_LOCK_ID = ("lockId", False)


class _Part(str):
    """A wish that is met by whatever contains it."""

    __slots__ = ()


class Directory:
    """The lists of one state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_balance = Standing(state, _to_balance_key)
        self._voters = Standing(state, _to_voter_key)
        self._lists: dict[tuple[Any, ...], Ordering] = {}
        self._lists_at = b""  # block id
        self._dropped: list[Ordering] = []  # to be let go of when there is time
        self._ranks: dict[bytes, int] = {}
        self._ranks_at = b""
        self._locks: dict[bytes, list[tuple[bytes, Lock]]] = {}  # by account
        self._contents: dict[bytes, list[str]] = {}
        self._holdings_at = b""

    def find_wallets(
        self, filters: Filters, order: Order = _BALANCE, window: Window = (0, 100)
    ) -> Work:
        """Hashes of accounts. filters: address, publicKey, secondPublicKey, username, vote, balance, voteBalance, lockedBalance."""
        wishes = self._read_wishes(filters, _WALLET_FILTERS)
        if order[0] == "balance" and not wishes:
            return (yield from self._by_balance.find(b"", _AFTER_BALANCES, order[1], window))
        if order[0] == "balance" and set(wishes) == {"balance"}:
            wish = wishes["balance"]
            span = wish if isinstance(wish, dict) else {"from": wish, "to": wish}
            low = _encode_balance(span["from"]) if "from" in span else b""
            high = _encode_balance(span["to"] + 1) if "to" in span else _AFTER_BALANCES
            return (yield from self._by_balance.find(low, high, order[1], window))
        if order[0] == "balance" and set(wishes) == {"vote"}:
            vote: bytes = wishes["vote"]
            if not vote:
                return [], 0
            return (yield from self._voters.find(vote, vote + _AFTER_BALANCES, order[1], window))
        reads = {name: _WALLETS[name] for name in (*wishes, order[0])}
        asked = self._candidates(wishes)
        return (yield from self._find("wallets", asked, reads, wishes, order, window))

    def find_delegates(
        self, filters: Filters, order: Order = _RANK, window: Window = (0, 100)
    ) -> Work:
        """Hashes of delegates' accounts. filters: address, publicKey, username (any part of it), usernames, type, ranges of figures."""
        wishes = self._read_wishes(filters, _DELEGATE_FILTERS)
        if isinstance(wishes.get("username"), str):
            wishes["username"] = _Part(wishes["username"])
        if "type" in filters:
            wishes["type"] = _Part(filters["type"])
        reads = {name: _DELEGATES[name] for name in (*wishes, order[0])}
        asked = lambda: list(self._state.book.usernames.values())  # noqa: E731
        return (yield from self._find("delegates", asked, reads, wishes, order, window))

    def find_locks(
        self, filters: Filters, order: Order = _LOCK_ID, window: Window = (0, 100)
    ) -> Work:
        """Transaction ids of open locks. filters: any field of a lock."""
        wishes = self._read_wishes(filters, _LOCK_FILTERS)
        reads = {name: _LOCKS[name] for name in (*wishes, order[0])}
        keys = self._state.book.locks.keys
        return (yield from self._find("locks", keys, reads, wishes, order, window))

    def rank(self, name: bytes) -> int | None:
        """The place of a delegate by votes, from 1; None for those who resigned or are none."""
        state = self._state
        if self._ranks_at != state.block_id:
            standing = []
            for owner in state.book.usernames.values():
                account = state.book.account(owner)
                if account.delegate is not None and not account.delegate.is_resigned:
                    votes = state.book.votes.get(account.public_key) or 0
                    standing.append((-votes, account.public_key, owner))
            standing.sort()
            self._ranks = {entry[2]: place for place, entry in enumerate(standing, 1)}
            self._ranks_at = state.block_id
        return self._ranks.get(name)

    def locks_of(self, name: bytes) -> list[tuple[bytes, Lock]]:
        """The open locks of an account, with their transaction ids."""
        self._group_holdings()
        return self._locks.get(name, [])

    def contents_of(self, name: bytes) -> list[str]:
        """The IPFS hashes that an account registered."""
        self._group_holdings()
        return self._contents.get(name, [])

    def _group_holdings(self) -> None:
        """Sort locks and contents by account, once a block."""
        state = self._state
        if self._holdings_at == state.block_id:
            return
        self._locks, self._contents = {}, {}
        for txid, lock in state.book.locks.items():
            self._locks.setdefault(lock.sender, []).append((txid, lock))
        for text, owner in state.book.contents.items():
            self._contents.setdefault(owner, []).append(text)
        self._holdings_at = state.block_id

    def _read_wishes(self, filters: Filters, names: frozenset[str]) -> dict[str, Any]:
        """The filters that count, with addresses and keys as bytes; b"" where nobody can have them."""
        wishes = {name: wish for name, wish in filters.items() if name in names}
        for several, one in (("addresses", "address"), ("usernames", "username")):
            if several in filters and one not in filters and one in names:
                wishes[one] = filters[several]
        for name, wish in wishes.items():
            parse = _PARSERS.get(name)
            if parse is not None:
                byte = self._state.params.byte
                texts = wish if isinstance(wish, list) else [wish]
                parsed = [parse(text, byte) for text in texts]
                wishes[name] = parsed if isinstance(wish, list) else parsed[0]
        return wishes

    def _candidates(self, wishes: Filters) -> Callable[[], Sequence[bytes]]:
        """The accounts that wishes leave: a few where one names them, else all."""
        book = self._state.book
        if "address" in wishes:
            names = wishes["address"]
            return lambda: names if isinstance(names, list) else [names]
        if "publicKey" in wishes:
            return lambda: [compute_address_hash(wishes["publicKey"])]
        if "username" in wishes:
            name = book.usernames.get(wishes["username"])
            return lambda: [] if name is None else [name]
        if "voteBalance" in wishes:
            return lambda: list(book.usernames.values())
        if "lockedBalance" in wishes:
            return lambda: list({lock.sender for lock in book.locks.values()})
        return book.accounts.keys

    def _find(  # noqa: PLR0917 - each argument is one thing that is asked for
        self,
        kind: str,
        candidates: Callable[[], Sequence[bytes]],
        reads: Reads,
        wishes: Filters,
        order: Order,
        window: Window,
    ) -> Work:
        """One page of a list that is picked and sorted, and kept until the next block."""
        field, is_descending = order
        known = (kind, field, *((name, repr(wish)) for name, wish in sorted(wishes.items())))
        ordering = self._known(known)
        if ordering is None:
            asked = candidates()
            if len(asked) > SLICE:
                yield  # long work: whoever runs this may want to wait for its turn
                ordering = self._known(known)
        if ordering is None:
            began = self._state.block_id
            ordering = yield from self._sort(asked, kind, reads, wishes, field)
            self._keep(known, ordering, began)
        keys = ordering.window(0, len(ordering), is_descending, window)
        size = _LOCK_SIZE if kind == "locks" else _NAME_SIZE
        return [key[-size:] for key in keys], len(ordering)

    def _sort(
        self, asked: Sequence[bytes], kind: str, reads: Reads, wishes: Filters, field: str
    ) -> Generator[None, None, Ordering]:
        read = reads[field]
        tests = [(reads[name], wish) for name, wish in wishes.items()]
        rows = self._state.book.locks if kind == "locks" else self._state.book.accounts

        def to_key(name: bytes) -> bytes | None:
            item = rows.get(name)
            if item is None:
                return None
            row = (self, name, item)
            for test, wish in tests:
                if not _fits(test(row), wish):
                    return None
            given = read(row)
            return _encode_key(0 if given is None and field in _ZEROS else given) + name

        while self._dropped:
            yield from self._dropped.pop().clear()
        ordering = Ordering()
        yield from ordering.build(asked, to_key)
        return ordering

    def _known(self, known: tuple[Any, ...]) -> Ordering | None:
        if self._lists_at != self._state.block_id:
            self._dropped += self._lists.values()
            self._lists, self._lists_at = {}, self._state.block_id
        return self._lists.get(known)

    def _keep(self, known: tuple[Any, ...], made: Ordering, began: bytes) -> None:
        """Keep a list, unless a block arrived meanwhile; older ones leave when they are too many rows with it."""
        if self._known(known) is not None or began != self._state.block_id:
            return
        others = self._lists
        while others and (
            len(others) >= _KEPT_LISTS or len(made) + sum(map(len, others.values())) > _KEPT_ROWS
        ):
            self._dropped.append(others.pop(next(iter(others))))
        self._lists[known] = made

    # what the tables of fields below read

    def read_votes(self, account: Account) -> int | None:
        """The votes of a delegate."""
        return (
            None
            if account.delegate is None
            else self._state.book.votes.get(account.public_key) or 0
        )

    def read_approval(self, account: Account) -> float:
        """The votes of a delegate in per cent of all coins."""
        return compute_approval(self.read_votes(account) or 0, self._state.supply)

    def is_expired(self, lock: Lock) -> bool:
        """Whether a lock can be taken back."""
        return is_expired(lock, self._state.scene)

    def read_key(self, name: bytes) -> bytes | None:
        """The public key of an account, where it is known."""
        return self._state.book.account(name).public_key or None


def compute_approval(votes: int, supply: int) -> float:
    """Votes in per cent of all coins with two digits, the original's way: some five digits as a double, then rounded."""
    from decimal import ROUND_HALF_UP, Decimal

    digits = len(str(supply)) - len(str(votes)) + 4
    double = votes * 10**digits // supply / 10 ** (digits - 2)
    return float(Decimal(double).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _to_balance_key(name: bytes, account: Account) -> bytes:
    return _encode_balance(account.balance) + name


def _encode_balance(balance: int) -> bytes:
    return (balance + _BIAS).to_bytes(8, "big")


def _to_voter_key(name: bytes, account: Account) -> bytes | None:
    return account.vote + _to_balance_key(name, account) if account.vote else None


def _encode_key(given: Any) -> bytes:
    """Bytes that compare as the values of one field do; no value comes last."""
    if given is None:
        return b"\1"
    if isinstance(given, str):
        return b"\0%b\0" % given.encode()
    if isinstance(given, bytes):
        return b"\0%b" % given
    if isinstance(given, float):  # per cent with two digits
        given = round(given * 100)
    return b"\0%b" % (given + _BIAS).to_bytes(9, "big")


def _fits(given: Any, wish: Any) -> bool:
    if isinstance(wish, dict):
        return given is not None and wish.get("from", given) <= given <= wish.get("to", given)
    if isinstance(wish, list):
        return given in wish
    if isinstance(wish, _Part):
        return given is not None and wish in given
    return bool(given == wish)


def _list_types(delegate: Delegate) -> tuple[str, ...]:
    return ("resigned",) * delegate.is_resigned + ("never-forged",) * (not delegate.produced)


def _parse_name(text: str, byte: int) -> bytes:
    try:
        found, name = parse_address(text)
    except DecodeError:
        return b""
    return name if found == byte else b""


def _parse_key(text: str, _: int) -> bytes:
    return bytes.fromhex(text) if text == text.lower() else b""


_PARSERS: dict[str, Callable[[Any, int], bytes | int]] = {
    "address": _parse_name,
    "recipientId": _parse_name,
    "publicKey": _parse_key,
    "secondPublicKey": _parse_key,
    "senderPublicKey": _parse_key,
    "vote": _parse_key,
    "lockId": _parse_key,
    "secretHash": _parse_key,
    "expirationType": lambda given, _: {"EpochTimestamp": 1, "BlockHeight": 2}.get(given, given),
}

_WALLETS: Reads = {
    "address": lambda row: row[1],
    "balance": lambda row: row[2].balance,
    "resigned": lambda row: (row[2].delegate and row[2].delegate.is_resigned) or None,
    "lockedBalance": lambda row: row[2].locked or None,
    "nonce": lambda row: row[2].nonce,
    "publicKey": lambda row: row[2].public_key or None,
    "secondPublicKey": lambda row: row[2].second_key or None,
    "username": lambda row: row[2].delegate.username if row[2].delegate else None,
    "vote": lambda row: row[2].vote or None,
    "voteBalance": lambda row: row[0].read_votes(row[2]),
}
_ZEROS = frozenset(("lockedBalance", "voteBalance"))  # what a missing one counts as in an order
_WALLET_FILTERS = frozenset(_WALLETS) - {"resigned", "nonce"}
_DELEGATES: Reads = {
    "address": lambda row: row[1],
    "approval": lambda row: row[0].read_approval(row[2]),
    "forgedFees": lambda row: row[2].delegate.fees,
    "forgedRewards": lambda row: row[2].delegate.rewards,
    "forgedTotal": lambda row: row[2].delegate.fees + row[2].delegate.rewards,
    "producedBlocks": lambda row: row[2].delegate.produced,
    "publicKey": lambda row: row[2].public_key,
    "rank": lambda row: row[0].rank(row[1]),
    "resigned": lambda row: row[2].delegate.is_resigned or None,
    "type": lambda row: _list_types(row[2].delegate),
    "username": lambda row: row[2].delegate.username,
    "voteBalance": lambda row: row[0].read_votes(row[2]),
    "votes": lambda row: row[0].read_votes(row[2]),
}
_DELEGATE_FILTERS = frozenset(_DELEGATES) - {"rank", "resigned", "type", "votes"}
_LOCKS: Reads = {
    "amount": lambda row: row[2].amount,
    "expirationType": lambda row: row[2].expiration_type,
    "expirationValue": lambda row: row[2].expiration,
    "isExpired": lambda row: row[0].is_expired(row[2]),
    "lockId": lambda row: row[1],
    "recipientId": lambda row: row[2].recipient,
    "secretHash": lambda row: row[2].secret_hash,
    "senderPublicKey": lambda row: row[0].read_key(row[2].sender),
    "timestamp": lambda row: row[2].timestamp,
    "vendorField": lambda row: row[2].vendor_field,
}
_LOCK_FILTERS = frozenset(_LOCKS)
