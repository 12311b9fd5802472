"""The board against a slow model: posts by several payers, doubles, blocks, blocks taken back, in any order."""

from __future__ import annotations

import os
import sys

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from board_bench import ANN, BOB, DID, carry, say
from ledger_chain import COIN, KEYS, forge, make_chain
from statement_index import StatementIndex, answer

from iop.codec.json import encode_json, parse_json
from iop.ledger.block import encode_block, parse_block
from iop.ledger.board import read_statement
from iop.ledger.board_query import Filter, find_page
from iop.ledger.record import to_record
from iop.ledger.state import State
from iop.ledger.submission import check_body, submit
from iop.ledger.wire import compute_id_bytes

SAYINGS = [say(n, signer, **more) for n in range(4) for signer in (ANN, BOB) for more in ({}, {"issuer": DID})]  # fmt: skip
IDS = [read_statement(each).id for each in SAYINGS]
PAYERS = st.integers(0, 2)
WHICH = st.lists(st.integers(0, len(SAYINGS) - 1), min_size=1, max_size=3, unique=True)


class Board(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.state, self.pool, self.engine = make_chain()
        self.genesis = self.state.genesis
        self.log: list[bytes] = []  # blocks
        self.hashes = [self.state.state_hash]
        self.waiting: list[tuple[bytes, list[int]]] = []
        self.posted: list[dict[int, tuple[int, bytes, int]]] = [
            {}
        ]  # after each block: number → place

    @rule(payer=PAYERS, which=WHICH, fee=st.integers(1, 9), forged=st.booleans())
    def post(self, payer: int, which: list[int], fee: int, forged: bool) -> None:
        nonce = self.pool.account(KEYS[payer]).nonce + 1
        records = [SAYINGS[n] for n in which]
        if forged:
            other = SAYINGS[(which[0] + 1) % len(SAYINGS)]["signature"]["bytes"]
            records[0] = records[0] | {"signature": records[0]["signature"] | {"bytes": other}}
        tx = carry(*records, sender=payer, nonce=nonce, fee=fee * COIN)
        body = parse_json(encode_json({"transactions": [to_record(tx)]}))
        answered = submit(check_body(body, self.state), self.state, self.pool)
        taken = {n for _, numbers in self.waiting for n in numbers} | self.posted[-1].keys()
        is_good = not forged and taken.isdisjoint(which)
        assert (len(answered.accept) == 1) == is_good, answered.errors
        if is_good:
            self.waiting.append((compute_id_bytes(tx), which))

    @rule(some=st.integers(0, 9))
    def block(self, some: int) -> None:
        """A block of the oldest that wait."""
        transactions = list(self.pool.transactions())[:some]
        changes = forge(self.engine, *transactions)
        assert dict(changes.tables["statements"].items()).keys() == {
            IDS[n] for _, numbers in self.waiting[:some] for n in numbers
        }
        after = dict(self.posted[-1])
        for txid, numbers in self.waiting[:some]:
            for position, n in enumerate(numbers):
                after[n] = (self.state.height, txid, position)
        self.posted.append(after)
        self.waiting = self.waiting[some:]
        self.log.append(encode_block(changes.block))
        self.hashes.append(self.state.state_hash)

    @rule(payer=PAYERS, which=WHICH)
    def block_of_another(self, payer: int, which: list[int]) -> None:
        """A block with a transaction that never waited here: what it doubles has to leave the pool."""
        if self.posted[-1].keys() & set(which):
            return
        nonce = self.state.book.account_of(KEYS[payer]).nonce + 1
        tx = carry(*[SAYINGS[n] for n in which], sender=payer, nonce=nonce, fee=COIN)
        changes = forge(self.engine, tx)
        here = {entry.txid for entry in self.pool.entries()}
        self.waiting = [each for each in self.waiting if each[0] in here]
        waiting = {n for _, numbers in self.waiting for n in numbers}
        assert waiting.isdisjoint(which)
        place = {n: (self.state.height, compute_id_bytes(tx), i) for i, n in enumerate(which)}
        self.posted.append(self.posted[-1] | place)
        self.log.append(encode_block(changes.block))
        self.hashes.append(self.state.state_hash)

    @precondition(lambda self: self.log)
    @rule()
    def take_back(self) -> None:
        if len(self.log) > 60:
            return
        self.state.revert_block()
        self.pool.reset()
        here = {entry.txid for entry in self.pool.entries()}
        self.waiting = [each for each in self.waiting if each[0] in here]
        self.posted.pop()
        self.log.pop()
        self.hashes.pop()
        assert self.state.state_hash == self.hashes[-1]

    @rule(limit=st.integers(1, 5), issuer=st.sampled_from(["", DID, str(ANN.public)]))
    def ask(self, limit: int, issuer: str) -> None:
        """Turning pages over an index made of the log finds what the state holds."""
        index = StatementIndex()
        for data in self.log:
            index.add(parse_block(data), self.state.params)
        found, after, more = [], None, True
        while more:
            asked = Filter(issuer=issuer, limit=limit, after=after)
            page = answer(find_page(asked), index.select)
            found += page.rows
            more, after = page.more, page.rows[-1][0] if page.rows else None
        expected = {IDS[n] for n in self.posted[-1]}
        issuers = {id_: self.state.book.statements.get(id_).issuer for id_ in expected}
        assert [row[0] for row in found] == list(dict.fromkeys(row[0] for row in found))
        assert {row[0] for row in found} == {
            id_ for id_ in expected if issuer in ("", issuers[id_])
        }

    @rule()
    def replay(self) -> None:
        """The same blocks give the same state hash."""
        state = State(self.genesis)
        for data in self.log:
            state.apply_block(parse_block(data))
        assert state.state_hash == self.hashes[-1]

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "posted"):
            return
        found = {
            IDS.index(id_): (posting.height, posting.txid, posting.position)
            for id_, posting in self.state.book.statements.items()
        }
        assert found == self.posted[-1]
        assert [entry.txid for entry in self.pool.entries()] == [txid for txid, _ in self.waiting]


TestBoard = Board.TestCase
TestBoard.settings = settings(max_examples=40, stateful_step_count=25)
