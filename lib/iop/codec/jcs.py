"""Canonical JSON of RFC 8785: the bytes that Data Integrity suites sign."""

from __future__ import annotations

from iop.codec.json import Real, encode_string
from iop.errors import DataError, DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

_EXACT = 1 << 53  # integers up to here are doubles
_BITS_MAX = 1024  # no double is larger


def encode_jcs(value: Json) -> bytes:
    """UTF-8 bytes of the canonical form (RFC 8785 3.2): names in UTF-16 order, numbers as ECMAScript prints doubles.

    Integers beyond 2**53 become the nearest double, as they are when JSON text is read the ECMAScript way; strings are not
    normalised. The input must be I-JSON: read texts with `parse_json(data, unique_names=True)`. Raises DataError: NaN,
    infinity, a lone surrogate, a member name that is not a string, a type JSON does not have.
    """
    try:
        return _encode(value).encode()
    except UnicodeEncodeError as exc:
        raise DataError("a string holds a lone surrogate") from exc
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def encode_number(number: float) -> str:
    """ECMAScript's text of a finite double (RFC 8785 3.2.2.3). Raises DecodeError for NaN and infinity."""
    shown = float.__repr__(number)
    if "n" in shown:  # nan, inf
        raise DecodeError(f"{shown} is not a JSON number")
    sign = ""
    if shown[0] == "-":
        sign, shown = "-", shown[1:]
    mantissa, _, power = shown.partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not power and whole != "0":
        return sign + (whole if fraction == "0" else shown)
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(power or "0")
    digits = digits.rstrip("0")
    if not digits:
        return "0"
    if 0 < point <= 21:
        if len(digits) <= point:
            return f"{sign}{digits:0<{point}}"
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def _encode(value: Json) -> str:
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, dict):
        members = [f"{encode_string(name)}:{_encode(value[name])}" for name in _sort(value)]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_encode(item) for item in value]) + "]"
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        if -_EXACT <= value <= _EXACT:
            return int.__repr__(value)
        if value.bit_length() > _BITS_MAX:
            raise DecodeError("number out of range")
        return _encode_big(value)
    if isinstance(value, Real):
        # Read anew: a Real at the very edge holds what the Morpheus rules make of it.
        return encode_number(float(value.text))
    if isinstance(value, float):
        return encode_number(value)
    raise DataError(f"JSON has no {type(value).__name__}")


def _encode_big(number: int) -> str:
    try:
        return encode_number(float(number))
    except OverflowError as exc:
        raise DecodeError("number out of range") from exc


def _sort(members: dict[str, Json]) -> list[str]:
    for name in members:
        if not isinstance(name, str):
            raise DataError(f"a JSON member name must be a string, got {type(name).__name__}")
    if all(name.isascii() for name in members):
        return sorted(members)
    return sorted(members, key=_encode_utf16)


def _encode_utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
