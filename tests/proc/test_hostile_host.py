"""A node on a host that mistreats it: its files, its signals, its inherited sockets, its genesis file."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess

import pytest
from node_process import PROGRAM, Account, NodeProcess, run, until

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"


@pytest.fixture
def idle(tmp_path):
    """A node that was made but does not run."""
    made = NodeProcess(tmp_path)
    yield made
    made.close()


def ledger(node):
    return os.path.join(node.home, "ledger.sqlite")


def refusal(node):
    """(status, error record) of a start that is refused."""
    done = run("run", "--home", node.home, "--listen", "127.0.0.1:0")
    return done.returncode, json.loads(done.stderr.splitlines()[-1])


def fill(node, count=20):
    account = Account()
    for _ in range(count):
        node.forged(*node.send(account.transfer(SINK))[1]["data"]["accept"])


@pytest.mark.parametrize("cut", [0, 1, 100, 4096, 5000, -1, -4096])
def test_truncated_store(node, cut):
    """No traceback, and never a chain that silently lacks blocks."""
    fill(node, 5)
    assert node.stop() == 0
    size = os.path.getsize(ledger(node))
    os.truncate(ledger(node), cut if cut >= 0 else size + cut)
    status, error = refusal(node)
    assert status in (65, 66, 74), error
    assert error["code"] in ("data", "decode", "missing", "host"), error


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", os.urandom(5000), b"{}" * 4000])
def test_store_replaced_by_something_else(idle, data):
    with open(ledger(idle), "wb") as file:
        file.write(data)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(ledger(idle) + end)
    status, error = refusal(idle)
    assert status in (65, 66, 74), error


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: os.symlink("nowhere", path)])
@pytest.mark.parametrize("name", ["ledger.sqlite", "sequencer.json", "lock", "node.toml"])
def test_files_of_the_wrong_kind(idle, name, make):
    path = os.path.join(idle.home, name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    make(path)
    process = subprocess.Popen(
        [PROGRAM, "run", "--home", idle.home, "--listen", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        words = process.communicate(timeout=2)[1].splitlines()
    except subprocess.TimeoutExpired:
        process.terminate()
        words = process.communicate(timeout=20)[1].splitlines()
        assert name in ("lock", "node.toml"), f"{name} was opened for ever: {words}"
    else:
        error = json.loads(words[-1])
        assert process.returncode in (65, 66, 73, 74, 77, 78), error


def test_store_of_another_chain(idle, tmp_path):
    (tmp_path / "other").mkdir()
    other = NodeProcess(tmp_path / "other", "devnet")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(ledger(other) + end):
            shutil.copy(ledger(other) + end, ledger(idle) + end)
    idle.start()
    assert idle.get("/api/v2/node/configuration")[0] == 200


def test_store_removed_under_a_running_node(node):
    """It goes on with the file it holds, or refuses; it does not fall over, and says so."""
    fill(node, 2)
    os.rename(ledger(node), ledger(node) + ".gone")
    with contextlib.suppress(KeyError):
        for _ in range(3):
            status, body = node.send(Account(nonce=2).transfer(SINK))
            assert status in (200, 503), body
    assert node.get("/api/v2/blockchain")[0] == 200
    assert "traceback" not in node.log()


def test_term_at_any_moment_of_the_start(idle):
    for delay in range(0, 400, 40):
        idle.start(wait=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            idle.process.wait(delay / 1000)
        idle.process.send_signal(signal.SIGTERM)
        assert idle.process.wait(20) in (0, -signal.SIGTERM, 143)
        assert "raceback" not in idle.log()
    assert idle.start().stop() == 0


def test_hail_of_signals(node):
    for number in range(200):
        node.process.send_signal((signal.SIGHUP, signal.SIGUSR1)[number % 2])
    assert node.get("/api/v2/blockchain")[0] == 200
    assert node.stop() == 0
    assert "traceback" not in node.log()


def test_two_terms_at_once(node):
    node.process.send_signal(signal.SIGTERM)
    with contextlib.suppress(ProcessLookupError):
        node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(20) in (0, 75)


def test_reload_changes_limits(idle):
    idle.start("--connections-per-client", "9")
    path = os.path.join(idle.home, "node.toml")

    def reload(text, status=0):
        with open(path, "w") as file:
            file.write(text)
        done = run("reload", "--home", idle.home)
        assert done.returncode == status, done.stderr
        return done.stderr

    assert [idle.get("/api/v2/blockchain")[0] for _ in range(5)] == [200] * 5
    reload('rate-limit = 2\nlog = "warning"\nconnections-per-client = 1\n')
    assert [idle.get("/api/v2/blockchain")[0] for _ in range(4)] == [200, 200, 429, 429]
    held = [socket.create_connection(("127.0.0.1", idle.port)) for _ in range(5)]
    assert "node.toml" in reload("rate-limit = ", 78)
    assert "unknown setting 'rate-limt'" in reload("rate-limt = 1", 78)
    assert idle.get("/api/v2/blockchain")[0] == 429  # a bad file changes nothing
    assert '"event":"reload failed' in idle.log()
    os.unlink(path)
    idle.process.send_signal(signal.SIGHUP)
    until("the defaults", lambda: idle.get("/api/v2/blockchain")[0] == 200)
    for one in held:
        one.close()


def test_bad_settings_are_refused_at_the_start(idle):
    with open(os.path.join(idle.home, "node.toml"), "w") as file:
        file.write("rate-limit = -1\n")
    status, error = refusal(idle)
    assert (status, error["code"]) == (78, "config")
    assert "node.toml" in error["message"]


def activated(idle, fd, **variables):
    """Log and status of a start whose descriptor 3 is `fd`; it is told to stop when it is ready."""
    script = f'exec 3<&{fd}; export LISTEN_PID=$$; exec "$0" "$@"'
    words = [PROGRAM, "run", "--home", idle.home, "--listen", "127.0.0.1:0"]
    with open(os.path.join(idle.folder, "log"), "w+") as log:
        process = subprocess.Popen(
            ["bash", "-c", script, *words],
            stderr=log,
            pass_fds=[fd],
            env=os.environ | {"LISTEN_FDS": "1"} | variables,
        )

        def is_decided():
            log.seek(0)
            return '"event":"ready"' in log.read() or process.poll() is not None

        until("a decision", is_decided)
        process.terminate()
        process.wait(20)
        log.seek(0)
        return log.read(), process.returncode


def test_odd_descriptors(idle):
    """What the service manager may hand over by mistake: told as such, never a traceback."""
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(os.path.join(idle.folder, "listen"))
    unix.listen()
    plain = socket.socket()
    plain.bind(("127.0.0.1", 0))
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.bind(("127.0.0.1", 0))
    pair = socket.socketpair()
    with open(ledger(idle), "rb") as file, unix, plain, datagram, pair[0], pair[1]:
        for one, expected in (
            (file, 78),
            (datagram, 78),
            (pair[0], 78),
            (plain, 78),
            (unix, 0),
        ):
            log, status = activated(idle, one.fileno())
            assert status == expected, (one, log)
            assert "raceback" not in log
        assert f'"listen":"unix:{idle.folder}/listen"' in log
        for count in ("2", "x", "65", ""):
            log, status = activated(idle, unix.fileno(), LISTEN_FDS=count)
            assert status == 78, (count, log)
        log, status = activated(idle, unix.fileno(), LISTEN_FDNAMES=":::" * 1000)
        assert status == 0, log


GENESIS = {
    "type": "iop.genesis/1",
    "name": "village",
    "wallets": [{"address": SINK, "balance": "700"}],
}
WRONG = [None, True, -1, 1.5, 10**40, "", "x", "\0", "9" * 5000, [], [[]], {}, {"a": 1}, [None]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "\xff",
        '"iop.genesis/1"',
        "[" * 100_000,
        '{"type":"iop.genesis/1"',
        '{"type":"iop.genesis/1","type":"iop.genesis/1"}',
        json.dumps(GENESIS | {"wallets": GENESIS["wallets"] * 2}),
        json.dumps(GENESIS | {"wallets": [{"address": SINK, "balance": 2**63}]}),
        json.dumps(GENESIS | {"name": "x" * 5_000_000}),
        json.dumps(GENESIS | {"epoch": "9999-99-99T00:00:00Z"}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "blocktime": 0}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "blocktime": "x"}]}),
        json.dumps(GENESIS | {"milestones": [{"height": "x"}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 5}, {"height": 2}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "activeDelegates": -1}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "block": {"maxPayload": "x"}}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "vendorFieldLength": None}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 10**30, "aip11": 1}]}),
        json.dumps(GENESIS | {"milestones": [{"height": 1, "reward": -5}]}),
    ],
)
def test_genesis_files_that_are_refused(tmp_path, text):
    """Refused when the network is made, not when a client asks."""
    file = tmp_path / "genesis.json"
    file.write_text(text, encoding="latin-1")
    done = run("init", "--home", str(tmp_path / "home"), "--network", str(file))
    assert done.returncode == 78, (text[:200], done.stdout, done.stderr)
    assert json.loads(done.stderr.splitlines()[-1])["code"] == "config"
    assert not (tmp_path / "home").exists()


def places(item, path=()):
    """Paths to every member and element of a record."""
    pairs = (
        item.items()
        if isinstance(item, dict)
        else enumerate(item)
        if isinstance(item, list)
        else ()
    )
    for name, member in pairs:
        yield (*path, name)
        yield from places(member, (*path, name))


def test_wrong_values_in_every_member_of_a_genesis_file():
    """Each is refused, or makes a network whose node answers."""
    from iop.conform.node_transcript import ChainView
    from iop.errors import ConfigError
    from iop.ledger.answer import answer_configuration, answer_crypto, answer_status
    from iop.ledger.genesis import from_record, make_genesis

    network = make_genesis("testnet").params
    whole = GENESIS | {
        "like": "testnet",
        "network": {
            k: v for k, v in network.network_record().items() if k not in ("name", "nethash")
        },
        "nethash": "00" * 32,
        "epoch": "2019-08-01T08:00:00.000Z",
        "milestones": json.loads(json.dumps(network.milestones)),
        "fees": {"perByte": 100, "addonBytes": {"transfer": 100}},
        "wallets": [{"address": SINK, "balance": "700"}],
    }
    from_record(whole)
    for path in places(whole):
        for wrong in WRONG:
            copy = json.loads(json.dumps(whole))
            spot = copy
            for step in path[:-1]:
                spot = spot[step]
            spot[path[-1]] = wrong
            try:
                genesis = from_record(copy)
            except ConfigError:
                continue
            try:
                view = ChainView(genesis)
                answer_configuration(view.state, "0")
                answer_crypto(genesis)
                answer_status(view.state, 0)
                genesis.params.rules_at(1)
                genesis.params.rules_at(2**31)
            except Exception as error:
                raise AssertionError((path, wrong)) from error
