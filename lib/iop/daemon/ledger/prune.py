"""How much of a log may be dropped: what a readable snapshot of the same directory covers."""

from __future__ import annotations

from iop.errors import MissingError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.daemon.ledger.snapshots import Snapshots
    from iop.ledger.genesis import Genesis
    from iop.store.ledger import LedgerStore


def find_limit(
    snapshots: Snapshots, store: LedgerStore, genesis: Genesis, below: int | None = None
) -> int:
    """The lowest height that has to stay whole, `below` where that is given.

    Raises MissingError when there is no snapshot, UsageError when `below` is more than the newest covers, and what reading the
    snapshot raises.
    """
    heights = snapshots.heights()
    if not heights:
        raise MissingError(
            "no snapshot, without which a pruned node could not start",
            hint="iop-node snapshot makes one",
        )
    fitting = [height for height in reversed(heights) if below is None or height + 1 >= below]
    if not fitting:
        raise UsageError(
            f"the newest snapshot is of block {heights[0]}, so --below is at most {heights[0] + 1}",
            hint="iop-node snapshot makes a newer one",
        )
    snapshots.read(fitting[0], store, genesis)
    return fitting[0] + 1 if below is None else below
