"""iop-node as a process: statuses, readiness, signals, blocks, recovery, limits."""

import json
import os
import signal
import socket
import stat
import subprocess
import threading

import pytest
from node_process import PROGRAM, Account, NodeProcess, run, until

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"


@pytest.fixture
def idle(tmp_path):
    """A node that was made but does not run."""
    made = NodeProcess(tmp_path)
    yield made
    made.close()


def test_init_says_what_it_made(idle):
    assert idle.made["type"] == "iop.node/1"
    assert idle.made["network"] == "testnet"
    assert idle.made["supply"] == "33500000000000000"
    assert stat.S_IMODE(os.stat(idle.home).st_mode) == 0o700
    for name in ("ledger.sqlite", "sequencer.json"):
        assert stat.S_IMODE(os.stat(os.path.join(idle.home, name)).st_mode) == 0o600


def test_init_refusals(idle, tmp_path):
    again = run("init", "--home", idle.home, "--network", "testnet")
    assert (again.returncode, json.loads(again.stderr)["code"]) == (73, "create")
    unknown = run("init", "--home", str(tmp_path / "x"), "--network", "none")
    assert unknown.returncode == 78
    bad = tmp_path / "genesis.json"
    bad.write_text('{"type": "iop.genesis/1"}')
    assert run("init", "--home", str(tmp_path / "x"), "--network", str(bad)).returncode == 78
    assert not (tmp_path / "x").exists()
    occupied = tmp_path / "file"
    occupied.write_text("")
    assert run("init", "--home", str(occupied), "--network", "testnet").returncode == 73


def test_init_takes_over_an_unfinished_one(idle):
    ledger = os.path.join(idle.home, "ledger.sqlite")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(ledger + end):
            os.unlink(ledger + end)
    made = run("init", "--home", idle.home, "--network", "testnet")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["sequencer"] == idle.made["sequencer"]


def test_run_and_status_without_a_node(tmp_path):
    assert run("run", "--home", str(tmp_path)).returncode == 66
    for verb in ("status", "stop"):
        none = run(verb, "--home", str(tmp_path / "typo"))
        error = json.loads(none.stderr)
        assert (none.returncode, error["code"]) == (66, "missing")
        assert error["message"] == f"no node in {tmp_path / 'typo'}"


def test_status_of_a_node_that_does_not_run(idle):
    for verb in ("status", "stop"):
        dead = run(verb, "--home", idle.home)
        assert (dead.returncode, json.loads(dead.stderr)["code"]) == (69, "net")


def test_option_refusals(idle):
    for words in (["--listen", "nowhere"], ["--block-time", "-1"], ["--connections", "0"]):
        assert run("run", "--home", idle.home, *words).returncode == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert run("run", "--home", idle.home, "--listen", address).returncode == 74


def test_key_open_to_others_is_refused(idle):
    os.chmod(os.path.join(idle.home, "sequencer.json"), 0o644)
    refused = run("run", "--home", idle.home, "--listen", "127.0.0.1:0")
    assert refused.returncode == 77
    assert "chmod 600" in json.loads(refused.stderr)["hint"]


def test_status_ready_stop_dead(node):
    ready = run("status", "--home", node.home)
    record = json.loads(ready.stdout)
    assert ready.returncode == 0
    assert record["type"] == "iop.node-status/1"
    assert (record["phase"], record["height"]) == ("ready", 1)
    assert record["listen"] == f"127.0.0.1:{node.port}"
    assert record["pid"] == node.process.pid
    stopped = run("stop", "--home", node.home)
    assert json.loads(stopped.stdout)["phase"] == "stopping"
    assert node.process.wait(20) == 0
    assert run("status", "--home", node.home).returncode == 69
    assert not os.path.exists(os.path.join(node.home, "control.sock"))


def test_only_one_runs(node):
    second = run("run", "--home", node.home, "--listen", "127.0.0.1:0")
    assert second.returncode == 75
    assert "already" in json.loads(second.stderr.splitlines()[-1])["message"]


def test_ready_line_pid_file_and_probes(idle, tmp_path):
    pid_file = tmp_path / "pid"
    idle.start("--pid-file", str(pid_file))
    assert int(pid_file.read_text()) == idle.process.pid
    ready = next(event for event in idle.events() if event["event"] == "ready")
    assert ready["listen"] == f"127.0.0.1:{idle.port}"
    assert idle.ask("GET", "/healthz") == (200, b"ok\n")
    assert idle.ask("GET", "/readyz") == (200, b"ready\n")
    status, text = idle.ask("GET", "/metrics")
    assert status == 200
    assert b"\niop_block_height 1\n" in text
    assert idle.stop() == 0
    assert not pid_file.exists()


