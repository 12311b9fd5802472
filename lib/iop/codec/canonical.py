"""The canonical JSON text of Morpheus (morpheus 6.1 and 6.2), which is not RFC 8785: see `iop.codec.jcs` for that."""

from __future__ import annotations

from iop.codec import kernel
from iop.codec.json import Real, encode_json, encode_string
from iop.codec.number import compute_double, encode_double, encode_integer
from iop.codec.unicode import is_nfkd, normalize_nfkd
from iop.errors import DataError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

_NAMES = (
    "Data for canonical JSON serialization must contain field names normalized with Unicode NFKD"
)


def encode_canonical(value: Json) -> str:
    """Canonical text: members sorted by code point, no white space, numbers as doubles print, tokens in NFKD.

    Normalisation comes after escaping, as in the original: a string that holds U+FF02 gives text that is not JSON any more.
    Raises DataError (a name that is not in NFKD, a type JSON does not have), DecodeError (number out of range).
    """
    if kernel.active is not None and isinstance(value, dict | list):
        try:
            found: bytes | None = kernel.active.encode_canonical(encode_json(value).encode())
        except DataError:
            found = None  # the reference words it
        if found is not None:
            return found.decode()
    try:
        return normalize_nfkd(encode_sorted(value, _NAMES))
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def encode_sorted(value: Json, refusal: str) -> str:
    """The text before normalisation; `refusal` is what to say about a name that is not in NFKD.

    Normalising the whole is the same as normalising each token: quotes, brackets and digits never combine.
    """
    if isinstance(value, dict):
        parts = [
            f"{encode_string(name)}:{encode_sorted(value[name], refusal)}"
            for name in sort_names(value, refusal)
        ]
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([encode_sorted(item, refusal) for item in value]) + "]"
    return encode_token(value)


def sort_names(members: dict[str, Json], refusal: str) -> list[str]:
    """Member names in code point order, each checked to be in NFKD."""
    for name in members:
        if not isinstance(name, str):
            raise DataError(f"a JSON member name must be a string, got {type(name).__name__}")
        if not name.isascii():
            check_text(name)
            if not is_nfkd(name):
                raise DataError(refusal)
    return sorted(members)


def encode_token(value: Json) -> str:
    """Text of a scalar: strings escaped but not normalised, numbers by morpheus 6.2."""
    if isinstance(value, str):
        if not value.isascii():
            check_text(value)
        return encode_string(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return encode_integer(value)
    if isinstance(value, Real):
        return encode_double(compute_double(value.text))
    if isinstance(value, float):
        return encode_double(value)
    raise DataError(f"JSON has no {type(value).__name__}")


def check_text(text: str) -> None:
    """Raises DataError for a lone surrogate, which no UTF-8 can say."""
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise DataError("a string holds a lone surrogate") from exc
