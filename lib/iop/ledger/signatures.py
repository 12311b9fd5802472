"""Signatures of many transactions judged at once: those of the senders, of the DID operations and of the statements in them.

The verdicts stay with the transactions, with their signed blocks and statements, where `iop.ledger.seal`, `iop.did.trial` and
`iop.ledger.board` find them. What cannot be read is left to them to refuse.
"""

from __future__ import annotations

from iop.crypto.batch import verify_many
from iop.did.operation import Signed
from iop.did.trial import make_check
from iop.errors import IopError
from iop.ledger.asset import attempts_of
from iop.ledger.board import make_check as make_statement_check
from iop.ledger.board import read_batch
from iop.ledger.kind import BOARD, MORPHEUS
from iop.ledger.seal import make_seal_check
from iop.value import remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.crypto.batch import Item
    from iop.ledger.wire import Transaction


_SHARE = 16  # checks for which a thread is worth starting


def judge_signatures(
    transactions: Iterable[Transaction], threads: int = 1, *, senders: bool = True
) -> None:
    """Work out all verdicts that are not known yet, on so many threads, most of the time without the interpreter's lock.

    senders: False leaves out those that layer 1 asks for, for blocks that it has taken before.
    """
    bearers, checks = [], []
    for tx in transactions:
        for bearer, check in _list_checks(tx, senders=senders):
            if getattr(bearer, "is_signed", None) is None:
                bearers.append(bearer)
                checks.append(check)
    shares = min(threads, 1 + len(checks) // _SHARE)
    for bearer, verdict in zip(bearers, verify_many(checks, shares), strict=True):
        remember(bearer, "is_signed", verdict)


def _list_checks(tx: Transaction, *, senders: bool) -> Iterator[tuple[object, Item]]:
    if senders and tx.signature:
        yield tx, make_seal_check(tx)
    if senders and tx.type_group == BOARD.type_group:
        for statement in read_batch(tx.asset).statements:
            yield statement, make_statement_check(statement)
    if tx.type_group != MORPHEUS.type_group or tx.type != MORPHEUS.type:
        return
    try:
        for attempt in attempts_of(tx):
            if isinstance(attempt, Signed):
                yield attempt, make_check(attempt)
    except IopError:
        return
