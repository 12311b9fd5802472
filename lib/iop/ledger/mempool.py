"""The pool: transactions that wait for a block, in per-sender chains without gaps.

A transaction enters when it could be applied after everything the pool holds of its sender: the pool keeps a fork of the book
with the senders' side of all waiting transactions (recipients gain only in a block, as in the original). Order is that of arrival,
which within a sender is that of the nonces. Times and blocks come from outside.

A block usually takes the oldest of some senders' waiting transactions and leaves the rest as good as they were. Then only the
accounts that it touched are looked at again, so that the work of a block does not grow with the pool. Whatever could make a
difference to a waiting transaction (`_can_follow`) has the whole pool judged anew.
"""

from __future__ import annotations

from iop.errors import VerifyError
from iop.ledger import kind as kinds
from iop.ledger import rules
from iop.ledger.account import EMPTY
from iop.ledger.address import compute_address_hash
from iop.ledger.board import read_batch
from iop.ledger.rules import refuse
from iop.ledger.wire import Transaction, compute_id_bytes, encode_transaction
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from iop.ledger.account import Account
    from iop.ledger.state import Changes, State

_ALONE = {  # core types of which a sender may have one waiting
    1: "SecondSignature",
    2: "DelegateRegistration",
    3: "Vote",
    4: "MultiSignature",
    7: "DelegateResignation",
}
_NEVER = 2**32  # beyond every height of expiration
# these touch the sender only, and the board, where a statement that waits keeps its place free of others
_PLAIN = frozenset(
    (kind.type_group, kind.type)
    for kind in (kinds.TRANSFER, kinds.MULTI_PAYMENT, kinds.MORPHEUS, kinds.COEUS, kinds.BOARD)
)


@value
class Entry:
    """A waiting transaction: its id and its size in bytes."""

    tx: Transaction
    txid: bytes
    size: int


def make_entry(tx: Transaction) -> Entry:
    """The entry of a transaction."""
    return Entry(tx, compute_id_bytes(tx), len(encode_transaction(tx)))


class _Chain:
    """What waits of one sender: ids by growing nonces, the sender's name, and what they take from it all together."""

    __slots__ = ("name", "spent", "txids")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.txids: dict[int, bytes] = {}
        self.spent = 0


