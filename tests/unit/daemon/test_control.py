"""The control socket: who may ask, what hostile lines do, long paths, a stale socket."""

import asyncio
import json
import os
import socket
import stat
import threading

import pytest

from iop.daemon import control
from iop.daemon.control import MAX_LINE, ControlServer, ask
from iop.errors import AccessError, DataError, MissingError, NetError, PeerError


def status(_request):
    return {"type": "iop.test/1", "height": 5}


def fail(_request):
    raise MissingError("not there")


class Running:
    """A control server in its own thread and loop."""

    def __init__(self, path):
        self.path = path
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._main)

    def _main(self):
        async def main():
            self.task = asyncio.current_task()
            server = ControlServer(self.path, {"status": status, "fail": fail})
            self.loop.call_soon(self.started.set)
            try:
                await server.run()
            except asyncio.CancelledError:
                return

        self.loop.run_until_complete(main())
        self.loop.close()

    def __enter__(self):
        self.thread.start()
        assert self.started.wait(5)
        for _ in range(1000):
            try:
                ask(self.path, "status")
                break
            except NetError:
                self.started.wait(0.001)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(5)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "control.sock")


def test_ask(path):
    with Running(path):
        assert ask(path, "status") == {"type": "iop.test/1", "height": 5}
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with pytest.raises(DataError, match="not there"):
            ask(path, "fail")
        with pytest.raises(DataError, match="no verb 'dance'"):
            ask(path, "dance")
    assert not os.path.exists(path)


def test_nobody_there(path):
    with pytest.raises(NetError, match="nobody answers"):
        ask(path, "status")


def test_stale_socket_is_replaced(path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    with pytest.raises(NetError):
        ask(path, "status")
    with Running(path):
        assert ask(path, "status")["height"] == 5


def test_long_path(tmp_path):
    folder = tmp_path / ("d" * 200)
    folder.mkdir()
    path = str(folder / "control.sock")
    with Running(path):
        assert ask(path, "status")["height"] == 5


def talk(path, data):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(path)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        out = b""
        try:
            while part := client.recv(65536):
                out += part
        except ConnectionError:
            pass
        return out


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b"{}\n", b"\xff\n", b'{"type":"iop.control/1"}\n', b"[" * 9999 + b"\n"]
)
def test_hostile_lines(path, line):
    with Running(path):
        answer = json.loads(talk(path, line))
        assert answer["type"] == "iop.error/1"
        assert ask(path, "status")["height"] == 5


def test_line_without_end(path):
    with Running(path):
        assert talk(path, b"x" * (MAX_LINE * 3)) == b""
        assert ask(path, "status")["height"] == 5


def test_stranger_gets_nothing(path, monkeypatch):
    with Running(path):
        monkeypatch.setattr(control, "_is_allowed", lambda _peer: False)
        with pytest.raises(NetError, match="nobody answers"):
            ask(path, "status")


def test_unreadable_directory(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(control.socket.socket, "connect", refuse)
    with pytest.raises(AccessError, match="not ours"):
        ask(path, "status")


@pytest.mark.parametrize("answer", [b"what\n", b"[]\n", b"5"])
def test_answer_that_is_no_record(path, answer):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(1)

        def serve():
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(PeerError):
            ask(path, "status")
        thread.join(5)


def test_silent_daemon(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(1)
        with pytest.raises(NetError, match="timed out"):
            ask(path, "status", timeout_s=0.05)
