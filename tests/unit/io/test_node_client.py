"""The client of a node: what it asks, what it takes for an answer, and how it names what went wrong."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from iop.errors import (
    BusyError,
    DataError,
    IopError,
    MissingError,
    NetError,
    PeerError,
    SchemaError,
    UsageError,
)
from iop.io.node_client import NodeClient, open_node
from iop.io.node_exchange import normalize_url

NOT_FOUND = b'{"statusCode":404,"error":"Not Found","message":"Not Found"}'
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


class Node:
    """A node of a few lines: answers one path with one status and body, and notes what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, str, bytes]] = []
        self.released = threading.Event()
        self.kind = ""
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                node.asked.append((self.command, self.path, self.rfile.read(size)))
                status, body = node.answers.get(self.path, (404, NOT_FOUND))
                if status == 0:
                    node.released.wait(10)
                    return
                if status == -2:
                    self.send_response(200)
                    self.send_header("Content-Length", "1000000")
                    self.end_headers()
                    while not node.released.wait(0.05):
                        try:
                            self.wfile.write(b" ")
                        except OSError:
                            return
                    return
                if status == -1:
                    self.wfile.write(b"nonsense\r\n\r\n")
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                if node.kind:
                    self.send_header("Content-Type", node.kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, body: object, status: int = 200) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[path] = (status, data)

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    yield made
    made.close()


@pytest.fixture
def client(node: Node) -> Iterator[NodeClient]:
    made = NodeClient(node.url, 5.0)
    yield made
    made.close()


def test_documents(node: Node, client: NodeClient) -> None:
    document = {"did": DID, "queriedAtHeight": 5}
    for tail in ("", "/7"):
        node.answer(f"/morpheus/v1/did/{DID}/document{tail}", document)
    assert client.document(DID) == document
    assert client.document(DID, 0) == document
    assert client.document(DID, 7) == document
    assert [path.rsplit("/", 1)[1] for _, path, _ in node.asked] == ["document", "document", "7"]


def test_a_document_of_another_did_is_no_answer(node: Node, client: NodeClient) -> None:
    node.answer(f"/morpheus/v1/did/{DID}/document", {"did": "did:morpheus:ez"})
    with pytest.raises(PeerError, match="another DID"):
        client.document(DID)


def test_last_transaction(node: Node, client: NodeClient) -> None:
    path = f"/morpheus/v1/did/{DID}/transactions/last"
    assert client.last_transaction(DID) is None
    assert client.last_txid(DID) is None
    node.answer(path, {"transactionId": "t", "height": 5})
    assert client.last_txid(DID) == "t"
    node.answer(path, {"height": 5})
    with pytest.raises(PeerError, match="transactionId"):
        client.last_txid(DID)


def test_lists(node: Node, client: NodeClient) -> None:
    rows = [{"transactionId": "t", "height": 5}]
    root = f"/morpheus/v1/did/{DID}"
    node.answer(f"{root}/transactions/0", rows)
    node.answer(f"{root}/transaction-attempts/3/9", rows)
    node.answer(f"{root}/operations/1", rows)
    node.answer(f"{root}/operation-attempts/1", rows)
    assert client.transactions_of(DID) == rows
    assert client.transactions_of(DID, 3, 9, attempts=True) == rows
    assert client.operations_of(DID, 1) == rows
    assert client.operations_of(DID, 1, attempts=True) == rows
    assert client.operations_of(DID, 99) == []  # 404
    node.answer(f"{root}/transactions/0", {})
    with pytest.raises(PeerError, match="no list"):
        client.transactions_of(DID)


def test_before_proofs(node: Node, client: NodeClient) -> None:
    node.answer("/morpheus/v1/before-proof/by%20a%2Fb/exists", True)
    node.answer("/morpheus/v1/before-proof/c/exists/4", False)
    node.answer("/morpheus/v1/before-proof/c/history", {"contentId": "c"})
    assert client.before_proof_exists("by a/b") is True
    assert client.before_proof_exists("c", 4) is False
    assert client.before_proof_history("c") == {"contentId": "c"}
    node.answer("/morpheus/v1/before-proof/c/exists/4", 1)
    with pytest.raises(PeerError, match="neither true nor false"):
        client.before_proof_exists("c", 4)


def test_status_and_dry_run(node: Node, client: NodeClient) -> None:
    assert client.transaction_status("t") is None
    node.answer("/morpheus/v1/txn-status/t", False)
    assert client.transaction_status("t") is False
    node.answer("/morpheus/v1/check-transaction-validity", [])
    assert client.check_attempts([{"operation": "x"}]) == []
    assert node.asked[-1][0] == "POST"
    assert json.loads(node.asked[-1][2]) == [{"operation": "x"}]
    assert client.check_attempts([]) == []
    assert client.foresee_attempts([]) == []  # no such route there
    assert node.asked[-1][1].startswith("/morpheus")
    node.answer("/iop/v1/check", [{"message": "no"}])
    assert client.foresee_attempts([]) == [{"message": "no"}]
    assert node.asked[-1][0] == "POST"


