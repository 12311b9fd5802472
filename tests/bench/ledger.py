"""The ledger node: its state machine, its pipeline from HTTP to a durable block, its disk, and its start.

Each figure stands beside a limit or a peer of the same run. FULL=1 in the environment takes the registry to a million DIDs.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench import ledger_work as work
from tests.bench.harness import BIN, Row, rate, rate_ratio
from tests.bench.http import HOST, Server, started

SIZES = (10_000, 100_000, 1_000_000) if os.environ.get("FULL") else (10_000, 100_000)
MEASURED = 4_000  # operations on top of each size
BLOCK = 250
SENDERS, EACH, CLIENTS = 96, 200, 48
BLOCK_LIMIT = 2000  # transactions in a block of the bench's own network; the original's take 250
CORES = os.cpu_count() or 1
# The original's state code, Node.js 20 on one core: what it was recorded to do while it verified so many signatures a second.
# Its package is not to be had any more; the SDK's, which is, verifies with the same code and tells how fast this machine is.
RECORDED = {"addKey": 1_170, "before-proof": 3_900}
RECORDED_VERIFICATIONS = 4_900


def make_row(area: str, what: str, ours: str, against: str, ratio: float, *, goal: float) -> Row:
    """A row whose ratio had better be at least the goal."""
    return Row(area, what, ours, against, ratio, f">= {goal:g}", ratio >= goal)


# The state machine.


def registry() -> list[Row]:
    """Operations a second at growing sizes against the original, the largest against the smallest, memory of a DID."""
    from iop.did.registry import Registry

    rows: list[Row] = []
    rates: dict[str, list[tuple[float, float]]] = {"addKey": [], "before-proof": []}
    real = Registry()
    real.apply_block(10)
    held, memory = 0, resident()
    for size in SIZES:
        populate(real, held, size)
        held = size
        per_did = (resident() - memory) / size
        first = 10_000_000 + size
        blocks = [work.make_add_key(first + n) for n in range(MEASURED)]
        assets = {
            "addKey": [work.make_asset((block,)) for block in blocks],
            "before-proof": [work.make_proof(first + n) for n in range(MEASURED)],
        }
        before = measure_peer()
        for what, list_ in assets.items():
            rates[what].append(apply_blocks(real, list_, f"{what}{size}"))
        machine = (before + measure_peer()) / 2
        for what, found in rates.items():
            peer = RECORDED[what] * machine
            rows.append(
                make_row(
                    "state machine",
                    f"{what}, {size:,} DIDs, {per_did:,.0f} bytes of memory each",
                    f"{found[-1][0]:,.0f}/s",
                    f"original {peer:,.0f}/s ({RECORDED[what]:,} recorded)",
                    found[-1][0] / peer,
                    goal=10,
                )
            )
    for what, found in rates.items():
        rows.append(
            make_row(
                "state machine",
                f"{what}, {SIZES[-1]:,} DIDs",
                f"{found[-1][1]:,.0f} a CPU second",
                f"{SIZES[0]:,} DIDs {found[0][1]:,.0f}",
                found[-1][1] / found[0][1],
                goal=0.8,
            )
        )
    return rows


def apply_blocks(registry: Any, assets: list[Any], name: str) -> tuple[float, float]:
    """Operations a second, and in a second of CPU time, as a node does them: read, signatures of a block judged together, applied."""
    from iop.crypto.batch import verify_many
    from iop.did.operation import Signed, parse_asset
    from iop.did.trial import make_check
    from iop.value import remember

    rates = []
    for start in range(0, len(assets), BLOCK):
        group = assets[start : start + BLOCK]
        began, used = time.perf_counter(), time.process_time()
        read = [parse_asset(asset) for asset in group]
        signed = [each for attempts in read for each in attempts if isinstance(each, Signed)]
        checks = [make_check(each) for each in signed]
        for each, verdict in zip(signed, verify_many(checks, CORES), strict=True):
            remember(each, "is_signed", verdict)
        for number, attempts in enumerate(read, start):
            registry.apply_transaction(f"{name}-{number:064}", attempts)
        spent, used = time.perf_counter() - began, time.process_time() - used
        rates.append((len(group) / spent, len(group) / used))
    return statistics.median(rate for rate, _ in rates), statistics.median(
        rate for _, rate in rates
    )


def populate(registry: Any, start: int, end: int) -> None:
    """DIDs with one added key each, whose signatures are taken for right."""
    from iop.codec.hex import encode_hex
    from iop.crypto.hash import sha256
    from iop.did.identifier import compute_did
    from iop.did.operation import ADD_KEY, Signable, Signed
    from iop.keys.multicipher import ED25519, PublicKey, Signature, compute_key_id
    from iop.value import remember

    signature = str(Signature(ED25519, bytes(63) + b"\x01"))
    for number in range(start, end):
        public = PublicKey(ED25519, sha256(b"%d" % number))
        added = PublicKey(ED25519, sha256(b"key %d" % number))
        did, key_id = str(compute_did(public)), str(compute_key_id(added))
        block = Signed((Signable(ADD_KEY, did, None, str(added), key_id),), str(public), signature)
        remember(block, "is_signed", True)
        registry.apply_transaction(encode_hex(sha256(b"tx %d" % number)), (block,))


def resident() -> int:
    """Bytes of memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure_peer() -> float:
    """How fast this machine runs the original's code, 1.0 being that on which its figures were recorded."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    sdk = os.path.join(base, "iop-tests", "sdk-5.0.1")
    if not shutil.which("node") or not os.path.isdir(os.path.join(sdk, "node_modules")):
        print(
            "the SDK under Node.js is missing: recorded figures stand as they are", file=sys.stderr
        )
        return 1.0
    from tests.bench.work import statement

    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk.js")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(json.dumps(statement(0)) + "\n")
        file.flush()
        done = subprocess.run(
            ["node", script, sdk, file.name],
            capture_output=True,
            check=True,
            env=os.environ | {"NODE_BACKEND": "js"},
        )
    return float(json.loads(done.stdout)["verify"]) / RECORDED_VERIFICATIONS


# The pipeline.


@contextmanager
def node(folder: str) -> Iterator[tuple[Server, str]]:
    """A node that makes a block as soon as there are transactions, and its directory."""
    home, port = os.path.join(folder, "home"), os.path.join(folder, "port")
    program = os.path.join(BIN, "iop-node")
    network = os.path.join(folder, "network.json")
    with open(network, "w", encoding="utf-8") as file:
        json.dump(work.make_genesis(BLOCK_LIMIT), file)
    made = [program, "init", "--home", home, "--network", network, "-q"]
    subprocess.run(made, stdout=subprocess.DEVNULL, check=True)
    words = [program, "run", "--home", home, "--listen", f"{HOST}:0", "--port-file", port]
    with started([*words, "--block-time", "0", "--probes", "on", "-q"], port) as server:
        yield server, home


def count_forged(server: Server) -> int:
    """Transactions in durable blocks."""
    with urllib.request.urlopen(f"http://{HOST}:{server.port}/metrics") as answer:  # noqa: S310
        for line in answer.read().decode().splitlines():
            if line.startswith("iop_transactions_total "):
                return int(line.split()[1])
    raise SystemExit("the node tells no count of transactions")


def send(server: Server, folder: str, clients: list[list[bytes]], until: int) -> float:
    """Seconds until so many transactions are in blocks. Every one must be accepted."""
    path = os.path.join(folder, "requests")
    with open(path, "wb") as file:
        pickle.dump(clients, file)
    words = [sys.executable, "-m", "tests.bench.ledger_client", str(server.port), path]
    start = time.perf_counter()
    load = subprocess.Popen(words, stdout=subprocess.PIPE)
    good, _ = load.communicate(timeout=300)
    if int(good) != sum(map(len, clients)):
        raise SystemExit(f"{int(good)} good answers of {sum(map(len, clients))}")
    while count_forged(server) < until:
        time.sleep(0.005)
    return time.perf_counter() - start


def pipeline() -> list[Row]:
    """Transactions a second from HTTP to durable blocks against bare checks of the same signatures; what is left on disk."""
    senders = [work.make_sender(number) for number in range(SENDERS)]
    fund = work.make_fund(senders)
    rows = []
    for what, make, limit in (
        ("transfers", lambda s, n: work.make_transfers(s, EACH), check_transfers),
        ("addKey transactions", lambda s, n: work.make_add_keys(s, EACH, n * EACH), check_both),
    ):
        lists = [make(sender, number) for number, sender in enumerate(senders)]
        sample = lists[0][:200]
        requests = [work.make_requests(list_) for list_ in lists]
        clients = [
            [each for turn in zip(*requests[n::CLIENTS], strict=True) for each in turn]
            for n in range(CLIENTS)
        ]
        with tempfile.TemporaryDirectory() as folder:
            with node(folder) as (server, home):
                send(server, folder, [work.make_requests(fund)], SENDERS)
                before, used = rate(limit(sample)), server.cpu_seconds()
                count = SENDERS * EACH
                spent = send(server, folder, clients, SENDERS + count)
                used = server.cpu_seconds() - used
                bare = (before + rate(limit(sample))) / 2
            rows.append(
                make_row(
                    "pipeline",
                    f"{what}, {CLIENTS} clients, {used / count * 1e6:,.0f} us of CPU each",
                    f"{count / spent:,.0f}/s",
                    f"bare checks {bare:,.0f}/s",
                    count / spent / bare,
                    goal=0.5,
                )
            )
            rows += replay(what, home, count / spent)
    return rows


def check_transfers(transactions: list[Any]) -> Callable[[], int]:
    """The limit of transfers: ECDSA by libsecp256k1 through coincurve, keys and signatures as they come."""
    from coincurve import PublicKey

    from iop.ledger.transaction import compute_hash

    parts = [(tx.sender, tx.signature, compute_hash(tx)) for tx in transactions]

    def check() -> int:
        for sender, signature, digest in parts:
            assert PublicKey(sender).verify(signature, digest, hasher=None)
        return len(parts)

    return check


def check_both(transactions: list[Any]) -> Callable[[], int]:
    """The limit of DID transactions: ECDSA of the sender, Ed25519 of the DID's key."""
    from iop.crypto import ed25519
    from iop.did.trial import read_claim
    from iop.ledger.asset import attempts_of

    outer = check_transfers(transactions)
    claims = [read_claim(attempt) for tx in transactions for attempt in attempts_of(tx)]
    parts = [(c.public.data, c.message, c.signature.data) for c in claims]

    def check() -> int:
        count = outer()
        for part in parts:
            assert ed25519.is_valid(*part)
        return count

    return check


