"""The block log of a store as an archive, made beside whoever goes on writing to it."""

from __future__ import annotations

from iop.codec.json import parse_json
from iop.daemon.ledger.replay import FIRST
from iop.errors import MissingError, UsageError
from iop.ledger.archive import Extent, encode_block, encode_head, encode_waiting
from iop.ledger.block import compute_block_id
from iop.ledger.genesis import compute_genesis_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.ledger.genesis import Genesis
    from iop.store.ledger import LedgerStore


def export(
    store: LedgerStore,
    genesis: Genesis,
    *,
    first: int = FIRST,
    until: int | None = None,
    binary: bool = False,
    progress: Callable[[int, int], object] = lambda _height, _last: None,
) -> Iterator[dict[str, Any]]:
    """The records of an archive of blocks `first` to `until`; without an end, all blocks and then the waiting transactions.

    Raises UsageError for a range that is none, MissingError for blocks that are not there yet or not any more, DataError for a
    damaged log.
    """
    # First the pool, then the head: what becomes a block between the two is in both, and nothing is in neither.
    waiting = store.pool() if until is None else []
    head = store.head() or FIRST - 1
    last = head if until is None else until
    if not FIRST <= first <= last + 1:
        raise UsageError(
            f"a range of blocks begins at {FIRST} or later and ends at {head} or earlier, got {first} to {last}"
        )
    if last > head:
        raise MissingError(f"there is no block {last} yet, the newest is {head}")
    if first <= last:
        store.block_at(first)  # says so before anything is written when it was pruned
    record = parse_json(store.genesis())
    network = record.get("network") if isinstance(record, dict) else None
    start = compute_block_id(compute_genesis_block(genesis), genesis.params)
    yield encode_head(network, start, Extent(first, last, len(waiting)))
    if first <= last:
        for entry in store.blocks(first):
            yield encode_block(entry.height, entry.data, genesis.params.nethash, binary=binary)
            progress(entry.height, last)
            if entry.height == last:
                break
    for left in waiting:
        yield encode_waiting(left.txid, left.data, binary=binary)
