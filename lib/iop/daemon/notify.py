"""Word to the service manager: sd_notify(3) datagrams, without a library.

A datagram of `NAME=value` lines to the UNIX socket in NOTIFY_SOCKET; a leading `@` means an abstract name. Where the variable
is not set, every call is a no-op. RELOADING=1 has MONOTONIC_USEC beside it, as `Type=notify-reload` wants; `Type=notify` serves, too.
"""

from __future__ import annotations

import os
import socket
import time

from iop.errors import HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping


class Notifier:
    """The service manager of this process. The variables are taken out of the environment: children are not us."""

    def __init__(self, environ: MutableMapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        address = environ.pop("NOTIFY_SOCKET", "")
        self.watchdog_s = _watchdog_period(environ)
        self._socket: socket.socket | None = None
        if not address:
            return
        if address[0] == "@":
            address = "\0" + address[1:]
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        made.setblocking(False)
        try:
            made.connect(address)
        except OSError as exc:
            made.close()
            raise HostError(f"cannot reach the service manager: {exc.strerror}") from exc
        self._socket = made

    def ready(self, status: str = "") -> None:
        """Sockets are bound, the store is recovered."""
        self._send(b"READY=1", _status(status))

    def reloading(self) -> None:
        """A reload begins; `ready` ends it."""
        self._send(b"RELOADING=1", b"MONOTONIC_USEC=%d" % (time.monotonic_ns() // 1000))

    def stopping(self) -> None:
        """The way down has begun."""
        self._send(b"STOPPING=1")

    def status(self, text: str) -> None:
        """One line for people."""
        self._send(_status(text))

    def alive(self) -> None:
        """The main loop turns."""
        self._send(b"WATCHDOG=1")

    def _send(self, *lines: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(b"\n".join(line for line in lines if line))
        except OSError:
            return  # a manager that went away or is full is no reason to stop serving


def _status(text: str) -> bytes:
    return b"STATUS=" + text.replace("\n", " ").encode() if text else b""


def _watchdog_period(environ: MutableMapping[str, str]) -> float:
    """Half of WATCHDOG_USEC in seconds, 0 when it is not for this process."""
    period = environ.pop("WATCHDOG_USEC", "")
    if environ.pop("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    return int(period) / 2e6 if period.isascii() and period.isdigit() and len(period) < 16 else 0
