"""Server-sent events out of bytes in any pieces, and a stream that is taken up again."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from iop.errors import BusyError, MissingError, NetError, PeerError
from iop.io import node_events
from iop.io.node_events import parse_events, watch

STREAM = (
    b"retry: 2000\n\nevent: transaction\ndata: {}\n\nevent: block\nid: 7\ndata: [1,\ndata:2]\n\n"
    b":\nid: 9\r\n\r\nevent: transaction\ndata: cut off"
)
EVENTS = [
    ("", "", b""),
    ("transaction", "", b"{}"),
    ("block", "7", b"[1,\n2]"),
    ("", "9", b""),
]


def test_events() -> None:
    assert list(parse_events([STREAM])) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in zip(places, places[1:], strict=False)]
    assert list(parse_events(pieces)) == EVENTS


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_bytes(pieces: list[bytes]) -> None:
    for name, id_, data in parse_events(pieces):
        assert isinstance(name, str) and isinstance(id_, str) and isinstance(data, bytes)


def test_events_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_events, "LONGEST", 10)
    with pytest.raises(PeerError, match="too long"):
        list(parse_events([b"data: " + b"x" * 11]))
    with pytest.raises(PeerError, match="too long"):
        list(parse_events([b"data: xxxxx\n"] * 3))


class Node:
    """Answers each request with the next of some scripts: pieces, and at the end perhaps an error."""

    def __init__(self, *scripts: list[bytes | Exception]) -> None:
        self.scripts = list(scripts)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def follow(self, path: str, headers: dict[str, str], _silence_s: float):
        self.asked.append((path, headers))
        for piece in self.scripts.pop(0) if self.scripts else [NetError("gone")]:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def event(height: int, name: str = "block", **more: object) -> bytes:
    import json

    data = json.dumps({"height": height, **more})
    return f"event: {name}\nid: {height}\ndata: {data}\n\n".encode()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_events, "PAUSE_S", 0.0)


def test_it_comes_back_where_it_was_cut_off() -> None:
    node = Node(
        [b"retry: 2\n\n", event(1), event(2), PeerError("cut")],
        [NetError("restarting")],
        [event(3), event(3, "end", reason="stopping"), event(99)],
        [event(4), BusyError("silent")],
        [event(5)],
    )
    found = watch(node, [("did", "did:x"), ("kind", "block")], 0, 60.0)  # type: ignore[arg-type]
    assert [next(found)["height"] for _ in range(5)] == [1, 2, 3, 4, 5]
    path = "/iop/v1/events?did=did%3Ax&kind=block"
    places = [headers["Last-Event-ID"] for asked, headers in node.asked if asked == path]
    assert places == ["0", "2", "2", "3", "4"]


def test_a_node_that_was_never_there() -> None:
    with pytest.raises(NetError):
        next(watch(Node(), [], None, 60.0))  # type: ignore[arg-type]


def test_patience_ends() -> None:
    found = watch(Node([event(1)]), [], None, -1.0)  # type: ignore[arg-type]
    assert next(found)["height"] == 1
    with pytest.raises(NetError):
        next(found)


def test_pruned_blocks_cannot_be_told() -> None:
    node = Node([event(3, "end", reason="pruned")])
    with pytest.raises(MissingError, match="no blocks behind height 3"):
        next(watch(node, [], 3, 60.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"nonsense", b"[]"])
def test_what_is_no_record(data: bytes) -> None:
    node = Node([b"data: " + data + b"\n\n"], [event(1)])
    assert next(watch(node, [], None, 60.0))["height"] == 1  # type: ignore[arg-type]
