"""Texts that keep their digest under a mask: a content id covers strings as they stand, a mask shows them in Unicode NFKD.

So a document whose strings are not in NFKD has another id once a part of it is masked, and its signatures no longer hold
(morpheus 6.3 and 6.4). The tables are those of `iop.codec.unicode`.
"""

from __future__ import annotations

from iop.codec.json import parse_json
from iop.codec.unicode import is_nfkd, normalize_nfkd
from iop.errors import SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json


def normalize_texts(value: Json) -> Json:
    """The value with every string and member name in NFKD; nothing else changes. SchemaError: two names become one."""
    if isinstance(value, str):
        return normalize_nfkd(value)
    if isinstance(value, list):
        return [normalize_texts(item) for item in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Json] = {}
    for name, item in value.items():
        normal = normalize_nfkd(name)
        if normal in made:
            raise SchemaError(f"two members are named {normal!r} in normal form")
        made[normal] = normalize_texts(item)
    return made


def find_unnormal(value: Json, path: str = "") -> str | None:
    """The path (`.a.b.0`, `.` for the root) of the first string or member name that is not in NFKD, or None."""
    if isinstance(value, str):
        return None if is_nfkd(value) else path or "."
    if isinstance(value, list):
        parts = ((f"{path}.{index}", item) for index, item in enumerate(value))
    elif isinstance(value, dict):
        parts = ((f"{path}.{name}", item) for name, item in value.items())
        for name in value:
            if not is_nfkd(name):
                return f"{path}.{name}"
    else:
        return None
    for place, item in parts:
        found = find_unnormal(item, place)
        if found is not None:
            return found
    return None


def find_unnormal_text(data: bytes) -> str | None:
    """`find_unnormal` of a JSON text; texts of ASCII without escapes are not even parsed. Errors as `parse_json`."""
    escaped = b"\\u" in data
    if not escaped:
        if data.isascii():
            return None
        try:
            if is_nfkd(str(data, "utf-8")):
                return None  # quotes and brackets combine with nothing: the whole is normal when each string is
        except UnicodeDecodeError:
            pass  # the parser words it
    return find_unnormal(parse_json(data))


def find_members(value: Json, path: str) -> list[str] | None:
    """None if a path (`.a.b`) leads to a member of a value, else the members that stand where it fails.

    A member at the end of the path will do even if it is a content id, as `.processId` is.
    """
    place = value
    for name in path.removeprefix(".").split("."):
        if not isinstance(place, dict) or name not in place:
            return list(place) if isinstance(place, dict) else []
        place = place[name]
    return None
