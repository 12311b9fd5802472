"""What happens on the chain, as server-sent events: made from the log, block by block, for any number of readers at their own pace.

A stream is a place in the chain: it sends what the blocks from there on hold, then waits for the next. A reader that falls behind
costs nothing but its place, so there is nothing to overflow; one that was at the head and then stays too far behind is told so and
let go, and comes back where it was. The events of a block are made once for all readers.
"""

from __future__ import annotations

import asyncio

from iop.codec.json import encode_json
from iop.daemon.http.description import (
    BOOLEAN,
    HEX_ID,
    NATURAL,
    NULL,
    TEXT,
    either,
    list_of,
    record_of,
)
from iop.did.operation import parse_asset
from iop.did.registry import find_dids
from iop.errors import DataError, MissingError
from iop.ledger import kind as kinds
from iop.ledger.wire import compute_id_bytes
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any, Protocol

    from iop.daemon.ledger.chain import Chain
    from iop.daemon.ledger.rejections import Rejections
    from iop.ledger.block import Block
    from iop.ledger.state import Changes, State
    from iop.ledger.wire import Transaction

    Record = dict[str, Any]
    Made = tuple[
        list[tuple[Record, bytes]], bytes
    ]  # records of transactions with their events, the event of the block

    class View(Protocol):
        """What the events are made of."""

        state: State
        rejections: Rejections

        @property
        def chain(self) -> Chain: ...
        def on_block(self, hook: Callable[[Changes], None]) -> None: ...


BLOCK, TRANSACTION = "block", "transaction"
KINDS = (BLOCK, TRANSACTION, *(kind.key for kind in kinds.KINDS.values()))
HEARTBEAT_S = 15.0  # the longest silence
RETRY_MS = 2000  # when a reader that was cut off comes back
MAX_BEHIND = 1000  # blocks that a reader who was at the head may fall behind
KEPT = 8  # blocks whose events are kept made

_TX = record_of(
    "tx-event",
    height=NATURAL,
    id=HEX_ID,
    kind=TEXT,
    sender=TEXT,
    optional={
        "dids": list_of(TEXT),
        "names": list_of(TEXT),
        "confirmed": BOOLEAN,
        "reason": TEXT,
    },
)
_BLOCK = record_of(
    "block-event",
    height=NATURAL,
    id=HEX_ID,
    stateHash=either(HEX_ID, NULL),
    transactions=NATURAL,
)
_END = record_of("end-event", height=NATURAL, reason={"enum": ["slow", "pruned", "stopping"]})
EVENT = either(_TX, _BLOCK, _END)


@value
class Wish:
    """Which events a reader wants. kinds: of KINDS, none for all that fits; did, name (and all names below): of transactions."""

    kinds: frozenset[str] = frozenset()
    did: str = ""
    name: str = ""

    @property
    def wants_blocks(self) -> bool:
        """Blocks are told unless something else was asked for."""
        return BLOCK in self.kinds or not (self.kinds or self.did or self.name)

    def wants(self, record: Record) -> bool:
        """Whether a transaction's event fits."""
        if self.kinds and not self.kinds & {TRANSACTION, record["kind"]}:
            return False
        if self.did and self.did not in record.get("dids", ()):
            return False
        if not self.name:
            return True
        return any(f"{name}.".startswith(f"{self.name}.") for name in record.get("names", ()))


