"""The board: statements judged against bare signature checks, and blocks of them while the board grows."""

from __future__ import annotations

import os
import sys
import time

from tests.bench.harness import Row, rate_ratio

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../unit/ledger"))

from ledger_chain import KEYS, PRODUCER, SECRETS, make_state

from iop.claim.signed import Signer
from iop.crypto import ed25519
from iop.crypto.secp256k1 import compute_public_key
from iop.keys.multicipher import SecretKey
from iop.ledger.block import Block, sign_block
from iop.ledger.board import check_signatures, parse_batch, read_batch, read_statement
from iop.ledger.builder import build_board
from iop.ledger.params import TESTNET
from iop.ledger.seal import sign_ecdsa
from iop.ledger.state import State

BATCH = 256
TOTAL = 40 * BATCH * 2  # statements posted in all, two batches a block
SIGNER = Signer(SecretKey("e", b"s" * 32))


def say(number: int) -> dict[str, object]:
    """A vote of usual size."""
    return SIGNER.sign_json({"type": "iop.vote/1", "n": number, "for": ["a" * 40, "b" * 40]})


def judging() -> Row:
    """A batch as it comes from the wire: form, canonical text, signatures."""
    data = read_batch({"statements": [say(n) for n in range(BATCH)]}).data
    checks = [
        (each.public.data, each.content_id().encode(), each.signature.data)
        for each in parse_batch(data).statements
    ]

    def judge() -> int:
        check_signatures(parse_batch(data))
        return BATCH

    def limit() -> int:
        assert all(ed25519.is_valid(*check) for check in checks)
        return BATCH

    ratio, mine, bare = rate_ratio(judge, limit)
    return make_row("batch judged", f"{mine:,.0f}/s", f"ed25519 alone {bare:,.0f}/s", ratio, 0.6)


def growing() -> Row:
    """Blocks of statements applied: the last quarter against the first."""
    state = make_state(balance=10**16)
    rates = []
    for start in range(0, TOTAL, 2 * BATCH):
        block = make_block(state, start)
        begun = time.perf_counter()
        state.apply_block(block, verify=False)
        rates.append(2 * BATCH / (time.perf_counter() - begun))
    quarter = len(rates) // 4
    first, last = sorted(rates[:quarter])[quarter // 2], sorted(rates[-quarter:])[quarter // 2]
    what = f"posted, {TOTAL:,} in all"
    return make_row(what, f"{last:,.0f}/s", f"when empty {first:,.0f}/s", last / first, 0.7)


def make_block(state: State, start: int) -> Block:
    """The next block, with two transactions."""
    transactions = []
    for payer in range(2):
        numbers = range(start + payer * BATCH, start + (payer + 1) * BATCH)
        nonce = state.book.account_of(KEYS[payer]).nonce + 1
        statements = [read_statement(say(n)) for n in numbers]
        draft = build_board(TESTNET, KEYS[payer], nonce, statements)
        transactions.append(sign_ecdsa(draft, SECRETS[payer]))
    block = Block(
        state.params.byte,
        state.height + 1,
        state.timestamp + 12,
        state.block_id,
        compute_public_key(PRODUCER),
        tuple(transactions),
        state=state.state_hash,
    )
    return sign_block(block, state.params, PRODUCER)


def make_row(what: str, ours: str, against: str, ratio: float, goal: float) -> Row:
    """One line; the goal is the least ratio."""
    return Row("board", what, ours, against, ratio, f">= {goal}", ratio >= goal)


def board() -> list[Row]:
    """All rows."""
    return [judging(), growing()]
