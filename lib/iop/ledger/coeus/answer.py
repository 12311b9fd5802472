"""The HTTP answers of Coeus, prefix `/coeus/v1` (morpheus 18).

    answer(registry, method, path) -> (status, body)

`path` is the raw path of the request line without the query: with the prefix, and percent-encoding as it came. `status` is the HTTP
status; `body` is a JSON value, to be written by `iop.codec.json.encode_json` and sent as `application/json; charset=utf-8`. Every
method and path under the prefix may be handed here, unknown ones give 404. No text raises.
"""

from __future__ import annotations

from iop.errors import DataError, MissingError
from iop.keys.multicipher import parse_public_key
from iop.ledger.coeus.name import parse_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from iop.codec.json import Json
    from iop.ledger.coeus.registry import Registry

    Answer: TypeAlias = tuple[int, Json]

PREFIX = "/coeus/v1"
_PHRASES = {400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}
_DOTS = frozenset((".", "..", "%2e", "%2e.", ".%2e", "%2e%2e"))


def answer(registry: Registry, method: str, path: str) -> Answer:
    """Status and body for a request below the prefix."""
    route, slash, parameter = path.removeprefix(PREFIX + "/").partition("/")
    ask = _ROUTES.get(route) if path.startswith(PREFIX + "/") else None
    # A dot segment is taken out by the original's server before it looks for a route.
    if method not in ("GET", "HEAD") or ask is None or not slash or not parameter:
        return _refuse(404, "Not Found")
    if "/" in parameter or parameter.lower() in _DOTS:
        return _refuse(404, "Not Found")
    text = _decode(parameter)
    if text is None:
        return _refuse(400, "Bad Request")
    return ask(registry, text)


def answer_resolve(registry: Registry, text: str) -> Answer:
    """`/resolve/{name}`: the data."""
    try:
        name = parse_name(text)
        return 200, {"data": registry.resolve(name)}
    except MissingError as exc:
        return _refuse(404, f"Cannot resolve {text}. Error: {exc.message}")
    except DataError:
        return _refuse_internal()


def answer_metadata(registry: Registry, text: str) -> Answer:
    """`/metadata/{name}`: owner, policies, expiry."""
    try:
        return 200, registry.metadata_of(parse_name(text))
    except MissingError as exc:
        return _refuse(404, f"Cannot get metadata for {text}. Error: {exc.message}")
    except DataError:
        return _refuse_internal()


def answer_children(registry: Registry, text: str) -> Answer:
    """`/children/{name}`: the edges below, sorted."""
    try:
        return 200, {"children": registry.children_of(parse_name(text))}
    except MissingError as exc:
        return _refuse(404, f"Cannot get children of {text}. Error: {exc.message}")
    except DataError:
        return _refuse_internal()


def answer_last_nonce(registry: Registry, text: str) -> Answer:
    """`/last-nonce/{publicKey}`: the last nonce as text."""
    try:
        return 200, {"nonce": str(registry.last_nonce(parse_public_key(text)))}
    except DataError:
        return _refuse_internal()


def answer_status(registry: Registry, text: str) -> Answer:
    """`/txn-status/{txid}`: confirmed or rejected."""
    try:
        return 200, registry.is_confirmed(text)
    except MissingError as exc:
        return _refuse(
            404, f"Transaction {text} is not processed by coeus (yet). Error: {exc.message}"
        )


_ROUTES: dict[str, Callable[[Registry, str], Answer]] = {
    "resolve": answer_resolve,
    "metadata": answer_metadata,
    "children": answer_children,
    "last-nonce": answer_last_nonce,
    "txn-status": answer_status,
}


def _refuse(status: int, message: str) -> Answer:
    return status, {"statusCode": status, "error": _PHRASES[status], "message": message}


def _refuse_internal() -> Answer:
    return _refuse(500, "An internal server error occurred")


def _decode(text: str) -> str | None:
    """Percent-decoded text; None if that is not UTF-8 or an escape is broken."""
    if "%" not in text:
        return text
    head, *parts = text.split("%")
    out = bytearray(head.encode("utf-8", "replace"))
    for part in parts:
        if len(part) < 2 or part[:2].strip("0123456789abcdefABCDEF"):
            return None
        out.append(int(part[:2], 16))
        out += part[2:].encode("utf-8", "replace")
    try:
        return str(out, "utf-8")
    except UnicodeDecodeError:
        return None
