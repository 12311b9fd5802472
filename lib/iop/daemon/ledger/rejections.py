"""Why the registries rejected transactions: kept for the newest ones, so that a client can be told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iop.ledger.layer2 import Outcome

MOST = 16_384  # reasons kept
LONGEST = 1_000  # characters of one; a content id in it may be far longer


class Rejections:
    """Reasons by transaction id. They are made again with the state at every start, as the blocks are replayed."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._reasons: dict[bytes, str] = {}

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Take up what layer 2 said to the transactions of one block; beyond `most` the oldest are given up."""
        for outcome in outcomes:
            if outcome.error is None:
                continue
            self._reasons[outcome.txid] = outcome.error[:LONGEST]
            if len(self._reasons) > self._most:
                del self._reasons[next(iter(self._reasons))]

    def find(self, txid: bytes) -> str | None:
        """The reason, or None for a transaction that was not rejected, or so long ago that it is not known any more."""
        return self._reasons.get(txid)
