"""The HTTP interface as an ASGI application: bodies, limits, cross-origin headers, probes, kept answers.

An answer to a GET under a cached prefix is kept encoded until `forget` is called, which the node does at every block.
"""

from __future__ import annotations

import asyncio

from iop.daemon.dispatch import Request, settle
from iop.daemon.payload import MAX_BODY
from iop.daemon.reply import Reply, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from iop.daemon.dispatch import Interface
    from iop.daemon.rate import RateLimit

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]
    Probe = Callable[[], Reply]

BODY_TIMEOUT_S = 30
MAX_CACHED = 32 * 2**20  # bytes of answers kept
MAX_CACHED_ANSWERS = 16_384
_LONGEST_ORIGIN = 512
_PREFLIGHT_AGE_S = 600


class HttpApp:
    """One application over one interface.

    `probes`: paths for this host only, answered whatever the state. `cached`: prefixes whose answers are kept.
    """

    def __init__(
        self,
        interface: Interface,
        *,
        probes: Mapping[str, Probe] | None = None,
        cached: tuple[str, ...] = (),
        rate: RateLimit | None = None,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._interface = interface
        self._probes = dict(probes or {})
        self._cached = cached
        self._rate = rate
        self._is_ready = is_ready
        self._answers: dict[str, Reply] = {}
        self._answers_size = 0
        self.requests = 0
        self.statuses: dict[int, int] = {}

    def forget(self) -> None:
        """The state has changed: no answer kept so far holds."""
        self._answers.clear()
        self._answers_size = 0

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        self.requests += 1
        path = scope["raw_path"].decode("latin-1")
        headers = dict(scope["headers"])
        reply, close = await self._answer(scope, path, headers, receive)
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        lines = [
            (b"content-type", reply.kind),
            (b"content-length", b"%d" % len(reply.body)),
            (b"cache-control", b"no-cache"),
            *_cross_origin(scope["method"], headers),
        ]
        if close:
            lines.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(
        self, scope: Mapping[str, Any], path: str, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[Reply, bool]:
        """The reply, and whether the connection ends with it (a body was left unread)."""
        probe = self._probes.get(path)
        if probe is not None and _is_local(scope, headers):
            return probe(), False
        if self._rate is not None and not self._rate.admit(_peer(scope)):
            return refuse(429, "Rate limit exceeded"), True
        known = self._answers.get(path)
        if known is not None and scope["method"] == "GET":
            return known, False
        if not self._is_ready():
            return refuse(503, "The node is starting"), True
        if scope["method"] == "OPTIONS" and b"origin" in headers:
            return Reply(200, b""), False
        return await self._route(scope["method"], path, headers, receive)

    async def _route(
        self, method: str, path: str, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[Reply, bool]:
        has_body = method not in ("GET", "HEAD")
        found = self._interface.find(method, path)
        if isinstance(found, Reply):
            return found, has_body
        body = await _read_body(headers, receive) if has_body else b""
        if body is None:
            return refuse(
                422, f"Payload content length greater than maximum allowed: {MAX_BODY}"
            ), True
        request = Request(
            method,
            path,
            headers.get(b"content-type", b"").decode("latin-1"),
            headers.get(b"content-encoding", b"").decode("latin-1"),
            body,
        )
        reply = await settle(found(request))
        if reply.status == 200 and method == "GET" and path.startswith(self._cached):
            self._keep(path, reply)
        return reply, False

    def _keep(self, path: str, reply: Reply) -> None:
        self._answers_size += len(reply.body)
        if self._answers_size > MAX_CACHED or len(self._answers) >= MAX_CACHED_ANSWERS:
            self.forget()
            self._answers_size = len(reply.body)
        self._answers[path] = reply


async def _read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
    """The whole body, None when it is larger than the limit or did not come in time."""
    declared = headers.get(b"content-length", b"0")
    if len(declared) > 18 or int(declared) > MAX_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY:
                    return None
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        return None


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _is_local(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """True when the request comes from this host and not through a proxy."""
    host = _peer(scope)
    if b"x-forwarded-for" in headers or b"forwarded" in headers or b"via" in headers:
        return False
    return host.startswith("127.") or host in ("::1", "")


def _cross_origin(method: str, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The original's headers for browsers: the origin is echoed, a preflight gets what it asks for."""
    origin = _echo(headers, b"origin")
    if not origin:
        return []
    lines = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]
    if method == "OPTIONS":
        lines.append((b"access-control-expose-headers", b"content-type, content-length, etag"))
        lines.append((b"access-control-max-age", b"%d" % _PREFLIGHT_AGE_S))
        for asked, granted in (
            (b"access-control-request-headers", b"access-control-allow-headers"),
            (b"access-control-request-method", b"access-control-allow-methods"),
        ):
            wish = _echo(headers, asked)
            if wish:
                lines.append((granted, wish))
    return lines


def _echo(headers: Mapping[bytes, bytes], name: bytes) -> bytes:
    """A header value that may go back as it came, or nothing."""
    text = headers.get(name, b"")
    if len(text) > _LONGEST_ORIGIN or not text.isascii() or not text.decode("ascii").isprintable():
        return b""
    return text
