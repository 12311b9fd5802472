"""The event stream of a running node: live, taken up again after a crash, with replicas, and watched from the shell."""

import http.client
import json
import os
import subprocess
import sys

import pytest
from node_process import DEADLINE_S, Account, NodeProcess, until

from iop.io.node_events import parse_events
from iop.ledger.genesis import TEST_ADDRESS

PROGRAM = os.path.join(os.path.dirname(sys.executable), "iop-tx")


def pay(node, account):
    _, body = node.send(account.transfer(TEST_ADDRESS))
    (txid,) = body["data"]["accept"]
    node.forged(txid)
    return txid


class Reader:
    """One stream: events as (name, id, record)."""

    def __init__(self, node, query="", last_event=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=DEADLINE_S)
        headers = {} if last_event is None else {"Last-Event-ID": last_event}
        self.connection.request("GET", f"/iop/v1/events{query}", headers=headers)
        self.answer = self.connection.getresponse()
        self._events = parse_events(iter(lambda: self.answer.read1(65536), b""))

    def next(self):
        for name, id_, data in self._events:
            if data:
                return name, id_, json.loads(data)
        return None

    def close(self):
        self.answer.close()
        self.connection.close()


def test_live_and_after_a_crash(node):
    account = Account()
    reader = Reader(node)
    assert reader.answer.status == 200
    assert reader.answer.getheader("content-type") == "text/event-stream"
    first = pay(node, account)
    assert reader.next()[2]["id"] == first
    name, place, block = reader.next()
    assert (name, place, block["transactions"]) == ("block", "2", 1)
    reader.close()
    node.kill()
    node.start()
    second = pay(node, account)
    again = Reader(node, last_event=place)
    assert again.next()[2]["id"] == second
    assert again.next()[1] == "3"
    assert node.stop() == 0
    name, place, end = again.next()
    assert (name, place, end["reason"]) == ("end", "3", "stopping")
    assert again.next() is None
    again.close()


def test_a_replica_tells_the_same(node, tmp_path):
    folder = tmp_path / "replica"
    folder.mkdir()
    replica = NodeProcess(folder, init=("--replica", "--store", node.home))
    try:
        replica.start("--replica", "--primary", f"http://127.0.0.1:{node.port}")
        readers = [Reader(one, "?kind=transaction") for one in (node, replica)]
        txid = pay(node, Account())
        told = [reader.next() for reader in readers]
        assert told[0] == told[1] and told[0][2]["id"] == txid
        for reader in readers:
            reader.close()
    finally:
        replica.close()


def test_streams_of_one_client_are_bounded_and_end_with_it(node):
    readers = [Reader(node) for _ in range(16)]
    refused = Reader(node)
    assert refused.answer.status == 429
    for reader in [*readers, refused]:
        reader.close()

    def comes_in():
        reader = Reader(node)
        reader.close()
        return reader.answer.status == 200

    until("a free place", comes_in)


@pytest.fixture
def watch(node):
    """Starts `iop-tx watch`; the processes end with the test."""
    started = []

    def start(*words):
        process = subprocess.Popen(
            [PROGRAM, "watch", "--node", f"http://127.0.0.1:{node.port}", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=DEADLINE_S)


def test_watch(node, watch):
    account = Account()
    txid = pay(node, account)
    seen = watch("--from-height", "2")
    assert json.loads(seen.stdout.readline())["id"] == txid
    assert json.loads(seen.stdout.readline())["height"] == 2
    blocks = watch("--from-height", "1", "--kind", "block", "--field", "height")
    assert blocks.stdout.readline() == "2\n"
    port = node.port
    node.kill()
    node.start("--listen", f"127.0.0.1:{port}")  # the last --listen counts
    txid = pay(node, account)
    assert json.loads(seen.stdout.readline())["id"] == txid
    assert blocks.stdout.readline() == "3\n"


def test_watch_says_what_is_wrong(node, watch):
    for words, status, said in (
        (["--kind", "x"], 65, "no kind 'x'"),
        (["--did", "x"], 65, "not a valid DID"),
        (["--from-height", "0"], 2, "--from-height is 1 or more"),
    ):
        process = watch(*words)
        _, error = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == status and said in json.loads(error)["message"]
