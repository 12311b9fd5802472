"""The shapes of signed documents as the original's reader sees them: what it demands, fills in and drops (morpheus 8).

A shape is a table of members. Reading a record through it gives the record as it will be signed: unknown members gone,
DIDs in their usual spelling, members in the table's order. Texts of refusals are those of the original without the line and
column that its JSON reader adds. The original also reads an array of the members in the place of an object; we refuse that.
"""

from __future__ import annotations

from iop.did.identifier import parse_did
from iop.errors import SchemaError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.codec.json import Json

    Read = Callable[[Json], Any]

REQUIRED = "required"
NULLED = "null"  # left out means null, and null is kept
DROPPED = "dropped"  # left out or null means no such member
OMITTED = "omitted"  # left out means no such member, null is read like any value

_SHOWN = 80  # characters of a wrong text in a refusal
_REMEMBERED = 1000
_usual: dict[
    str, str
] = {}  # DIDs seen lately in their usual spelling: the authority of a batch is one


@value
class Member:
    """One member: its name, how its value is read, and what its absence means."""

    name: str
    read: Read
    absence: str = REQUIRED


class Shape:
    """An object: `name` as refusals call it, and its members in the order of writing."""

    __slots__ = ("known", "members", "name")

    def __init__(self, name: str, members: tuple[Member, ...]) -> None:
        self.name = name
        self.members = members
        self.known = {member.name: member for member in members}


def describe(given: Json) -> str:
    """The kind and value of a JSON value, worded as in the original's refusals."""
    if given is None:
        return "null"
    if given is True or given is False:
        return f"boolean `{'true' if given else 'false'}`"
    if isinstance(given, int):
        return f"integer `{given}`"
    if isinstance(given, float):
        return f"floating point `{float(given)!r}`"
    if isinstance(given, str):
        shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…"
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'string "{escaped}"'
    return "map" if isinstance(given, dict) else "sequence"


def refuse(given: Json, expected: str) -> SchemaError:
    """The refusal of a value of the wrong kind."""
    return SchemaError(f"invalid type: {describe(given)}, expected {expected}")


def read_any(given: Json) -> Json:
    """Any JSON value, as it is."""
    return given


def read_text(given: Json) -> str:
    """A text, not looked into: date-times, key links, nonces and purposes."""
    if not isinstance(given, str):
        raise refuse(given, "a string")
    return given


def read_optional_text(given: Json) -> str | None:
    """A text or null."""
    return None if given is None else read_text(given)


def read_content_id(given: Json) -> str:
    """A content id: any text; the original checks no more."""
    if not isinstance(given, str):
        raise refuse(given, "valid regular expression")
    return given


def read_did(given: Json) -> str:
    """A DID, written back in base58btc. Raises DecodeError with the original's text."""
    if not isinstance(given, str):
        raise refuse(given, "valid regular expression")
    usual = _usual.get(given)
    if usual is None:
        usual = str(parse_did(given))
        if len(_usual) >= _REMEMBERED:
            _usual.clear()
        _usual[given] = usual
    return usual


def read_integer(given: Json) -> int:
    """An integer of 0 … 2^32-1, as heights and versions are."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise refuse(given, "u32")
    if not 0 <= given < 1 << 32:
        raise SchemaError(f"invalid value: integer `{given}`, expected u32")
    return given


def read_object(given: Json) -> dict[str, Json]:
    """An object with any members."""
    if not isinstance(given, dict):
        raise refuse(given, "a map")
    return given


def content_of(read: Read) -> Read:
    """What `read` reads, or a content id in its place (Content⟨T⟩ of morpheus 8)."""
    return lambda given: given if isinstance(given, str) else read(given)


def optional(read: Read) -> Read:
    """What `read` reads, or null."""
    return lambda given: None if given is None else read(given)


def list_of(read: Read) -> Read:
    """A list of what `read` reads."""

    def read_list(given: Json) -> list[Any]:
        if not isinstance(given, list):
            raise refuse(given, "a sequence")
        return [read(item) for item in given]

    return read_list


def read_record(shape: Shape, given: Json) -> dict[str, Any]:
    """The object read through a shape. Raises SchemaError or DecodeError for the first fault, in the original's order.

    Members are judged in the order in which they stand, then the missing ones in the order of the table.
    """
    if not isinstance(given, dict):
        raise refuse(given, f"struct {shape.name}")
    known = shape.known
    found: dict[str, Any] = {}
    for name, item in given.items():
        member = known.get(name)
        if member is None or (item is None and member.absence is DROPPED):
            continue
        found[name] = member.read(item)
    result: dict[str, Any] = {}
    for member in shape.members:
        if member.name in found:
            result[member.name] = found[member.name]
        elif member.absence is REQUIRED:
            raise SchemaError(f"missing field `{member.name}`")
        elif member.absence is NULLED:
            result[member.name] = None
    return result


def reader(shape: Shape) -> Read:
    """The reading of a shape as a member of another one."""
    return lambda given: read_record(shape, given)
