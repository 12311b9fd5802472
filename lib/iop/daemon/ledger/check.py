"""The whole check of a node's directory: what its store says of itself, blocks, waiting transactions, snapshots.

Everything is judged as if a stranger had written it; what is wrong becomes a finding, and the check goes on where it can.
"""

from __future__ import annotations

from iop.daemon.ledger.replay import FIRST, follow, parse_entry
from iop.daemon.ledger.snapshots import Snapshots
from iop.errors import DataError, HostError, IopError
from iop.ledger.state import State
from iop.ledger.wire import compute_id_bytes, parse_transaction
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.daemon.ledger.home import Home
    from iop.ledger.genesis import Genesis
    from iop.store.ledger import BlockEntry, LedgerStore, Progress

RECORD = "iop.node-check/1"
MOST_FINDINGS = 100


@value
class Finding:
    """Something wrong. `check`: store, block, producer, waiting or snapshot; height 0 where it has none."""

    check: str
    message: str
    height: int = 0

    def to_record(self) -> dict[str, Json]:
        """The finding inside the check's record."""
        record: dict[str, Json] = {"check": self.check, "message": self.message}
        return record | ({"height": self.height} if self.height else {})


class Check:
    """One check on its way. `state` is where the log begins: the genesis, or a snapshot below it."""

    def __init__(self, store: LedgerStore, state: State, producer: bytes = b"") -> None:
        self.findings: list[Finding] = []
        self.blocks = 0
        self.transactions = 0
        self.producers: list[tuple[str, int]] = []  # and the first height of each
        self.state = state
        self._store = store
        self._producer = producer
        self._stands = True  # the state could follow so far
        self._known: set[str] = set()

    def note(self, check: str, message: str, height: int = 0) -> None:
        """Take a finding down, as long as there is room."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(check, message, height))

    def read_store(self, progress: Progress) -> None:
        """Have the store look through itself: database, chain of digests, index against log."""
        try:
            self._store.check(progress)
        except (DataError, HostError) as error:
            self.note("store", error.message)

    def read_log(self, progress: Progress) -> None:
        """Judge every block and apply it."""
        head = self._store.head() or self.state.height
        try:
            for entry in self._store.blocks(self.state.height + 1):
                self._judge(entry)
                self.blocks += 1
                progress(entry.height, head)
        except (DataError, HostError) as error:
            self.note("store", error.message)

    def read_waiting(self) -> None:
        """Look at the accepted transactions that are in no block."""
        forged: set[bytes] = set()
        for entry in self._store.pool():
            name = entry.txid.hex()
            try:
                tx = parse_transaction(entry.data)
            except DataError as error:
                self.note("waiting", f"{name}: {error.message}")
                continue
            if compute_id_bytes(tx) != entry.txid:
                self.note("waiting", f"{name} is filed under another id than its own")
            if self._store.find(entry.txid) is not None:
                forged.add(entry.txid)
        if forged:
            # what became a block just now has left the pool with the same write
            for entry in self._store.pool():
                if entry.txid in forged:
                    self.note("waiting", f"{entry.txid.hex()} is in a block already")

    def _judge(self, entry: BlockEntry) -> None:
        try:
            block = parse_entry(entry)
        except DataError as error:
            self.note("block", error.message, entry.height)
            self._stands = False
            return
        self.transactions += len(block.transactions)
        self._judge_producer(block.producer.hex(), entry.height)
        if not self._stands:
            return
        try:
            follow(self.state, block, verify=True)
        except IopError as error:
            self.note("block", error.message, entry.height)
            self._stands = False  # what comes after it cannot be judged

    def _judge_producer(self, producer: str, height: int) -> None:
        if producer in self._known:
            return
        self._known.add(producer)
        self.producers.append((producer, height))
        if self._producer and producer != self._producer.hex():
            self.note(
                "producer", f"block by {self._producer.hex()} expected, got {producer}", height
            )

    def to_record(self) -> dict[str, Json]:
        """The verdict."""
        state = self.state
        return {
            "type": RECORD,
            "valid": not self.findings,
            "height": state.height,
            "block_id": state.block_id.hex(),
            "state": state.state_hash.hex(),
            "blocks": self.blocks,
            "transactions": self.transactions,
            "producers": [{"key": key, "from": height} for key, height in self.producers],
            "findings": [finding.to_record() for finding in self.findings],
        }


def check_home(
    home: Home,
    store: LedgerStore,
    genesis: Genesis,
    producer: bytes = b"",
    *,
    progress: Progress = lambda _height, _of: None,
) -> dict[str, Json]:
    """The verdict on a node's directory. The log is judged from its first block on; of a pruned one, from the snapshot before it."""
    snapshots = Snapshots(home.snapshots)
    check = Check(store, _find_start(snapshots, store, genesis), producer)
    check.read_store(progress)
    check.read_log(progress)
    check.read_waiting()
    for height in snapshots.heights():
        try:
            snapshots.read(height, store, genesis)
        except IopError as error:
            check.note("snapshot", f"{snapshots.path(height)}: {error.message}", height)
    return check.to_record()


def _find_start(snapshots: Snapshots, store: LedgerStore, genesis: Genesis) -> State:
    """The state that the log begins after: the genesis, or the lowest snapshot with a whole log behind it. Raises DataError."""
    first = store.facts().first
    if first == FIRST or (first is None and not snapshots.heights()):
        return State(genesis)
    for height in reversed(snapshots.heights()):
        if first is None or height + 1 >= first:
            return snapshots.read(height, store, genesis)
    raise DataError(
        f"the log does not begin with block {FIRST}, and no snapshot stands before what is left",
        hint="get the snapshot back from a backup",
    )
