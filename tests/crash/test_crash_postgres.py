"""The PostgreSQL server under a store is killed, or its disk fails, in the middle of writes; so are clients.

Whatever `write` returned from is there afterwards, nothing is half there, and the store goes on by itself once the server does.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from store_child import make_steps

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "proc"))

from node_process import Account, NodeProcess, run, until

from iop.errors import BusyError, HostError
from iop.ledger.index import Query
from iop.store import ledger_link
from iop.store.ledger_open import create_store, open_store
from postgres_server import make_server
from sample_chain import CHAIN

HERE = os.path.dirname(__file__)
RICH = "tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik"
ROOT = os.path.join(HERE, "..", "..", "lib")


@pytest.fixture
def server():
    """A server of the test's own, which may be killed."""
    made = make_server()
    yield made
    made.close()


@pytest.fixture
def place(server):
    return server.url(server.make_database())


def demand_whole(store, steps, last):
    """The store holds the first k steps, k = last or the one after, which nobody heard of; returns k."""
    blocks = list(store.blocks())
    assert len(blocks) in (last, last + 1)
    assert blocks == [step[1].block for step in steps[: len(blocks)]]
    accepted = {entry.txid for step in steps[: len(blocks)] for entry in step[0].accept}
    forged = {row[0] for step in steps[: len(blocks)] for row in step[1].rows.transactions}
    waiting = {entry.txid for entry in store.pool()}
    assert waiting == accepted - forged
    return len(blocks)


class Writer(threading.Thread):
    """Writes step after step, each until it succeeds, as a node does that starts again when it is told to."""

    def __init__(self, place, store, steps):
        super().__init__()
        self.place, self.store, self.steps = place, store, steps
        self.done = 0
        self.refused = 0
        self.restarts = 0
        self.failure = None
        self.stopping = threading.Event()
        self.pause = threading.Event()  # nobody sets it: a wait with a limit

    def run(self):
        try:
            while self.done < len(self.steps) and not self.stopping.is_set():
                self.write()
        except BaseException as exc:
            self.failure = exc
            raise

    def write(self):
        try:
            self.store.write(self.steps[self.done])
        except HostError:
            self.refused += 1
            self.pause.wait(0.01)
        except BusyError as error:
            assert "in doubt" in error.message
            self.restarts += 1
            self.store.close()
            self.store = open_store(self.place)
            self.done = demand_whole(self.store, self.steps, self.done)
        else:
            self.done += 1


def kill_server_again_and_again(server, place, rounds, seed):
    chance = random.Random(seed)
    steps = make_steps(30_000 if rounds > 50 else 1500)
    store = create_store(place, CHAIN)
    reader = store.reader()
    writer = Writer(place, store, steps)
    writer.start()
    for _ in range(rounds):
        reached = writer.done
        writer.pause.wait(chance.uniform(0.0, 0.25))
        server.kill()
        last = writer.done
        with pytest.raises(HostError):
            reader.head()
        server.start()
        assert last >= reached
        assert reader.head() is None or reader.head() >= last + 1
        assert ask_total(reader) >= last
    writer.stopping.set()
    writer.join()
    assert writer.failure is None
    count = demand_whole(writer.store, steps, writer.done)
    writer.store.check()
    writer.store.close()
    reader.close()
    return count, writer


def ask_total(store):
    return store.select(Query("transaction", limit=0)).total


def test_server_killed_under_writes(server, place):
    count, writer = kill_server_again_and_again(server, place, 6, 3)
    assert count > 20
    assert writer.refused > 0


@pytest.mark.soak
def test_server_killed_under_writes_for_long(server, place, capsys):
    count, writer = kill_server_again_and_again(server, place, 500, 4)
    with capsys.disabled():
        print(
            f"\n500 kills of the server, {count} durable writes: none lost; {writer.refused} refused, "
            f"{writer.restarts} in doubt"
        )


def find_session(store):
    return store.fetch("SELECT pg_backend_pid()")[0][0]


