"""What a replica hands on, and what becomes of a primary that is slow, odd or gone."""

import asyncio
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from iop.daemon.http.dispatch import Request
from iop.daemon.http.reply import NOT_FOUND
from iop.daemon.ledger import forward as ledger_forward
from iop.daemon.ledger.forward import Forwarding, Primary, is_forwarded
from iop.errors import UsageError


class Handler(BaseHTTPRequestHandler):
    """Tells what it was asked, or does what the path says."""

    def do_GET(self):  # noqa: N802 - the library's name
        if self.path.endswith("hang"):
            self.server.held.wait(20)
            return
        if self.path.endswith("large"):
            self.answer(200, b"x" * 2000)
            return
        if self.path.endswith("moved"):
            self.send_response(302)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        size = int(self.headers.get("content-length", 0))
        told = {
            "method": self.command,
            "path": self.path,
            "body": self.rfile.read(size).decode(),
            "kind": self.headers.get("content-type"),
        }
        self.answer(202, json.dumps(told).encode())

    do_POST = do_GET  # noqa: N815 - the library's name

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.held = threading.Event()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.held.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def primary(server):
    made = Primary(f"http://127.0.0.1:{server.server_port}")
    yield made
    made.close()


def ask(primary, *requests):
    async def main():
        return await asyncio.gather(*(primary.ask(request) for request in requests))

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("POST", "/api/transactions", True),
        ("GET", "/api/transactions/unconfirmed", True),
        ("HEAD", "/api/transactions/unconfirmed/ab12", True),
        ("GET", "/api/transactions", False),
        ("GET", "/api/transactions/ab12", False),
        ("POST", "/api/transactions/search", False),
        ("POST", "/iop/v1/check", False),
        ("DELETE", "/api/transactions/unconfirmed", False),
        ("GET", "/api/transactions/unconfirmedly", False),
        ("GET", "/api/transactions/unconfirmed/../../../metrics", False),
        ("GET", "/api/transactions/unconfirmed/%2e%2e", False),
        ("GET", "/api/transactions/unconfirmed/", False),
    ],
)
def test_what_is_handed_on(method, path, answer):
    assert is_forwarded(method, path) is answer


def test_a_request_goes_as_it_is_and_comes_back_so(primary):
    posted = Request("POST", "/api/v2/transactions", "application/json", "", b'{"a":1}', "x=%20y&z")
    (reply,) = ask(primary, posted)
    assert (reply.status, reply.kind) == (202, b"application/json")
    assert json.loads(reply.body) == {
        "method": "POST",
        "path": "/api/v2/transactions?x=%20y&z",
        "body": '{"a":1}',
        "kind": "application/json",
    }


def test_only_what_needs_the_primary_goes_there(primary):
    class Own:
        def find(self, _method, _path):
            return NOT_FOUND

    routes = Forwarding(Own(), primary)
    assert routes.find("GET", "/api/v2/blocks") is NOT_FOUND
    assert routes.find("POST", "/api/v2/transactions") == primary.ask
    assert routes.find("POST", "/api/transactions") == primary.ask


def test_a_primary_that_is_gone(primary, server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gone = Primary(f"http://127.0.0.1:{probe.getsockname()[1]}")
        (reply,) = ask(gone, Request("GET", "/x"))
        gone.close()
    assert reply.status == 503
    assert b"does not answer" in reply.body
    assert gone.failures == 1


def test_a_primary_that_says_nothing(primary, monkeypatch):
    monkeypatch.setattr(ledger_forward, "TIMEOUT_S", 0.05)
    (reply,) = ask(primary, Request("GET", "/hang"))
    assert reply.status == 503


def test_no_more_wait_than_may(primary, monkeypatch):
    monkeypatch.setattr(ledger_forward, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(ledger_forward, "MAX_WAITING", 2)
    replies = ask(primary, *[Request("GET", "/hang")] * 4)
    assert sum(b"Too many requests" in reply.body for reply in replies) == 2
    assert {reply.status for reply in replies} == {503}


def test_an_answer_that_is_too_long_and_one_that_leads_elsewhere(primary, monkeypatch):
    monkeypatch.setattr(ledger_forward, "MAX_ANSWER", 1000)
    long, moved = ask(primary, Request("GET", "/large"), Request("GET", "/moved"))
    assert (long.status, moved.status) == (503, 302)


def test_no_primary():
    nobody = Primary("")
    (reply,) = ask(nobody, Request("GET", "/x"))
    nobody.close()
    assert reply.status == 503
    assert b"knows no primary" in reply.body


@pytest.mark.parametrize("url", ["x", "ftp://x", "http://x/path", "http://u:p@x"])
def test_what_is_no_address(url):
    with pytest.raises(UsageError):
        Primary(url)
