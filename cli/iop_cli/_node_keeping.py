"""The verbs of iop-node that keep a node's data: snapshot, backup and prune."""

from __future__ import annotations

import os

from iop_cli._command import source
from iop_cli._node_place import Progress, home_option, opened
from iop_cli._option import argument, dry_run, option, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

BACKUP = "iop.backup/1"
SNAPSHOT = "iop.snapshot-file/1"
PRUNING = "iop.prune/1"


@source
@home_option
@option(
    "--with-key", kind="flag", help="Put the sequencer's key into it; who has it can make blocks."
)
@argument("dir", kind="file", metavar="DIR", required=True, help="The backup, a new directory.")
def backup(shell: Shell, home: str, *, with_key: bool, dir: str) -> Iterator[Any]:  # noqa: A002
    """Copy the node's data into a new directory, beside the running node if there is one, and read the copy back.

    The directory appears when everything in it is durable and checked, and is one that a node can run from.
    """
    from iop.daemon.ledger.backup import back_up

    with opened(home) as (place, store, genesis), Progress(shell, "backup") as progress:
        made = back_up(place, store, genesis, dir, with_key=with_key, progress=progress)
    if not with_key:
        shell.warn(
            "the backup has no sequencer's key",
            f"keep {place.sequencer} elsewhere too, or --with-key",
        )
    yield {
        "type": BACKUP,
        "path": os.path.abspath(dir),
        "height": made.height,
        "waiting": made.waiting,
        "snapshot": made.snapshot or None,
        "bytes": made.size,
        "key": made.has_key,
    }


@source
@home_option
def snapshot(shell: Shell, home: str) -> Iterator[Any]:
    """Write the whole state, of the block before the newest, from which nodes start without the log before.

    It goes into the node's directory, or with --output to a file or stdout. The state is made from the newest snapshot and the log,
    beside the running node if there is one.
    """
    from iop.daemon.ledger.replay import replay
    from iop.daemon.ledger.snapshots import Snapshots, open_state, step_back
    from iop.errors import UsageError
    from iop.ledger.snapshot import write_snapshot

    leaves = shell.options["output"] is not None
    if leaves and shell.wants_records:
        raise UsageError("a snapshot has one form, and leaves as it is", hint="-o FILE alone")
    with opened(home) as (place, store, genesis), Progress(shell, "replay") as progress:
        snapshots = Snapshots(place.snapshots)
        state = open_state(snapshots, store, genesis)
        for _ in replay(store, state, progress=progress):
            pass
        following = step_back(state, store)
        if leaves:
            yield from (line[:-1] for line in write_snapshot(state, following))
            return
        path = snapshots.write(state, following)
        snapshots.drop_old()
        yield {
            "type": SNAPSHOT,
            "path": path,
            "height": state.height,
            "state": state.state_hash.hex(),
            "bytes": os.path.getsize(path),
        }


@source
@home_option
@option(
    "--below",
    kind="int",
    metavar="HEIGHT",
    help="Keep blocks from this one on whole. Default: what follows the older of the snapshots that are kept.",
)
@option("--compact", kind="flag", help="Give the space back to the file system, which takes long.")
@dry_run
@yes
@option("--no-input", kind="flag", help="Never ask; fail instead.")
def prune(
    shell: Shell, home: str, *, below: int | None, compact: bool, dry_run: bool, **_given: Any
) -> Iterator[Any]:
    """Drop the transactions of old blocks that a snapshot covers; the node must be stopped.

    Headers stay, and with them proofs and the check of what follows. The snapshot is read whole before anything is dropped, for
    without it the node could not start any more.
    """
    from iop.daemon.ledger.prune import find_limit
    from iop.daemon.ledger.snapshots import Snapshots

    with opened(home, locked=True) as (place, store, genesis):
        facts = store.facts()
        first = facts.first or 0
        limit = find_limit(Snapshots(place.snapshots), store, genesis, below)
        count = max(limit - first, 0)
        if count and not dry_run:
            shell.confirm(
                f"drop the transactions of {count} blocks, {first} to {limit - 1}, for ever?"
            )
            store.prune(limit)
            if compact:
                store.compact()
        record = {
            "type": PRUNING,
            "first_block": max(limit, first),
            "blocks": count,
            "bytes": store.facts().size,
            "free": store.facts().free,
        }
        yield record | ({"dry_run": True} if dry_run else {})