def replay(what: str, home: str, forged: float) -> list[Row]:
    """The state made again from the log, and the size of the log and of the whole file."""
    from iop.daemon.ledger.replay import follow, parse_entry
    from iop.ledger.chain import read_chain
    from iop.ledger.state import State
    from iop.ledger.wire import encode_transaction
    from iop.store.ledger_sqlite import open_ledger

    path = os.path.join(home, "ledger.sqlite")
    store = open_ledger(path, writes=False)
    state = State(read_chain(store.genesis()))
    start = time.perf_counter()
    count = log = bare = 0
    for entry in store.blocks(state.height + 1):
        block = parse_entry(entry)
        follow(state, block)
        count += len(block.transactions)
        log += len(entry.data)
        bare += sum(len(encode_transaction(tx)) for tx in block.transactions)
    spent = time.perf_counter() - start
    store.close()
    size = os.path.getsize(path)
    return [
        make_row(
            "cold start",
            f"replay of {what}, {size / 1e6:.1f} MB of file in {spent:.2f} s",
            f"{count / spent:,.0f}/s",
            f"pipeline {forged:,.0f}/s",
            count / spent / forged,
            goal=1,
        ),
        make_row(
            "disk",
            f"log of {what}, with index {size / count:,.0f} bytes each",
            f"{log / count:,.0f} bytes each",
            f"bare {bare / count:,.0f} bytes",
            bare / log,
            goal=0.9,
        ),
    ]


