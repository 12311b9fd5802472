"""What became of transactions on layer 2, as one hash over the whole chain: the part of the state that only grows.

An event is the JSON array `["transaction id", confirmed, ["DID"…] | null]`: the DIDs that it tried to change, null for a transaction
on names. Of a block with events, the hash is SHA-256(hash so far ‖ height as 8 bytes little endian ‖ events joined by line feeds);
other blocks leave it as it is. Verdicts, attempts and histories of DIDs follow from the events, so a snapshot that carries them
can be checked against the state hash.
"""

from __future__ import annotations

from iop.codec.json import encode_string
from iop.crypto.hash import sha256
from iop.errors import SchemaError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.codec.json import Json

START = bytes(32)
KEPT = 64  # blocks that can be taken back
PACKED = 256  # blocks packed together
_HEX = frozenset("0123456789abcdef")
_ID_DIGITS = 64


@value
class Event:
    """A transaction that layer 2 recorded. dids: those it tried to change; None for one on names."""

    txid: str
    is_confirmed: bool
    dids: tuple[str, ...] | None


def encode_event(event: Event) -> str:
    """The text of an event that is hashed."""
    dids = "null"
    if event.dids is not None:
        dids = f"[{','.join([encode_string(did) for did in event.dids])}]"
    return f'["{event.txid}",{"true" if event.is_confirmed else "false"},{dids}]'


def parse_event(row: Json) -> Event:
    """The event of its array. Raises SchemaError."""
    if not isinstance(row, list) or len(row) != 3:
        raise SchemaError(f"event of 3 members expected, got {row!r:.80}")
    txid, is_confirmed, dids = row
    if not isinstance(txid, str) or type(is_confirmed) is not bool:
        raise SchemaError(f"not an event: {row!r:.80}")
    if len(txid) != _ID_DIGITS or not _HEX.issuperset(txid):
        # an id with quotes in it could hide other events in the text that is hashed
        raise SchemaError(f"an event's transaction id has 64 hex digits, got {txid!r:.80}")
    if dids is None:
        return Event(txid, is_confirmed, None)
    if not isinstance(dids, list) or not all(isinstance(did, str) for did in dids):
        raise SchemaError(f"not an event: {row!r:.80}")
    return Event(txid, is_confirmed, tuple(dids))


class History:
    """All events so far by block, older ones packed, and the hash over them. Changed by `append` and `pop` alone."""

    def __init__(self) -> None:
        self.digest = START
        self.count = 0
        self._recent: list[tuple[int, str, bytes]] = []  # height, text, hash before
        self._packed: list[bytes] = []

    def append(self, height: int, events: Iterable[Event]) -> None:
        """Take a block's events in; a block without any leaves no trace."""
        texts = [encode_event(event) for event in events]
        if not texts:
            return
        text = "\n".join(texts)
        self._recent.append((height, text, self.digest))
        self.digest = sha256(self.digest + height.to_bytes(8, "little") + text.encode())
        self.count += len(texts)
        if len(self._recent) >= KEPT + PACKED:
            self._pack()

    def pop(self, height: int) -> None:
        """Take the events of a block back, if it had any; it has to be the newest."""
        if self._recent and self._recent[-1][0] == height:
            _, text, self.digest = self._recent.pop()
            self.count -= text.count("\n") + 1

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Height and events, as a JSON array, of every block that had any, oldest first."""
        import zlib

        for packed in self._packed:
            for line in zlib.decompress(packed).decode().split("\n\n"):
                number, _, events = line.partition("\n")
                yield int(number), _to_array(events)
        for height, text, _ in self._recent:
            yield height, _to_array(text)

    def _pack(self) -> None:
        import zlib

        old, self._recent = self._recent[:PACKED], self._recent[PACKED:]
        joined = "\n\n".join([f"{height}\n{text}" for height, text, _ in old])
        self._packed.append(zlib.compress(joined.encode(), 1))


def _to_array(text: str) -> str:
    return "[" + text.replace("\n", ",") + "]"
