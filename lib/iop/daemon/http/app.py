"""The HTTP interface as an ASGI application: bodies, limits, cross-origin headers, probes, kept answers.

What a client may ask for is bounded: requests in a minute, requests with a body under way at once, bytes of one body and of all,
time for a body to come. Who the client is, `iop.daemon.http.client` says. An answer to a GET under a cached prefix is kept encoded until
`forget` is called, which the node does at every block.
"""

from __future__ import annotations

from iop.daemon.http.body import Bodies, Body, is_declared
from iop.daemon.http.client import Clients
from iop.daemon.http.dispatch import Request, settle
from iop.daemon.http.quota import Quota
from iop.daemon.http.rate import RateLimit
from iop.daemon.http.reply import Reply, Stream, refuse
from iop.daemon.http.streaming import Streaming

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from iop.daemon.http.dispatch import Interface
    from iop.daemon.ledger.forward import Forwarding

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]
    Probe = Callable[[], Reply]

MAX_UNDER_WAY = 128  # requests with a body, of one client
MAX_CACHED = 32 * 2**20  # bytes of answers kept, and of their paths
MAX_CACHED_ANSWERS = 4096
_LONGEST_ORIGIN = 512
_PREFLIGHT_AGE_S = 600


class HttpApp:
    """One application over one interface.

    `probes`: paths for this host only, answered whatever the state. `cached`: prefixes whose answers are kept; those to a
    query are not, or strangers could fill the place with them.
    """

    def __init__(
        self,
        interface: Interface | Forwarding,
        *,
        probes: Mapping[str, Probe] | None = None,
        cached: tuple[str, ...] = (),
        rate: RateLimit | None = None,
        clients: Clients | None = None,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._interface = interface
        self._probes = dict(probes or {})
        self._cached = cached
        self.rate = rate or RateLimit(0)
        self._clients = clients or Clients()
        self._under_way = Quota(MAX_UNDER_WAY)
        self._bodies = Bodies()
        self.streaming = Streaming()
        self._is_ready = is_ready
        self._answers: dict[str, Reply] = {}
        self._answers_size = 0
        self._age = 0  # states seen: an answer worked out over a change of state is not kept
        self.requests = 0
        self.statuses: dict[int, int] = {}

    def forget(self) -> None:
        """The state has changed: no answer kept so far holds."""
        self._age += 1
        self._drop()

    def _drop(self) -> None:
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
        if isinstance(reply, Stream):
            client = self._find_client(scope, headers)
            refusal = self.streaming.enter(client)
            if refusal is None:
                self.statuses[200] = self.statuses.get(200, 0) + 1
                try:
                    cross = _cross_origin(scope["method"], headers)
                    await self.streaming.run(reply, scope["method"], cross, receive, send)
                finally:
                    self.streaming.leave(client)
                return
            reply = refusal
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        lines = [
            (b"content-type", reply.kind),
            (b"content-length", b"%d" % len(reply.body)),
            (b"cache-control", b"no-cache"),
        ]
        if b"origin" in headers:
            lines += _cross_origin(scope["method"], headers)
        if close:
            lines.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(
        self, scope: Mapping[str, Any], path: str, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[Reply | Stream, bool]:
        """The reply, and whether the connection ends with it (a body was left unread)."""
        probe = self._probes.get(path)
        if probe is not None and _is_local(scope, headers):
            return probe(), False
        if self.rate.per_minute and not self.rate.admit(self._find_client(scope, headers)):
            return refuse(429, "Rate limit exceeded"), True
        query = scope.get("query_string", b"").decode("latin-1")
        known = self._answers.get(path)
        if known is not None and scope["method"] == "GET" and not query:
            return known, is_declared(headers)
        if not self._is_ready():
            return refuse(503, "The node is starting"), True
        if scope["method"] == "OPTIONS" and b"origin" in headers:
            return Reply(200, b""), is_declared(headers)
        if scope["method"] in ("GET", "HEAD"):
            last_event = headers.get(b"last-event-id", b"").decode("latin-1")
            read = await self._read(scope["method"], path, query, last_event)
            return read, is_declared(headers)
        client = self._find_client(scope, headers)
        if not self._under_way.take(client):
            return refuse(429, "Too many requests of one client under way"), True
        try:
            return await self._submit(scope["method"], path, query, headers, receive)
        finally:
            self._under_way.give_back(client)

    async def _read(self, method: str, path: str, query: str, last_event: str) -> Reply | Stream:
        found = self._interface.find(method, path)
        if isinstance(found, Reply):
            return found
        age = self._age
        answer = found(Request(method, path, "", "", b"", query, last_event))
        reply = answer if isinstance(answer, Reply) else await settle(answer)
        if isinstance(reply, Stream):
            return reply
        is_kept = method == "GET" and not query and path.startswith(self._cached)
        if is_kept and reply.status == 200 and age == self._age:
            self._keep(path, reply)
        return reply

    async def _submit(
        self, method: str, path: str, query: str, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[Reply | Stream, bool]:
        found = self._interface.find(method, path)
        if isinstance(found, Reply):
            return found, True
        body = Body(self._bodies)
        try:
            data = await body.read(headers, receive)
            if isinstance(data, Reply):
                return data, True
            request = Request(
                method,
                path,
                headers.get(b"content-type", b"").decode("latin-1"),
                headers.get(b"content-encoding", b"").decode("latin-1"),
                data,
                query,
            )
            return await settle(found(request)), False
        finally:
            body.drop()

    def _find_client(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> str:
        return self._clients.find(_peer(scope), headers)

    def _keep(self, path: str, reply: Reply) -> None:
        size = len(path) + len(reply.body)
        self._answers_size += size
        if self._answers_size > MAX_CACHED or len(self._answers) >= MAX_CACHED_ANSWERS:
            self._drop()
            self._answers_size = size
        self._answers[path] = reply


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
