"""Exchanges with a ledger node over HTTP: one question, one JSON answer, and the class of what went wrong.

NetError (not reachable), BusyError (no answer in time, rate limit, overload), MissingError (unknown there), DataError (the node
refuses our input), PeerError (an answer that the protocol does not know, as those of another kind of server). Redirects are not
followed.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from iop.codec.json import encode_json, parse_json
from iop.errors import BusyError, DataError, MissingError, NetError, PeerError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from requests import Response, Session

    Json = Any
    Record = dict[str, Any]

LIMIT = 64 << 20  # bytes of one answer
CHUNK = 1 << 16
TIMEOUT_S = 10.0
BODY_TIMEOUTS = 6  # how many of them a whole answer may take


class Exchange:
    """One node, one connection kept open. `url` is scheme, host and port; `timeout` bounds each wait in seconds."""

    def __init__(self, url: str, timeout: float = TIMEOUT_S) -> None:
        self.url = normalize_url(url)
        self._timeout = timeout
        self._session: Session | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def ask_object(self, path: str) -> Record:
        """The object that a path answers with."""
        found = self.ask(path)
        if not isinstance(found, dict):
            raise PeerError(f"{self.url} answered {path} with no object")
        return found

    def ask_bool(self, path: str) -> bool:
        """True or false."""
        found = self.ask(path)
        if not isinstance(found, bool):
            raise PeerError(f"{self.url} answered {path} with neither true nor false")
        return found

    def ask_rows(self, path: str) -> list[Record]:
        """A list of objects, empty where the node knows nothing of the path."""
        try:
            return self.ask_list(path)
        except MissingError:
            return []

    def ask_list(self, path: str, body: Json = None) -> list[Record]:
        """A list of objects; asked with a body where there is one."""
        found = self.ask(path, body)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise PeerError(f"{self.url} answered {path} with no list of objects")
        return found

    def ask(self, path: str, body: Json = None) -> Json:
        """The JSON of an answer: GET, or POST when there is a body."""
        data = None if body is None else encode_json(body).encode()
        with self._open(path, data=data, timeout=self._timeout) as answer:
            return self._read(path, answer)

    def follow(self, path: str, headers: dict[str, str], silence_s: float) -> Iterator[bytes]:
        """The pieces of an answer that goes on, as they come, until the node ends it; BusyError after so long a silence."""
        with self._open(path, headers=headers, timeout=(self._timeout, silence_s)) as answer:
            if answer.status_code != 200:
                self._read(path, answer)
            yield from answer.iter_content(None)

    @contextmanager
    def _open(self, path: str, *, data: bytes | None = None, **more: Any) -> Iterator[Response]:
        """The answer to a request, its head read; what goes wrong until it is closed is told by class."""
        import requests
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        if self._session is None:
            self._session = _open_session(self.url)
        try:
            with self._session.request(
                "GET" if data is None else "POST",
                self.url + path,
                data=data,
                allow_redirects=False,
                stream=True,
                **more,
            ) as answer:
                yield answer
        except requests.exceptions.ConnectTimeout as exc:
            raise NetError(f"{self.url} cannot be reached within {self._timeout:g} s") from exc
        except requests.exceptions.Timeout as exc:
            raise BusyError(f"{self.url} did not answer within {self._timeout:g} s") from exc
        except requests.exceptions.ConnectionError as exc:
            raise NetError(f"{self.url} cannot be reached", hint="is the node running?") from exc
        except requests.exceptions.InvalidURL as exc:
            raise UsageError(f"{self.url} is no address of a node") from exc
        except ReadTimeoutError as exc:
            raise BusyError(f"{self.url} did not finish within {self._timeout:g} s") from exc
        except (requests.exceptions.RequestException, HTTPError) as exc:
            raise PeerError(f"{self.url} broke the connection's protocol") from exc

    def _read(self, path: str, answer: Response) -> Json:
        parts = []
        size = 0
        end = time.monotonic() + BODY_TIMEOUTS * self._timeout
        # read1 gives what has come so far; urllib3 before 2.1 can only wait for a whole chunk
        read = getattr(answer.raw, "read1", answer.raw.read)
        while part := read(CHUNK):
            size += len(part)
            if time.monotonic() > end:
                raise BusyError(f"{self.url} answers {path} too slowly")
            if size > LIMIT:
                raise PeerError(f"{self.url} answered {path} with more than {LIMIT} bytes")
            parts.append(part)
        status = answer.status_code
        kind = answer.headers.get("Content-Type", "application/json")
        if status == 200 and "json" not in kind.lower():
            raise self._stranger(path, f"with {kind[:60]!r} and no JSON")
        try:
            body = parse_json(b"".join(parts))
        except DataError as exc:
            if status == 200:
                raise self._stranger(path, "with no JSON") from exc
            body = None
        if status == 200:
            return body
        if status == 404 and not _is_refusal(body):
            raise self._stranger(path, "404 in words that no node has")
        raise self._refusal(status, body, answer.reason or "")

    def _stranger(self, path: str, how: str) -> PeerError:
        return PeerError(
            f"{self.url} is no ledger node: it answered {path} {how}",
            hint="is it the right port? iop-node status --home DIR tells a node's",
        )

    def _refusal(self, status: int, body: Json, reason: str) -> Exception:
        said = body.get("message") if isinstance(body, dict) else None
        text = said if isinstance(said, str) else f"{status} {reason}".rstrip()
        if status == 404:
            return MissingError(text)
        if status == 429:
            return BusyError(
                f"{self.url} limits the rate of requests", hint="try again in a minute"
            )
        if status in (502, 503, 504):
            return BusyError(f"{self.url} is not ready: {text}")
        if status in (400, 413, 422):
            return DataError(f"{self.url} refuses the request: {text}")
        return PeerError(f"{self.url} answered {status}: {text}")


def normalize_url(url: str) -> str:
    """Scheme, host and port of a node, without path or trailing slash. Raises UsageError."""
    hint = "--node http://127.0.0.1:4703"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - judged when read
    except ValueError as exc:
        raise UsageError(f"no address of a node: {url!r}", hint=hint) from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"a node's address starts with http:// or https://, got {url!r}", hint=hint
        )
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(f"a node's address has no path, got {url!r}", hint=hint)
    if parts.username is not None:
        raise UsageError("a node's address has no user and password", hint=hint)
    return f"{parts.scheme}://{parts.netloc}"


def _open_session(url: str) -> Session:
    import requests

    from iop import __version__

    session = requests.Session()
    # Proxies of the environment count; a netrc file's passwords do not belong to us.
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(url))
    session.headers.update(
        {
            "User-Agent": f"iop/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
    )
    return session


def _is_refusal(body: Json) -> bool:
    """The body of a node's 404: of the framework that the original uses, with status and words (morpheus 12)."""
    return (
        isinstance(body, dict)
        and body.get("statusCode") == 404
        and isinstance(body.get("message"), str)
    )
