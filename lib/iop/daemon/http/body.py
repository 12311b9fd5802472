"""Bodies of requests, as they arrive: bounded in bytes each and together, and in time."""

from __future__ import annotations

import asyncio

from iop.daemon.http.payload import MAX_BODY
from iop.daemon.http.reply import Reply, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    Receive = Callable[[], Awaitable[Mapping[str, Any]]]

TIMEOUT_S = 30
MAX_TOGETHER = 64 * MAX_BODY  # bytes
_TOO_LARGE = refuse(422, f"Payload content length greater than maximum allowed: {MAX_BODY}")
_TOO_MANY = refuse(503, "Too many requests are under way")
_TOO_LATE = refuse(408)


class Bodies:
    """What is held of the bodies of all requests under way, in bytes."""

    def __init__(self) -> None:
        self.held = 0


class Body:
    """One body, from its first byte until the request is answered."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._size = 0
        self._parts: list[bytes] = []

    async def read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | Reply:
        """The whole body, or the refusal: too large, too many at once, not come in time or cut off."""
        declared = headers.get(b"content-length", b"0")
        if len(declared) > 18 or int(declared) > MAX_BODY:
            return _TOO_LARGE
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return _TOO_LATE
                    refusal = self._add(message.get("body", b""))
                    if refusal is not None:
                        return refusal
                    if not message.get("more_body"):
                        return b"".join(self._parts)
        except TimeoutError:
            return _TOO_LATE

    def drop(self) -> None:
        """Hold it no longer."""
        self._bodies.held -= self._size
        self._size = 0
        self._parts.clear()

    def _add(self, part: bytes) -> Reply | None:
        self._parts.append(part)
        self._size += len(part)
        self._bodies.held += len(part)
        if self._size > MAX_BODY:
            return _TOO_LARGE
        return _TOO_MANY if self._bodies.held > MAX_TOGETHER else None


def is_declared(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request of a method that has no body brings one nevertheless."""
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