class Mempool:
    """Waiting transactions on top of a state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._book = state.book.fork()
        self._entries: dict[bytes, Entry] = {}
        self._chains: dict[bytes, _Chain] = {}  # by sender key
        self._senders: dict[bytes, bytes] = {}  # account name → sender key
        self._bytes = 0
        self._special = 0  # waiting transactions that touch more than their sender
        self._soonest = _NEVER  # no waiting transaction expires at a lower height
        self._rules = state.scene.rules
        self._dropped: list[bytes] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, txid: bytes) -> bool:
        return txid in self._entries

    @property
    def size_bytes(self) -> int:
        """Bytes of all waiting transactions."""
        return self._bytes

    def find(self, txid: bytes) -> Transaction | None:
        """A waiting transaction by its id."""
        entry = self._entries.get(txid)
        return None if entry is None else entry.tx

    def entries(self) -> tuple[Entry, ...]:
        """All waiting transactions with id and size, oldest first."""
        return tuple(self._entries.values())

    def transactions(self) -> Iterator[Transaction]:
        """All waiting transactions, oldest first: what an engine proposes from."""
        return (entry.tx for entry in self.entries())

    def count_of(self, sender: bytes) -> int:
        """How many transactions of a sender key wait."""
        chain = self._chains.get(sender)
        return 0 if chain is None else len(chain.txids)

    def is_full_for(self, sender: bytes) -> bool:
        """Whether a sender has as many waiting as it may: the answer to one more is `excess`."""
        return self.count_of(sender) >= self._state.params.limits.per_sender

    def account(self, sender: bytes) -> Account:
        """The account of a sender key after everything of it that waits; its nonce + 1 is the next one to use."""
        return self._book.account_of(sender)

    def check_entry(self, tx: Transaction) -> None:
        """VerifyError when a transaction may not even be looked at: expired, or in conflict with one that waits."""
        state = self._state
        if 0 < tx.expiration <= state.height + 1:
            since = state.height - tx.expiration
            txid = compute_id_bytes(tx).hex()
            raise refuse(f"Transaction {txid} is expired since {since} blocks.", "ERR_EXPIRED")
        if tx.type_group == kinds.CORE:
            self._check_conflicts(tx)

    def add(self, tx: Transaction) -> bytes:
        """Take a transaction in and return its id; VerifyError, with the pool's error type as `type`, when it cannot be.

        Form, first signature and fee are not judged here: `iop.ledger.submission` does that, and calls this last.
        """
        entry = make_entry(tx)
        self.add_entry(entry)
        return entry.txid

    def add_entry(self, entry: Entry) -> None:
        """As `add`, for one whose id and size are known."""
        tx = entry.tx
        if entry.txid in self._entries:
            raise refuse(f"Duplicate transaction {entry.txid.hex()}", "ERR_DUPLICATE")
        if self.is_full_for(tx.sender):
            raise refuse(
                f"{self.count_of(tx.sender)} transactions of the sender wait already",
                "ERR_EXCEEDED",
            )
        rules.check(self._book, tx, self._state.scene)
        limits = self._state.params.limits
        if len(self) >= limits.in_pool or self._bytes + entry.size > limits.pool_bytes:
            self._make_room(tx)
        self._insert(entry)

    def remove(self, txid: bytes) -> tuple[bytes, ...]:
        """Drop a transaction; returns the ids of those that had to leave with it, later ones of its sender."""
        self._forget(txid)
        return self.reset()

    def update(self, changes: Changes) -> tuple[bytes, ...]:
        """Follow a block: its transactions leave, and those that it made impossible, whose ids are returned."""
        for txid in changes.txids:
            self._forget(txid)
        accounts: dict[bytes, tuple[Account | None, Account | None]] = changes.tables["accounts"]
        if not self._can_follow(accounts) or self._is_doubled(changes.tables["statements"]):
            return self.reset()
        for name, (_, account) in accounts.items():
            self._book.accounts.forget(name)
            chain = self._chains.get(self._senders.get(name, b""))
            if chain is not None:
                assert account is not None  # `_can_follow`
                left = account.after_spending(
                    self._senders[name],
                    account.nonce + len(chain.txids),
                    account.balance - chain.spent,
                )
                self._book.accounts.put(name, left)
        return ()

    def reset(self) -> tuple[bytes, ...]:
        """Judge everything anew on the state as it is now; returns the ids of what had to leave."""
        entries = self.entries()
        scene = self._state.scene
        self._book = self._state.book.fork()
        self._entries, self._chains, self._senders = {}, {}, {}
        self._bytes = self._special = 0
        self._soonest, self._rules = _NEVER, scene.rules
        gone = []
        for entry in entries:
            try:
                if 0 < entry.tx.expiration <= self._state.height + 1:
                    raise refuse("expired", "ERR_EXPIRED")
                rules.check(self._book, entry.tx, scene)
            except VerifyError:
                gone.append(entry.txid)
            else:
                self._insert(entry)
        self._dropped += gone
        return tuple(gone)

    def take_dropped(self) -> tuple[bytes, ...]:
        """The ids of all that had to leave without being in a block since the last call: impossible, or crowded out."""
        dropped, self._dropped = tuple(self._dropped), []
        return dropped

    def _can_follow(self, accounts: Mapping[bytes, tuple[Account | None, Account | None]]) -> bool:
        """Whether a block that changed those accounts leaves everything that waits as good as it was."""
        state = self._state
        if (
            self._special
            or self._soonest <= state.height + 1
            or self._rules is not state.scene.rules
        ):
            return False
        for name, (old, new) in accounts.items():
            chain = self._chains.get(self._senders.get(name, b""))
            if chain is None:
                continue
            if new is None or not (new.public_key or new.balance):
                return False
            if next(iter(chain.txids)) != new.nonce + 1 or new.balance < chain.spent:
                return False
            was = old or EMPTY
            if (was.second_key, was.multi_signature) != (new.second_key, new.multi_signature):
                return False
        return True

    def _is_doubled(self, posted: Iterable[bytes]) -> bool:
        """Whether a statement that waits was posted by another transaction of a block."""
        waiting, board = self._book.statements, self._state.book.statements
        return any(waiting.get(id_) is not board.get(id_) for id_ in posted)

    def _check_conflicts(self, tx: Transaction) -> None:
        if tx.type in _ALONE and any(
            (other.type_group, other.type) == (kinds.CORE, tx.type)
            for other in self._chain_of(tx.sender)
        ):
            raise refuse(
                f"Sender {tx.sender.hex()} already has a transaction of type "
                f"'{_ALONE[tx.type]}' in the pool",
                "ERR_PENDING",
            )
        asset: Any = tx.asset
        if tx.type == kinds.DELEGATE_REGISTRATION.type:
            name = asset["delegate"]["username"]
            if self._book.usernames.get(name) and not self._state.book.usernames.get(name):
                raise refuse(
                    f'Delegate registration for "{name}" already in the pool', "ERR_PENDING"
                )
        elif tx.type in (kinds.HTLC_CLAIM.type, kinds.HTLC_REFUND.type):
            member, name = ("claim", "HtlcClaim") if tx.type == 9 else ("refund", "HtlcRefund")
            lock_id = asset[member]["lockTransactionId"]
            if self._state.book.locks.get(bytes.fromhex(lock_id)) is None:
                raise refuse(
                    f'The associated lock transaction id "{lock_id}" was not found.',
                    "ERR_HTLCLOCKNOTFOUND",
                )
            if self._book.locks.get(bytes.fromhex(lock_id)) is None:
                raise refuse(f'{name} for "{lock_id}" already in the pool', "ERR_PENDING")

    def _make_room(self, tx: Transaction) -> None:
        """Give up the lowest fee that is the last of its sender, if the newcomer pays more."""
        last = (self._entries[next(reversed(c.txids.values()))] for c in self._chains.values())
        lowest = min((e for e in last if _is_plain(e.tx)), key=lambda e: e.tx.fee, default=None)
        if lowest is None or lowest.tx.fee >= tx.fee or lowest.tx.sender == tx.sender:
            raise refuse(
                f"Pool is full (has {len(self)} transactions) and this transaction's fee "
                f"{tx.fee} is not higher than the lowest fee already in pool "
                f"{lowest.tx.fee if lowest else ''}",
                "ERR_POOL_FULL",
            )
        self._forget(lowest.txid)
        self._dropped.append(lowest.txid)
        self._replay(lowest.tx.sender)

    def _replay(self, sender: bytes) -> None:
        """The sender's account in the fork, made anew of what still waits of it."""
        chain = self._chain_of(sender)
        if not all(_is_plain(tx) for tx in chain):
            self.reset()
            return
        self._book.accounts.forget(compute_address_hash(sender))
        for tx in chain:
            rules.apply(self._book, tx, b"", self._state.timestamp, to_recipient=False)

    def _chain_of(self, sender: bytes) -> list[Transaction]:
        chain = self._chains.get(sender)
        return [] if chain is None else [self._entries[txid].tx for txid in chain.txids.values()]

    def _insert(self, entry: Entry) -> None:
        tx = entry.tx
        rules.apply(self._book, tx, entry.txid, self._state.timestamp, to_recipient=False)
        self._entries[entry.txid] = entry
        chain = self._chains.get(tx.sender)
        if chain is None:
            name = compute_address_hash(tx.sender)
            chain = self._chains[tx.sender] = _Chain(name)
            self._senders[name] = tx.sender
        chain.txids[tx.nonce] = entry.txid
        chain.spent += rules.compute_spent(tx)
        self._bytes += entry.size
        self._special += not _is_plain(tx)
        if tx.expiration:
            self._soonest = min(self._soonest, tx.expiration)

    def _forget(self, txid: bytes) -> None:
        entry = self._entries.pop(txid, None)
        if entry is not None:
            tx = entry.tx
            self._bytes -= entry.size
            self._special -= not _is_plain(tx)
            for statement in read_batch(tx.asset).statements if _is_board(tx) else ():
                self._book.statements.forget(statement.id)
            chain = self._chains[tx.sender]
            del chain.txids[tx.nonce]
            chain.spent -= rules.compute_spent(tx)
            if not chain.txids:
                del self._chains[tx.sender]
                del self._senders[chain.name]


def _is_board(tx: Transaction) -> bool:
    return (tx.type_group, tx.type) == (kinds.BOARD.type_group, kinds.BOARD.type)


def _is_plain(tx: Transaction) -> bool:
    return (tx.type_group, tx.type) in _PLAIN