def test_probes_can_be_off(idle):
    idle.start("--probes", "off")
    assert idle.get("/healthz")[0] == 404


def test_transfer_and_proof_become_blocks(node):
    account = Account()
    first, second = account.transfer(SINK, 5), account.proof("content")
    status, body = node.send(first, second)
    ids = body["data"]["accept"]
    assert (status, len(ids)) == (200, 2)
    assert node.forged(ids[0])["amount"] == "5"
    assert node.forged(ids[1])["confirmations"] >= 1
    assert node.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"] == "5"
    assert node.get("/morpheus/v1/before-proof/content/exists") == (200, True)
    assert node.get(f"/morpheus/v1/txn-status/{ids[1]}") == (200, True)
    assert node.send(first)[1]["data"]["accept"] == []


def test_answers_follow_the_blocks(node):
    account = Account()
    path = "/morpheus/v1/before-proof/x/history"
    assert node.get(path)[1]["existsFromHeight"] is None
    (txid,) = node.send(account.proof("x"))[1]["data"]["accept"]
    node.forged(txid)
    assert node.get(path)[1]["existsFromHeight"] == 2
    node.forged(*node.send(account.proof("y"))[1]["data"]["accept"])
    assert node.get(path)[1]["queriedAtHeight"] == 3


def test_no_block_without_transactions_by_default_of_zero(node):
    node.forged(*node.send(Account().transfer(SINK))[1]["data"]["accept"])
    assert node.height() == 2


def test_empty_blocks_keep_coming(idle):
    idle.start("--block-time", "0.05")
    until("height 5", lambda: idle.height() >= 5)


def test_empty_blocks_can_be_left_out(idle):
    idle.start("--block-time", "0.05", "--no-empty-blocks")
    account = Account()
    for height in (3, 5):  # one with the transaction, one whose header attests it, and no more
        idle.forged(*idle.send(account.transfer(SINK))[1]["data"]["accept"])
        until("the block after", lambda wanted=height: idle.height() == wanted)


