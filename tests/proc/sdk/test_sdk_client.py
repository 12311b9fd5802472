"""The published SDK drives a running node through its own clients, also with read replicas beside it."""

import contextlib

import pytest
from node_process import NodeProcess

STEPS = [
    "configuration",
    "vault",
    "transfer from a passphrase",
    "transfer from a vault",
    "refusals of layer 1",
    "before-proof, and the same one rejected",
    "add key, add right",
    "dry run and a rejected transaction",
    "revoke",
    "tombstone",
    "history and operations",
    "names: register",
    "names: update, renew, several at once",
    "names: rejected",
    "names: transfer",
    "names: delete",
    "errors",
    "done",
]


def make_sqlite(folder, _request):
    """A node that keeps its chain in a file, and how a replica finds it."""
    node = NodeProcess(folder)
    return node, node.home


def make_postgresql(folder, request):
    """A node that keeps its chain in a database, and how a replica finds it."""
    url = request.getfixturevalue("database")
    return NodeProcess(folder, init=("--network", "testnet", "--store", url)), url


STORES = {"sqlite": make_sqlite, "postgresql": make_postgresql}


@pytest.fixture
def cluster(request, tmp_path):
    """Starts a node over a store and replicas of it: their base URLs, the writer's first."""
    with contextlib.ExitStack() as stack:

        def start(store, replicas):
            (tmp_path / "primary").mkdir()
            primary, place = STORES[store](tmp_path / "primary", request)
            stack.callback(primary.close)
            urls = [f"http://127.0.0.1:{primary.start().port}"]
            for number in range(replicas):
                folder = tmp_path / f"replica-{number}"
                folder.mkdir()
                replica = NodeProcess(folder, init=("--replica", "--store", place))
                stack.callback(replica.close)
                replica.start("--replica", "--primary", urls[0])
                urls.append(f"http://127.0.0.1:{replica.port}")
            return urls

        yield start


@pytest.mark.parametrize("replicas", [0, 2])
@pytest.mark.parametrize("store", STORES)
def test_every_call_of_the_sdk(run_node, cluster, store, replicas):
    done = run_node("drive.js", *cluster(store, replicas))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == STEPS
