"""Lists of many accounts: making one against one sort of all of it, a page of it against making it, what a block costs it."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Generator
from typing import Any

from tests.bench.harness import Row, rate

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import forge, make_chain, pay

from iop.ledger.account import Account
from iop.ledger.directory import Directory
from iop.ledger.table import Table

ACCOUNTS = 200_000
ROUNDS = 5


def fill(accounts: Table[bytes, Account]) -> None:
    """Put in accounts with balances of all sizes."""
    chance = random.Random(1)
    for _ in range(ACCOUNTS):
        accounts.put(chance.randbytes(20), Account(b"", chance.randrange(10**12)))


def run(work: Generator[None, None, Any]) -> tuple[Any, float, float]:
    """The result of work in slices, the CPU seconds it took, and those of its longest slice."""
    total = longest = 0.0
    while True:
        start = time.thread_time()
        try:
            next(work)
        except StopIteration as done:
            spent = time.thread_time() - start
            return done.value, total + spent, max(longest, spent)
        spent = time.thread_time() - start
        total, longest = total + spent, max(longest, spent)


def sort_all(accounts: Table[bytes, Account]) -> float:
    """CPU seconds of the limit: one sort of balances and names."""
    start = time.thread_time()
    sorted((account.balance, name) for name, account in accounts.items())
    return time.thread_time() - start


def lists() -> list[Row]:
    """All rows."""
    state, _, engine = make_chain()
    fill(state.book.accounts)
    state.book.take_changes()
    made = []
    for _ in range(ROUNDS):
        directory = Directory(state)
        _, build, longest = run(directory.find_wallets({}))
        made.append((sort_all(state.book.accounts), build, longest))
    limit, build, longest = (sorted(column)[ROUNDS // 2] for column in zip(*made, strict=True))

    def page() -> int:
        run(directory.find_wallets({}, window=(ACCOUNTS // 2, 100)))
        return 1

    pages = rate(page)
    forge(engine, *(pay(0, nonce) for nonce in range(1, 101)))
    _, follow, _ = run(directory.find_wallets({}))
    what = f"{ACCOUNTS:,} accounts by balance"
    ratio = limit / build
    longest_ratio = longest / limit
    page_ratio = 1 / pages / limit
    follow_ratio = follow / limit
    one_sort = "one sort of them"
    return [
        Row(
            "lists",
            f"{what}, made",
            f"{build * 1e3:.0f} ms",
            one_sort,
            ratio,
            ">= 0.3",
            ratio >= 0.3,
        ),
        Row(
            "lists",
            f"{what}, longest pause",
            f"{longest * 1e3:.1f} ms",
            one_sort,
            longest_ratio,
            "<= 0.2",
            longest_ratio <= 0.2,
        ),
        Row(
            "lists",
            f"{what}, a page of the middle",
            f"{1e6 / pages:.0f} µs",
            one_sort,
            page_ratio,
            "<= 0.001",
            page_ratio <= 0.001,
        ),
        Row(
            "lists",
            f"{what}, a block of 100 payments",
            f"{follow * 1e3:.2f} ms",
            one_sort,
            follow_ratio,
            "<= 0.02",
            follow_ratio <= 0.02,
        ),
    ]
