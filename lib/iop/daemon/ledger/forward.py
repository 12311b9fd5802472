"""What a replica hands on to the sequencer's node: submissions, and questions about what waits there.

Answers come back as they are. Requests run in a few threads with connections that stay open; what finds none free soon, or gets no
answer, is refused with the reason, so that a primary that is down costs nothing but these requests.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from iop.daemon.http.dispatch import strip_version
from iop.daemon.http.reply import Reply, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.daemon.http.dispatch import Answer, Interface, Request

THREADS = 16
MAX_WAITING = 256  # requests on their way to the primary
TIMEOUT_S = 10.0  # to connect, and between two pieces of an answer
ANSWER_S = 30.0  # for a whole answer: one that drips must not hold a thread for ever
MAX_ANSWER = 16 * 2**20  # bytes
CHUNK = 1 << 16
TRANSACTIONS = "/api/transactions"
UNCONFIRMED = f"{TRANSACTIONS}/unconfirmed"
_WITHOUT_BODY = (204, 205, 304)


class Primary:
    """The node that takes submissions. `url` is scheme, host and port, empty when nobody is known. Raises UsageError."""

    def __init__(self, url: str) -> None:
        from iop.io.node_exchange import normalize_url

        self.url = normalize_url(url) if url else ""
        self.failures = 0
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="primary")
        self._waiting = 0

    async def ask(self, request: Request) -> Reply:
        """The primary's answer to a request, or the refusal."""
        if not self.url:
            return refuse(
                503, "This node is a replica that knows no primary: ask the sequencer's node"
            )
        if self._waiting >= MAX_WAITING:
            return refuse(503, "Too many requests wait for the primary")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._exchange, request)
        finally:
            self._waiting -= 1

    def _exchange(self, request: Request) -> Reply:
        import requests
        from urllib3.exceptions import HTTPError

        headers = {"accept-encoding": "identity"}
        if request.content_type:
            headers["content-type"] = request.content_type
        if request.content_encoding:
            headers["content-encoding"] = request.content_encoding
        path = request.path + (f"?{request.query}" if request.query else "")
        try:
            with self._session().request(
                request.method,
                self.url + path,
                data=request.body or None,
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _read(answer)
        except (requests.RequestException, HTTPError, OSError) as error:
            self.failures += 1
            return refuse(503, f"The primary does not answer: {type(error).__name__}")

    def _session(self) -> Any:
        session = getattr(self._local, "session", None)
        if session is None:
            import requests

            session = self._local.session = requests.Session()
            session.trust_env = False
        return session

    def close(self) -> None:
        """Let go of the threads; what is under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _read(answer: Any) -> Reply:
    """The answer as it is, if it is one that a node gives. Raises what the libraries raise, OSError."""
    if not 200 <= answer.status_code < 600 or answer.status_code in _WITHOUT_BODY:
        return refuse(503, "The primary's answer is none that a node gives")
    if answer.headers.get("content-encoding", "identity") != "identity":
        return refuse(503, "The primary's answer is none that a node gives")
    end = time.monotonic() + ANSWER_S
    # read1 gives what has come so far; urllib3 before 2.1 can only wait for a whole chunk
    read = getattr(answer.raw, "read1", answer.raw.read)
    body = bytearray()
    while part := read(CHUNK):
        body += part
        if len(body) > MAX_ANSWER:
            return refuse(503, "The primary's answer is too long")
        if time.monotonic() > end:
            raise TimeoutError
    kind = answer.headers.get("content-type", "application/json")
    return Reply(answer.status_code, bytes(body), kind.encode("latin-1", "replace"))


class Forwarding:
    """An interface in front of another: what only the primary can answer goes there."""

    def __init__(self, interface: Interface, primary: Primary) -> None:
        self._interface = interface
        self._primary = primary

    def find(self, method: str, path: str) -> Callable[[Request], Answer] | Reply:
        """As `Interface.find`."""
        if is_forwarded(method, strip_version(path)):
            return self._primary.ask
        return self._interface.find(method, path)


def is_forwarded(method: str, path: str) -> bool:
    """Whether a path needs the pool, which only the primary has."""
    if method == "POST":
        return path == TRANSACTIONS
    if method not in ("GET", "HEAD") or not path.startswith(UNCONFIRMED):
        return False
    # one plain segment: nothing that a client library could read as another path
    rest = path.removeprefix(UNCONFIRMED)
    return not rest or (rest[0] == "/" and rest[1:].isascii() and rest[1:].isalnum())
