"""The whole node is killed at its writes, and its disk fills up: nothing acknowledged is lost."""

import http.client
import os
import resource
import signal
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "proc"))

from node_process import Account, NodeProcess, run, until

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"
GONE = (ConnectionError, http.client.HTTPException, OSError)


class Witness:
    """Remembers what a node has acknowledged: transactions, and blocks with their ids."""

    def __init__(self, node):
        self.node = node
        self.account = Account()
        self.accepted = []
        self.blocks = {}
        self.refused = ""
        self.unanswered = 0

    def send(self):
        """One transaction and one look at the chain; False when the disk refuses."""
        tx = self.account.transfer(SINK)
        self.unanswered += 1
        status, body = self.node.send(tx)
        self.unanswered -= 1
        if status == 503:
            self.refused = body["message"]
            self.account.nonce -= 1
            return False
        assert status == 200, body
        assert body["data"]["invalid"] == [], body
        self.accepted += body["data"]["accept"]
        self.look()
        return True

    def look(self):
        block = self.node.get("/api/blockchain")[1]["data"]["block"]
        self.blocks[block["height"]] = block["id"]

    def check(self):
        """Everything acknowledged is there, and accepted transactions get their blocks."""
        for height, block_id in self.blocks.items():
            if height > 1:
                assert self.node.get(f"/api/blocks/{height}")[1]["data"]["id"] == block_id
        for txid in self.accepted:
            self.node.forged(txid)
        status, body = self.node.get(f"/api/wallets/{SINK}")
        amount = int(body["data"]["balance"]) if status == 200 else 0
        # the kill may come between the write and the answer
        assert 0 <= amount - len(self.accepted) <= self.unanswered


@pytest.fixture
def node(tmp_path):
    made = NodeProcess(tmp_path)
    yield made
    made.close()


def crash_and_check(node, killpoint, at, how):
    """Kill a node of its own at one file change under traffic, start it again, check."""
    witness = Witness(node)
    environment = {
        "LD_PRELOAD": killpoint,
        "KILL_AT": str(at),
        "KILL_HOW": how,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    node.start(environment=environment, wait=False)
    try:
        until("readiness or death", lambda: node.process.poll() is not None or node._is_up())
        with open(node.port_file) as file:
            node.port = int(file.read())
        for _ in range(4):
            witness.send()
        # fewer changes than `at`: nothing to see at this point
        node.kill()
    except (*GONE, AssertionError):
        assert node.process.wait(20) == -signal.SIGKILL, node.log()
    node.start()
    witness.check()
    node.stop()


# Counted from the start of the process; the first ones are the recovery's, then every transaction makes about seventeen.
@pytest.mark.parametrize("at", [3, 6, 10, 13, 19, 26, 38, 53])
def test_killed_at_a_change(node, killpoint, at):
    crash_and_check(node, killpoint, at, "torn" if at % 2 else "before")


@pytest.mark.soak
@pytest.mark.parametrize("how", ["before", "torn"])
def test_killed_at_every_change(tmp_path, killpoint, how):
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        node = NodeProcess(folder)
        try:
            crash_and_check(node, killpoint, at, how)
        finally:
            node.close()


def test_full_disk(node):
    """A limit on file sizes stands in for a full disk: SQLite sees its writes fail part way."""
    log_file = 300_000
    node.start(limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (log_file, log_file)))
    witness = Witness(node)
    for _ in range(200):
        if not witness.send():
            break
    assert "refuses: disk full" in witness.refused
    assert len(witness.accepted) >= 5
    assert node.get("/api/blockchain")[0] == 200
    assert node.get("/morpheus/v1/before-proof/x/exists") == (200, False)
    for txid in witness.accepted[:3]:
        assert node.find(txid) is not None
    degraded = run("status", "--home", node.home)
    assert degraded.returncode == 75
    assert '"trouble":"cannot write' in degraded.stdout
    assert witness.send() is False  # again and again, without harm
    node.kill()
    node.start()
    witness.check()
    assert witness.send() is True
    assert run("status", "--home", node.home).returncode == 0
