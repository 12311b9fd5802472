"""Nodes on either store are killed at random moments under write load, again and again.

After every kill the node starts by itself, has every block and every transaction that it acknowledged, and goes on. In the end
its state is that of a clean replay from the first block, and `iop-node verify` finds nothing.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "proc"))

from node_process import Account, NodeProcess, run, until

from iop.crypto.hash import sha256
from iop.daemon.control import ask
from iop.ledger.address import encode_address

NETWORK_BYTE = 128
GONE = (ConnectionError, http.client.HTTPException, OSError)
CLIENTS = 3
KILLS_OF_A_CHAIN = 100  # then a new chain begins, so that starting again takes no longer and longer


class Client:
    """One account that sends runs of transactions and remembers which were acknowledged."""

    def __init__(self, secret):
        self.account = Account(sha256(secret))
        self.address = encode_address(NETWORK_BYTE, self.account.name)
        self.accepted = []

    def resume(self, node):
        """Take the nonce up where the chain is, as a wallet that starts again does."""
        status, body = node.get(f"/api/wallets/{self.address}")
        self.account.nonce = int(body["data"]["nonce"]) if status == 200 else 0

    def work(self, node, seed):
        """Send until the node is gone."""
        chance = random.Random(seed)
        with contextlib.suppress(*GONE):
            while True:
                before = self.account.nonce
                made = [
                    self.account.transfer(self.account.name)
                    if chance.random() < 0.5
                    else self.account.proof(f"cju{before}{self.address}{place}")
                    for place in range(chance.randint(1, 8))
                ]
                status, body = node.send(*made)
                assert status == 200, body
                assert body["data"]["invalid"] == [], body
                self.accepted += body["data"]["accept"]


class Campaign:
    """One chain and how often its node was killed."""

    def __init__(self, node, seed):
        self.node = node
        self.chance = random.Random(seed)
        self.clients = [Client(b"campaign %d" % number) for number in range(CLIENTS)]
        self.blocks = {}
        self.accepted = []
        self.kills = 0
        self.fund()

    def fund(self):
        self.node.start()
        rich = Account()
        sent = [rich.transfer(client.account.name, amount=10**15) for client in self.clients]
        accepted = self.node.send(*sent)[1]["data"]["accept"]
        assert len(accepted) == CLIENTS
        for txid in accepted:
            self.node.forged(txid)
        self.node.stop()

    def kill_once(self):
        """Start, look, work, kill; now and then while the node still starts."""
        if self.chance.random() < 0.15:
            self.node.start(wait=False)
            # any moment of the start is as good as another, so nothing is waited for
            time.sleep(self.chance.uniform(0.0, 0.8))
            self.node.kill()
            self.kills += 1
        self.start_and_check()
        for client in self.clients:
            client.resume(self.node)
        threads = [
            threading.Thread(target=client.work, args=(self.node, self.chance.random()))
            for client in self.clients
        ]
        killer = threading.Timer(self.chance.uniform(0.01, 0.4), self.node.process.kill)
        for thread in (*threads, killer):
            thread.start()
        for thread in (*threads, killer):
            thread.join()
        assert self.node.process.wait(20) == -signal.SIGKILL, self.node.log()
        self.kills += 1

    def start_and_check(self):
        """What was acknowledged since the last look is there; what was seen before has not changed."""
        self.node.start()
        control = os.path.join(self.node.home, "control.sock")
        until("an empty pool", lambda: ask(control, "status")["waiting"] == 0)
        for height, block_id in self.blocks.items():
            status, body = self.node.get(f"/api/blocks/{height}")
            assert (status, body["data"]["id"]) == (200, block_id)
        block = self.node.get("/api/blockchain")[1]["data"]["block"]
        self.blocks = {block["height"]: block["id"]} if block["height"] > 1 else {}
        for txid in self.take_new():
            assert self.node.find(txid) is not None, f"{txid} was acknowledged and is lost"

    def take_new(self):
        """Transactions acknowledged since the last call."""
        new = [txid for client in self.clients for txid in client.accepted]
        for client in self.clients:
            client.accepted = []
        self.accepted += new
        return new

    def finish(self):
        """Everything at once, and the state against a clean replay."""
        self.start_and_check()
        assert self.accepted
        for txid in self.accepted:
            assert self.node.find(txid) is not None, f"{txid} was acknowledged and is lost"
        status = ask(os.path.join(self.node.home, "control.sock"), "status")
        assert self.node.stop() == 0
        replayed = run("replay", "--home", self.node.home, "--from-genesis")
        assert replayed.returncode == 0, replayed.stderr
        record = json.loads(replayed.stdout)
        for member in ("height", "block_id", "state"):
            assert record[member] == status[member]
        verified = run("verify", "--home", self.node.home)
        assert verified.returncode == 0, verified.stdout
        assert json.loads(verified.stdout)["valid"] is True
        return len(self.accepted), status["height"]


@pytest.fixture(params=["sqlite", "postgres"])
def make_node(request, tmp_path):
    """Makes nodes, each with a chain of its own."""
    made = []

    def make():
        folder = tmp_path / str(len(made))
        folder.mkdir()
        init = ["--network", "testnet"]
        if request.param == "postgres":
            server = request.getfixturevalue("postgres")
            init += ["--store", server.url(server.make_database())]
        made.append(NodeProcess(folder, init=init))
        return made[-1]

    yield make
    for node in made:
        node.close()


def run_campaign(make_node, kills, seed):
    done = transactions = blocks = chains = 0
    while done < kills:
        node = make_node()
        campaign = Campaign(node, seed + chains)
        while campaign.kills < min(KILLS_OF_A_CHAIN, kills - done):
            campaign.kill_once()
        accepted, height = campaign.finish()
        done += campaign.kills
        transactions += accepted
        blocks += height
        chains += 1
    return f"{done} kills, {transactions} acknowledged transactions in {blocks} blocks of {chains} chains: none lost"


def test_killed_under_load(make_node):
    run_campaign(make_node, 25, 1)


@pytest.mark.soak
def test_killed_under_load_for_long(make_node, capsys):
    text = run_campaign(make_node, 500, 100)
    with capsys.disabled():
        print(f"\n{text}")
