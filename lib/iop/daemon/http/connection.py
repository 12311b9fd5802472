"""One HTTP connection: uvicorn's protocol, and the limits that it does not have.

uvicorn parses, keeps connections alive and writes. It knows no limit on connections, on the size and time of a request's head, on
requests sent ahead of their answers, or on how long a client may leave an answer unread.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from iop.daemon.http.client import find_key
from iop.daemon.http.reply import Reply, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.daemon.http.client import Clients
    from iop.daemon.http.quota import Quota

MAX_HEAD = 16 * 1024  # bytes of request line and headers
MAX_AHEAD = 16  # requests sent before the answer to the first
HEAD_TIMEOUT_S = 10.0
STALL_TIMEOUT_S = 30.0  # an answer that the client does not read


class Admission:
    """Who may connect: `most` at once, of one client as many as `quota` says, proxies apart. Both may change at any time."""

    def __init__(self, most: int, quota: Quota, clients: Clients) -> None:
        self.most = most
        self.quota = quota
        self._clients = clients
        self.open = 0
        self.refused = {"full": 0, "client": 0}

    def enter(self, host: str) -> Reply | None:
        """Nothing when a connection from there is let in, else what it is told."""
        if self.open >= self.most:
            self.refused["full"] += 1
            return refuse(503, "Too many connections")
        if host and not self._clients.is_proxy(host) and not self.quota.take(find_key(host)):
            self.refused["client"] += 1
            return refuse(429, "Too many connections of one client")
        self.open += 1
        return None

    def leave(self, host: str) -> None:
        """A connection that was let in has ended."""
        self.open -= 1
        if host and not self._clients.is_proxy(host):
            self.quota.give_back(find_key(host))


class Joined:
    """A transport that sends the head of an answer with its body: one system call and one packet instead of two."""

    __slots__ = (
        "_head",
        "_transport",
        "abort",
        "get_extra_info",
        "is_closing",
        "pause_reading",
        "resume_reading",
    )

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        for name in self.__slots__[2:]:
            setattr(self, name, getattr(transport, name))

    def write(self, data: bytes) -> None:
        """Send, unless it is a head whose body has a length and so comes next."""
        if self._head:
            data = self._head + data
            self._head = b""
        elif (
            data[:9] == b"HTTP/1.1 "
            and data[-4:] == b"\r\n\r\n"
            and b"\r\ncontent-length: " in data
        ):
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send a head without a body: the answer to HEAD."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what is left, and end."""
        self.flush()
        self._transport.close()


class Connection(HttpToolsProtocol):
    """A connection on probation: every wait for the client has an end, and everything it may pile up has a bound."""

    def __init__(self, admission: Admission, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._admission = admission
        self._host = ""
        self._is_in = False
        self._head = 0  # bytes of an unfinished head, -1 while a body or an answer is under way
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        peer = transport.get_extra_info("peername")
        self._host = peer[0] if isinstance(peer, tuple) else ""
        refusal = self._admission.enter(self._host)
        if refusal is not None:
            self.transport = transport
            self._close_with(refusal)
            return
        self._is_in = True
        super().connection_made(Joined(transport))  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_head_timer()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        if self._is_in:
            self._admission.leave(self._host)
            self.flow.resume_writing()
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_in or self.transport.is_closing():
            return
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head < 0:
            if self.timeout_keep_alive_task is not None or not self.cycle.response_complete:
                return
            self._head = 0  # line breaks between two requests, or the body of one that is answered
        self._head += len(data)
        if self._head > MAX_HEAD:
            self._close_with(refuse(431))
        elif self._head_timer is None:
            self._await_head()

    def send_400_response(self, msg: str) -> None:
        self._close_with(refuse(400, msg))

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_AHEAD:
            self.transport.abort()
            raise ConnectionAbortedError  # the parser must not go on with what else it was given
        super().on_message_begin()
        self._head = 0

    def on_headers_complete(self) -> None:
        self._head = -1
        self._cancel_head_timer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()
        if self.transport.is_closing():
            self._limit_stall()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing():
            self._limit_stall()

    def pause_writing(self) -> None:
        if self._is_in:
            super().pause_writing()
        self._limit_stall()

    def resume_writing(self) -> None:
        if self._stall_timer is not None and not self.transport.is_closing():
            self._stall_timer.cancel()
            self._stall_timer = None
        if self._is_in:
            super().resume_writing()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.abort)

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_with(self, reply: Reply) -> None:
        """Say why, and end: for refusals that no request stands behind."""
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
                % (
                    reply.status,
                    reply.reason.encode(),
                    reply.kind,
                    len(reply.body),
                    reply.body,
                )
            )
            self._close()

    def _close(self) -> None:
        """End when what was written is read; `close` alone would wait for a client that never reads it."""
        if not self.transport.is_closing():
            self.transport.close()
            self._limit_stall()

    def _limit_stall(self) -> None:
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(STALL_TIMEOUT_S, self.transport.abort)
