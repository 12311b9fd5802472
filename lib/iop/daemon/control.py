"""The control socket of a daemon: JSON lines over a UNIX socket that only its owner may use.

A client sends one record a line, `{"type": "iop.control/1", "verb": "status"}`, and gets one record a line. The socket has mode
0600 in a directory of mode 0700, and the peer's user id is checked on top (root and ourselves pass).
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct

from iop.codec.json import encode_json, parse_json
from iop.errors import (
    AccessError,
    ConfigError,
    DataError,
    HostError,
    IopError,
    MissingError,
    NetError,
    PeerError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iop.codec.json import Json

    Verb = Callable[[dict[str, Json]], Json]

MAX_LINE = 64 * 1024  # bytes of one request
MAX_ANSWER = 16 * 2**20  # bytes of one answer, for the client
MAX_CONNECTIONS = 16
IDLE_S = 30.0
ACCEPT_RETRY_S = 0.1
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)


class ControlServer:
    """Serves verbs at `path`. A socket left there by a killed process is replaced: the caller holds the state's lock."""

    def __init__(self, path: str, verbs: Mapping[str, Verb]) -> None:
        self._path = path
        self._verbs = dict(verbs)
        self._open = 0

    async def run(self) -> None:
        """Serve until cancelled; the socket is removed then, and conversations end with it."""
        listener = _bind(self._path)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    try:
                        peer, _ = await loop.sock_accept(listener)
                    except (
                        OSError
                    ):  # no descriptors left, or the client went away: neither ends the daemon
                        await asyncio.sleep(ACCEPT_RETRY_S)
                        continue
                    group.create_task(self._serve(peer))
        finally:
            listener.close()
            _remove(self._path)

    async def _serve(self, peer: socket.socket) -> None:
        self._open += 1
        try:
            with peer:
                if self._open <= MAX_CONNECTIONS and _is_allowed(peer):
                    await self._converse(peer)
        except (OSError, TimeoutError):
            return  # gone or silent: the connection ends, nothing else does
        finally:
            self._open -= 1

    async def _converse(self, peer: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        waiting = b""
        while len(waiting) <= MAX_LINE:
            part = await asyncio.wait_for(loop.sock_recv(peer, MAX_LINE), IDLE_S)
            if not part:
                return
            *lines, waiting = (waiting + part).split(b"\n")
            for line in lines:
                answer = encode_json(self._answer(line)).encode() + b"\n"
                await asyncio.wait_for(loop.sock_sendall(peer, answer), IDLE_S)

    def _answer(self, line: bytes) -> Json:
        try:
            request = parse_json(line)
            if not isinstance(request, dict) or request.get("type") != "iop.control/1":
                raise DataError("expected a record of type iop.control/1")
            verb = self._verbs.get(str(request.get("verb")))
            if verb is None:
                raise MissingError(
                    f"no verb {request.get('verb')!r}, there are {', '.join(self._verbs)}"
                )
            return verb(request)
        except IopError as error:
            return {
                "type": "iop.error/1",
                "code": error.code,
                "exit": error.exit,
                "message": error.message,
            }


def ask(path: str, verb: str, *, timeout_s: float = 5.0) -> dict[str, Json]:
    """The answer of the daemon behind a control socket.

    Raises NetError when nobody answers, AccessError when we may not ask, PeerError for an answer that is no record, and
    the daemon's own error as ConfigError where it is one, else as DataError.
    """
    request = encode_json({"type": "iop.control/1", "verb": verb}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client, _Reachable(path) as name:
            client.settimeout(timeout_s)
            client.connect(name)
            client.sendall(request)
            answer = _read_line(client)
    except PermissionError as exc:
        raise AccessError(f"{path}: not ours to ask") from exc
    except OSError as exc:
        raise NetError(f"nobody answers at {path}: {exc.strerror or 'timed out'}") from exc
    if not answer:
        raise NetError(f"nobody answers at {path}: the connection was closed")
    try:
        record = parse_json(answer)
    except DataError as exc:
        raise PeerError(f"the answer at {path} is no record") from exc
    if not isinstance(record, dict):
        raise PeerError(f"the answer at {path} is no record")
    if record.get("type") == "iop.error/1":
        kind = ConfigError if record.get("code") == ConfigError.code else DataError
        raise kind(str(record.get("message")))
    return record


class _Reachable:
    """A name for `path` that fits into a socket address (108 bytes), through an open descriptor of its directory."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) < 100:
            return self._path
        folder, name = os.path.split(self._path)
        self._fd = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._fd}/{name}"

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def _bind(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        if os.path.lexists(path):
            os.unlink(path)
        with _Reachable(path) as name:
            listener.bind(name)
            os.chmod(name, 0o600)
        listener.listen(MAX_CONNECTIONS)
    except OSError as exc:
        listener.close()
        raise HostError(f"cannot listen at {path}: {exc.strerror}") from exc
    listener.setblocking(False)
    return listener


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)


def _is_allowed(peer: socket.socket) -> bool:
    _, uid, _ = _CREDENTIALS.unpack(
        peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return uid in (0, os.geteuid())


def _read_line(client: socket.socket) -> bytes:
    parts: list[bytes] = []
    size = 0
    while not parts or b"\n" not in parts[-1]:
        part = client.recv(65536)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise PeerError(f"answer of at most {MAX_ANSWER} bytes expected")
    return b"".join(parts)