def test_names(node: Node, client: NodeClient) -> None:
    node.answer("/coeus/v1/resolve/.a.b", {"data": None})
    node.answer("/coeus/v1/resolve/.a", {})
    node.answer("/coeus/v1/metadata/.a", {"owner": "system"})
    node.answer("/coeus/v1/children/.a", {"children": ["b"]})
    node.answer("/coeus/v1/last-nonce/pez1", {"nonce": "3"})
    node.answer("/coeus/v1/txn-status/t", False)
    assert client.resolve(".a.b") is None
    with pytest.raises(PeerError, match="without data"):
        client.resolve(".a")
    with pytest.raises(MissingError):
        client.resolve(".b")
    assert client.metadata(".a") == {"owner": "system"}
    assert client.children(".a") == ["b"]
    assert client.last_nonce("pez1") == 3
    assert client.bundle_status("t") is False
    assert client.bundle_status("u") is None
    # those that no name has could write on a terminal, or stand for other lines
    for edges in (None, [5], {}, [""], ["a.b"], ["a\nb"], ["\x1b[2J"], ["É"]):
        node.answer("/coeus/v1/children/.a", {"children": edges})
        with pytest.raises(PeerError, match="list of edges"):
            client.children(".a")
    node.answer("/coeus/v1/last-nonce/pez1", {"nonce": 3})
    with pytest.raises(PeerError, match="nonce 3"):
        client.last_nonce("pez1")
    assert client.foresee_bundles([{}]) == []  # no such route there
    node.answer("/iop/v1/check-names", [{"message": "no"}])
    assert client.foresee_bundles([{}]) == [{"message": "no"}]
    assert node.asked[-1][0] == "POST"


def test_the_coin(node: Node, client: NodeClient) -> None:
    head = {"block": {"height": 7, "id": "ab"}, "supply": "1"}
    node.answer("/api/v2/blockchain", {"data": head})
    node.answer("/api/v2/node/configuration/crypto", {"data": {"network": {}}})
    node.answer("/api/v2/blocks/5", {"data": {"height": 5, "id": "cd"}})
    node.answer("/api/v2/blocks/6", {"data": {"height": 5, "id": "cd"}})
    node.answer("/api/v2/transactions/t", {"data": {"id": "t"}})
    assert client.blockchain() == head
    assert client.crypto_configuration() == {"network": {}}
    assert client.find_block() == (7, "ab")
    assert client.find_block(5) == (5, "cd")
    with pytest.raises(PeerError, match="block 6"):
        client.find_block(6)
    with pytest.raises(MissingError):
        client.find_block(8)
    assert client.transaction("t") == {"id": "t"}
    assert client.transaction("u") is None
    node.answer("/api/v2/blockchain", {"data": {"block": {"height": True, "id": "ab"}}})
    with pytest.raises(PeerError):
        client.blockchain()
    node.answer("/api/v2/blockchain", {"data": []})
    with pytest.raises(PeerError):
        client.blockchain()


def test_nonces(node: Node, client: NodeClient) -> None:
    assert client.wallet("a") is None
    assert client.next_nonce("a") == 1
    node.answer("/api/v2/wallets/a", {"data": {"nonce": "12"}})
    assert client.next_nonce("a") == 13
    for nonce in (12, "x", "-1", "1" * 30, None, "\u0661"):
        node.answer("/api/v2/wallets/a", {"data": {"nonce": nonce}})
        with pytest.raises(PeerError, match="nonce"):
            client.next_nonce("a")


def test_a_network_that_is_none(node: Node, client: NodeClient) -> None:
    for data in ({}, {"network": 5}, {"network": {"pubKeyHash": "x"}}, {"network": {}}):
        node.answer("/api/v2/node/configuration/crypto", {"data": data})
        with pytest.raises(PeerError, match="parameters"):
            client.params()


def test_funds(node: Node, client: NodeClient) -> None:
    assert client.funds("a") == (0, 0)
    node.answer("/api/v2/wallets/a", {"data": {"nonce": "12", "balance": "-3"}})
    assert client.funds("a") == (12, -3)
    for balance in (12, "x", "--1", "", "-", "1" * 41, None, [1], "\u0661", "1e3"):
        node.answer("/api/v2/wallets/a", {"data": {"nonce": "1", "balance": balance}})
        with pytest.raises(PeerError, match="balance"):
            client.funds("a")
    for rest in ({}, {"nonce": "x"}, {"nonce": 1}):
        node.answer("/api/v2/wallets/a", {"data": {"balance": "1", **rest}})
        with pytest.raises(PeerError, match="nonce"):
            client.funds("a")


