"""Service manager, inherited sockets, addresses, log forms, rate limit, group commit."""

import asyncio
import io
import json
import logging
import os
import socket

import pytest

from iop.daemon import log as daemon_log
from iop.daemon.activation import bind, is_loopback, parse_address, take_sockets
from iop.daemon.http.rate import WINDOW_S, RateLimit
from iop.daemon.ledger.writer import Writer
from iop.daemon.log import Log, configure
from iop.daemon.notify import Notifier
from iop.errors import BusyError, ConfigError, HostError, UsageError
from iop.store.ledger import Change


@pytest.fixture
def manager(tmp_path):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(tmp_path / "notify"))
    made.settimeout(5)
    yield made
    made.close()


def test_notify(manager, tmp_path):
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
    notifier = Notifier(environ)
    assert environ == {}
    assert notifier.watchdog_s == 1.5
    notifier.ready("height 7\nx")
    assert manager.recv(999) == b"READY=1\nSTATUS=height 7 x"
    notifier.reloading()
    assert manager.recv(999).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    notifier.stopping()
    assert manager.recv(999) == b"STOPPING=1"
    notifier.alive()
    assert manager.recv(999) == b"WATCHDOG=1"
    notifier.status("busy")
    assert manager.recv(999) == b"STATUS=busy"
    notifier._socket.close()


def test_notify_abstract_name():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f"iop-test-{os.getpid()}"
        manager.bind("\0" + name)
        notifier = Notifier({"NOTIFY_SOCKET": f"@{name}"})
        notifier.ready()
        assert manager.recv(999) == b"READY=1"
        notifier._socket.close()


def test_notify_nobody():
    notifier = Notifier({})
    notifier.ready("x")
    assert notifier.watchdog_s == 0


def test_notify_manager_went_away(manager, tmp_path):
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    manager.close()
    notifier.alive()
    notifier._socket.close()


def test_notify_unreachable(tmp_path):
    with pytest.raises(HostError, match="cannot reach the service manager"):
        Notifier({"NOTIFY_SOCKET": str(tmp_path / "none")})


def test_watchdog_of_another_process():
    assert Notifier({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}).watchdog_s == 0


def test_sockets_of_another_process_are_not_ours():
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
    assert take_sockets(environ) == {}
    assert environ == {}


@pytest.mark.parametrize("count", ["", "x", "-1", "65", "9999999"])
def test_bad_socket_count(count):
    with pytest.raises(ConfigError, match="LISTEN_FDS"):
        take_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("localhost:4703", ("localhost", 4703)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_address(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "4703", ":4703", "a:", "a:x", "a:-1", "a:65536", "::1:80", "a:99999999", "a:٣"]
)
def test_bad_address(text):
    with pytest.raises(UsageError):
        parse_address(text)


def test_bind_and_refusal():
    (made,) = bind("127.0.0.1", 0)
    assert is_loopback(made)
    with pytest.raises(HostError, match="cannot listen on"):
        bind("127.0.0.1", made.getsockname()[1])
    made.close()


@pytest.fixture
def quiet_logging():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["text", "json", "journal"])
def test_log_forms(form, quiet_logging):
    out = io.StringIO()
    configure(form=form, stream=out)
    log = Log("iop.test")
    log.info("block forged", height=5, reason='two "words"')
    log.debug("not shown")
    log.warning("low")
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    if form == "json":
        record = json.loads(lines[0])
        assert record["type"] == "iop.log/1"
        assert (record["level"], record["event"], record["height"]) == ("info", "block forged", 5)
    elif form == "journal":
        assert lines[0] == "<6>block forged height=5 reason='two \"words\"'"
        assert lines[1] == "<4>low"
    else:
        assert lines[0].endswith("Z info block forged height=5 reason='two \"words\"'")


def test_log_form_is_chosen(monkeypatch, tmp_path):
    with open(tmp_path / "err", "w") as out:
        assert daemon_log._choose(out) == "json"
        seen = os.fstat(out.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{seen.st_dev}:{seen.st_ino}")
        assert daemon_log._choose(out) == "journal"
        monkeypatch.setenv("JOURNAL_STREAM", "1:2")
        assert daemon_log._choose(out) == "json"


def test_rate_limit():
    now = [0.0]
    rate = RateLimit(2, lambda: now[0])
    assert [rate.admit("a") for _ in range(3)] == [True, True, False]
    assert rate.admit("b")
    now[0] = WINDOW_S
    assert rate.admit("a")


class SlowStore:
    """Counts the batches it is given; fails when told to."""

    def __init__(self):
        self.batches = []
        self.error = None

    def write(self, changes):
        if self.error is not None:
            raise self.error
        self.batches.append(list(changes))


def test_writes_that_wait_share_one_flush():
    store = SlowStore()

    async def main():
        writer = Writer(store)
        changes = [Change(drop=(bytes([n]),)) for n in range(50)]

        async def write(change):
            await writer.write(change)
            await writer.write(change)

        await asyncio.gather(*(write(change) for change in changes))
        writer.close()
        return changes, writer

    changes, writer = asyncio.run(main())
    # the first goes alone; who is told then goes along with those that wait
    first, *others = changes
    assert store.batches == [[first], [*others, first], others]
    assert (writer.writes, writer.changes) == (3, 100)


def test_refused_write_is_told_and_the_next_one_works():
    store = SlowStore()

    async def main():
        writer = Writer(store)
        store.error = HostError("database or disk is full")
        with pytest.raises(HostError, match="full"):
            await writer.write(Change())
        assert writer.last_error == "database or disk is full"
        store.error = None
        await writer.write(Change())
        assert writer.last_error == ""
        writer.close()

    asyncio.run(main())
    assert len(store.batches) == 1


def test_writer_pushes_back(monkeypatch):
    monkeypatch.setattr("iop.daemon.ledger.writer.MAX_WAITING", 0)

    async def main():
        writer = Writer(SlowStore())
        with pytest.raises(BusyError, match="are waiting"):
            await writer.write(Change())
        writer.close()

    asyncio.run(main())
