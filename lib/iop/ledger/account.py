"""Accounts: what the ledger knows about one public key or address, as frozen values.

An account is named by the 20-byte hash of its key (`iop.ledger.address`). It exists from the first time somebody pays it or
it pays. Everything is data for the votes and delegates; nothing is ranked here.
"""

from __future__ import annotations

from iop.ledger.seal import MultiSignature
from iop.value import value


@value
class Delegate:
    """A registered block producer, with what it earned (flakes)."""

    username: str
    is_resigned: bool = False
    produced: int = 0  # blocks
    fees: int = 0
    rewards: int = 0
    last_block: bytes = b""  # id
    last_height: int = 0
    last_timestamp: int = 0  # seconds since the epoch


@value
class Account:
    """One account. `public_key` is empty until its first own transaction; amounts are flakes."""

    public_key: bytes = b""
    balance: int = 0
    nonce: int = 0
    vote: bytes = b""  # public key of a delegate
    delegate: Delegate | None = None
    second_key: bytes = b""
    multi_signature: MultiSignature | None = None
    locked: int = 0  # in hash time locks
    contents: int = 0  # IPFS hashes registered

    def with_balance(self, balance: int) -> Account:
        """The account with another balance."""
        return Account(
            self.public_key,
            balance,
            self.nonce,
            self.vote,
            self.delegate,
            self.second_key,
            self.multi_signature,
            self.locked,
            self.contents,
        )

    def after_spending(self, public: bytes, nonce: int, balance: int) -> Account:
        """The account after a transaction of its own."""
        return Account(
            public,
            balance,
            nonce,
            self.vote,
            self.delegate,
            self.second_key,
            self.multi_signature,
            self.locked,
            self.contents,
        )


@value
class Lock:
    """An open hash time lock (kind htlcLock), filed under the id of its transaction."""

    sender: bytes  # account
    recipient: bytes  # account
    amount: int
    secret_hash: bytes
    expiration_type: int  # 1: seconds since the epoch, 2: height
    expiration: int
    timestamp: int  # of the block that made it
    vendor_field: str | None = None


EMPTY = Account()