# The disk.


def durability() -> list[Row]:
    """Durable writes a second: one after the other, and by 64 writers at once, against bare flushes of the same disk."""
    from iop.daemon.ledger.writer import Writer
    from iop.ledger.chain import encode_chain
    from iop.store.ledger import Change, PoolEntry
    from iop.store.ledger_sqlite import create_ledger

    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        store = create_ledger(os.path.join(folder, "ledger"), encode_chain("testnet"))
        place = os.open(os.path.join(folder, "bare"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        number = 0

        def make_change() -> Change:
            nonlocal number
            number += 1
            return Change(accept=(PoolEntry(number.to_bytes(32, "big"), bytes(160)),))

        def ours() -> int:
            store.write([make_change()])
            return 1

        def bare() -> int:
            os.write(place, bytes(4096))
            os.fdatasync(place)
            return 1

        async def together() -> float:
            writer = Writer(store)
            done, end = 0, time.perf_counter() + 1.0

            async def write() -> None:
                nonlocal done
                while time.perf_counter() < end:
                    await writer.write(make_change())
                    done += 1

            start = time.perf_counter()
            await asyncio.gather(*(write() for _ in range(64)))
            spent = time.perf_counter() - start
            writer.close()
            return done / spent

        ratio, mine, flushes = rate_ratio(ours, bare, rounds=7)
        many = statistics.median(asyncio.run(together()) for _ in range(3))
        os.close(place)
        store.close()
    return [
        make_row(
            "disk",
            "durable writes",
            f"{mine:,.0f}/s",
            f"flushes {flushes:,.0f}/s",
            ratio,
            goal=0.65,
        ),
        make_row(
            "disk",
            "durable writes of 64 at once",
            f"{many:,.0f}/s",
            f"one at a time {mine:,.0f}/s",
            many / mine,
            goal=20,
        ),
    ]


def ledger() -> list[Row]:
    """All of it."""
    return [*registry(), *pipeline(), *durability()]


if __name__ == "__main__":
    from tests.bench.harness import machine, show

    print(machine())
    print(show(ledger()))