def test_many_clients_at_once(node):
    account = Account()
    batches = [[account.transfer(SINK) for _ in range(10)] for _ in range(20)]
    accepted = []

    # Nonces must arrive in order: one thread per request would reorder them, so each waits its turn to send.
    for batch in batches:
        status, body = node.send(*batch)
        assert status == 200
        accepted += body["data"]["accept"]
    assert len(accepted) == 200
    threads = [threading.Thread(target=node.forged, args=(txid,)) for txid in accepted[-8:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert node.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"] == "200"


def test_restart_has_every_block(node):
    account = Account()
    ids = []
    for number in range(5):
        (txid,) = node.send(account.proof(f"content {number}"))[1]["data"]["accept"]
        node.forged(txid)
        ids.append(txid)
    before = node.get("/api/v2/blockchain")
    assert node.stop() == 0
    node.start()
    assert node.get("/api/v2/blockchain") == before
    for number, txid in enumerate(ids):
        assert node.find(txid)["confirmations"] == len(ids) - number
        assert node.get(f"/morpheus/v1/before-proof/content%20{number}/exists") == (200, True)
    node.forged(*node.send(account.proof("more"))[1]["data"]["accept"])
    assert node.height() == before[1]["data"]["block"]["height"] + 1


def test_accepted_transactions_survive_a_kill(idle):
    idle.start("--block-time", "3600")  # the first block is due at once, the next one far off
    until("the first block", lambda: idle.height() == 2)
    account = Account()
    ids = idle.send(account.transfer(SINK), account.transfer(SINK))[1]["data"]["accept"]
    assert len(ids) == 2
    idle.kill()
    idle.start("--block-time", "0")
    for txid in ids:
        idle.forged(txid)


def test_damaged_log_is_refused(node):
    import sqlite3

    node.forged(*node.send(Account().transfer(SINK))[1]["data"]["accept"])
    assert node.stop() == 0
    db = sqlite3.connect(os.path.join(node.home, "ledger.sqlite"))
    db.execute("UPDATE block SET data = substr(data, 1, length(data) - 1) || x'00'")
    db.commit()
    db.close()
    node.start(wait=False)
    assert node.process.wait(20) == 65
    assert "does not match its digest" in node.log()


def test_second_signal_leaves_at_once(idle):
    idle.start()
    with socket.create_connection(("127.0.0.1", idle.port)) as slow:
        slow.sendall(b"POST /api/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        idle.process.send_signal(signal.SIGTERM)
        until("stopping", lambda: "stopping" in idle.log())
        idle.process.send_signal(signal.SIGTERM)
        assert idle.process.wait(20) == 75


def test_user_signal_logs_the_state_and_hup_does_no_harm(node):
    node.process.send_signal(signal.SIGUSR1)
    node.process.send_signal(signal.SIGHUP)
    until("summary", lambda: '"event":"state"' in node.log())
    summary = next(event for event in node.events() if event["event"] == "state")
    assert summary["height"] == 1
    assert node.height() == 1


def test_service_manager_is_told(idle, tmp_path):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(20)
    with manager:
        told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
        idle.start(environment=told)
        seen = []

        def hear(word):
            while not any(word in line for line in seen):
                seen.append(manager.recv(4096))

        hear(b"READY=1")
        hear(b"WATCHDOG=1")
        idle.process.send_signal(signal.SIGHUP)
        hear(b"RELOADING=1")
        seen.clear()
        hear(b"READY=1")
        idle.process.send_signal(signal.SIGTERM)
        hear(b"STOPPING=1")
        assert idle.process.wait(20) == 0


def test_inherited_socket(idle):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        script = 'export LISTEN_PID=$$; exec "$0" "$@"'
        words = [
            PROGRAM,
            "run",
            "--home",
            idle.home,
            "--block-time",
            "0",
            "--listen",
            "127.0.0.1:1",
        ]
        idle.log_path = os.path.join(idle.folder, "log")
        with open(idle.log_path, "w") as out:
            fd = listener.fileno()
            idle.process = subprocess.Popen(
                ["bash", "-c", f"exec 3<&{fd}; {script}", *words],
                stderr=out,
                pass_fds=[fd],
                env=os.environ | {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "http"},
            )
    idle.port = port
    assert idle.height() == 1
    assert idle.stop() == 0


def test_rate_limit(idle):
    idle.start("--rate-limit", "3")
    statuses = [idle.get("/api/v2/blockchain")[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_own_network_from_a_file(tmp_path):
    genesis = tmp_path / "genesis.json"
    genesis.write_text(
        json.dumps(
            {
                "type": "iop.genesis/1",
                "name": "village",
                "wallets": [{"address": SINK, "balance": "700"}],
            }
        )
    )
    node = NodeProcess(tmp_path, str(genesis))
    try:
        genesis.unlink()  # the node keeps its own copy
        node.start()
        crypto = node.get("/api/v2/node/configuration/crypto")[1]["data"]
        assert crypto["network"]["name"] == "village"
        assert node.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"] == "700"
    finally:
        node.close()


def test_print_unit(idle):
    unit = run("run", "--home", idle.home, "--print-unit")
    assert unit.returncode == 0
    assert "Type=notify\n" in unit.stdout
    assert f"--home {idle.home} --listen 127.0.0.1:4703\n" in unit.stdout
    assert ("as root" in unit.stderr) == ("User=root\n" in unit.stdout)
    options = (
        "--listen 127.0.0.1:5 --block-time 0.5 --rate-limit 9 --connections 7 "
        "--connections-per-client 3 --trusted-proxy=10.0.0.0/8 --probes on "
        "--port-file p/port --pid-file p/pid --passphrase-file secret --no-empty-blocks -v"
    ).split()
    unit = run("run", "--home", idle.home, *options, "--print-unit", cwd=idle.folder)
    command = next(line for line in unit.stdout.splitlines() if line.startswith("ExecStart="))
    for word in options:
        assert f" {idle.folder}/{word}" in command or f" {word}" in command
    assert f"ReadWritePaths={idle.home} {idle.folder}/p\n" in unit.stdout
    assert "\n#LoadCredential=iop-passphrase:" in unit.stdout
    for source in (["--passphrase-file", "-"], ["--passphrase-fd", "3"]):
        assert run("run", "--home", idle.home, *source, "--print-unit").returncode == 2


def test_a_lost_key_is_told(idle):
    os.unlink(os.path.join(idle.home, "sequencer.json"))
    lost = run("run", "--home", idle.home, "--listen", "127.0.0.1:0")
    assert lost.returncode == 66
    assert "backup" in json.loads(lost.stderr)["hint"]


def test_status_waits_until_ready(idle):
    dead = run("status", "--home", idle.home, "--wait", "0.2")
    assert dead.returncode == 69
    waiting = subprocess.Popen(
        [PROGRAM, "status", "--home", idle.home, "--wait", "20"], stdout=subprocess.PIPE
    )
    idle.start(wait=False)
    assert json.loads(waiting.communicate(timeout=30)[0])["phase"] == "ready"
    assert waiting.returncode == 0
