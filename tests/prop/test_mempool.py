"""A pool that follows blocks is at any time what it would be if it were made anew."""

import os
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import COIN, KEYS, core, make_chain, morpheus, pay

from iop.errors import VerifyError
from iop.ledger.mempool import Mempool

PROOF = {"operation": "registerBeforeProof", "contentId": "cjx"}
KINDS = ("pay", "pay", "pay", "rich", "expiring", "proof", "second", "register")


def make(kind: str, sender: int, nonce: int, number: int):
    """A transaction that a pool may take or not."""
    to = number % len(KEYS)
    if kind == "pay":
        return pay(sender, nonce, to, amount=(number + 1) * COIN)
    if kind == "rich":
        return pay(sender, nonce, to, amount=6_000 * COIN)
    if kind == "expiring":
        return pay(sender, nonce, to, expiration=2 + number % 5)
    if kind == "proof":
        return morpheus([PROOF], sender, nonce)
    if kind == "second":
        asset = {"signature": {"publicKey": KEYS[to].hex()}}
        return core(1, sender, nonce, asset=asset)
    return core(2, sender, nonce, asset={"delegate": {"username": f"name{number}"}})


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(KINDS), st.integers(0, len(KEYS) - 1), st.integers(0, 9)),
        st.tuples(st.just("block"), st.integers(0, 6), st.booleans()),
        st.tuples(st.just("foreign"), st.integers(0, len(KEYS) - 1), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=40,
)


def picture(pool: Mempool):
    """All of a pool that others see."""
    waiting = [entry.txid for entry in pool.entries()]
    accounts = [(pool.account(key), pool.count_of(key)) for key in KEYS]
    return waiting, accounts, pool.size_bytes


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_following_is_as_good_as_judging_anew(steps) -> None:
    state, pool, engine = make_chain()
    for what, first, second in steps:
        if what in KINDS:
            try:
                pool.add(make(what, first, pool.account(KEYS[first]).nonce + 1, second))
            except VerifyError:
                continue
        else:
            waiting = list(pool.transactions())
            if what == "foreign":  # a block with a transaction that the pool does not know
                waiting = [make("pay", first, state.book.account_of(KEYS[first]).nonce + 1, second)]
            elif second:
                waiting = waiting[:first]
            engine.commit(engine.propose(waiting, state.params.epoch + state.timestamp + 12))
        anew = Mempool(state)
        for tx in pool.transactions():
            anew.add(tx)
        assert picture(pool) == picture(anew)
        assert set(pool.take_dropped()).isdisjoint(entry.txid for entry in pool.entries())