class EventStreams:
    """All streams of one node."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._news = asyncio.Event()
        self._is_closed = False
        self._made: dict[int, Made] = {}
        view.on_block(self._tell)

    def close(self) -> None:
        """End all streams, and those that still come."""
        self._is_closed = True
        self._news.set()

    def first(self) -> int:
        """The height after which a reader who names none goes on: the newest."""
        return self._view.state.height

    def check(self, after: int) -> None:
        """Nothing when the events after a height can be told. Raises MissingError for blocks that were pruned."""
        state = self._view.state
        if max(after, state.genesis_block.height) < state.height:
            self._make(max(after, state.genesis_block.height) + 1)

    async def run(self, wish: Wish, after: int) -> AsyncIterator[bytes]:
        """The bytes of a stream: events after a height, then those to come; heartbeats; its end, if it has one."""
        state = self._view.state
        height = max(after, state.genesis_block.height)
        was_at_head = False
        yield b"retry: %d\n\n" % RETRY_MS
        while not self._is_closed:
            news = self._news
            while height < state.height and not self._is_closed:
                if was_at_head and state.height - height > MAX_BEHIND:
                    yield _encode_end(height, "slow")
                    return
                try:
                    part = self._encode(height + 1, wish)
                except MissingError:
                    yield _encode_end(height, "pruned")
                    return
                height += 1
                if part:
                    yield part
                await asyncio.sleep(0)
            was_at_head = was_at_head or height >= state.height
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield b":\nid: %d\n\n" % height
        yield _encode_end(height, "stopping")

    def _tell(self, _changes: Changes) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _encode(self, height: int, wish: Wish) -> bytes:
        """The events of a block that are wanted. The block's comes last and has the id, so that one cut off in between gets them again."""
        transactions, block = self._make(height)
        parts = [encoded for record, encoded in transactions if wish.wants(record)]
        if wish.wants_blocks:
            parts.append(block)
        elif parts:
            parts.append(b"id: %d\n\n" % height)
        return b"".join(parts)

    def _make(self, height: int) -> Made:
        found = self._made.get(height)
        if found is None:
            block = self._view.chain.block_at(height)
            if block is None:
                raise MissingError(f"block {height} is not in this node's log")
            records = [self._show(height, tx) for tx in block.transactions]
            encoded = [(record, _encode_event(TRANSACTION, record)) for record in records]
            found = encoded, _encode_event(BLOCK, self._show_block(block), height)
            if len(self._made) >= KEPT:
                del self._made[next(iter(self._made))]
            self._made[height] = found
        return found

    def _show_block(self, block: Block) -> Record:
        from iop.ledger.block import compute_block_id

        state = self._view.state
        after = state.state_hash
        if block.height < state.height:
            header = self._view.chain.header_at(block.height + 1)
            after = bytes(32) if header is None else header.state
        return {
            "type": "iop.block-event/1",
            "height": block.height,
            "id": compute_block_id(block, state.params).hex(),
            "stateHash": after.hex() if any(after) else None,  # headers of old blocks have none
            "transactions": len(block.transactions),
        }

    def _show(self, height: int, tx: Transaction) -> Record:
        from iop.ledger.address import compute_address_hash, encode_address

        txid = compute_id_bytes(tx)
        record: Record = {
            "type": "iop.tx-event/1",
            "height": height,
            "id": txid.hex(),
            "kind": kinds.find_kind(tx.type_group, tx.type).key,
            "sender": encode_address(tx.network, compute_address_hash(tx.sender)),
        }
        if tx.type_group == kinds.MORPHEUS_GROUP:
            is_did = tx.type == kinds.MORPHEUS.type
            record |= {"dids": _find_dids(tx)} if is_did else {"names": _find_names(tx)}
            record["confirmed"] = self._is_confirmed(txid.hex(), is_did=is_did)
            reason = self._view.rejections.find(txid)
            record |= {} if reason is None else {"reason": reason}
        return record

    def _is_confirmed(self, txid: str, *, is_did: bool) -> bool:
        """What layer 2 said; what it could not read it did not confirm."""
        if is_did:
            return bool(self._view.state.registry.is_confirmed(txid))
        try:
            return self._view.state.names.is_confirmed(txid)
        except MissingError:
            return False


def _find_dids(tx: Transaction) -> list[str]:
    try:
        return list(find_dids(parse_asset(tx.asset)))
    except DataError:
        return []


def _find_names(tx: Transaction) -> list[str]:
    from iop.ledger.coeus.bundle import asset_from_record

    try:
        asset = asset_from_record(tx.asset)
    except DataError:
        return []
    operations = [operation for bundle in asset.bundles for operation in bundle.operations]
    return list(dict.fromkeys(str(operation.name) for operation in operations))


def _encode_event(name: str, record: Record, height: int | None = None) -> bytes:
    place = b"" if height is None else b"id: %d\n" % height
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), place, encode_json(record).encode())


def _encode_end(height: int, reason: str) -> bytes:
    record = {"type": "iop.end-event/1", "height": height, "reason": reason}
    return _encode_event("end", record, height)
