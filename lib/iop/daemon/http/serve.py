"""An HTTP server in our event loop: uvicorn with httptools, each connection under the limits of `iop.daemon.http.connection`."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from iop.daemon.http.connection import Admission

IDLE_TIMEOUT_S = 30.0
GRACE_S = 5  # for requests in flight when we stop
BACKLOG = 1024  # connections that the system holds ready for us
_SPARE_DESCRIPTORS = 256  # for files, sockets of our own, and connections on their way out


class HttpServer:
    """Serves one ASGI application on sockets that are listening already."""

    def __init__(
        self, app: Callable[..., Any], sockets: Sequence[socket.socket], admission: Admission
    ) -> None:
        import uvicorn

        from iop.daemon.http.connection import Connection

        config = uvicorn.Config(
            app,
            http=partial(Connection, admission),  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=int(IDLE_TIMEOUT_S),
            timeout_graceful_shutdown=GRACE_S,
        )
        self.admission = admission
        self._started = asyncio.Event()
        self._server = _quiet_server(config, self._started)
        self._sockets = list(sockets)

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


def allow_descriptors(connections: int) -> int:
    """Raise this process's limit on open descriptors as far as that many connections need; how many there is room for."""
    import resource

    wanted = connections + BACKLOG + _SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    return max(soft - BACKLOG - _SPARE_DESCRIPTORS, soft // 2)
