"""Listening sockets: those the service manager opened for us (sd_listen_fds(3)), or our own.

Descriptors from 3 on belong to this process when LISTEN_PID is our number; LISTEN_FDNAMES tells which is which. So a daemon
gets low ports without privileges and loses no connection while it restarts.
"""

from __future__ import annotations

import os
import socket

from iop.errors import ConfigError, HostError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping

_FIRST = 3  # sd_listen_fds(3)
_MOST = 64
_BACKLOG = 1024


def take_sockets(environ: MutableMapping[str, str] | None = None) -> dict[str, list[socket.socket]]:
    """The inherited sockets by name (`unknown` where none was given); the variables are removed.

    Raises ConfigError when the variables are ours but make no sense.
    """
    environ = os.environ if environ is None else environ
    pid = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    names = environ.pop("LISTEN_FDNAMES", "")
    if pid != str(os.getpid()):
        return {}
    if not (count.isascii() and count.isdigit() and len(count) < 4 and int(count) <= _MOST):
        raise ConfigError(f"LISTEN_FDS is a count up to {_MOST}, got {count!r}")
    labels = names.split(":") if names else []
    taken: dict[str, list[socket.socket]] = {}
    for index in range(int(count)):
        fd = _FIRST + index
        os.set_inheritable(fd, False)
        try:
            found = socket.socket(fileno=fd)
        except OSError as exc:
            raise ConfigError(f"inherited descriptor {fd} is no socket") from exc
        if not _is_listening(found):
            found.close()
            raise ConfigError(f"inherited descriptor {fd} does not listen for connections")
        label = labels[index] if index < len(labels) and labels[index] else "unknown"
        taken.setdefault(label, []).append(found)
    return taken


def _is_listening(made: socket.socket) -> bool:
    families = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    return made.family in families and bool(
        made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    )


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT with `[…]` around an IPv6 address; port 0 lets the system choose. Raises UsageError."""
    host, colon, port = text.rpartition(":")
    if host[:1] == "[" and host[-1:] == "]":
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    if not colon or not host or not (port.isascii() and port.isdigit() and len(port) < 6):
        raise UsageError(f"expected HOST:PORT, got {text!r}", hint="--listen 127.0.0.1:4703")
    if int(port) > 65535:
        raise UsageError(f"port is at most 65535, got {port}")
    return host, int(port)


def show_address(made: socket.socket) -> str:
    """HOST:PORT of a listening socket, or `unix:` and the path of one that is a file."""
    if made.family == socket.AF_UNIX:
        return f"unix:{os.fsdecode(made.getsockname())}"
    host, port = made.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening TCP sockets, one for every address the name has, all on one port. Raises HostError."""
    made: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        for family, _, _, _, address in dict.fromkeys(found):
            made.append(_listen(family, (address[0], port, *address[2:])))
            port = made[0].getsockname()[1]
    except OSError as exc:
        for one in made:
            one.close()
        raise HostError(f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    return made


def _listen(family: int, address: tuple[object, ...]) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's delay off only where it reads TCP.
    made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def is_loopback(made: socket.socket) -> bool:
    """True when only this host can connect to the socket."""
    if made.family == socket.AF_UNIX:
        return True
    host = made.getsockname()[0]
    return host == "::1" or (made.family == socket.AF_INET and host.startswith("127."))
