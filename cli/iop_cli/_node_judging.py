"""The verbs of iop-node that read a whole log: replay and verify."""

from __future__ import annotations

from iop_cli._command import source
from iop_cli._node_place import Progress, find_sequencer, home_option, opened, sequencer_option
from iop_cli._option import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

REPLAY = "iop.replay/1"


@source
@home_option
@option("--until", kind="int", metavar="HEIGHT", help="Stop at this block; default: the newest.")
@option("--from-genesis", kind="flag", help="Begin with the first block, not with a snapshot.")
def replay(
    shell: Shell, home: str, *, until: int | None, from_genesis: bool
) -> Iterator[dict[str, Any]]:
    """Make the state again from the log and print its height, block and hash, beside the running node if there is one."""
    from iop.daemon.ledger.replay import replay as follow
    from iop.daemon.ledger.snapshots import Snapshots, open_state
    from iop.errors import MissingError
    from iop.ledger.state import State

    with opened(home) as (place, store, genesis), Progress(shell, "replay") as progress:
        snapshots = Snapshots(place.snapshots)
        state = (
            State(genesis) if from_genesis else open_state(snapshots, store, genesis, until=until)
        )
        start, count = state.height, 0
        for changes in follow(store, state, until=until, progress=progress):
            count += len(changes.txids)
        if until is not None and until != state.height:
            raise MissingError(f"there is no block {until}, the log ends at {state.height}")
        yield {
            "type": REPLAY,
            "height": state.height,
            "block_id": state.block_id.hex(),
            "state": state.state_hash.hex(),
            "from": start,
            "transactions": count,
        }


@source(predicate=True)
@home_option
@sequencer_option
@option(
    "--repair-index",
    kind="flag",
    help="Make the index anew from the log first; the node must be stopped.",
)
def verify(shell: Shell, home: str, *, repair_index: bool, **_given: Any) -> Iterator[Any]:
    """Check everything in the directory: database, digests, signatures, rules, state hashes, index, waiting transactions, snapshots.

    The node may run meanwhile. The verdict lists what is wrong; the status is 1 then, and 65 when there is nothing that could be
    judged.
    """
    from iop.daemon.ledger.check import check_home

    with (
        opened(home, locked=repair_index) as (place, store, genesis),
        Progress(shell, "verify") as progress,
    ):
        if repair_index:
            store.rebuild_index(progress)
        record = check_home(place, store, genesis, find_sequencer(shell, place), progress=progress)
        if not record["valid"]:
            shell.deny()
        yield record
