"""A running node among clients that mean it harm: documented answers, bounded memory, service for the others."""

import contextlib
import json
import os
import random
import resource
import selectors
import socket
import threading
import time

import pytest
from node_process import Account, NodeProcess, run, until

from iop.codec.json import encode_json
from iop.ledger.transaction import to_record

SINK = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"
MIB = 2**20
CROWD = 10_000


@pytest.fixture
def idle(tmp_path):
    """A node that was made but does not run."""
    made = NodeProcess(tmp_path)
    yield made
    made.close()


def memory(node, what="VmRSS"):
    """Bytes of memory the node's process holds, or (`VmHWM`) held at most."""
    with open(f"/proc/{node.process.pid}/status") as file:
        line = next(line for line in file if line.startswith(what))
    return int(line.split()[1]) * 1024


def connect(node, source="127.0.0.1"):
    made = socket.socket()
    made.bind((source, 0))
    made.settimeout(20)
    made.connect(("127.0.0.1", node.port))
    return made


def read_all(client):
    """Everything until the other side ends."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(1 << 20):
            got += part
    return got


def is_served(node):
    """A request on a new connection is answered, and soon."""
    start = time.monotonic()
    status, _ = node.get("/api/v2/blockchain")
    return status == 200 and time.monotonic() - start < 5


def test_slow_clients_hold_nobody_up(node):
    """Heads byte by byte, bodies that stop, answers that nobody reads: 200 each way."""
    slow = [[connect(node, f"127.0.1.{way}") for _ in range(200)] for way in (1, 2, 3)]
    heads, bodies, readers = slow
    start = time.monotonic()
    for client in bodies:
        client.sendall(b"POST /api/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{")
    for client in readers:
        client.sendall(b"GET /api/v2/node/configuration/crypto HTTP/1.1\r\nhost: x\r\n\r\n" * 5)
    text = b"GET /api/v2/blockchain HTTP/1.1\r\nhost: x\r\nx-slow: "
    gone = set()
    for turn in range(60):
        for index, client in enumerate(heads):
            try:
                client.send(text[turn : turn + 1] or b"x")
            except OSError:
                gone.add(index)
        assert is_served(node)
        if len(gone) == len(heads):
            break
        heads[0].settimeout(0.3)
        with contextlib.suppress(OSError):
            heads[0].recv(1)
    assert len(gone) == len(heads)
    assert time.monotonic() - start < 25  # 10 seconds for a head, and what the machine adds
    (txid,) = node.send(Account().transfer(SINK))[1]["data"]["accept"]
    node.forged(txid)
    for clients in slow:
        for client in clients:
            client.close()


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CROWD + 2000:
        pytest.skip(f"{CROWD} connections need {CROWD + 2000} descriptors, {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (CROWD + 1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Many connections at once; `answers` has what each was told without having asked."""

    def __init__(self, node, count, sources):
        self.clients = []
        self.answers = {}
        self._selector = selectors.DefaultSelector()
        for number in range(count):
            client = connect(node, f"127.0.2.{number % sources + 1}")
            client.setblocking(False)
            self._selector.register(client, selectors.EVENT_READ, number)
            self.clients.append(client)
            if number % 200 == 0:
                self.listen()

    def listen(self, seconds=0.0):
        for key, _ in self._selector.select(seconds):
            try:
                part = key.fileobj.recv(65536)
            except ConnectionError:
                part = b""
            self.answers[key.data] = self.answers.get(key.data, b"") + part
            if not part:
                self._selector.unregister(key.fileobj)

    def statuses(self):
        """How many were told what; `silent` those that were only cut off."""
        found = {}
        for answer in self.answers.values():
            what = answer[9:12].decode() if answer else "silent"
            found[what] = found.get(what, 0) + 1
        return found

    def close(self):
        self._selector.close()
        for client in self.clients:
            client.close()


