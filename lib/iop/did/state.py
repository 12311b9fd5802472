"""The tables of the registry: heights, verdicts of transactions, before-proofs, identifiers, attempts (morpheus 11).

Plain dictionaries of immutable values. Reading never changes them, and every change touches only the rows it names, so the cost of a
transaction does not depend on how many identifiers there are. `take_touched` gives what stood in the rows touched since the last
call, for a state hash that follows along.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.did.entry import DidState

    Fact = tuple[DidState | None, tuple[str, int] | None]

LONG_SCAN = 16  # attempts looked at before the place found is worth remembering


class State:
    """All tables. `corrupted` means that the chain broke a rule and nothing may be read or changed any more.

    `logs` holds per identifier the transactions that tried to change it, oldest first, as txid, height, txid, height, ….
    """

    __slots__ = (
        "_loose",
        "_proved",
        "_tips",
        "_touched",
        "corrupted",
        "dids",
        "height",
        "logs",
        "proofs",
        "status",
    )

    def __init__(self) -> None:
        self.height = 0
        self.corrupted = False
        self.status: dict[str, bool] = {}
        self.proofs: dict[str, tuple[int, str]] = {}
        self.dids: dict[str, DidState] = {}
        self.logs: dict[str, list[Any]] = {}
        # Per identifier with many rejected attempts: (length of the log then, place of its newest confirmed one).
        self._tips: dict[str, tuple[int, int]] = {}
        # Transactions whose attempts may stand in a log without a verdict.
        self._loose: set[str] = set()
        self._touched: dict[str, Fact] | None = None
        self._proved: list[str] = []

    # Attempts.

    def register(self, did: str, txid: str) -> None:
        """Note that a transaction tries to change an identifier, once."""
        if self._touched is not None and did not in self._touched:
            self._touched[did] = self.fact_of(did)
        log = self.logs.get(did)
        if log is None:
            self.logs[did] = [txid, self.height]
            return
        if log[-2] == txid:
            return
        if (txid in self.status or txid in self._loose) and txid in log:
            return
        log += (txid, self.height)

    def forget(self, did: str, txid: str) -> None:
        """Drop a transaction from the attempts on an identifier."""
        log = self.logs.get(did, [])
        for place in range(len(log) - 2, -1, -2):
            if log[place] == txid:
                del log[place : place + 2]
                break
        if not log:
            self.logs.pop(did, None)

    def find_confirmed(self, did: str) -> tuple[str, int] | None:
        """Txid and height of the newest confirmed transaction on an identifier."""
        log = self.logs.get(did)
        if log is None:
            return None
        status = self.status
        known, found = self._tips.get(did, (0, -2))
        place = start = len(log) - 2
        while place >= 0:
            if place == known - 2:
                place = found  # nothing between was confirmed
                known = 0
                continue
            if status.get(log[place]):
                break
            place -= 2
        if start - place > 2 * LONG_SCAN:
            self._tips[did] = (len(log), place)
        return (log[place], log[place + 1]) if place >= 0 else None

    def read_log(
        self, did: str, start: int, end: int | None, *, attempts: bool
    ) -> Iterator[tuple[str, int]]:
        """Transactions on an identifier, newest first, of heights from start to end inclusive."""
        log = self.logs.get(did, [])
        for place in range(len(log) - 2, -1, -2):
            txid, height = log[place], log[place + 1]
            if (
                start <= height
                and (end is None or height <= end)
                and (attempts or self.status.get(txid))
            ):
                yield txid, height

    # Verdicts.

    def set_status(self, txid: str, dids: Iterable[str], *, confirmed: bool) -> None:
        """Set the verdict of a transaction that tried to change the given identifiers."""
        self.status[txid] = confirmed
        if txid in self._loose:
            self._tips.clear()
        elif self._tips:
            for did in dids:
                self._tips.pop(did, None)

    def drop_status(self, txid: str) -> None:
        """Forget the verdict of a transaction that is being taken back."""
        del self.status[txid]
        self._tips.clear()
        self._loose.add(txid)

    # Following along.

    def track(self) -> None:
        """Begin to note what `take_touched` gives."""
        self._touched = {}

    def take_touched(self) -> tuple[dict[str, Fact], tuple[str, ...]]:
        """What stood in every DID's row before it was first touched since the last call, and the content ids registered since.

        A touched row need not have changed: a rejected transaction touches it, too.
        """
        touched, proved = self._touched or {}, tuple(self._proved)
        if self._touched is not None:
            self._touched = {}
            self._proved = []
        return touched, proved

    def fact_of(self, did: str) -> Fact:
        """What the state knows of a DID: its state, and txid and height of its newest confirmed transaction."""
        return self.dids.get(did), self.find_confirmed(did)

    def put_proof(self, content_id: str, proof: tuple[int, str] | None) -> None:
        """Register a content id with height and txid, or take that back with None."""
        if proof is None:
            del self.proofs[content_id]
        else:
            self.proofs[content_id] = proof
            if self._touched is not None:
                self._proved.append(content_id)
