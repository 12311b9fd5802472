"""Request bodies, read as the original server reads them (morpheus ch. 12).

No content type means JSON. `application/json` and `…+json` are parsed, an empty body is null; `text/*`, forms and octet
streams reach the handler as something that is not JSON; any other type, a body that is no JSON and a body over the limit are
refused with 422. A member called `__proto__` makes a body no JSON.
"""

from __future__ import annotations

from iop.codec.json import parse_json
from iop.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

MAX_BODY = 1_048_576  # bytes, the original's default
_NOT_PARSED = (
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)


class Foreign:
    """A body that is no JSON value: its shape is wrong for every handler."""

    __slots__ = ()


FOREIGN = Foreign()


def parse_payload(body: bytes, content_type: str, content_encoding: str = "") -> Json | Foreign:
    """The JSON value of a body, or FOREIGN. Raises DecodeError whose message belongs into the 422 answer.

    A value nested too deep for us is FOREIGN as well: no shape of the interface is that deep.
    """
    if len(body) > MAX_BODY:
        raise DecodeError(f"Payload content length greater than maximum allowed: {MAX_BODY}")
    kind = content_type.partition(";")[0].strip().lower()
    if content_encoding.strip().lower() not in ("", "identity"):
        raise DecodeError("Unsupported Media Type")
    if kind and kind != "application/json" and not kind.endswith("+json"):
        if kind.startswith("text/") or kind in _NOT_PARSED:
            return FOREIGN
        raise DecodeError(
            "Unsupported Media Type" if "/" in kind else "Invalid content-type header"
        )
    if not body:
        return None
    try:
        parsed = parse_json(body)
    except LimitError:
        return FOREIGN
    except DecodeError as exc:
        raise DecodeError("Invalid request payload JSON format") from exc
    if (b"__proto__" in body or b"\\u" in body) and _has_proto(parsed):
        raise DecodeError("Invalid request payload JSON format")
    return parsed


def _has_proto(item: Json) -> bool:
    rest = [item]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            if "__proto__" in item:
                return True
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
    return False
