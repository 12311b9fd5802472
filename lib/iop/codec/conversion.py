"""CBOR values as JSON values, for people and for tools that read only JSON.

JSON has no byte strings, tags, simple values, NaN and infinities, and names members by strings only. Going this way loses
kinds, never digits: integers keep every digit, floats their shortest text.
"""

from __future__ import annotations

from iop.codec.base64 import encode_base64url
from iop.codec.cbor import UNDEFINED, KeyFloat, KeyMap, Simple, Tag
from iop.errors import DataError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

FORMS = ("hex", "base64url")


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
