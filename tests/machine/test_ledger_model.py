"""The ledger against a slow model: submissions, blocks, blocks taken back, in any order."""

from __future__ import annotations

import copy
import hashlib
import os
import sys

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import COIN, KEYS, NAMES, SECRETS, core, make_chain, pay

from iop.crypto.sparse_tree import EMPTY
from iop.errors import VerifyError
from iop.ledger.row import compute_place, encode_key
from iop.ledger.seal import sign_second
from iop.ledger.snapshot import read_snapshot, write_snapshot
from iop.ledger.wire import compute_id_bytes

SECRET = b"s" * 32
HASH = hashlib.sha256(SECRET).hexdigest()
WHO = st.integers(0, 4)
RICH = st.integers(0, 2)


class Model:
    """Accounts as dicts, rules as plain as can be; no forks, no undo: copies."""

    def __init__(self) -> None:
        self.accounts = {n: self.empty(10_000 * COIN if n < 3 else 0) for n in range(5)}
        self.names: dict[str, int] = {}
        self.locks: dict[bytes, tuple[int, int, int, int]] = {}
        self.height = 1
        self.fees = 0

    @staticmethod
    def empty(balance: int) -> dict:
        return {
            "balance": balance,
            "nonce": 0,
            "vote": None,
            "name": None,
            "second": None,
            "locked": 0,
        }

    def apply(self, what: dict) -> bool:
        """Whether the transaction may come next; if so it is carried out."""
        sender = self.accounts[what["sender"]]
        kind, fee = what["kind"], what["fee"]
        if kind == "register" and (sender["name"] or what["name"] in self.names):
            return False
        if kind == "vote" and (
            sender["vote"] is not None or not self.accounts[what["for"]]["name"]
        ):
            return False
        if kind == "unvote" and sender["vote"] != what["for"]:
            return False
        if kind == "second" and sender["second"] is not None:
            return False
        if kind == "lock" and what["until"] <= self.height + 53:
            return False
        if what["nonce"] != sender["nonce"] + 1 or sender["second"] != what["signed_by"]:
            return False
        spent = what.get("amount", 0) + fee
        if sender["balance"] < spent or (sender["nonce"] == 0 and sender["balance"] == 0):
            return False
        if kind in ("claim", "refund"):
            lock = self.locks.get(what["lock"])
            if lock is None or (lock[3] <= self.height) != (kind == "refund"):
                return False
        self.carry_out(what, sender)
        return True

    def carry_out(self, what: dict, sender: dict) -> None:
        kind = what["kind"]
        sender["nonce"] += 1
        sender["balance"] -= what.get("amount", 0) + what["fee"]
        self.fees += what["fee"]
        if kind == "pay":
            self.accounts[what["to"]]["balance"] += what["amount"]
        elif kind == "register":
            sender["name"] = what["name"]
            self.names[what["name"]] = what["sender"]
        elif kind in ("vote", "unvote"):
            sender["vote"] = what["for"] if kind == "vote" else None
        elif kind == "second":
            sender["second"] = what["key"]
        elif kind == "lock":
            sender["locked"] += what["amount"]
            self.locks[what["id"]] = (what["sender"], what["to"], what["amount"], what["until"])
        elif kind in ("claim", "refund"):
            owner, to, amount, _ = self.locks.pop(what["lock"])
            self.accounts[owner]["locked"] -= amount
            self.accounts[to if kind == "claim" else owner]["balance"] += amount


