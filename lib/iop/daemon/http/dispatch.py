"""From a request to its handler's answer, without a socket: what the server and the conformance runner share."""

from __future__ import annotations

from iop.daemon.http.payload import parse_payload
from iop.daemon.http.reply import BAD_PATH, INTERNAL, NOT_FOUND, Reply, Stream, refuse
from iop.daemon.log import Log
from iop.errors import BusyError, DecodeError, HostError, IopError, MissingError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from iop.daemon.http.router import Params, Router

    Answer = Reply | Stream | Awaitable[Reply]

REFUSED_BY_STORE = "The node's store refuses: disk full, or it cannot be reached"

log = Log("iop.daemon.http")


@value
class Request:
    """What a handler can see of a request: the raw path without the query, header texts, the whole body, the raw query, Last-Event-ID."""

    method: str
    path: str
    content_type: str = ""
    content_encoding: str = ""
    body: bytes = b""
    query: str = ""
    last_event: str = ""


class Interface:
    """Routes over a view."""

    def __init__(self, router: Router, view: object) -> None:
        self._router = router
        self._view = view

    def find(self, method: str, path: str) -> Callable[[Request], Answer] | Reply:
        """What answers a method and raw path: a function of the request, or the refusal at once."""
        try:
            match = self._router.find(method, strip_version(path))
        except DecodeError:
            return BAD_PATH
        if match is None:
            return NOT_FOUND
        return lambda request: self._call(match.handler, match.params, request)

    def answer(self, request: Request) -> Answer:
        """The answer to a request; a coroutine of it where the handler is one."""
        found = self.find(request.method, request.path)
        return found if isinstance(found, Reply) else found(request)

    def _call(self, handler: Callable[..., Any], params: Params, request: Request) -> Answer:
        params.query, params.last_event = request.query, request.last_event
        payload = None
        if request.method not in ("GET", "HEAD"):
            try:
                payload = parse_payload(
                    request.body, request.content_type, request.content_encoding
                )
            except DecodeError as error:
                return refuse(422, error.message)
        return _guarded(handler, self._view, params, payload)


def strip_version(path: str) -> str:
    """`/api/v2/…` means `/api/…` (morpheus ch. 13)."""
    return f"/api{path[7:]}" if path.startswith("/api/v2/") else path


def _guarded(handler: Callable[..., Any], *given: object) -> Answer:
    try:
        answer: Answer = handler(*given)
    except Exception as exc:  # noqa: BLE001 - the supervisor of handlers: one request fails, service goes on
        return explain(exc)
    return answer


async def settle(answer: Answer) -> Reply | Stream:
    """The reply of an answer that may have to be waited for."""
    if isinstance(answer, Reply | Stream):
        return answer
    try:
        return await answer
    except Exception as exc:  # noqa: BLE001 - as above
        return explain(exc)


def explain(error: Exception) -> Reply:
    """The answer to a request whose handler raised: 503 where the client may come back, 404 for what was pruned, else the original's 500."""
    if isinstance(error, HostError):
        # the operator's log and status say more; strangers need not know paths and servers
        log.info("the store refuses", reason=error.message)
        return refuse(503, REFUSED_BY_STORE)
    if isinstance(error, BusyError):
        return refuse(503, error.message)
    if isinstance(error, MissingError):
        return refuse(404, error.message)
    if not isinstance(error, IopError):
        log.bug("a handler failed", error)
    return INTERNAL
