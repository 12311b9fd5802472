"""The tables of the registry: heights, verdicts of transactions, before-proofs, identifiers, attempts (morpheus 11).

Plain dictionaries of immutable values. Reading never changes them, and every change touches only the rows it names, so the cost of a
transaction does not depend on how many identifiers there are. `export` and `load` carry the whole as records; `take_changes` gives
the rows touched since the last call, for a store that follows along.
"""

from __future__ import annotations

from iop.did.entry import DidState, KeyEntry
from iop.did.identifier import parse_did
from iop.errors import SchemaError
from iop.keys.multicipher import PublicKey, compute_key_id, parse_auth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Record = dict[str, Any]

LONG_SCAN = 16  # attempts looked at before the place found is worth remembering

HEAD = "head"
STATUS = "status"
PROOF = "proof"
DID = "did"
ATTEMPT = "attempt"


class State:
    """All tables. `corrupted` means that the chain broke a rule and nothing may be read or changed any more.

    `logs` holds per identifier the transactions that tried to change it, oldest first, as txid, height, txid, height, ….
    """

    __slots__ = (
        "_changed",
        "_loose",
        "_tips",
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
        self._changed: dict[tuple[str, str], int] | None = None

    # Attempts.

    def register(self, did: str, txid: str) -> None:
        """Note that a transaction tries to change an identifier, once."""
        log = self.logs.get(did)
        if log is None:
            self.logs[did] = [txid, self.height]
            self.touch(ATTEMPT, did, 0)
            return
        if log[-2] == txid:
            return
        if (txid in self.status or txid in self._loose) and txid in log:
            return
        self.touch(ATTEMPT, did, len(log) // 2)
        log += (txid, self.height)

    def forget(self, did: str, txid: str) -> None:
        """Drop a transaction from the attempts on an identifier."""
        log = self.logs.get(did, [])
        for place in range(len(log) - 2, -1, -2):
            if log[place] == txid:
                del log[place : place + 2]
                self.touch(ATTEMPT, did, place // 2)
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
        self.touch(STATUS, txid)
        if txid in self._loose:
            self._tips.clear()
        elif self._tips:
            for did in dids:
                self._tips.pop(did, None)

    def drop_status(self, txid: str) -> None:
        """Forget the verdict of a transaction that is being taken back."""
        del self.status[txid]
        self.touch(STATUS, txid)
        self._tips.clear()
        self._loose.add(txid)

    def find_loose(self) -> None:
        """Look for attempts without a verdict in logs that were loaded."""
        for log in self.logs.values():
            self._loose.update(txid for txid in log[::2] if txid not in self.status)

    # Following along.

    def track(self) -> None:
        """Begin to remember touched rows for `take_changes`."""
        self._changed = {}

    def touch(self, table: str, key: str, place: int = 0) -> None:
        """Note a touched row; for attempts, the first place of the log that changed."""
        if self._changed is not None:
            at = (table, key)
            self._changed[at] = min(place, self._changed.get(at, place))

    def take_changes(self) -> Iterator[Record]:
        """Records of the rows touched since the last call, in the order of their first touch; `dropped` marks lost rows.

        A dropped attempt stands for itself and all later places of its identifier. The head comes last.
        """
        changed = self._changed or {}
        self._changed = {}
        for (table, key), place in changed.items():
            if table == STATUS:
                yield self._status_record(key)
            elif table == PROOF:
                yield self._proof_record(key)
            elif table == DID:
                yield self._did_record(key)
            else:
                yield {"table": ATTEMPT, "did": key, "place": place, "dropped": True}
                yield from self._attempt_records(key, place)
        yield self._head_record()

    def export(self) -> Iterator[Record]:
        """The whole state as records: head, verdicts, proofs, identifiers, attempts, each table sorted by its key.

        Equal states give equal records, whatever way they were reached.
        """
        yield self._head_record()
        for txid in sorted(self.status):
            yield self._status_record(txid)
        for content_id in sorted(self.proofs):
            yield self._proof_record(content_id)
        for did in sorted(self.dids):
            yield self._did_record(did)
        for did in sorted(self.logs):
            yield from self._attempt_records(did, 0)

    def _head_record(self) -> Record:
        return {"table": HEAD, "height": self.height, "corrupted": self.corrupted}

    def _status_record(self, txid: str) -> Record:
        if txid not in self.status:
            return {"table": STATUS, "txid": txid, "dropped": True}
        return {"table": STATUS, "txid": txid, "confirmed": self.status[txid]}

    def _proof_record(self, content_id: str) -> Record:
        if content_id not in self.proofs:
            return {"table": PROOF, "contentId": content_id, "dropped": True}
        height, txid = self.proofs[content_id]
        return {"table": PROOF, "contentId": content_id, "height": height, "txid": txid}

    def _did_record(self, did: str) -> Record:
        state = self.dids.get(did)
        if state is None:
            return {"table": DID, "did": did, "dropped": True}
        keys = [
            {
                "auth": key.auth,
                "added": key.added,
                "expires": key.expires,
                "revoked": key.revoked,
                "update": list(key.update),
                "impersonate": list(key.impersonate),
            }
            for key in state.keys
        ]
        return {"table": DID, "did": did, "keys": keys, "tombstoned": state.tombstoned}

    def _attempt_records(self, did: str, start: int) -> Iterator[Record]:
        log = self.logs.get(did, [])
        for place in range(start, len(log) // 2):
            yield {
                "table": ATTEMPT,
                "did": did,
                "place": place,
                "txid": log[2 * place],
                "height": log[2 * place + 1],
            }


def load_state(records: Iterable[Record]) -> State:
    """The state of exported records, in any order that keeps the places of one identifier growing. Raises SchemaError."""
    state = State()
    for record in records:
        try:
            _load(state, record)
        except (KeyError, TypeError, ValueError) as exc:
            raise SchemaError("record is not one of a registry's state") from exc
    state.find_loose()
    return state


def _load(state: State, record: Record) -> None:
    table = record["table"]
    if table == HEAD:
        state.height = int(record["height"])
        state.corrupted = bool(record["corrupted"])
    elif table == STATUS:
        state.status[record["txid"]] = bool(record["confirmed"])
    elif table == PROOF:
        state.proofs[record["contentId"]] = (int(record["height"]), record["txid"])
    elif table == DID:
        keys = tuple(_load_key(key) for key in record["keys"])
        state.dids[str(parse_did(record["did"]))] = DidState(keys, record["tombstoned"])
    elif table == ATTEMPT:
        log = state.logs.setdefault(record["did"], [])
        if 2 * record["place"] != len(log):
            raise SchemaError(f"attempt {record['place']} of {record['did']} is out of order")
        log += (record["txid"], int(record["height"]))
    else:
        raise SchemaError(f"unknown table {table!r}")


def _load_key(key: Record) -> KeyEntry:
    auth = parse_auth(key["auth"])
    key_id = compute_key_id(auth) if isinstance(auth, PublicKey) else auth
    return KeyEntry(
        str(auth),
        str(key_id),
        key["added"],
        key["expires"],
        key["revoked"],
        tuple(key["update"]),
        tuple(key["impersonate"]),
    )