def test_lost_connection_is_made_again(postgres, database):
    """The server ends the session: that write is refused and undone, the next one goes through."""
    steps = make_steps(5)
    store = create_store(database, CHAIN)
    reader = store.reader()
    store.write(steps[0])
    for session in (find_session(store), find_session(reader)):
        postgres.execute("SELECT pg_terminate_backend(%s, 5000)", session)
    with pytest.raises(HostError, match="cannot write"):
        store.write(steps[1])
    assert reader.head() == 2  # read again by itself
    store.write(steps[1])
    assert find_session(store) != find_session(reader)
    assert demand_whole(store, steps, 2) == 2
    postgres.execute("SELECT pg_terminate_backend(%s, 5000)", find_session(store))
    assert store.head() == 3
    store.write(steps[2])
    store.close()
    reader.close()


def test_commit_whose_answer_is_lost_counts(postgres, database, monkeypatch):
    """The session dies right after the commit: the mark tells that it is there, and `write` returns."""
    import psycopg

    steps = make_steps(5)
    store = create_store(database, CHAIN)
    store.write(steps[0])

    def lose(self, done):
        postgres.execute("SELECT pg_terminate_backend(%s, 5000)", done.connection.info.backend_pid)
        raise psycopg.OperationalError("the answer was lost")

    monkeypatch.setattr(ledger_link.Link, "demand_commit", lose)
    store.write(steps[1])
    monkeypatch.undo()
    assert demand_whole(store, steps, 2) == 2
    store.write(steps[2])
    store.close()


def test_commit_in_doubt_is_found_later(server, place, monkeypatch):
    """The server dies right after the commit and stays away: refused, and found when it is back."""
    import psycopg

    steps = make_steps(5)
    store = create_store(place, CHAIN)
    store.write(steps[0])

    def lose(self, done):
        server.kill()
        raise psycopg.OperationalError("the answer was lost")

    monkeypatch.setattr(ledger_link.Link, "demand_commit", lose)
    with pytest.raises(HostError, match="the answer was lost"):
        store.write(steps[1])
    monkeypatch.undo()
    with pytest.raises(HostError, match="cannot reach"):
        store.write(steps[1])
    server.start()
    for _ in range(2):
        with pytest.raises(BusyError, match="in doubt"):
            store.write(steps[1])
    store.close()
    again = open_store(place)
    assert demand_whole(again, steps, 1) == 2
    again.write(steps[2])
    again.close()


def kill_clients(postgres, rounds, seed):
    """The process that writes is killed; the next one takes its lock over and goes on where it stopped."""
    chance = random.Random(seed)
    steps = make_steps(200)
    for _ in range(rounds):
        name = postgres.make_database()
        place = postgres.url(name)
        child = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "store_child.py"), place, ROOT, "0", "200"],
            stdout=subprocess.PIPE,
            text=True,
        )
        stop = chance.randint(0, 120)
        last = -1
        for line in child.stdout:
            last = int(line.split()[1])
            if last >= stop:
                break
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        rest, _ = child.communicate()
        said = [line for line in rest.splitlines() if line.startswith("ack ")]
        last = int(said[-1].split()[1]) if said else last
        store = open_store(place)
        count = demand_whole(store, steps, last)
        store.check()
        for step in steps[count : count + 3]:
            store.write(step)
        store.close()
        postgres.drop(name)


def test_client_killed_under_writes(postgres):
    kill_clients(postgres, 5, 9)


@pytest.mark.soak
def test_client_killed_under_writes_for_long(postgres):
    kill_clients(postgres, 500, 10)