class Ledger(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.state, self.pool, self.engine = make_chain()
        self.model = Model()
        self.past: list[Model] = []
        self.waiting: dict[bytes, dict] = {}
        self.locks: list[bytes] = []

    def offer(self, what: dict, tx) -> None:
        """Sign as the pool's view of the account wants it, and put it into the pool."""
        account = self.pool.account(KEYS[what["sender"]])
        what["signed_by"] = KEYS.index(account.second_key) if account.second_key else None
        if what["signed_by"] is not None:
            tx = sign_second(tx, SECRETS[what["signed_by"]], schnorr=False)
        what["id"] = compute_id_bytes(tx)
        try:
            self.pool.add(tx)
        except VerifyError:
            return
        self.waiting[what["id"]] = what
        if what["kind"] == "lock":
            self.locks.append(what["id"])

    def next_nonce(self, sender: int) -> int:
        return self.pool.account(KEYS[sender]).nonce + 1

    @rule(sender=WHO, to=WHO, amount=st.integers(1, 6_000 * COIN), gap=st.integers(0, 9))
    def pay(self, sender: int, to: int, amount: int, gap: int) -> None:
        nonce = self.next_nonce(sender) + (gap == 9)
        what = {
            "kind": "pay",
            "sender": sender,
            "to": to,
            "amount": amount,
            "fee": 10**7,
            "nonce": nonce,
        }
        self.offer(what, pay(sender, nonce, to=to, amount=amount))

    @rule(sender=RICH, name=st.sampled_from(["a", "b", "c"]))
    def register(self, sender: int, name: str) -> None:
        nonce = self.next_nonce(sender)
        what = {"kind": "register", "sender": sender, "name": name, "fee": COIN, "nonce": nonce}
        self.offer(what, core(2, sender, nonce, COIN, {"delegate": {"username": name}}))

    @rule(sender=RICH, whom=RICH, plus=st.booleans())
    def vote(self, sender: int, whom: int, plus: bool) -> None:
        nonce = self.next_nonce(sender)
        kind, sign = ("vote", "+") if plus else ("unvote", "-")
        what = {"kind": kind, "sender": sender, "for": whom, "fee": COIN, "nonce": nonce}
        if not plus and not self.model.accounts[whom]["name"]:
            return
        self.offer(what, core(3, sender, nonce, COIN, {"votes": [sign + KEYS[whom].hex()]}))

    @rule(sender=RICH, key=WHO)
    def second_key(self, sender: int, key: int) -> None:
        nonce = self.next_nonce(sender)
        what = {"kind": "second", "sender": sender, "key": key, "fee": COIN, "nonce": nonce}
        self.offer(
            what, core(1, sender, nonce, COIN, {"signature": {"publicKey": KEYS[key].hex()}})
        )

    @rule(sender=RICH, to=WHO, amount=st.integers(1, 5_000 * COIN), more=st.integers(-1, 3))
    def lock(self, sender: int, to: int, amount: int, more: int) -> None:
        nonce, until = self.next_nonce(sender), self.state.height + 54 + more
        asset = {"lock": {"secretHash": HASH, "expiration": {"type": 2, "value": until}}}
        tx = core(8, sender, nonce, 10**7, asset, amount=amount, recipient=NAMES[to])
        what = {
            "kind": "lock",
            "sender": sender,
            "to": to,
            "amount": amount,
            "until": until,
            "fee": 10**7,
            "nonce": nonce,
        }
        self.offer(what, tx)

    @precondition(lambda self: self.locks)
    @rule(sender=RICH, which=st.integers(0, 9), claim=st.booleans())
    def unlock(self, sender: int, which: int, claim: bool) -> None:
        nonce, lock = self.next_nonce(sender), self.locks[which % len(self.locks)]
        asset = {"lockTransactionId": lock.hex()} | (
            {"unlockSecret": SECRET.hex()} if claim else {}
        )
        kind = "claim" if claim else "refund"
        tx = core(9 if claim else 10, sender, nonce, 0, {kind: asset})
        self.offer({"kind": kind, "sender": sender, "lock": lock, "fee": 0, "nonce": nonce}, tx)

    @rule(empty=st.integers(0, 60))
    def forge(self, empty: int) -> None:
        """A block of what waits, sometimes after a long silence."""
        for _ in range(empty if empty > 50 else 0):
            self.commit([])
        self.commit(list(self.pool.transactions()))

    def commit(self, transactions) -> None:
        block = self.engine.propose(
            transactions, self.state.params.epoch + self.state.timestamp + 12
        )
        model = copy.deepcopy(self.model)
        included = {compute_id_bytes(tx) for tx in block.transactions}
        for tx in transactions:
            txid = compute_id_bytes(tx)
            assert model.apply(self.waiting[txid]) == (txid in included), self.waiting[txid]
        model.height += 1
        self.engine.commit(block)
        self.past.append(self.model)
        self.model = model

    @precondition(lambda self: self.past)
    @rule()
    def take_back(self) -> None:
        if len(self.past) > 60:
            return
        self.state.revert_block()
        self.pool.reset()
        self.model = self.past.pop()

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "model"):
            return
        state, model = self.state, self.model
        assert state.height == model.height
        votes: dict[bytes, int] = {}
        for n, expected in model.accounts.items():
            found = state.book.account(NAMES[n])
            assert (found.balance, found.nonce, found.locked) == (
                expected["balance"],
                expected["nonce"],
                expected["locked"],
            )
            assert (found.delegate.username if found.delegate else None) == expected["name"]
            if expected["vote"] is not None:
                key = KEYS[expected["vote"]]
                assert found.vote == key
                votes[key] = votes.get(key, 0) + found.balance + found.locked
        assert dict(state.book.votes.items()) == {k: v for k, v in votes.items() if v}
        assert state.book.account_of(self.engine.producer).balance == model.fees
        assert len(list(state.book.locks.items())) == len(model.locks)
        held = sum(lock[2] for lock in model.locks.values())
        assert sum(a.balance for _, a in state.book.accounts.items()) + held == state.supply

    @invariant()
    def the_state_hash_is_that_of_all_rows(self) -> None:
        if not hasattr(self, "model"):
            return
        places = {
            compute_place(table, encode_key(key)): hashlib.sha256(text.encode()).digest()
            for table, key, text in self.state.all_rows()
        }
        assert EMPTY.update(places).root == self.state.state_hash

    @precondition(lambda self: self.past)
    @rule()
    def start_from_a_snapshot(self) -> None:
        again = read_snapshot(write_snapshot(self.state), self.state.genesis)
        assert again.state_hash == self.state.state_hash
        assert dict(again.book.votes.items()) == dict(self.state.book.votes.items())
        assert dict(again.book.usernames.items()) == dict(self.state.book.usernames.items())

    @invariant()
    def the_pool_is_possible(self) -> None:
        """Nothing waits that could not come now, nonces without gaps."""
        if not hasattr(self, "model"):
            return
        last: dict[bytes, int] = {}
        for tx in self.pool.transactions():
            before = last.get(tx.sender, self.state.book.account_of(tx.sender).nonce)
            assert tx.nonce == before + 1
            last[tx.sender] = tx.nonce


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=30)
