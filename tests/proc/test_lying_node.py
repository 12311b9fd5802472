"""Commands that ask a node which does not tell the truth, or does not speak as one."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

from iop.claim.signed import Signer
from iop.keys.multicipher import SecretKey
from iop.ledger.board import encode_id, read_statement

FOLDER = os.path.dirname(sys.executable)
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


@pytest.fixture
def liar():
    """A server whose `answers` by path are JSON with status 200; all others are an empty object."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = json.dumps(server.answers.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answers = {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(liar, *words):
    done = subprocess.run(
        [os.path.join(FOLDER, words[0]), *words[1:], "--node", liar.url],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "record", [{}, {"type": "iop.proof/1"}, {"type": "iop.proof/1", "table": []}], ids=str
)
def test_what_is_no_proof_is_the_nodes_fault(liar, record):
    liar.answers[f"/iop/v1/proof/did/{DID}"] = record
    status, out, said = ask(liar, "iop-did", "resolve", DID, "--proof", "--trusted", "00" * 32)
    assert (status, out) == (76, "")
    assert "no proof" in said


def test_edges_that_would_write_on_the_terminal(liar):
    liar.answers["/coeus/v1/children/.schema"] = {"children": ["a", "\x1b]0;title\x07"]}
    status, out, _ = ask(liar, "iop-name", "children", ".schema")
    assert (status, out) == (76, "")


@pytest.fixture(scope="module")
def posting():
    statement = Signer(SecretKey("e", b"a" * 32)).sign_json({"type": "iop.vote/1"})
    id_ = encode_id(read_statement(statement).id)
    issuer = statement["signature"]["publicKey"]
    where = {"height": 7, "txid": "00" * 32, "position": 0}
    return {"type": "iop.posting/1", "id": id_, **where, "issuer": issuer, "statement": statement}


def test_a_statement_as_another_issuers(liar, posting):
    path = f"/iop/v1/board/{posting['id']}"
    liar.answers[path] = posting
    status, out, _ = ask(liar, "iop-board", "show", posting["id"])
    assert status == 0 and json.loads(out) == posting
    for wrong in (
        {"issuer": DID},
        {"issuer": None},
        {"height": "7"},
        {"height": True},
        {"height": None},
        {"txid": 5},
        {"txid": None},
    ):
        liar.answers[path] = posting | wrong
        status, out, _ = ask(liar, "iop-board", "show", posting["id"])
        assert (status, out) == (76, ""), wrong
