"""Answers that go on: how many there may be, and their end when the client leaves."""

from __future__ import annotations

import asyncio

from iop.daemon.http.quota import Quota
from iop.daemon.http.reply import Reply, Stream, refuse
from iop.daemon.log import Log
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

log = Log("iop.daemon.http")

MAX_STREAMS = 512
MAX_OF_CLIENT = 16


class Streaming:
    """The streams of one server. What a client does not read, the connection bounds (`iop.daemon.http.connection`)."""

    def __init__(self) -> None:
        self._quota = Quota(MAX_OF_CLIENT)
        self.open = 0

    def enter(self, client: str) -> Reply | None:
        """Nothing when one more may begin, else the refusal."""
        if self.open >= MAX_STREAMS:
            return refuse(503, "Too many streams")
        if not self._quota.take(client):
            return refuse(429, "Too many streams of one client")
        self.open += 1
        return None

    def leave(self, client: str) -> None:
        """A stream has ended."""
        self.open -= 1
        self._quota.give_back(client)

    async def run(
        self,
        stream: Stream,
        method: str,
        headers: list[tuple[bytes, bytes]],
        receive: Receive,
        send: Send,
    ) -> None:
        """Send the parts, until they end or the client leaves; HEAD gets none."""
        lines = [
            (b"content-type", stream.kind),
            (b"cache-control", b"no-cache"),
            (b"x-accel-buffering", b"no"),  # for proxies that would gather the parts
            *headers,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": lines})
        if method != "HEAD":
            sending = asyncio.create_task(_send_parts(stream, send))
            leaving = asyncio.create_task(_await_leave(receive))
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                leaving.cancel()
                ended, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
            if isinstance(ended, IopError):  # the disk, say; the client comes back
                log.warning("a stream broke off", reason=ended.message)
            elif isinstance(ended, Exception):
                log.bug("a stream failed", ended)
        await send({"type": "http.response.body", "body": b""})


async def _send_parts(stream: Stream, send: Send) -> None:
    async for part in stream.parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})


async def _await_leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
