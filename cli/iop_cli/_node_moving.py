"""The verbs of iop-node that carry a chain from one store to another: export and import."""

from __future__ import annotations

from iop_cli._command import source
from iop_cli._node_place import Progress, find_sequencer, home_option, opened, sequencer_option
from iop_cli._option import FILE, INPUT, declare, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

MAX_RECORD = 80 << 20  # bytes of one; a block has at most 32 MiB, twice that in hex
RECORD = "iop.import/1"


@source
@home_option
@option(
    "--from", kind="int", default=2, metavar="HEIGHT", help="First block; block 1 is the genesis."
)
@option(
    "--until",
    kind="int",
    metavar="HEIGHT",
    help="Last block. Default: the newest, and after it the transactions that wait.",
)
def export(shell: Shell, home: str, from_: int, until: int | None) -> Iterator[Any]:
    """Write the block log as a stream of records, beside the running node if there is one."""
    from iop.daemon.ledger.exporting import export as read

    binary = bool(shell.options["cbor"]) or shell.options["to"] == "cbor"
    with opened(home) as (_, store, genesis), Progress(shell, "exporting") as progress:
        yield from read(store, genesis, first=from_, until=until, binary=binary, progress=progress)


def _import(shell: Shell, home: str, file: str | None, **given: Any) -> Iterator[Any]:
    """Take the blocks of an archive into a stopped node's directory, every one of them judged anew.

    What is there already must be the same and is passed over, so that an import that was interrupted goes on where it stopped.
    """
    from iop.daemon.ledger.importing import Import
    from iop.daemon.ledger.replay import replay
    from iop.daemon.ledger.snapshots import Snapshots, open_state
    from iop.io.stream import open_input, read_items
    from iop.ledger.archive import read_archive
    from iop.ledger.block import compute_block_id

    if file in (None, "-"):
        shell.claim_stdin("records")
    with opened(home, locked=True) as (place, store, genesis), Progress(shell, "import") as tell:
        producer = find_sequencer(shell, place)
        items = read_items(open_input(file), given["from_"], MAX_RECORD)
        state = open_state(Snapshots(place.snapshots), store, genesis)
        for _ in replay(store, state, progress=tell):
            pass
        work = Import(store, state, producer)
        start = compute_block_id(state.genesis_block, genesis.params)
        try:
            records = (item.native for item in items)
            work.run(read_archive(records, genesis.params, start), tell)
        finally:
            for txid, reason in work.refused:
                shell.warn(f"waiting transaction {txid} not taken: {reason}")
        yield {
            "type": RECORD,
            "blocks": work.blocks,
            "waiting": work.waiting,
            "height": state.height,
            "block_id": state.block_id.hex(),
            "state": state.state_hash.hex(),
        }


FORM = next(one for one in INPUT if one.dest == "from_")
import_ = source(
    declare(home_option(sequencer_option(declare(_import, FORM))), FILE), name="import"
)
