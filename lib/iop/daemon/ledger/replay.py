"""The way from a block log to a state: what start-up, import, replay, check and replicas all do with a block."""

from __future__ import annotations

from iop.daemon.ledger.signatures import THREADS
from iop.errors import DataError, VerifyError
from iop.ledger.block import parse_block
from iop.ledger.signatures import judge_signatures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop.ledger.block import Block
    from iop.ledger.state import Changes, State
    from iop.store.ledger import BlockEntry, LedgerStore, Progress


FIRST = 2  # height of the first block in a log: block 1 is in the genesis


def follow(state: State, block: Block, *, verify: bool = False, producer: bytes = b"") -> Changes:
    """Apply a block. Raises DataError, changing nothing, when it does not follow.

    verify: judge signatures and forms too, for blocks that others wrote. producer: who must have signed it, where that is known.
    """
    if producer and block.producer != producer:
        raise DataError(
            f"block {block.height} by {producer.hex()} expected, got one by {block.producer.hex()}"
        )
    judge_signatures(block.transactions, THREADS, senders=verify)
    try:
        return state.apply_block(block, verify=verify)
    except VerifyError as exc:
        raise DataError(f"block {block.height} does not follow: {exc.message}") from exc


def parse_entry(entry: BlockEntry) -> Block:
    """The block of a log entry. Raises DataError when it is none, or that of another height."""
    block = parse_block(entry.data)
    if block.height != entry.height:
        raise DataError(f"the log has block {block.height} at height {entry.height}")
    return block


def replay(
    store: LedgerStore,
    state: State,
    *,
    until: int | None = None,
    verify: bool = False,
    producer: bytes = b"",
    progress: Progress = lambda _height, _head: None,
) -> Iterator[Changes]:
    """Bring a state up to the head of a store, or to height `until`, block by block.

    `progress` gets (height reached, height to reach) after every block. Raises DataError as `follow` does, MissingError for a log that
    was pruned there.
    """
    head = store.head() or state.height
    last = head if until is None else min(until, head)
    if state.height >= last:
        return
    for entry in store.blocks(state.height + 1):
        if entry.height != state.height + 1:
            raise DataError(
                f"block {state.height + 1} is not in the log any more, the first is {entry.height}",
                hint="a pruned node starts from its snapshot; get that back",
            )
        yield follow(state, parse_entry(entry), verify=verify, producer=producer)
        progress(state.height, last)
        if state.height >= last:
            return
