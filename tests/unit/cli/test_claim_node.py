"""iop-claim and iop-present verify against a node: what they ask, and what they make of the answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from iop.claim.presentation import build_presentation
from iop.claim.signed import AfterProof, Signer, wrap_after
from iop.claim.statement import build_claim, build_statement
from iop.codec.digest import compute_content_id
from iop.did.document import implicit_document
from iop.did.identifier import compute_did
from iop.keys.multicipher import SecretKey

UNIVERSITY, GRADUATE = (Signer(SecretKey("e", bytes([n]) * 32)) for n in (1, 2))
U, G = (compute_did(signer.public) for signer in (UNIVERSITY, GRADUATE))
CLAIM = build_claim(str(G), {"degree": "MSc"}, bytes)
STATEMENT = build_statement("cjuP", CLAIM, str(U), f"{U}#0", bytes)
SIGNED = UNIVERSITY.sign_json(STATEMENT)
PRESENTATION = GRADUATE.sign_json(build_presentation([SIGNED], ".content.degree", [], bytes))


class Node:
    """A node that answers what it is told to, and remembers what it was asked."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = unquote(self.path)
                node.asked.append(path)
                status, body = node.answer(path)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path in self.answers:
            return 200, self.answers[path]
        if path.startswith("/morpheus/v1/before-proof/"):
            return 200, {
                "contentId": "x",
                "existsFromHeight": None,
                "txid": None,
                "queriedAtHeight": 100,
            }
        return 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}

    def show(self, did, *, height=None, **change):
        tail = "" if height is None else f"/{height}"
        path = f"/morpheus/v1/did/{did}/document{tail}"
        self.answers[path] = implicit_document(did, height or 100) | change

    def register(self, record, height):
        path = f"/morpheus/v1/before-proof/{compute_content_id(record)}/history"
        self.answers[path] = {
            "contentId": "x",
            "existsFromHeight": height,
            "txid": "t",
            "queriedAtHeight": 100,
        }

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def node():
    one = Node()
    one.show(U)
    one.show(G)
    yield one
    one.close()


def verify(command, record, node, *options):
    program = os.path.join(os.path.dirname(sys.executable), command)
    done = subprocess.run(
        [program, "verify", "--node", node.url, "--now", "2026-01-01", "--json", *options],
        input=json.dumps(record),
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout or done.stderr)
    names = [issue["name"] for issue in found.get("issues", ())]
    return done.returncode, found.get("status", found.get("code")), names


def revoke(node, height):
    keys = implicit_document(U, 100)["keys"]
    node.show(U, keys=[keys[0] | {"validUntilHeight": height}])


def test_documents_come_from_the_node(node):
    assert verify("iop-claim", SIGNED, node) == (0, "valid", [])
    assert verify("iop-present", PRESENTATION, node) == (0, "valid", [])
    assert [path for path in node.asked if "/did/" in path] == [
        f"/morpheus/v1/did/{U}/document",
        f"/morpheus/v1/did/{G}/document",
        f"/morpheus/v1/did/{U}/document",
    ]


def test_registration_is_looked_up(node):
    revoke(node, 50)
    assert verify("iop-claim", SIGNED, node) == (1, "invalid", ["key-expired"])
    node.register(SIGNED, 40)
    assert verify("iop-claim", SIGNED, node) == (0, "valid", [])
    assert verify("iop-present", PRESENTATION, node) == (0, "valid", [])
    node.register(SIGNED, 60)
    assert verify("iop-claim", SIGNED, node) == (1, "invalid", ["key-expired"])


def test_heights_are_asked_for(node):
    revoke(node, 50)
    keys = implicit_document(U, 100)["keys"]
    node.show(U, height=30, keys=[keys[0] | {"validUntilHeight": 50}])
    node.register(SIGNED, 90)
    assert verify("iop-claim", SIGNED, node, "--height", "30") == (0, "valid", [])


def test_after_proofs_are_held_against_the_chain(node):
    signed = UNIVERSITY.sign_json(wrap_after(STATEMENT, AfterProof(7, "aa")))
    assert verify("iop-claim", signed, node) == (1, "maybe valid", ["after-proof-unchecked"])
    node.answers["/api/v2/blocks/7"] = {"data": {"id": "aa", "height": 7}}
    assert verify("iop-claim", signed, node) == (0, "valid", [])
    node.answers["/api/v2/blocks/7"] = {"data": {"id": "bb", "height": 7}}
    assert verify("iop-claim", signed, node) == (1, "invalid", ["after-proof-wrong"])


def test_files_go_before_the_node(node, tmp_path):
    path = tmp_path / "documents.json"
    path.write_text(json.dumps(implicit_document(U, 100)))
    assert verify("iop-claim", SIGNED, node, "--document", str(path)) == (0, "valid", [])
    assert not [asked for asked in node.asked if "/did/" in asked]


def test_a_node_that_mixes_people_up_is_refused(node):
    node.answers[f"/morpheus/v1/did/{U}/document"] = implicit_document(G, 100)
    assert verify("iop-claim", SIGNED, node)[:2] == (76, "peer")


def test_a_node_without_heights_is_refused(node):
    node.register(SIGNED, "soon")
    assert verify("iop-claim", SIGNED, node)[:2] == (76, "peer")


def test_a_node_that_is_away(node):
    node.close()
    assert verify("iop-claim", SIGNED, node)[:2] == (69, "net")
