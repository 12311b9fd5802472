"""The book: all tables of layer 1, together, with forks for those who only try things out."""

from __future__ import annotations

from iop.ledger.account import EMPTY, Account, Lock
from iop.ledger.address import compute_address_hash
from iop.ledger.board_row import Posting
from iop.ledger.table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Tables = dict[str, dict[Any, tuple[Any, Any]]]


class Book:
    """Accounts by 20-byte hash, user names, open locks by transaction id, registered IPFS hashes, votes by delegate key,
    statements of the board by id."""

    __slots__ = ("accounts", "contents", "locks", "statements", "usernames", "votes")

    def __init__(self, below: Book | None = None) -> None:
        self.accounts: Table[bytes, Account] = Table(
            "accounts", None if below is None else below.accounts
        )
        self.usernames: Table[str, bytes] = Table(
            "usernames", None if below is None else below.usernames
        )
        self.locks: Table[bytes, Lock] = Table("locks", None if below is None else below.locks)
        self.contents: Table[str, bytes] = Table(
            "contents", None if below is None else below.contents
        )
        self.votes: Table[bytes, int] = Table("votes", None if below is None else below.votes)
        self.statements: Table[bytes, Posting] = Table(
            "statements", None if below is None else below.statements
        )

    def tables(self) -> tuple[Table[Any, Any], ...]:
        """All tables, in a fixed order."""
        return (
            self.accounts,
            self.usernames,
            self.locks,
            self.contents,
            self.votes,
            self.statements,
        )

    def account(self, name: bytes) -> Account:
        """The account of a 20-byte hash; an empty one when nobody has used it."""
        return self.accounts.get(name) or EMPTY

    def account_of(self, public: bytes) -> Account:
        """The account of a public key."""
        return self.account(compute_address_hash(public))

    def count_active_delegates(self) -> int:
        """How many registered delegates have not resigned."""
        count = 0
        for name in self.usernames.values():
            delegate = self.account(name).delegate
            count += delegate is not None and not delegate.is_resigned
        return count

    def add_balance(self, name: bytes, amount: int) -> None:
        """Give (or, below zero, take) flakes; the caller has checked that they are there."""
        if amount:
            account = self.account(name)
            self.put_account(name, account.with_balance(account.balance + amount))

    def put_account(self, name: bytes, account: Account) -> None:
        """Set an account and move the weight of its vote: what it owns and has locked counts for its delegate."""
        old = self.account(name)
        if old.vote:
            self._add_votes(old.vote, -old.balance - old.locked)
        if account.vote:
            self._add_votes(account.vote, account.balance + account.locked)
        self.accounts.put(name, account)

    def _add_votes(self, delegate: bytes, weight: int) -> None:
        self.votes.put(delegate, (self.votes.get(delegate) or 0) + weight or None)

    def fork(self) -> Book:
        """A book on top of this one."""
        return Book(self)

    def adopt(self, fork: Book) -> None:
        """Take over what a fork on top of this book holds."""
        for table, above in zip(self.tables(), fork.tables(), strict=True):
            table.adopt(above)

    def take_changes(self) -> Tables:
        """Table name → key → (old, new) since the last call: the input of a state hash."""
        return {table.name: table.take_changes() for table in self.tables()}

    def rollback(self) -> None:
        """Undo everything since the last `take_changes`."""
        for table in self.tables():
            table.rollback()

    def restore(self, changes: Tables) -> None:
        """Undo what `take_changes` returned."""
        for table in self.tables():
            table.restore(changes[table.name])
