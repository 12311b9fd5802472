"""Nodes on PostgreSQL: the sequencer, replicas in other processes, a server that goes away, the way there and back."""

import contextlib
import json
import os
import sys

import pytest
from node_process import Account, NodeProcess, run, until

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from postgres_server import make_server

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"


@pytest.fixture(scope="module")
def server():
    made = make_server()
    yield made
    made.close()


@pytest.fixture
def url(server):
    name = server.make_database()
    yield server.url(name)
    server.drop(name)


def good(*words, **more):
    done = run(*words, **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Placed(NodeProcess):
    """A node whose directory was made with other options."""

    def __init__(self, folder, *options):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.home = str(folder), os.path.join(str(folder), "home")
        self.port, self.process, self.starts = 0, None, 0
        self.made = good("init", "--home", self.home, *options)


@pytest.fixture
def nodes():
    with contextlib.ExitStack() as stack:
        yield lambda node: stack.callback(node.close) and node


def pay(node, account, count=1):
    for _ in range(count):
        (txid,) = node.send(account.transfer(SINK))[1]["data"]["accept"]
        node.forged(txid)
    return txid


def state_of(node):
    found = good("status", "--home", node.home)
    return found["height"], found["state"]


def test_replicas_on_a_server_and_a_server_that_goes_away(nodes, server, url, tmp_path):
    primary = nodes(Placed(tmp_path / "p", "--network", "testnet", "--store", url)).start()
    account = Account()
    pay(primary, account, 2)
    replicas = []
    for name in ("one", "two"):
        made = nodes(Placed(tmp_path / name, "--replica", "--store", primary.home))
        forward = ["--primary", f"http://127.0.0.1:{primary.port}"]
        replicas.append(made.start("--replica", *forward))
    txid = pay(replicas[0], account)
    for node in (*replicas, primary):
        node.forged(txid)
        assert node.height() == 4
    assert len({state_of(node) for node in (*replicas, primary)}) == 1
    assert good("status", "--home", primary.home)["store"] == "postgresql"
    second = run("run", "--home", primary.home, "--listen", "127.0.0.1:0")
    assert second.returncode == 75

    server.kill()
    try:
        status, _ = primary.send(account.transfer(SINK))
        account.nonce -= 1
        assert status == 503
        path = f"/api/v2/wallets/{SINK}"
        for node in (*replicas, primary):
            until("degradation", lambda node=node: node.ask("GET", "/readyz")[0] == 503)
            assert node.get(path)[1]["data"]["balance"] == "3"
    finally:
        server.start()
    for node in (*replicas, primary):
        until("readiness", lambda node=node: node.ask("GET", "/readyz")[0] == 200)
    pay(replicas[1], account)
    for node in (*replicas, primary):
        until("the block after", lambda node=node: node.height() == 5)
    assert good("verify", "--home", primary.home)["valid"] is True
    assert primary.stop() == 0


def test_there_and_back(nodes, url, tmp_path):
    """SQLite to PostgreSQL by the stream, back by the backup; the pool goes along."""
    first = nodes(NodeProcess(tmp_path)).start("--block-time", "3600")
    until("the first block", lambda: first.height() == 2)
    waiting = first.send(Account().transfer(SINK))[1]["data"]["accept"]
    assert first.stop() == 0
    archive = str(tmp_path / "archive")
    assert run("export", "--home", first.home, "--output", archive).returncode == 0
    key = ["--sequencer", good("verify", "--home", first.home)["producers"][0]["key"]]
    words = ["--network", "testnet", "--store", url, *key]
    second = Placed(tmp_path / "second", *words)
    made = good("import", "--home", second.home, *key, archive)
    assert (made["blocks"], made["waiting"], made["height"]) == (1, 1, 2)
    assert good("import", "--home", second.home, *key, archive)["blocks"] == 0
    back = str(tmp_path / "back")
    made = good("backup", "--home", second.home, back)
    assert (made["height"], made["waiting"]) == (2, 1)
    assert good("verify", "--home", back, *key)["valid"] is True
    os.link(os.path.join(first.home, "sequencer.json"), os.path.join(back, "sequencer.json"))
    first.home = back
    first.start("--block-time", "0")
    first.forged(waiting[0])