def test_sending(node: Node, client: NodeClient) -> None:
    answer = {"data": {"accept": ["t"], "broadcast": [], "excess": [], "invalid": []}}
    node.answer("/api/v2/transactions", answer)
    assert client.send([{"id": "t"}]) == answer
    assert json.loads(node.asked[-1][2]) == {"transactions": [{"id": "t"}]}
    for number in (0, 41):
        with pytest.raises(SchemaError, match="1 to 40"):
            client.send([{}] * number)
    for errors in ("x", [1], {"t": "x"}, {"t": []}, {"t": [5]}, {"t": {}}, {"t": None}):
        node.answer("/api/v2/transactions", answer | {"errors": errors})
        with pytest.raises(PeerError, match="errors"):
            client.send([{"id": "t"}])
    node.answer("/api/v2/transactions", {"data": {"accept": 5}})
    with pytest.raises(PeerError):
        client.send([{}])


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            404,
            {"statusCode": 404, "message": "Wallet not found"},
            (MissingError, "Wallet not found"),
        ),
        (404, b"", (PeerError, "no ledger node")),
        (404, b"<!DOCTYPE HTML><p>File not found", (PeerError, "no ledger node")),
        (404, {"detail": "Not Found"}, (PeerError, "no ledger node")),
        (404, {"statusCode": 404, "message": None}, (PeerError, "no ledger node")),
        (404, [404], (PeerError, "no ledger node")),
        (429, b"Too Many", (BusyError, "rate")),
        (503, {"message": "syncing"}, (BusyError, "syncing")),
        (422, {"message": "data/x should be"}, (DataError, "data/x should be")),
        (400, {}, (DataError, "400")),
        (500, {"message": "An internal server error occurred"}, (PeerError, "internal server")),
        (302, b"", (PeerError, "302")),
        (204, b"", (PeerError, "204")),
        (200, b"", (PeerError, "no JSON")),
        (200, b"<html>", (PeerError, "no JSON")),
        (200, b"[]", (PeerError, "no object")),
        (200, b"{} {}", (PeerError, "no JSON")),
        (-1, b"", (IopError, "127.0.0.1")),
    ],
)
def test_troubles(
    node: Node,
    client: NodeClient,
    status: int,
    body: object,
    expected: tuple[type[IopError], str],
) -> None:
    node.answer("/morpheus/v1/before-proof/c/history", body, status)
    error, text = expected
    with pytest.raises(error) as caught:
        client.before_proof_history("c")
    assert text in caught.value.message


def test_a_silent_node(node: Node) -> None:
    node.answer("/morpheus/v1/before-proof/c/history", b"", 0)
    client = NodeClient(node.url, 0.2)
    with pytest.raises(BusyError, match="did not answer within 0.2 s"):
        client.before_proof_history("c")
    client.close()


def test_an_answer_that_trickles(node: Node) -> None:
    node.answer("/morpheus/v1/before-proof/c/history", b"", -2)
    client = NodeClient(node.url, 0.1)
    with pytest.raises(BusyError, match="too slowly"):
        client.before_proof_history("c")
    client.close()


def test_content_types(node: Node, client: NodeClient) -> None:
    node.answer("/morpheus/v1/before-proof/c/history", {})
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/problem+json"):
        node.kind = kind
        assert client.before_proof_history("c") == {}
    node.kind = "text/html"
    with pytest.raises(PeerError, match="no ledger node"):
        client.before_proof_history("c")


def test_what_only_our_nodes_tell(node: Node, client: NodeClient) -> None:
    assert client.rejection("t") is None
    node.answer("/iop/v1/rejection/t", {"type": "iop.rejection/1", "id": "t", "reason": "why"})
    assert client.rejection("t") == "why"
    node.answer("/iop/v1/rejection/t", {"reason": 5})
    assert client.rejection("t") is None
    with pytest.raises(MissingError):
        client.document_then(DID, 5)
    node.answer(f"/iop/v1/did/{DID}/document/5", {"did": DID})
    assert client.document_then(DID, 5) == {"did": DID}
    node.answer("/api/v2/node/configuration", {"data": {}})
    assert client.pool_fees() == {}
    fees = {"minFeePool": 3000, "addonBytes": {}}
    node.answer("/api/v2/node/configuration", {"data": {"transactionPool": {"dynamicFees": fees}}})
    assert client.pool_fees() == fees


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        client = NodeClient(f"http://127.0.0.1:{port}", 2.0)
        with pytest.raises(NetError, match="cannot be reached"):
            client.blockchain()
        client.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:4703",
        "ftp://x",
        "http://",
        "http://x/path",
        "http://x?y",
        "http://x#y",
        "http://u:p@x",
        "http://x:99999",
        "http://[::1",
    ],
)
def test_no_address(url: str) -> None:
    with pytest.raises(UsageError):
        normalize_url(url)


def test_addresses() -> None:
    assert normalize_url("http://127.0.0.1:4703/") == "http://127.0.0.1:4703"
    assert normalize_url("https://node.example") == "https://node.example"
    with pytest.raises(UsageError, match="needs a ledger node"):
        open_node(None)
    assert open_node("http://127.0.0.1:1").url == "http://127.0.0.1:1"