def test_server_killed_under_a_node(server, place, tmp_path):
    """Clients are told to come back; once the server is there again the node goes on, or starts again and then does."""
    node = NodeProcess(tmp_path, init=("--network", "testnet", "--store", place))
    node.start()
    account = Account()
    accepted = []

    def send():
        """Whether a transaction was acknowledged; a node that gave up is started again, as systemd does."""
        if node.process.poll() is not None:
            node.start(wait=False)
            until("readiness or an end", lambda: node.process.poll() is not None or is_up())
            return False
        try:
            status, body = node.send(account.transfer(account.name))
        except OSError:
            account.nonce -= 1
            return False
        if status == 200 and body["data"]["accept"]:
            accepted.extend(body["data"]["accept"])
            return True
        account.nonce -= 1
        # what was refused with the server away may wait, or be in a block, all the same
        assert status in (503, 200), (status, body, node.log())
        return False

    def is_up():
        if not os.path.exists(node.port_file):
            return False
        with open(node.port_file) as file:
            node.port = int(file.read() or 0)
        return node.port > 0

    try:
        for _ in range(3):
            until("an acknowledgement", send)
            for _ in range(20):
                send()
            server.kill()
            assert send() is False
            server.start()
            until("an acknowledgement", lambda: send() or settle(node, account))
        for txid in accepted:
            node.forged(txid)
        node.stop()
        verified = run("verify", "--home", node.home)
        assert verified.returncode == 0, verified.stdout
    finally:
        node.close()


def settle(node, account):
    """Take the nonce up where the chain is, once nothing waits; never true."""
    with contextlib.suppress(OSError):
        status, body = node.get(f"/api/wallets/{RICH}")
        if status == 200:
            account.nonce = int(body["data"]["nonce"])
    return False


def start_with_faults(server, killpoint, path, how):
    """The server again, with a disk that fails for files with `path` in their name while the returned file is there."""
    library = os.path.join(server.folder, "killpoint.so")
    shutil.copy(killpoint, library)
    os.chmod(library, 0o755)
    switch = os.path.join(server.folder, "failing")
    server.kill()
    server.start(
        {
            "LD_PRELOAD": library,
            "KILL_AT": "1",
            "KILL_FOR": "1000000000",
            "KILL_HOW": how,
            "KILL_PATH": path,
            "KILL_WHEN": switch,
        }
    )
    return switch


def test_full_disk_of_the_server(server, place, killpoint):
    """No room for tables: writes refuse, reads go on, and after the disk has room again so do writes."""
    steps = make_steps(40)
    store = create_store(place, CHAIN)
    store.close()
    switch = start_with_faults(server, killpoint, "/base/", "enospc")
    store = open_store(place)
    reader = store.reader()
    done = 0
    for step in steps[:10]:
        store.write(step)
        done += 1
    with open(switch, "w"):
        pass
    refused = ""
    for step in steps[done:]:  # until the pages there are, are full
        try:
            store.write(step)
        except HostError as error:
            refused = error.message
            break
        done += 1
    assert "No space left on device" in refused
    assert demand_whole(reader, steps, done) == done
    assert ask_total(reader) == done
    with pytest.raises(HostError):
        store.write(steps[done])
    os.unlink(switch)
    for step in steps[done:]:
        store.write(step)
    assert demand_whole(store, steps, len(steps)) == len(steps)
    store.check()
    store.close()
    reader.close()


@pytest.mark.parametrize("how", ["eio", "enospc"])
def test_failing_journal_of_the_server(server, place, killpoint, how):
    """Where the server cannot write its journal it stops; nothing acknowledged is lost, and the store takes up the thread."""
    steps = make_steps(12)
    store = create_store(place, CHAIN)
    store.close()
    switch = start_with_faults(server, killpoint, "/pg_wal/", how)
    store = open_store(place)
    for step in steps[:4]:
        store.write(step)
    with open(switch, "w"):
        pass
    with pytest.raises(HostError):
        store.write(steps[4])
    with pytest.raises(HostError):
        store.write(steps[4])
    os.unlink(switch)
    if server.process.poll() is None:
        server.kill()
    server.start()
    writer = Writer(place, store, steps)
    writer.done = 4
    while writer.done < len(steps):
        writer.write()
    assert demand_whole(writer.store, steps, len(steps)) == len(steps)
    writer.store.check()
    writer.store.close()
