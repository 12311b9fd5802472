"""A node among operators: replicas, full disks, snapshots, and imports and backups that are killed or made under load."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from node_process import PROGRAM, Account, NodeProcess, run, until

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "unit", "daemon"))

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"


def good(*words, **more):
    """The record of a command that succeeds."""
    done = run(*words, **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def refused(*words, status, **more):
    """The error of a command that fails with a status."""
    done = run(*words, **more)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stderr.splitlines()[-1])


def state_of(node):
    found = good("status", "--home", node.home)
    return found["height"], found["state"]


def pay(node, account, count=1):
    """Forged payments, one a block."""
    for _ in range(count):
        (txid,) = node.send(account.transfer(SINK))[1]["data"]["accept"]
        node.forged(txid)


class Follower(NodeProcess):
    """A replica of a node, in a directory of its own."""

    def __init__(self, folder, store):
        os.makedirs(folder, exist_ok=True)
        self.folder = str(folder)
        self.home = os.path.join(self.folder, "home")
        self.port, self.process, self.starts = 0, None, 0
        self.made = good("init", "--home", self.home, "--replica", "--store", str(store))


@pytest.fixture
def nodes():
    """Holds what has to be closed."""
    with contextlib.ExitStack() as stack:
        yield lambda node: stack.callback(node.close) and node


@pytest.fixture
def primary(nodes, tmp_path):
    os.makedirs(tmp_path / "primary")
    return nodes(NodeProcess(tmp_path / "primary"))


def follow(nodes, folder, primary, *options, forward=True):
    words = ["--primary", f"http://127.0.0.1:{primary.port}"] if forward else []
    return nodes(Follower(folder, primary.home)).start("--replica", *words, *options)


# Replicas.


def test_two_replicas_answer_what_the_primary_answers(nodes, primary, tmp_path):
    primary.start()
    account = Account()
    pay(primary, account, 3)
    first = follow(nodes, tmp_path / "one", primary)
    second = follow(nodes, tmp_path / "two", primary)
    assert "sequencer" not in first.made
    assert first.made["height"] == 4
    for replica in (first, second):
        assert replica.height() == 4
        assert state_of(replica) == state_of(primary)
    (txid,) = second.send(account.proof("content"))[1]["data"]["accept"]
    for node in (primary, first, second):
        node.forged(txid)
        for path in (
            f"/api/v2/transactions/{txid}",
            f"/api/v2/wallets/{SINK}",
            "/morpheus/v1/before-proof/content/history",
            "/api/v2/blockchain",
            "/api/v2/blocks/3",
        ):
            assert node.get(path) == primary.get(path)
    found = good("status", "--home", second.home)
    assert (found["role"], found["lag"], found["phase"]) == ("replica", 0, "ready")
    assert found["primary"] == f"http://127.0.0.1:{primary.port}"
    assert second.stop() == 0
    assert primary.stop() == 0
    assert first.get(f"/api/v2/wallets/{SINK}")[0] == 200  # reads need nobody else


def test_what_waits_is_asked_of_the_primary(nodes, primary, tmp_path):
    primary.start("--block-time", "3600")
    until("the first block", lambda: primary.height() == 2)
    replica = follow(nodes, tmp_path / "one", primary)
    (txid,) = replica.send(Account().transfer(SINK))[1]["data"]["accept"]
    for path in ("unconfirmed", f"unconfirmed/{txid}"):
        found = replica.get(f"/api/v2/transactions/{path}")
        assert found == primary.get(f"/api/v2/transactions/{path}")
        assert found[0] == 200
    assert replica.get(f"/api/v2/transactions/{txid}")[0] == 404
    primary.kill()
    status, body = replica.get("/api/v2/transactions/unconfirmed")
    assert (status, body["statusCode"]) == (503, 503)
    assert "primary does not answer" in body["message"]
    assert b"iop_primary_failures_total 1" in replica.ask("GET", "/metrics")[1]


def test_a_replica_without_primary_says_so(nodes, primary, tmp_path):
    primary.start()
    replica = follow(nodes, tmp_path / "one", primary, forward=False)
    status, body = replica.send(Account().transfer(SINK))
    assert status == 503
    assert "knows no primary" in body["message"]


def test_a_replica_goes_on_after_a_kill_and_after_the_primary_was_away(nodes, primary, tmp_path):
    primary.start()
    account = Account()
    pay(primary, account, 2)
    replica = follow(nodes, tmp_path / "one", primary)
    replica.kill()
    pay(primary, account, 2)
    replica.start("--replica")
    assert replica.height() == 5
    primary.kill()
    primary.start()
    pay(primary, account, 1)
    until("the new block", lambda: replica.height() == 6)
    assert state_of(replica) == state_of(primary)


def test_a_replica_believes_one_sequencer(nodes, primary, tmp_path):
    primary.start()
    pay(primary, Account())
    other = "02" * 33
    replica = nodes(Follower(tmp_path / "one", primary.home))
    replica.start("--replica", "--sequencer", other, wait=False)
    assert replica.process.wait(20) == 65
    assert f"block 2 by {other} expected" in replica.log()
    key = primary.made["sequencer"]
    replica.start("--replica", "--sequencer", key)
    assert replica.height() == 2


def test_a_replica_has_no_key_and_its_directory_takes_no_writer(nodes, primary, tmp_path):
    replica = nodes(Follower(tmp_path / "one", os.path.join(primary.home, "ledger.sqlite")))
    assert sorted(os.listdir(replica.home)) == ["store.json"]
    error = refused("run", "--home", replica.home, "--listen", "127.0.0.1:0", status=66)
    assert "--replica" in error["hint"]
    shutil.copy(os.path.join(primary.home, "sequencer.json"), replica.home)
    error = refused("run", "--home", replica.home, "--listen", "127.0.0.1:0", status=78)
    assert "replica's directory" in error["message"]
    assert refused("prune", "--home", replica.home, "--yes", status=78)


def test_refusals_of_replicas(primary, tmp_path):
    new = str(tmp_path / "new")
    for words in (
        ["--replica"],
        ["--replica", "--store", primary.home, "--network", "testnet"],
        ["--network", "testnet", "--snapshot", "x"],
        [],
    ):
        assert refused("init", "--home", new, *words, status=2)
    assert refused("init", "--home", new, "--replica", "--store", new, status=66)
    assert refused("init", "--home", primary.home, "--replica", "--store", new, status=73)
    assert not os.path.exists(new)
    for words in (
        ["--primary", "http://x"],
        ["--sequencer", "02" * 33],
        ["--snapshot-after", "-1"],
    ):
        assert refused("run", "--home", primary.home, *words, status=2)
    for words in (["--primary", "x"], ["--max-lag", "-1"], ["--sequencer", "02"], ["--take-over"]):
        assert refused("run", "--home", primary.home, "--replica", *words, status=2)


def test_the_unit_of_a_replica(nodes, primary, tmp_path):
    replica = nodes(Follower(tmp_path / "one", primary.home))
    options = f"--replica --primary http://127.0.0.1:1 --sequencer {'02' * 33} --max-lag 3".split()
    unit = run("run", "--home", replica.home, *options, "--print-unit").stdout
    assert f" {' '.join(options)}\n" in unit
    assert f"ReadWritePaths={replica.home} {primary.home}\n" in unit
    options = ["--take-over", "--snapshot-after", "7"]
    unit = run("run", "--home", primary.home, *options, "--print-unit").stdout
    assert " --snapshot-after 7 --take-over\n" in unit


# A disk that refuses.


def limit_files(node, size):
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_costs_writes_and_nothing_else(primary):
    primary.start()
    account = Account()
    pay(primary, account, 2)
    path = f"/api/v2/wallets/{SINK}"
    before = primary.get(path)
    limit_files(primary, 1)
    status, body = primary.send(account.transfer(SINK))
    account.nonce -= 1
    assert (status, body["statusCode"]) == (503, 503)
    assert body["message"] == "The node's store refuses: disk full, or it cannot be reached"
    assert primary.get(path) == before
    assert primary.ask("GET", "/readyz") == (503, b"degraded\n")
    degraded = run("status", "--home", primary.home)
    assert degraded.returncode == 75
    assert "ledger.sqlite" in json.loads(degraded.stdout)["trouble"]
    limit_files(primary, resource.RLIM_INFINITY)
    until("readiness", lambda: primary.ask("GET", "/readyz") == (200, b"ready\n"))
    pay(primary, account, 2)
    assert primary.stop() == 0
    assert good("verify", "--home", primary.home)["height"] == 5


def test_a_full_disk_while_blocks_are_due(primary):
    """An acknowledged transaction waits until there is room for its block."""
    primary.start("--block-time", "0.5", "--no-empty-blocks")
    account = Account()
    pay(primary, account)
    (txid,) = primary.send(account.transfer(SINK))[1]["data"]["accept"]
    limit_files(primary, 1)
    until("degradation", lambda: primary.ask("GET", "/readyz")[0] == 503)
    assert primary.find(txid) is None
    limit_files(primary, resource.RLIM_INFINITY)
    primary.forged(txid)
    until("readiness", lambda: primary.ask("GET", "/readyz")[0] == 200)


# Snapshots.


def test_a_node_starts_from_the_snapshot_it_wrote_at_its_end(primary):
    primary.start("--snapshot-after", "4")
    pay(primary, Account(), 3)
    before = state_of(primary)
    assert primary.stop() == 0
    names = os.listdir(os.path.join(primary.home, "snapshots"))
    assert names
    assert good("replay", "--home", primary.home)["from"] == max(int(n[:12]) for n in names)
    assert good("replay", "--home", primary.home, "--from-genesis")["from"] == 1
    primary.start()
    assert state_of(primary) == before
    assert good("status", "--home", primary.home)["snapshot_height"] == 3
    assert primary.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"] == "3"


def test_snapshots_are_written_while_it_runs(primary):
    primary.start("--snapshot-after", "4")
    pay(primary, Account(), 6)
    until("a snapshot", lambda: '"event":"snapshot"' in primary.log())
    primary.kill()
    found = good("replay", "--home", primary.home)
    assert (found["from"], found["height"]) == (5, 7)
    assert good("verify", "--home", primary.home)["valid"] is True


def test_a_damaged_snapshot_is_passed_over(primary):
    primary.start("--snapshot-after", "2")
    pay(primary, Account(), 3)
    before = state_of(primary)
    assert primary.stop() == 0
    folder = os.path.join(primary.home, "snapshots")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "r+b") as file:
            file.truncate(200)
    primary.start("--snapshot-after", "0")
    assert "snapshot not used" in primary.log()
    assert state_of(primary) == before


# Authority.


def test_a_second_key_needs_a_word(primary):
    primary.start()
    pay(primary, Account())
    assert primary.stop() == 0
    key = os.path.join(primary.home, "sequencer.json")
    os.rename(key, key + ".lost")
    keygen = os.path.join(os.path.dirname(sys.executable), "iop-keygen")
    words = ["--kind", "secp256k1", "--unencrypted", "--output", key]
    subprocess.run([keygen, *words], check=True, capture_output=True)
    error = refused("run", "--home", primary.home, "--listen", "127.0.0.1:0", status=78)
    assert "block 2 was signed by" in error["message"]
    assert "--take-over" in error["hint"]
    primary.start("--take-over")
    account = Account(nonce=1)
    pay(primary, account)
    assert primary.stop() == 0
    primary.start()
    done = run("verify", "--home", primary.home)
    assert done.returncode == 1
    verdict = json.loads(done.stdout)
    assert [finding["check"] for finding in verdict["findings"]] == ["producer"]
    assert len(verdict["producers"]) == 2


def test_a_copy_that_lacks_blocks_does_not_go_on(primary, tmp_path):
    primary.start("--snapshot-after", "0")
    pay(primary, Account(), 3)
    good("snapshot", "--home", primary.home)
    shutil.copytree(os.path.join(primary.home, "snapshots"), tmp_path / "snapshots")
    assert primary.stop() == 0
    copy = str(tmp_path / "copy")
    os.makedirs(copy)
    shutil.copy(os.path.join(primary.home, "sequencer.json"), copy)
    good("init", "--home", copy, "--network", "testnet")
    shutil.copytree(tmp_path / "snapshots", os.path.join(copy, "snapshots"))
    error = refused("run", "--home", copy, "--listen", "127.0.0.1:0", status=78)
    assert "split the chain" in error["message"]
    assert "iop-node export" in error["hint"]


# Moving and keeping, under load and under kills.


def long_chain(tmp_path, count):
    from operations_chain import extend, make

    home = make(tmp_path / "long")
    extend(home, count, waiting=2)
    return home


def test_an_import_that_is_killed_goes_on(tmp_path):
    from operations_chain import PRODUCER, opened

    source = long_chain(tmp_path, 1600)
    archive = str(tmp_path / "log.cbor")
    run("export", "--home", source.path, "--cbor", "--output", archive)
    target = str(tmp_path / "target")
    key = ["--sequencer", PRODUCER.hex()]
    good("init", "--home", target, "--network", "testnet", *key)
    words = [PROGRAM, "import", "--home", target, *key, archive]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        from iop.daemon.ledger.home import Home

        with opened(Home(target), writes=False) as (store, _):
            until("the first blocks", store.head)
            process.send_signal(signal.SIGKILL)
    with opened(Home(target), writes=False) as (store, _):
        kept = store.head()
        assert 2 < kept < 1601
        store.check()
    done = good("import", "--home", target, *key, archive)
    assert (done["blocks"], done["waiting"], done["height"]) == (1601 - kept, 2, 1601)
    assert done["state"] == good("replay", "--home", source.path)["state"]


def test_a_torn_stream_is_told_and_what_came_stays(tmp_path):
    source = long_chain(tmp_path, 20)
    whole = subprocess.run(
        [PROGRAM, "export", "--home", source.path], capture_output=True, check=True
    ).stdout
    target = str(tmp_path / "target")
    key = [
        "--sequencer",
        good("verify", "--home", source.path)["producers"][0]["key"],
    ]
    good("init", "--home", target, "--network", "testnet", *key)
    cut = whole[: len(whole) // 2]
    done = subprocess.run(
        [PROGRAM, "import", "--home", target, *key], input=cut, capture_output=True, check=False
    )
    assert done.returncode == 65
    height = good("replay", "--home", target)["height"]
    assert 5 < height < 21
    again = subprocess.run(
        [PROGRAM, "import", "--home", target, *key], input=whole, capture_output=True, check=True
    )
    assert json.loads(again.stdout)["blocks"] == 21 - height


def test_a_backup_under_load_is_whole(primary, tmp_path):
    primary.start()
    account = Account()
    ending = threading.Event()
    accepted = []

    def load():
        while not ending.is_set():
            accepted.extend(primary.send(account.transfer(SINK))[1]["data"]["accept"])

    writer = threading.Thread(target=load)
    writer.start()
    try:
        until("some blocks", lambda: len(accepted) > 20)
        made = [good("backup", "--home", primary.home, str(tmp_path / f"b{n}")) for n in range(3)]
        assert good("verify", "--home", primary.home)["valid"] is True
    finally:
        ending.set()
        writer.join(30)
    assert made[0]["height"] < made[-1]["height"]
    last = tmp_path / "b2"
    assert good("verify", "--home", str(last))["height"] == made[-1]["height"]
    shutil.copy(os.path.join(primary.home, "sequencer.json"), last)
    assert primary.stop() == 0
    restored = NodeProcess.__new__(NodeProcess)
    restored.folder, restored.home, restored.starts = str(tmp_path), str(last), 0
    try:
        restored.start()
        for txid in accepted[: made[0]["height"] - 1]:
            restored.forged(txid)
    finally:
        restored.close()


def test_a_stopped_node_is_needed_to_write(primary):
    primary.start()
    for words in (["import"], ["prune", "--yes"], ["verify", "--repair-index"]):
        error = refused(
            words[0], "--home", primary.home, *words[1:], status=75, stdin=subprocess.DEVNULL
        )
        assert error["hint"] == f"iop-node stop --home {primary.home}"


def test_a_pruned_node_answers_what_it_still_knows(primary):
    primary.start()
    account = Account()
    (old,) = primary.send(account.proof("old"))[1]["data"]["accept"]
    primary.forged(old)
    pay(primary, account, 4)
    good("snapshot", "--home", primary.home)
    before = state_of(primary)
    assert primary.stop() == 0
    assert good("prune", "--home", primary.home, "--yes", "--compact")["first_block"] == 6
    primary.start()
    assert state_of(primary) == before
    assert primary.get("/morpheus/v1/before-proof/old/exists") == (200, True)
    assert primary.get(f"/morpheus/v1/txn-status/{old}") == (200, True)
    assert primary.get(f"/api/v2/transactions/{old}")[0] == 404
    assert primary.get("/api/v2/blocks/6")[0] == 200
    for path in ("/api/v2/blocks/2", "/api/v2/blocks", "/api/v2/transactions"):
        assert primary.get(path)[0] in (200, 404)
    pay(primary, account)
    assert good("status", "--home", primary.home)["first_block"] == 6


def test_pruning_asks_on_a_terminal(primary):
    from test_key_terminal import on_terminal

    primary.start()
    pay(primary, Account(), 3)
    good("snapshot", "--home", primary.home)
    assert primary.stop() == 0
    words = ["iop-node", "prune", "--home", primary.home]
    seen, status, _ = on_terminal(words, [(b"[y/N] ", b"n\n")])
    assert b"drop the transactions of 2 blocks, 2 to 3, for ever?" in seen
    assert os.waitstatus_to_exitcode(status) == 2
    assert good("replay", "--home", primary.home, "--from-genesis")["height"] == 4
    _, status, _ = on_terminal(words, [(b"[y/N] ", b"y\n")])
    assert os.waitstatus_to_exitcode(status) == 0
    assert refused("replay", "--home", primary.home, "--from-genesis", status=66)
