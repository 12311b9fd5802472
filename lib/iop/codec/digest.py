"""Content ids: `cj…` of a JSON value, `cb…` of bytes (morpheus 6.3)."""

from __future__ import annotations

from iop.codec import kernel
from iop.codec.base64 import encode_base64url
from iop.codec.canonical import encode_token, sort_names
from iop.codec.json import encode_json, encode_string
from iop.codec.text import compute_content_id_text
from iop.errors import DataError, LimitError

try:
    from _sha3 import sha3_256  # the same function without loading OpenSSL
except ImportError:
    from hashlib import sha3_256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

_NAMES = "Data to be digested must contain field names normalized with Unicode NFKD"
_SCALAR = "Json digest is currently implemented only for composite types"


def compute_content_id(value: Json) -> str:
    """Content id of a JSON value: `cju` and 43 characters of base64url over SHA3-256.

    A string is its own id, so that a collapsed part digests like the part. Raises DataError: another scalar at the root, a
    member name that is not in NFKD, a type JSON does not have.
    """
    if kernel.active is not None and isinstance(value, dict | list):
        try:
            found: str | None = kernel.active.compute_content_id(encode_json(value).encode())
        except DataError:
            found = None  # the reference words it
        if found is not None:
            return found
    try:
        return collapse(value)
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def compute_bytes_id(data: bytes) -> str:
    """Content id of bytes: `cbu` and 43 characters of base64url over SHA3-256."""
    return "cbu" + encode_base64url(sha3_256(data).digest())


def collapse(value: Json) -> str:
    """The id of a root; unbounded in depth."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return _collapse(value)
    raise DataError(_SCALAR)


def collapse_member(value: Json) -> Json:
    """The digest form of a member or element: containers become their id, scalars stay."""
    return _collapse(value) if isinstance(value, dict | list | tuple) else value


def check_names(members: dict[str, Json]) -> list[str]:
    """Member names in hashing order; DataError when one is not in NFKD."""
    return sort_names(members, _NAMES)


def _collapse(value: Json) -> str:
    if isinstance(value, dict):
        text = ",".join(
            [f"{encode_string(name)}:{_encode_form(value[name])}" for name in check_names(value)]
        )
        return _compute_id("{" + text + "}")
    return _compute_id("[" + ",".join([_encode_form(item) for item in value]) + "]")


def _encode_form(value: Json) -> str:
    if isinstance(value, dict | list | tuple):
        return f'"{_collapse(value)}"'
    return encode_token(value)


def _compute_id(text: str) -> str:
    return "cju" + encode_base64url(sha3_256(text.encode()).digest())


__all__ = [
    "check_names",
    "collapse",
    "collapse_member",
    "compute_bytes_id",
    "compute_content_id",
    "compute_content_id_text",
]
