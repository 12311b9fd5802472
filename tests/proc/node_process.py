"""A running `iop-node` for tests: its own directory, a port the system chose, its log."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time

from iop.codec.json import encode_json
from iop.crypto.hash import sha256
from iop.did.operation import BEFORE_PROOF
from iop.keys.multicipher import SecretKey
from iop.ledger.address import compute_address_hash, parse_address
from iop.ledger.fee import compute_offered_fee
from iop.ledger.transaction import Transaction, sign_ecdsa, to_record

PROGRAM = os.path.join(os.path.dirname(sys.executable), "iop-node")
PASSPHRASE = b"scout try doll stuff cake welcome random taste load town clerk ostrich"
SECRET = sha256(PASSPHRASE)
NETWORK_BYTE = 128
DEADLINE_S = 20


def until(what, probe, seconds=DEADLINE_S):
    """The first true answer of the probe."""
    end = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < end, f"{what} did not happen in time"
        time.sleep(0.005)
    return found


def run(*words, **more):
    """Run iop-node to its end."""
    return subprocess.run(
        [PROGRAM, *words], capture_output=True, text=True, check=False, timeout=60, **more
    )


class NodeProcess:
    """One node. `start` waits until it is ready, unless told otherwise. init: other options of `iop-node init`."""

    def __init__(self, folder, network="testnet", init=()):
        self.folder = str(folder)
        self.home = os.path.join(self.folder, "home")
        self.port = 0
        self.process = None
        self.starts = 0
        made = run("init", "--home", self.home, *(init or ("--network", network)))
        assert made.returncode == 0, made.stderr
        self.made = json.loads(made.stdout)

    def start(self, *options, wait=True, environment=None, limit=None):
        """Start the process; `limit` runs in the child before it becomes the node."""
        self.starts += 1
        self.port_file = os.path.join(self.folder, f"port-{self.starts}")
        self.log_path = os.path.join(self.folder, f"log-{self.starts}")
        words = [
            "run",
            "--home",
            self.home,
            "--listen",
            "127.0.0.1:0",
            "--port-file",
            self.port_file,
        ]
        if "--block-time" not in options:
            words += ["--block-time", "0"]
        with open(self.log_path, "w") as out:
            self.process = subprocess.Popen(
                [PROGRAM, *words, *options],
                stderr=out,
                stdin=subprocess.DEVNULL,
                env=os.environ | (environment or {}),
                preexec_fn=limit,
            )
        if wait:
            until("readiness", self._is_up)
            with open(self.port_file) as file:
                self.port = int(file.read())
        return self

    def _is_up(self):
        assert self.process.poll() is None, self.log()
        return os.path.exists(self.port_file)

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def events(self):
        return [json.loads(line) for line in self.log().splitlines()]

    def kill(self):
        """As a power cut would end it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def stop(self):
        """TERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def ask(self, method, path, body=None, headers=None):
        """(status, decoded JSON) of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            data = answer.read()
            kind = answer.getheader("content-type", "")
            return answer.status, json.loads(data) if kind.startswith("application/json") else data
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, value):
        return self.ask("POST", path, encode_json(value), {"content-type": "application/json"})

    def height(self):
        return self.get("/api/v2/blockchain")[1]["data"]["block"]["height"]

    def send(self, *transactions):
        """Submit signed transactions; the decoded answer."""
        records = [to_record(tx) for tx in transactions]
        return self.post("/api/v2/transactions", {"transactions": records})

    def find(self, txid):
        status, body = self.get(f"/api/v2/transactions/{txid}")
        return body["data"] if status == 200 else None

    def forged(self, txid):
        return until(f"block with {txid}", lambda: self.find(txid))


class Account:
    """An account with a key, counting its own nonces. By default the one that owns the test network's coins."""

    def __init__(self, secret=SECRET, nonce=0):
        self.secret = SecretKey("s", secret)
        self.public = self.secret.public().data
        self.nonce = nonce

    @property
    def name(self):
        return compute_address_hash(self.public)

    def transfer(self, recipient, amount=1, fee=10_000_000):
        self.nonce += 1
        name = parse_address(recipient)[1] if isinstance(recipient, str) else recipient
        made = Transaction(
            NETWORK_BYTE, 1, 0, self.nonce, self.public, fee, amount=amount, recipient=name
        )
        return sign_ecdsa(made, self.secret.data)

    def proof(self, content):
        asset = {"operationAttempts": [{"operation": BEFORE_PROOF, "contentId": content}]}
        return self.morpheus(asset)

    def morpheus(self, asset):
        self.nonce += 1
        made = Transaction(
            NETWORK_BYTE, 4242, 1, self.nonce, self.public, compute_offered_fee(asset), asset=asset
        )
        return sign_ecdsa(made, self.secret.data)
