"""Signatures judged beside the event loop, by as many threads as the host has cores."""

from __future__ import annotations

import os

from iop.daemon.ledger.batch import Batches
from iop.ledger.signatures import judge_signatures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.ledger.wire import Transaction

MAX_WAITING = 1024  # submissions
THREADS = min(os.cpu_count() or 1, 8)


def start_judging() -> Batches[list[Transaction]]:
    """What works out the verdicts on lists of transactions; its `add` returns when they are known."""
    return Batches(_judge_all, name="signatures", most=MAX_WAITING)


def _judge_all(batch: list[list[Transaction]]) -> None:
    judge_signatures((tx for transactions in batch for tx in transactions), THREADS)
