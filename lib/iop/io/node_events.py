"""What a node tells as it happens: its event stream, read for as long as anybody wants, taken up again where it was cut off."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from iop.codec.json import parse_json
from iop.errors import BusyError, DataError, MissingError, NetError, PeerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from iop.io.node_exchange import Exchange

    Record = dict[str, Any]

PATH = "/iop/v1/events"
SILENCE_S = 60.0  # nodes say something at least every 15 seconds
PAUSE_S = 0.5  # between two attempts to come back
LONGEST = 64 << 20  # bytes of one event
_CUTS = (NetError, BusyError, PeerError)


def watch(
    exchange: Exchange, members: list[tuple[str, str]], after: int | None, patience_s: float
) -> Iterator[Record]:
    """The records of events, for ever; `members`: of the query (did, name, kind); after: the height they begin behind, None: now.

    A stream that breaks off is taken up again; who cannot be reached for `patience_s` seconds then is given up with the error that
    the last attempt met. Raises MissingError when the blocks that come next were pruned.
    """
    place = "" if after is None else str(after)
    query = f"?{urlencode(members)}" if members else ""
    since: float | None = None  # cut off; None before the first answer, when every error counts
    is_new = True
    while True:
        try:
            headers = {"Last-Event-ID": place} if place else {}
            pieces = exchange.follow(PATH + query, headers, SILENCE_S)
            for name, id_, data in parse_events(pieces):
                is_new, since = False, None
                place = id_ or place
                if name == "end":
                    _end(data)
                    break
                if data:
                    yield _parse(data)
        except _CUTS:
            if is_new or (since is not None and time.monotonic() - since > patience_s):
                raise
        since = time.monotonic() if since is None else since
        time.sleep(PAUSE_S)


def parse_events(pieces: Iterable[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Name, id and data of server-sent events out of bytes in any pieces; also of those that have no data. Raises PeerError."""
    name, id_, size = "", "", 0
    data: list[bytes] = []
    for line in _split(pieces):
        if not line:
            yield name, id_, b"\n".join(data)
            name, data, size = "", [], 0
            continue
        field, _, text = line.partition(b":")
        text = text.removeprefix(b" ")
        size += len(text)
        if size > LONGEST:
            raise PeerError("an event of the node is too long")
        if field == b"data":
            data.append(text)
        elif field == b"event":
            name = text.decode("utf-8", "replace")
        elif field == b"id":
            id_ = text.decode("latin-1")


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        *lines, held = (held + piece).split(b"\n")
        if len(held) > LONGEST:
            raise PeerError("an event of the node is too long")
        for line in lines:
            yield line.removesuffix(b"\r")


def _parse(data: bytes) -> Record:
    try:
        record = parse_json(data)
    except DataError as exc:
        raise PeerError("the node told an event that is no JSON") from exc
    if not isinstance(record, dict):
        raise PeerError("the node told an event that is no record")
    return record


def _end(data: bytes) -> None:
    """Nothing where one may come back at once."""
    record = _parse(data)
    if record.get("reason") == "pruned":
        raise MissingError(
            f"the node has no blocks behind height {record.get('height')} any more",
            hint="begin later, or ask a node that keeps all",
        )
