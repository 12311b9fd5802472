"""Lists out of the state: kept up with blocks, blocks taken back, blocks that arrive while a list is made."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_chain import COIN, KEYS, NAMES, core, forge, make_chain, pay

from iop.ledger import directory as directory_module
from iop.ledger import ordering, standing
from iop.ledger.directory import Directory, compute_approval

EVERYTHING = (0, 100)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(ordering, "BUCKET", 2)
    for module in (ordering, directory_module):
        monkeypatch.setattr(module, "SLICE", 1)


def run(work, meanwhile=None):
    """The result of work, and how often it paused; `meanwhile` is done at the first pause."""
    pauses = 0
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value, pauses
        pauses += 1
        if pauses == 1 and meanwhile is not None:
            meanwhile()


def by_balance(state):
    rows = sorted((account.balance, name) for name, account in state.book.accounts.items())
    return [name for _, name in reversed(rows)]


def voters(state, key):
    rows = ((a.balance, name) for name, a in state.book.accounts.items() if a.vote == key)
    return [name for _, name in sorted(rows, reverse=True)]


def chain_with_delegate():
    state, _, engine = make_chain()
    forge(engine, core(2, asset={"delegate": {"username": "zero"}}))
    return state, engine


def vote(sender, nonce):
    return core(3, sender, nonce, asset={"votes": ["+" + KEYS[0].hex()]})


def test_made_once_then_followed():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    (found, total), pauses = run(lists.find_wallets({}, window=EVERYTHING))
    assert found == by_balance(state) and total == len(found) and pauses
    forge(engine, pay(1, 1, 4, amount=9_000 * COIN))
    assert run(lists.find_wallets({}, window=EVERYTHING)) == ((by_balance(state), 5), 0)
    for _ in range(3):
        forge(engine)
    assert run(lists.find_wallets({}, window=(1, 2)))[0] == (by_balance(state)[1:3], 5)
    assert run(lists.find_wallets({}, ("balance", False), (0, 2)))[0][0] == by_balance(state)[:2:-1]


def test_made_anew_when_too_far_behind():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    run(lists.find_wallets({}))
    forge(engine, pay(1, 1, 4, amount=9_000 * COIN))
    for _ in range(70):
        forge(engine)
    (found, _), pauses = run(lists.find_wallets({}, window=EVERYTHING))
    assert found == by_balance(state) and pauses


def test_made_anew_when_blocks_were_taken_back():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    forge(engine, pay(1, 1, 4, amount=9_000 * COIN))
    run(lists.find_wallets({}))
    state.revert_block()
    assert run(lists.find_wallets({}, window=EVERYTHING))[0][0] == by_balance(state)


def test_blocks_while_it_is_made():
    state, engine = chain_with_delegate()
    lists = Directory(state)

    def meanwhile():
        forge(engine, pay(1, 1, 4, amount=9_000 * COIN), vote(2, 1))
        forge(engine, pay(1, 2, 3, amount=1), pay(2, 2, 4, amount=5))

    for pause in range(1, 8):
        fresh = Directory(state)
        steps = fresh.find_wallets({}, window=EVERYTHING)
        for _ in range(pause):
            if next(steps, "done") == "done":
                break
        if pause == 3:
            meanwhile()
        rest = fresh.find_wallets({}, window=EVERYTHING)
        assert run(rest)[0][0] == by_balance(state)
    assert run(lists.find_wallets({}, window=EVERYTHING), None)[0][0] == by_balance(state)


def test_blocks_at_every_pause():
    state, engine = chain_with_delegate()
    work = Directory(state).find_wallets({}, window=EVERYTHING)
    nonce = 0
    try:
        while True:
            next(work)
            nonce += 1
            forge(engine, pay(1, nonce, 2 + nonce % 3, amount=900 * COIN))
    except StopIteration as done:
        assert done.value[0] == by_balance(state)
    assert nonce > 3


def test_a_block_taken_back_while_it_is_made():
    state, engine = chain_with_delegate()
    forge(engine, pay(1, 1, 4, amount=9_000 * COIN))
    work = Directory(state).find_wallets({}, window=EVERYTHING)
    next(work)
    next(work)
    state.revert_block()
    assert run(work)[0][0] == by_balance(state)


def test_voters():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    ask = {"vote": KEYS[0].hex()}
    assert run(lists.find_wallets(ask))[0] == ([], 0)
    forge(engine, vote(1, 1), vote(2, 1), pay(1, 2, 4, amount=5_000 * COIN))
    found = voters(state, KEYS[0])
    assert len(found) == 2
    assert run(lists.find_wallets(ask))[0] == (found, 2)
    assert run(lists.find_wallets(ask, ("balance", False), (0, 1)))[0] == (found[1:], 2)
    assert run(lists.find_wallets(ask, ("address", False)))[0] == (sorted(found), 2)
    assert run(lists.find_wallets({"vote": KEYS[0].hex().upper()}))[0] == ([], 0)


def test_ranges_of_balances():
    state, engine = chain_with_delegate()
    forge(engine, pay(1, 1, 4, amount=7), pay(2, 1, 3, amount=9))
    lists = Directory(state)
    run(lists.find_wallets({}))
    balances = {name: account.balance for name, account in state.book.accounts.items()}
    for low in (None, -1, 0, 7, 8, 10**15):
        for high in (None, 6, 7, 9, 2**53 - 1):
            wish = {n: v for n, v in (("from", low), ("to", high)) if v is not None}
            wanted = [
                name
                for name in by_balance(state)
                if balances[name] >= (low or -2) and balances[name] <= (high or 2**60)
            ]
            assert run(lists.find_wallets({"balance": wish})) == ((wanted, len(wanted)), 0)
    assert run(lists.find_wallets({"balance": 7}))[0] == ([NAMES[4]], 1)
    assert run(lists.find_wallets({"balance": {"from": 9, "to": 7}}))[0] == ([], 0)


def test_lists_are_kept_until_the_next_block():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    order = ("nonce", True)
    (found, _), pauses = run(lists.find_wallets({}, order, (0, 1)))
    assert found == [NAMES[0]] and pauses
    assert run(lists.find_wallets({}, order, (0, 1)))[1] == 0
    for n in range(directory_module._KEPT_LISTS):
        run(lists.find_wallets({"balance": n}, order))
    assert run(lists.find_wallets({}, order, (0, 1)))[1] > 0, "others took its place"
    forge(engine, pay(1, 1), pay(1, 2))
    assert run(lists.find_wallets({}, order, (0, 1)))[0][0] == [NAMES[1]]


def test_what_waited_finds_it_made():
    """Of two who ask at once the second finds the list that the first had made."""
    state, _ = chain_with_delegate()
    lists = Directory(state)
    for order in (("balance", True), ("nonce", True)):
        first, second = (lists.find_wallets({}, order) for _ in range(2))
        next(first)
        next(second)
        assert run(first)[0] == run(second)[0]
        assert second.gi_frame is None


@settings(max_examples=40)
@given(
    st.sampled_from(
        ("balance", "nonce", "address", "publicKey", "username", "vote", "voteBalance")
    ),
    st.booleans(),
    st.integers(0, 4),
    st.integers(1, 4),
)
def test_pages_are_parts_of_the_whole(field, down, offset, limit):
    state, engine = chain_with_delegate()
    forge(engine, vote(1, 1), pay(2, 1, 3, amount=77))
    lists = Directory(state)
    whole = run(lists.find_wallets({}, (field, down), EVERYTHING))[0][0]
    page = run(lists.find_wallets({}, (field, down), (offset, limit)))[0]
    assert page == (whole[offset : offset + limit], 5)
    assert run(lists.find_wallets({}, (field, not down), EVERYTHING))[0][0] == whole[::-1]


def test_ranks():
    state, engine = chain_with_delegate()
    lists = Directory(state)
    assert lists.rank(NAMES[0]) == 1 and lists.rank(NAMES[1]) is None
    forge(
        engine,
        core(2, 1, 1, asset={"delegate": {"username": "one"}}),
        core(3, 2, 1, asset={"votes": ["+" + KEYS[1].hex()]}),
    )
    assert lists.rank(NAMES[1]) == 1 and lists.rank(NAMES[0]) == 2
    assert run(lists.find_delegates({}))[0][0] == [NAMES[1], NAMES[0]]


@pytest.mark.parametrize(
    ("votes", "supply", "percent"),
    [
        (0, 10**16, 0.0),
        (10**16, 10**16, 100.0),
        (1, 10**16, 0.0),
        (12_345, 10**6, 1.23),
        (123_456, 10**6, 12.35),
        (5, 1000, 0.5),
        (99_996, 10**5, 100.0),
        (12_250_000, 10**9, 1.23),
        (1_005, 10**5, 1.0),
    ],
)
def test_approval(votes, supply, percent):
    """As the original's calculator has it, run on these numbers."""
    assert compute_approval(votes, supply) == percent


def test_an_unknown_block_is_far_behind():
    state, _ = chain_with_delegate()
    assert standing._list_blocks(state, b"\0" * 32) is None
