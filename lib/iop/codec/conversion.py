"""CBOR values as JSON values, for people and for tools that read only JSON.

JSON has no byte strings, tags, simple values, NaN and infinities, and names members by strings only. Going this way loses
kinds, never digits: integers keep every digit, floats their shortest text.
"""

from __future__ import annotations

from iop.codec.base64 import encode_base64url
from iop.codec.cbor import UNDEFINED, KeyFloat, KeyMap, Simple, Tag
from iop.codec.json import Real
from iop.codec.number import I64_MIN, U64_MAX
from iop.errors import DataError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

FORMS = ("hex", "base64url")
HINT = "iop-conv brings CBOR into JSON"
LARGEST = 4096  # bits of an integer


def convert_to_json(item: Any, form: str = "hex") -> Json:
    """The JSON value nearest to a CBOR value.

    Byte strings become text in the given form (hex or base64url), tags give way to what they tag, undefined becomes null,
    integer keys their decimal digits. Raises DataError: NaN, infinity, another simple value, a key of another kind, keys
    that fall together; LimitError on deep nesting.
    """
    try:
        return _convert(item, form)
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def check_json(item: Any) -> Json:
    """The same value, where JSON can say it as it is. Raises DataError for all that would have to change on the way.

    What is hashed or signed must be what was sent: no byte string quietly becomes text here, no key a string.
    """
    try:
        return _check(item)
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc


def _check(item: Any) -> Json:
    if isinstance(item, dict):
        for key in item:
            if not isinstance(key, str):
                kind = "a number" if isinstance(key, int) else type(key).__name__
                raise DataError(f"a JSON member name must be a string, got {kind}", hint=HINT)
        return {key: _check(member) for key, member in item.items()}
    if isinstance(item, list | tuple):
        return [_check(member) for member in item]
    if isinstance(item, bytes | bytearray | Tag):
        kind = "tag" if isinstance(item, Tag) else "byte string"
        raise DataError(f"JSON has no {kind}", hint=HINT)
    return _convert(item, "hex")


def _make_big(number: int) -> Real:
    if number.bit_length() > LARGEST:
        raise LimitError(f"integer of {number.bit_length()} bits is too large for JSON text")
    return Real(int.__repr__(number))


def _convert(item: Any, form: str) -> Json:
    if isinstance(item, bytes | bytearray):
        return item.hex() if form == "hex" else encode_base64url(bytes(item))
    if isinstance(item, dict):
        made: dict[str, Json] = {}
        for key, member in item.items():
            name = _convert_key(key)
            if name in made:
                raise DataError(f"two keys of a map are both {name!r} in JSON")
            made[name] = _convert(member, form)
        return made
    if isinstance(item, list | tuple):
        return [_convert(member, form) for member in item]
    if isinstance(item, Tag):
        return _convert(item.value, form)
    if isinstance(item, Simple):
        if item == UNDEFINED:
            return None
        raise DataError(f"JSON has no simple value {item.number}")
    if isinstance(item, float) and item - item != 0:
        raise DataError(f"JSON has no {float(item)!r}")
    if isinstance(item, int) and not isinstance(item, bool) and not I64_MIN <= item <= U64_MAX:
        return _make_big(item)
    return item


def _convert_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, int) and key.bit_length() <= 64:
        return str(int(key))
    kinds = {
        bytes: "byte string",
        tuple: "array",
        KeyMap: "map",
        KeyFloat: "float",
        Simple: "simple value",
    }
    kind = kinds.get(type(key), type(key).__name__)
    raise DataError(f"JSON has no member named by a {kind}")
