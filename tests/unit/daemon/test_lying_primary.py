"""A primary whose bytes are not what HTTP wants, or that never come to an end."""

import asyncio
import contextlib
import socket
import threading

import pytest

from iop.daemon.http.dispatch import Request
from iop.daemon.ledger import forward as ledger_forward
from iop.daemon.ledger.forward import Primary

GZIP = b"content-encoding: gzip\r\n"


@contextlib.contextmanager
def saying(head, body=b"", *, drip=b""):
    """The URL of a server that says these bytes to everybody, then `drip` a hundred times a second, then closes."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while not stop.is_set():
            with contextlib.suppress(OSError), server.accept()[0] as peer:
                peer.recv(65536)
                peer.sendall(head + body)
                while drip and not stop.wait(0.01):
                    peer.sendall(drip)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    stop.set()
    with contextlib.suppress(OSError):
        socket.create_connection(server.getsockname()).close()
    thread.join()
    server.close()


def ask(url):
    primary = Primary(url)
    try:
        return asyncio.run(primary.ask(Request("GET", "/api/v2/transactions/unconfirmed")))
    finally:
        primary.close()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnothing\r\n",
        b"HTTP/1.1 200 OK\r\n" + GZIP + b"content-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 700 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 101 Go\r\n\r\n",
        b"HTTP/1.1 204 None\r\n\r\n",
        b"HTTP/1.1 304 Old\r\n\r\n",
        b"HTTP/9.9 200\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\0" * 100,
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\na: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=lambda said: repr(said[:60]),
)
def test_what_is_no_answer(said):
    with saying(said) as url:
        reply = ask(url)
    assert reply.status in (200, 503)
    assert reply.status == 503 or not reply.body or said.startswith(b"HTTP/1.1 200")


def test_an_answer_that_never_ends(monkeypatch):
    monkeypatch.setattr(ledger_forward, "ANSWER_S", 0.2)
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", drip=b"x") as url:
        assert ask(url).status == 503
    with saying(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", drip=b"1\r\nx\r\n"
    ) as url:
        assert ask(url).status == 503
