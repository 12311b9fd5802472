"""Every route of a running node, asked for too much, too far, in the wrong way, and by many at once."""

import http.client
import json
import threading
import time
from urllib.parse import quote

import pytest
from node_process import Account, NodeProcess

from iop.daemon.routes.event import PATH as EVENTS
from iop.daemon.routes.table import make_router

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"
THEIRS = ("/morpheus/", "/coeus/")  # whose original says 500 to some of this


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node with some blocks, shared: nothing here changes it."""
    made = NodeProcess(tmp_path_factory.mktemp("node"))
    try:
        made.start()
        account = Account()
        for turn in range(6):
            sent = made.send(*(account.transfer(SINK, turn + 1) for _ in range(25)))
            made.forged(sent[1]["data"]["accept"][-1])
        made.forged(made.send(account.proof("content"))[1]["data"]["accept"][0])
        yield made
    finally:
        made.close()


def routes():
    """(method, template) of all routes there are."""
    found = []

    def walk(node, path):
        found.extend((method, path) for method in node.handlers)
        for name, child in node.literals.items():
            walk(child, f"{path}/{name}")
        if node.param is not None:
            walk(node.param, path + "/{}")

    walk(make_router()._root, "")
    return sorted(set(found))


ROUTES = routes()
PARAMS = [
    "0",
    "-1",
    "1",
    "9" * 400,
    str(2**31),
    str(2**63),
    "1e9",
    "x",
    "%00",
    "%ff",
    "%F0%9F%92%A9",
    "..%2f",
    "0" * 64,
    "F" * 64,
    "1" * 66,
    SINK,
    "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J",
    ".schema",
    "a" * 5000,
]
QUERIES = [
    "page=0",
    "page=-1",
    "page=1.5",
    "page=x",
    "page=",
    "page=9007199254740991",
    "page=9007199254740992",
    "page=1e308",
    f"page={'9' * 5000}",
    "page=1&page=2",
    "page[]=1",
    "page[a][b]=1",
    "limit=0",
    "limit=101",
    "limit=1000000000",
    "limit=-5",
    "limit=NaN",
    "limit=100&page=90071992547409",
    "offset=9007199254740991",
    "offset=-1",
    "offset=18446744073709551616",
    "orderBy=height:asc",
    "orderBy=nothing:desc",
    "orderBy=height",
    "orderBy=height:asc,height:desc",
    "orderBy=" + "height:asc," * 1000,
    "orderBy=%00:asc",
    "transform=false",
    "transform=maybe",
    "height=1&height.from=1&height.to=0",
    "height.from=99999999999999999999",
    "amount.from=-1",
    "amount.from=18446744073709551616",
    "timestamp.to=x",
    "senderPublicKey=x",
    "senderId=%27%20OR%201%3D1--",
    "recipientId=" + "t" * 5000,
    "vendorField=%25%25%25%5F",
    "type=-1",
    "type=999999999999",
    "days=0",
    "days=31",
    "from=0&to=99999999999999999999&type=vote&issuer=x&after=x&before=x",
    "a" * 8000 + "=1",
    "&".join(f"a{n}=1" for n in range(1500)),
    "%",
    "%zz=%zz",
    "=&=&=",
    "__proto__=1",
    "%ff=%ff",
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{}",
    b'{"page":1}',
    b'{"orderBy":"x"}',
    b'{"orderBy":{"a":[]}}',
    b'{"id":{"a":1}}',
    b'{"ids":' + b"[" * 100 + b"]" * 100 + b"}",
    b'{"amount":{"from":-1,"to":99999999999999999999999}}',
    b'{"timestamp":{"from":"x"}}',
    b'{"addresses":[' + b",".join([b'"x"'] * 100_000) + b"]}",
    b'{"senderPublicKey":1,"limit":"5","offset":[]}',
    b'{"type":1e400}',
    b"{",
    b"\xff",
]


class Asker:
    """One keep-alive connection that judges each answer."""

    def __init__(self, node):
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)

    def ask(self, method, path, body=None):
        start = time.monotonic()
        headers = {} if body is None else {"content-type": "application/json"}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except ConnectionError:  # kept open until we asked again
            self._connection.close()
            return self.ask(method, path, body)
        where = (method, path[:200], body and body[:80], answer.status, text[:300])
        assert answer.status < 500 or (answer.status == 500 and path.startswith(THEIRS)), where
        assert time.monotonic() - start < 10, where
        if answer.status == 200 and path.startswith("/api/") and method != "HEAD":
            data = json.loads(text)["data"]
            assert not isinstance(data, list) or len(data) <= 100 or "/schemas" in path, where
        return answer.status

    def close(self):
        self._connection.close()


def test_every_route_with_every_parameter(node):
    asker = Asker(node)
    for method, template in ROUTES:
        for param in PARAMS if "{}" in template else [""]:
            path = template.replace("{}", param)
            if path == EVENTS:
                continue  # a stream that does not end
            asker.ask(method, path, b"{}" if method == "POST" else None)
            if method == "GET":
                asker.ask("HEAD", path)
    asker.close()


def test_every_route_with_every_query(node):
    asker = Asker(node)
    for method, template in ROUTES:
        path = template.replace("{}", quote(SINK))
        if path == EVENTS:
            continue
        for query in QUERIES:
            asker.ask(method, f"{path}?{query}", b"{}" if method == "POST" else None)
    asker.close()


def test_every_route_with_every_body(node):
    asker = Asker(node)
    for method, template in ROUTES:
        if method == "POST":
            for body in BODIES:
                asker.ask("POST", template.replace("{}", "1"), body)
    asker.close()


def test_many_who_leaf_to_the_end(node):
    """Sixteen clients ask for pages far behind the last one and sort by everything; the node still takes others in between."""
    failed = []
    paths = [
        f"{path}?{query}"
        for path in ("/api/transactions", "/api/blocks", "/api/wallets", "/api/delegates")
        for query in ("page=1000000", "offset=100000000", "limit=100", "orderBy=id:desc")
    ]

    def leaf():
        asker = Asker(node)
        try:
            for path in paths * 5:
                asker.ask("GET", path)
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)
        finally:
            asker.close()

    threads = [threading.Thread(target=leaf) for _ in range(16)]
    for thread in threads:
        thread.start()
    start = time.monotonic()
    assert node.get("/api/v2/blockchain")[0] == 200
    assert time.monotonic() - start < 10
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if failed:
        raise failed[0]


def test_nothing_of_it_was_a_bug(node):
    assert "traceback" not in node.log()