def test_ten_thousand_connections_by_default(node, many_descriptors):
    """All places go, a place of ours stays served, the rest are told so; afterwards all is as before."""
    ours = connect(node)
    before = memory(node)
    crowd = Crowd(node, CROWD, sources=200)
    try:
        until("refusals", lambda: crowd.listen(0.1) or len(crowd.answers) >= CROWD - 1023)
        told = crowd.statuses()
        assert set(told) <= {"503", "silent"}
        assert told["503"] > 0.9 * (CROWD - 1023)
        ours.sendall(b"GET /api/v2/blockchain HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert read_all(ours).startswith(b"HTTP/1.1 200 ")
        assert memory(node, "VmHWM") - before < 64 * MIB
    finally:
        ours.close()
        crowd.close()
    until("places", lambda: b"\niop_http_connections 1\n" in node.ask("GET", "/metrics")[1])
    assert is_served(node)


def test_ten_thousand_connections_of_one_client(node, many_descriptors):
    """One address gets 256 places; the others notice nothing."""
    crowd = Crowd(node, CROWD, sources=1)
    try:
        until("refusals", lambda: crowd.listen(0.1) or len(crowd.answers) >= CROWD - 256)
        told = crowd.statuses()
        assert set(told) <= {"429", "silent"}
        assert is_served(node)
    finally:
        crowd.close()


def test_ten_thousand_connections_let_in(idle, many_descriptors):
    """With places for all, all are served, for a few KiB each."""
    idle.start("--connections", str(CROWD + 100), "--connections-per-client", "0")
    before = memory(idle)
    crowd = Crowd(idle, CROWD, sources=200)
    try:
        metric = b"\niop_http_connections %d\n" % (CROWD + 1)
        until("all to be let in", lambda: metric in idle.ask("GET", "/metrics")[1])
        for client in crowd.clients:
            client.send(b"GET /api/v2/blockchain HTTP/1.1\r\nhost: x\r\n\r\n")
        until("answers", lambda: crowd.listen(0.1) or len(crowd.answers) == CROWD)
        assert crowd.statuses() == {"200": CROWD}
        assert (memory(idle, "VmHWM") - before) / CROWD < 24 * 1024
    finally:
        crowd.close()


def test_few_descriptors(idle):
    """Where the system allows few descriptors, there are fewer places, and running out ends nothing."""

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    idle.start("--connections-per-client", "0", limit=limit)
    assert '"event":"too few descriptors allowed"' in idle.log()
    for _ in range(3):
        crowd = Crowd(idle, 400, sources=1)
        control = []
        for _ in range(100):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(5)
            with contextlib.suppress(OSError):
                client.connect(os.path.join(idle.home, "control.sock"))
            control.append(client)
        crowd.listen(0.2)
        crowd.close()
        for client in control:
            client.close()
    until("service", lambda: is_up(idle))
    # those that hung up may still stand in the socket's queue
    until("control", lambda: run("status", "--home", idle.home).returncode == 0)


def is_up(node):
    try:
        return node.get("/api/v2/blockchain")[0] == 200
    except OSError:
        return False


def test_clients_behind_a_proxy_are_told_apart(idle):
    """The proxy's word counts where it is named, nobody's where it is not."""

    def ask(client):
        headers = {"x-forwarded-for": f"{client}, 127.0.0.1"}
        return idle.ask("GET", "/api/v2/blockchain", headers=headers)[0]

    idle.start("--rate-limit", "2", "--trusted-proxy", "127.0.0.0/8")
    assert [ask("198.51.100.1") for _ in range(3)] == [200, 200, 429]
    assert [ask("198.51.100.2") for _ in range(3)] == [200, 200, 429]
    assert idle.stop() == 0
    idle.start("--rate-limit", "2")
    assert [ask(f"198.51.100.{number}") for number in range(3)] == [200, 200, 429]
    assert idle.stop() == 0
    refused = run("run", "--home", idle.home, "--trusted-proxy", "nonsense")
    assert (refused.returncode, json.loads(refused.stderr)["code"]) == (2, "usage")


LARGE = [
    b"[" * (MIB - 1),
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"transactions":[' + b"[]," * 340_000 + b"[]]}",
    b'{"transactions":[' + b"{}," * 39 + b"{}]}",
    b'{"transactions":[{"a":"' + b"\\u0041" * 170_000 + b'"}]}',
    b'{"transactions":[{"amount":' + b"9" * 1_000_000 + b"}]}",
    b'{"transactions":[{"amount":1e' + b"9" * 1_000_000 + b"}]}",
    b'{"' + b'":1,"'.join(b"%d" % n for n in range(90_000)) + b'":1}',
    b'"' + b"x" * 1_000_000 + b'"',
    b" " * MIB,
    b"[" + b'{"operation":"registerBeforeProof","contentId":"x"},' * 19_000 + b"{}]",
]


@pytest.mark.parametrize(
    "path", ["/api/v2/transactions", "/morpheus/v1/check-transaction-validity", "/iop/v1/check"]
)
def test_large_and_deep_bodies(node, path):
    """Each is refused, sixteen at a time as well; memory stays."""
    kind = {"content-type": "application/json"}
    allowed = {200, 422, 500} if path.startswith("/morpheus") else {200, 422}
    seen = set()

    def send():
        for body in LARGE:
            status, answer = node.ask("POST", path, body, kind)
            seen.add(status)
            if status == 500:  # the original's own answer to a body of wrong shape
                assert answer["message"] == "An internal server error occurred"

    together(send, 16)
    assert seen <= allowed
    assert memory(node, "VmHWM") < 400 * MIB
    assert is_served(node)


def together(work, count):
    """Run work in so many threads; what one of them raises is raised."""
    failed = []

    def guarded(number):
        try:
            work(number) if work.__code__.co_argcount else work()
        except BaseException as error:  # noqa: BLE001 - handed on below
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    if failed:
        raise failed[0]


def test_replayed_and_reordered_transactions(node):
    """Sixteen clients send the same transactions in any order, again and again: each is in one block once, none out of turn."""
    account = Account()
    made = [account.transfer(SINK, amount) for amount in range(1, 31)]
    known = {to_record(tx)["id"] for tx in made}
    errors = set()

    def send(number):
        order = list(made)
        random.Random(number).shuffle(order)
        for _ in range(40):
            for start in range(0, len(order), 10):
                status, body = node.send(*order[start : start + 10])
                assert status == 200
                assert set(body["data"]["accept"]) <= known
                errors.update(
                    each["type"] for found in body.get("errors", {}).values() for each in found
                )
            if node.get(f"/api/v2/wallets/{SINK}")[0] == 200 and nonce(node) == len(made):
                return

    together(send, 16)
    assert nonce(node) == len(made)
    assert errors <= {"ERR_APPLY", "ERR_DUPLICATE", "ERR_FORGED"}
    balance = node.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"]
    assert balance == str(sum(range(1, 31)))


def nonce(node):
    public = Account().public.hex()
    return int(node.get(f"/api/v2/wallets/{public}")[1]["data"]["nonce"])


def test_races_for_the_same_nonce(node):
    """Sixteen clients sign with one key and one nonce, each with another fee: one wins every round, and money adds up."""
    rounds = 5
    total = int(wallet(node)["balance"])
    for turn in range(rounds):
        accepted = []

        def send(number, turn=turn, accepted=accepted):
            account = Account(nonce=turn)
            rival = account.transfer(SINK, 1000 + number, fee=10_000_000 + number)
            status, body = node.send(rival)
            assert status == 200
            accepted.extend(body["data"]["accept"])
            for found in body.get("errors", {}).values():
                assert {each["type"] for each in found} <= {"ERR_APPLY", "ERR_PENDING"}

        together(send, 16)
        assert len(accepted) == 1
        node.forged(accepted[0])
    left = int(wallet(node)["balance"])
    got = int(node.get(f"/api/v2/wallets/{SINK}")[1]["data"]["balance"])
    fees = sum(int(find_fee(node, height)) for height in range(2, node.height() + 1))
    assert total == left + got + fees
    assert nonce(node) == rounds


def wallet(node):
    return node.get(f"/api/v2/wallets/{Account().public.hex()}")[1]["data"]


def find_fee(node, height):
    return node.get(f"/api/v2/blocks/{height}")[1]["data"]["forged"]["fee"]


def test_duplicates_within_one_body(node):
    one = to_record(Account().transfer(SINK))
    status, body = node.post("/api/v2/transactions", {"transactions": [one] * 40})
    assert status == 200
    assert body["data"]["accept"] == [one["id"]]
    node.forged(one["id"])
    assert wallet(node)["nonce"] == "1"


def test_ids_that_lie(node):
    """The id of a record is what its bytes say; one of another transaction neither hides nor replaces it."""
    account = Account()
    first, second = (to_record(account.transfer(SINK)) for _ in range(2))
    mixed = [first | {"id": second["id"]}, second | {"id": first["id"]}]
    status, body = node.post("/api/v2/transactions", {"transactions": mixed})
    assert status == 200
    assert body["data"]["accept"] == [first["id"], second["id"]]
    node.forged(second["id"])


@pytest.mark.parametrize(
    "amount", ["0", "-1", str(2**63 - 1), str(2**63), str(2**64), "1e3", "0x10", "1.5", ""]
)
def test_amounts_at_the_edge(node, amount):
    record = to_record(Account().transfer(SINK))
    for given in (amount, int(amount) if amount.lstrip("-").isdigit() else amount):
        body = encode_json({"transactions": [record | {"amount": given}]})
        status, answer = node.ask(
            "POST", "/api/transactions", body, {"content-type": "application/json"}
        )
        assert status in (200, 422)
        if status == 200:
            assert answer["data"]["accept"] == []
    assert wallet(node)["nonce"] == "0"


def test_connections_that_break_off(node):
    """Requests cut at every place, closed hard and softly: nothing stays open, nothing is done."""
    text = encode_json({"transactions": [to_record(Account().transfer(SINK))]}).encode()
    whole = (
        b"POST /api/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(text), text)
    )
    for end in range(0, len(whole) - 1, 7):
        with connect(node) as client:
            if end % 2:
                hard = b"\1\0\0\0\0\0\0\0"  # linger for no time: a reset instead of an end
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
            client.sendall(whole[:end])
    until("the end of all", lambda: b"\niop_http_connections 1\n" in node.ask("GET", "/metrics")[1])
    assert wallet(node)["nonce"] == "0"
    with connect(node) as client:
        client.sendall(whole.replace(b"host: x", b"connection: close"))
        answer = read_all(client)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["data"]["accept"]


def test_malformed_requests_to_every_route(node):
    """Noise of every kind: an answer below 500 or an end, and never a bug in the log."""
    noise = random.Random(7)
    paths = ["/", "/api/v2/wallets/x", "/api/transactions", "/morpheus/v1/did/x/document"]
    paths += ["/coeus/v1/resolve/x", "/iop/v1/check", "/metrics", "*", "x:1", "http://x/", "//"]
    methods = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "CONNECT", "PRI", "get", ""]
    heads = [
        b"content-length: -1",
        b"content-length: 99999999999999999999",
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: 3\r\ntransfer-encoding: chunked",
        b"transfer-encoding: gzip, chunked",
        b"content-encoding: gzip",
        b"content-type: \xff",
        b"expect: 100-continue\r\ncontent-length: 2",
        b": empty",
        b"no colon",
        b" folded: x",
        b"x: " + b"y" * 20_000,
        b"\0: \0",
        b"host: \r\nhost: b",
        b"upgrade: websocket\r\nconnection: upgrade",
    ]
    theirs = (b"/morpheus/", b"/coeus/")  # whose original answers some of it with 500
    for _ in range(400):
        line = b"%s %s HTTP/%s" % (
            noise.choice(methods).encode(),
            noise.choice(paths).encode() + noise.choice([b"", b"?", b"?a=b&", b"%", b"\xff", b" "]),
            noise.choice([b"1.1", b"1.0", b"2.0", b"0.9", b"x"]),
        )
        raw = b"\r\n".join([line, *noise.sample(heads, noise.randrange(3)), b"", b""])
        with connect(node) as client:
            with contextlib.suppress(ConnectionError):
                client.sendall(raw + noise.randbytes(noise.randrange(40)))
                client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                answer = read_all(client)
                fine = not answer or int(answer[9:12]) < 500
                assert fine or line.split()[1].startswith(theirs), raw
    assert "traceback" not in node.log()
    assert is_served(node)


def test_the_control_socket_flooded(node):
    """More connections than it serves, lines without end, noise: the verbs still answer afterwards."""
    path = os.path.join(node.home, "control.sock")
    flood = []
    for number in range(64):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(5)
        with contextlib.suppress(OSError):
            client.connect(path)
            client.sendall([b"x" * 200_000, b"\n" * 5000, b'{"type":1}\n', b""][number % 4])
        flood.append(client)
    assert is_served(node)
    for client in flood:
        client.close()
    from iop.daemon.control import ask

    assert until("status", lambda: ask(path, "status"))["phase"] == "ready"
