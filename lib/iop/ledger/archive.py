"""Archives: the block log of a chain as a stream of records, to carry it from one store to another.

    iop.archive/1   network, genesis_block, first, last, waiting    what follows, so that an end too early is noticed
    iop.block/1     height, id, data                                every block from `first` to `last`
    iop.waiting/1   id, data                                        `waiting` accepted transactions that are in no block

`data` are the bytes of `iop.ledger.block` and of the wire, hex in JSON. Nothing seals an archive: a block is signed by its
producer and names its parent, a transaction is signed by its sender. Archives that follow one another are one stream.
"""

from __future__ import annotations

from iop.codec.hex import parse_hex
from iop.errors import DataError, DecodeError, SchemaError
from iop.ledger.block import compute_block_id, compute_header_id, parse_block, parse_header
from iop.ledger.wire import compute_id_bytes, parse_transaction
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.block import Block
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction

    Record = dict[str, Any]

ARCHIVE = "iop.archive/1"
BLOCK = "iop.block/1"
WAITING = "iop.waiting/1"
MAX_HEIGHT = 2**53 - 1


@value
class ArchivedBlock:
    """A block as it was carried. Nobody has judged its signature or its place yet."""

    block: Block
    data: bytes


@value
class Extent:
    """What an archive announces: blocks `first` to `last` (`first` - 1 where there are none), and how many transactions wait."""

    first: int
    last: int
    waiting: int


def encode_head(network: Json, genesis_block: bytes, extent: Extent) -> Record:
    """The first record. `network`: its name, or the record of its genesis file."""
    return {
        "type": ARCHIVE,
        "network": network,
        "genesis_block": genesis_block.hex(),
        "first": extent.first,
        "last": extent.last,
        "waiting": extent.waiting,
    }


def encode_block(height: int, data: bytes, nethash: bytes, *, binary: bool = False) -> Record:
    """The record of a block; `binary` keeps the bytes as they are, for CBOR."""
    id_ = compute_header_id(parse_header(data), nethash)
    return {
        "type": BLOCK,
        "height": height,
        "id": id_.hex(),
        "data": data if binary else data.hex(),
    }


def encode_waiting(txid: bytes, data: bytes, *, binary: bool = False) -> Record:
    """The record of a waiting transaction."""
    return {"type": WAITING, "id": txid.hex(), "data": data if binary else data.hex()}


def read_archive(
    records: Iterable[Any], params: Params, genesis_block: bytes
) -> Iterator[ArchivedBlock | Transaction]:
    """The blocks and waiting transactions of a stream, as far as it is whole, each with the id that it says.

    Raises DataError where it stops being one: another record or chain, a gap, bytes that are no block or that have another id, an
    end before everything that was announced.
    """
    reader = _Reader(params, genesis_block)
    for record in records:
        found = reader.feed(record)
        if found is not None:
            yield found
    reader.finish()


class _Reader:
    """What has come, and what has to come."""

    def __init__(self, params: Params, genesis_block: bytes) -> None:
        self._params = params
        self._genesis_block = genesis_block.hex()
        self._next = 0
        self._last = -1
        self._waiting = 0
        self._begun = False

    def feed(self, record: Any) -> ArchivedBlock | Transaction | None:
        kind = record.get("type") if isinstance(record, dict) else None
        if kind == ARCHIVE:
            self._open(record)
            return None
        if not self._begun:
            raise SchemaError(
                f"an archive begins with a record of type {ARCHIVE}, got {kind!r:.60}",
                hint="iop-node export makes one",
            )
        if kind == BLOCK and self._next <= self._last:
            return self._read_block(record)
        if kind == WAITING and self._next > self._last and self._waiting:
            return self._read_waiting(record)
        raise SchemaError(f"{self._wanted()} expected in the archive, got {kind!r:.60}")

    def finish(self) -> None:
        """Raise DecodeError unless all that was announced has come."""
        if not self._begun:
            raise DecodeError("the archive is empty", hint="look at the step before")
        if self._next <= self._last or self._waiting:
            raise DecodeError(
                f"the archive ends too early: {self._wanted()} expected",
                hint="get it whole; what came is kept, and import goes on from there",
            )

    def _open(self, record: Record) -> None:
        if self._begun:
            self.finish()
        found = record.get("genesis_block")
        if found != self._genesis_block:
            raise DataError(
                f"archive of the chain that starts with block {self._genesis_block} expected, got {found!r:.80}",
                hint="iop-node init --network with the network of the archive's first record",
            )
        self._next = _number(record, "first")
        self._last = _number(record, "last")
        self._waiting = _number(record, "waiting")
        if not 1 < self._next <= self._last + 1:
            raise SchemaError(
                f"archive from block 2 or later expected, got {self._next} to {self._last}"
            )
        self._begun = True

    def _read_block(self, record: Record) -> ArchivedBlock:
        height = _number(record, "height")
        if height != self._next:
            raise DataError(f"{self._wanted()} expected in the archive, got block {height}")
        data = _data(record, f"block {height}")
        try:
            block = parse_block(data)
        except DataError as exc:
            raise DataError(f"block {height} of the archive: {exc.message}") from exc
        if block.height != height:
            raise DataError(f"block {height} of the archive says it is block {block.height}")
        if compute_block_id(block, self._params).hex() != record.get("id"):
            raise DataError(f"block {height} of the archive has not the id that stands beside it")
        self._next += 1
        return ArchivedBlock(block, data)

    def _read_waiting(self, record: Record) -> Transaction:
        name = str(record.get("id"))[:64]
        try:
            tx = parse_transaction(_data(record, f"transaction {name}"))
        except DataError as exc:
            raise DataError(f"waiting transaction {name} of the archive: {exc.message}") from exc
        if compute_id_bytes(tx).hex() != name:
            raise DataError(
                f"waiting transaction {name} of the archive has not the id that stands beside it"
            )
        self._waiting -= 1
        return tx

    def _wanted(self) -> str:
        if self._next <= self._last:
            return f"block {self._next} of {self._last}"
        if self._waiting:
            return f"waiting transaction, {self._waiting} more of them,"
        return f"record of type {ARCHIVE} or the end"


def _number(record: Record, name: str) -> int:
    number = record.get(name)
    if type(number) is not int or not 0 <= number <= MAX_HEIGHT:
        raise SchemaError(f"{name!r} of the archive must be a whole number, got {number!r:.60}")
    return number


def _data(record: Record, what: str) -> bytes:
    data = record.get("data")
    if isinstance(data, bytes):
        return data
    if not isinstance(data, str):
        raise SchemaError(f"{what} of the archive has no data")
    try:
        return parse_hex(data)
    except DataError as exc:
        raise DecodeError(f"{what} of the archive: {exc.message}") from exc
