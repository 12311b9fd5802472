"""Reads of a running node over HTTP against a static answer of the same server library in the same run.

Servers and load are processes of their own. The load is one thread over raw sockets: each connection has one request under way.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.bench.harness import BIN, Row

CONNECTIONS = 64
ROUNDS = 5
SECONDS = 0.6  # of each measurement
DIDS = 20_000  # more than a node keeps answers for
HOST = "127.0.0.1"
STATIC = b'{"did":"%s"}' % (b"x" * 700)  # as long as a document


class Server(NamedTuple):
    """A server's process and port."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """CPU time, user and system, that it has used."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load(NamedTuple):
    """What a server did: answers a second; answers a second of its CPU time; milliseconds in which 99 of 100 came."""

    rate: float
    cpu_rate: float
    p99_ms: float


def load(server: Server, requests: Sequence[bytes], seconds: float = SECONDS) -> Load:
    """Ask on all connections, the requests in turn, until the time is over. Answers other than 200 end the run."""
    poll = select.epoll()
    clients = {}
    for _ in range(CONNECTIONS):
        client = socket.create_connection((HOST, server.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        clients[client.fileno()] = client
        poll.register(client, select.EPOLLIN)
    waiting = dict.fromkeys(clients, b"")
    asked = {}
    times = []
    number = 0
    now = time.perf_counter
    start, used = now(), server.cpu_seconds()
    for place, client in clients.items():
        asked[place] = now()
        client.send(requests[number % len(requests)])
        number += 1
    while (moment := now()) - start < seconds:
        for place, _ in poll.poll(1):
            client = clients[place]
            got = waiting[place] + client.recv(65536)
            if not is_whole(got):
                waiting[place] = got
                continue
            waiting[place] = b""
            if got[9:12] != b"200":
                raise SystemExit(f"answer {got[:200]!r}")
            moment = now()
            times.append(moment - asked[place])
            asked[place] = moment
            client.send(requests[number % len(requests)])
            number += 1
    spent, used = now() - start, server.cpu_seconds() - used
    for client in clients.values():
        client.close()
    poll.close()
    times.sort()
    return Load(len(times) / spent, len(times) / used, times[len(times) * 99 // 100] * 1000)


def is_whole(got: bytes) -> bool:
    """Whether an answer with a content length is there to its end."""
    if not got:
        raise SystemExit("the server ended a connection")
    end = got.find(b"\r\n\r\n")
    mark = got.find(b"content-length: ", 0, end)
    return end > 0 and len(got) >= end + 4 + int(got[mark + 16 : got.find(b"\r", mark)])


def reading(path: str) -> bytes:
    """The request for a path."""
    return f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()


@contextmanager
def started(words: list[str], port_file: str) -> Iterator[Server]:
    """A server process; it writes its port into a file."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    try:
        while not os.path.exists(port_file):
            if process.poll() is not None:
                raise SystemExit(f"{words}: status {process.returncode}")
            time.sleep(0.01)
        with open(port_file, encoding="ascii") as file:
            yield Server(process.pid, int(file.read()))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """A node with an empty chain, and the static server."""
    with tempfile.TemporaryDirectory() as folder:
        home = os.path.join(folder, "home")
        program = os.path.join(BIN, "iop-node")
        made = [program, "init", "--home", home, "--network", "testnet", "-q"]
        subprocess.run(made, stdout=subprocess.DEVNULL, check=True)
        ports = [os.path.join(folder, name) for name in ("node", "static")]
        node = [program, "run", "--home", home, "--listen", f"{HOST}:0", "--block-time", "0", "-q"]
        static = [sys.executable, "-m", "tests.bench.http", ports[1]]
        with (
            started([*node, "--port-file", ports[0]], ports[0]) as ours,
            started(static, ports[1]) as theirs,
        ):
            yield ours, theirs


def http() -> list[Row]:
    """Documents and wallets, kept by the node until the next block and not, and the time that 99 of 100 answers take.

    Ratios are of answers in a second of the server's CPU time, which the load beside it does not touch.
    """
    from iop.did.identifier import Did
    from iop.keys.multicipher import KeyId
    from iop.ledger.genesis import TEST_ADDRESS

    dids = [Did(KeyId("e", n.to_bytes(16, "big"))) for n in range(1, DIDS + 1)]
    asked = {
        "document, kept": [reading(f"/morpheus/v1/did/{dids[0]}/document")],
        "document, each of another DID": [reading(f"/morpheus/v1/did/{d}/document") for d in dids],
        "wallet": [reading(f"/api/wallets/{TEST_ADDRESS}")],
    }
    rows = []
    with servers() as (node, static):
        rounds = []
        for _ in range(ROUNDS):
            base = load(static, [reading("/")])
            rounds.append((base, {what: load(node, asked[what]) for what in asked}))
    for what in asked:
        ratio = median(lambda base, ours, what=what: ours[what].cpu_rate / base.cpu_rate, rounds)
        mine = median(lambda _, ours, what=what: ours[what].rate, rounds)
        late = median(lambda _, ours, what=what: ours[what].p99_ms, rounds)
        rate = median(lambda base, _: base.rate, rounds)
        static_late = median(lambda base, _: base.p99_ms, rounds)
        rows.append(
            Row(
                "HTTP",
                f"{what}, {CONNECTIONS} connections",
                f"{mine:,.0f}/s, p99 {late:.1f} ms",
                f"static {rate:,.0f}/s, p99 {static_late:.1f} ms",
                ratio,
                ">= 0.5",
                ratio >= 0.5,
            )
        )
    return rows


def median(
    figure: Callable[[Load, Mapping[str, Load]], float],
    rounds: Sequence[tuple[Load, dict[str, Load]]],
) -> float:
    """The median of a figure over the rounds."""
    return statistics.median(figure(*each) for each in rounds)


async def answer(_scope: Mapping[str, Any], _receive: Any, send: Callable[..., Any]) -> None:
    """The static answer (ASGI 3)."""
    lines = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(STATIC)),
        (b"cache-control", b"no-cache"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": lines})
    await send({"type": "http.response.body", "body": STATIC})


def main() -> None:
    """The static server: the library as the node uses it, without anything of ours. Writes its port into the file named."""
    import uvicorn

    from iop.daemon.activation import bind
    from iop.daemon.lifecycle import find_loop

    sockets = bind(HOST, 0)
    config = uvicorn.Config(
        answer,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as file:
        file.write(str(sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    with asyncio.Runner(loop_factory=find_loop()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=sockets))


if __name__ == "__main__":
    main()
