"""An HTTP server in our event loop: uvicorn with httptools, and the limits it does not have.

uvicorn parses, keeps connections alive and writes; it knows no limit on connections, on the size and time of a request's
head, or on how long a client may leave an answer unread. `_guard` adds these around its protocol.
"""

from __future__ import annotations

import asyncio
import contextlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

MAX_CONNECTIONS = 1024
MAX_HEAD = 16 * 1024  # bytes of request line and headers
HEAD_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 30.0
STALL_TIMEOUT_S = 30.0  # an answer that the client does not read
GRACE_S = 5  # for requests in flight when we stop


class HttpServer:
    """Serves one ASGI application on sockets that are listening already."""

    def __init__(
        self,
        app: Callable[..., Any],
        sockets: Sequence[socket.socket],
        *,
        connections: int = MAX_CONNECTIONS,
    ) -> None:
        import uvicorn

        config = uvicorn.Config(
            app,
            http=_guard(connections),
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=int(IDLE_TIMEOUT_S),
            timeout_graceful_shutdown=GRACE_S,
        )
        self._started = asyncio.Event()
        self._server = _quiet_server(config, self._started)
        self._sockets = list(sockets)

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._server.server_state.connections)

    async def run(self) -> None:
        """Serve until `stop`."""
        try:
            await self._server.serve(sockets=self._sockets)
        finally:
            for listener in self._sockets:
                listener.close()

    def stop(self) -> None:
        """Accept no more, finish what is in flight."""
        self._server.should_exit = True

    async def started(self) -> None:
        """Wait until connections are accepted."""
        await self._started.wait()


def _quiet_server(config: Any, started: asyncio.Event) -> Any:
    import uvicorn

    class Server(uvicorn.Server):
        """Signals are the lifecycle's business; that connections are accepted is told."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(config)


def _guard(connections: int) -> type[asyncio.Protocol]:
    """uvicorn's protocol with a limit on connections and on the size and time of heads and stalls."""
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class Guarded(HttpToolsProtocol):
        _head = 0  # bytes of an unfinished head, -1 while a body or an answer is under way
        _timer: asyncio.TimerHandle | None = None
        _stall: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > connections:
                transport.abort()
                return
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._cancel()
            self.resume_writing()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._head >= 0:
                self._head += len(data)
                if self._head > MAX_HEAD:
                    self.transport.write(
                        b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
                        b"content-length: 0\r\nconnection: close\r\n\r\n"
                    )
                    self.transport.close()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._expect_head()

        def on_headers_complete(self) -> None:
            self._head = -1
            self._cancel()
            super().on_headers_complete()

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._stall is None:
                self._stall = self.loop.call_later(STALL_TIMEOUT_S, self.transport.abort)

        def resume_writing(self) -> None:
            if self._stall is not None:
                self._stall.cancel()
                self._stall = None
            if self.flow is not None:
                super().resume_writing()

        def _expect_head(self) -> None:
            self._head = 0
            self._cancel()
            self._timer = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.abort)

        def _cancel(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Guarded
