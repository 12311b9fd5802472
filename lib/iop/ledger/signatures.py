"""Signatures of many transactions judged at once: those of the senders, and those of the DID operations in them.

The verdicts stay with the transactions and with their signed blocks, where `iop.ledger.seal` and `iop.did.trial` find them. What
cannot be read is left to them to refuse.
"""

from __future__ import annotations

from iop.crypto.batch import verify_many
from iop.did.operation import Signed
from iop.did.trial import make_check
from iop.errors import IopError
from iop.ledger.asset import attempts_of
from iop.ledger.kind import MORPHEUS
from iop.ledger.seal import make_seal_check
from iop.value import remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.crypto.batch import Item
    from iop.ledger.wire import Transaction


def judge_signatures(transactions: Iterable[Transaction], threads: int = 1) -> None:
    """Work out all verdicts that are not known yet, on so many threads, most of the time without the interpreter's lock."""
    bearers, checks = [], []
    for tx in transactions:
        for bearer, check in _list_checks(tx):
            if getattr(bearer, "is_signed", None) is None:
                bearers.append(bearer)
                checks.append(check)
    for bearer, verdict in zip(bearers, verify_many(checks, threads), strict=True):
        remember(bearer, "is_signed", verdict)


def _list_checks(tx: Transaction) -> Iterator[tuple[object, Item]]:
    if tx.signature:
        yield tx, make_seal_check(tx)
    if tx.type_group != MORPHEUS.type_group or tx.type != MORPHEUS.type:
        return
    try:
        for attempt in attempts_of(tx):
            if isinstance(attempt, Signed):
                yield attempt, make_check(attempt)
    except IopError:
        return
