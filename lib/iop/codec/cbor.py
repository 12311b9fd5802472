"""CBOR (RFC 8949): writes the core deterministic encoding, reads it strictly or, where asked, any well-formed encoding.

Values: int of any size (bignums beyond 64 bits), float, bytes, str, list, dict, bool, None, and `Simple`, `Tag`. Map keys
may be anything: in key position arrays are tuples, and maps, booleans and floats, which Python would confuse or cannot hash,
are `KeyMap`, `Simple` and `KeyFloat`.
"""

from __future__ import annotations

import struct

from iop.codec.cbor_kind import (
    DEEPEST,
    UNDEFINED,
    Incomplete,
    KeyFloat,
    KeyMap,
    Simple,
    Tag,
)
from iop.errors import DataError, DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SELF_DESCRIBED = 55799


def encode_cbor(value: Any) -> bytes:
    """The core deterministic encoding (RFC 8949 4.2.1): shortest heads and floats, keys in order of their encoded bytes.

    Integers never become floats nor floats integers. Raises DataError: a type CBOR does not have, equal keys, a lone
    surrogate; LimitError beyond 127 levels.
    """
    out = bytearray()
    _write(value, out, 0)
    return bytes(out)


def parse_cbor(data: bytes, *, strict: bool = True) -> Any:
    """The value of one CBOR item that fills `data`.

    strict: only the core deterministic encoding. Otherwise any well-formed and valid item, indefinite lengths and longer
    heads included. Raises DecodeError (Incomplete when truncated) or LimitError.
    """
    from iop.codec.cbor_reader import Reader

    reader = Reader(data, 0, strict=strict)
    found, end = reader.read(0), reader.offset
    if end != len(data):
        raise DecodeError(f"{len(data) - end} bytes after the CBOR item")
    return found


def parse_cbor_item(data: bytes, offset: int = 0, *, strict: bool = False) -> tuple[Any, int]:
    """The item at `offset` of a sequence (RFC 8742), and the offset after it; errors as `parse_cbor`.

    Not strict unless asked: what comes in a stream was written by anybody, and is not what gets hashed. The tag that only
    says "this is CBOR" (55799) is dropped then.
    """
    from iop.codec.cbor_reader import Reader

    reader = Reader(data, offset, strict=strict)
    found = reader.read(0)
    if not strict and isinstance(found, Tag) and found.number == _SELF_DESCRIBED:
        found = found.value
    return found, reader.offset


def _write(item: Any, out: bytearray, depth: int) -> None:
    if depth > DEEPEST:
        raise LimitError(f"value is nested deeper than {DEEPEST} levels")
    if isinstance(item, str):
        _write_text(item, out)
    elif item is None:
        out.append(0xF6)
    elif item is True or item is False:
        out.append(0xF4 + item)
    elif isinstance(item, int):
        _write_integer(item, out)
    elif isinstance(item, bytes | bytearray | memoryview):
        _write_head(2, len(item), out)
        out += item
    elif isinstance(item, dict):
        _write_map(item.items(), len(item), out, depth)
    elif isinstance(item, list | tuple):
        _write_head(4, len(item), out)
        for member in item:
            _write(member, out, depth + 1)
    elif isinstance(item, float):
        out += encode_float(float(item))
    elif isinstance(item, Simple):
        out += bytes((0xE0 + item.number,) if item.number < 24 else (0xF8, item.number))
    elif isinstance(item, Tag):
        _write_head(6, item.number, out)
        _write(item.value, out, depth + 1)
    elif isinstance(item, KeyFloat):
        out += encode_float(struct.unpack(">d", item.data)[0])
    elif isinstance(item, KeyMap):
        _write_map(item.pairs, len(item.pairs), out, depth)
    else:
        raise DataError(f"CBOR has no {type(item).__name__}")


def _write_text(text: str, out: bytearray) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError as exc:
        raise DataError("a string holds a lone surrogate") from exc
    if len(data) < 24:
        out.append(0x60 | len(data))
    else:
        _write_head(3, len(data), out)
    out += data


def _write_head(major: int, number: int, out: bytearray) -> None:
    if number < 24:
        out.append(major << 5 | number)
    elif number < 0x100:
        out += bytes((major << 5 | 24, number))
    elif number < 0x10000:
        out.append(major << 5 | 25)
        out += number.to_bytes(2, "big")
    elif number < 0x100000000:
        out.append(major << 5 | 26)
        out += number.to_bytes(4, "big")
    elif number < 1 << 64:
        out.append(major << 5 | 27)
        out += number.to_bytes(8, "big")
    else:
        raise DataError("CBOR tag number beyond 64 bits")


def _write_integer(number: int, out: bytearray) -> None:
    major = 0
    if number < 0:
        major, number = 1, -1 - number
    if number < 1 << 64:
        _write_head(major, number, out)
    else:
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        out.append(0xC2 + major)
        _write_head(2, len(data), out)
        out += data


def _write_map(pairs: Any, size: int, out: bytearray, depth: int) -> None:
    entries: list[tuple[bytes, Any]] = []
    for key, member in pairs:
        head = bytearray()
        if type(key) is str:
            _write_text(key, head)
        else:
            _write(key, head, depth + 1)
        entries.append((bytes(head), member))
    entries.sort(key=_get_key)
    _write_head(5, size, out)
    before = None
    for key, member in entries:
        if key == before:
            raise DataError("two keys of a map are equal in CBOR")
        before = key
        out += key
        _write(member, out, depth + 1)


def _get_key(entry: tuple[bytes, Any]) -> bytes:
    return entry[0]


def encode_float(number: float) -> bytes:
    """The shortest of half, single and double that keeps the value; NaN has one form."""
    if number != number:  # noqa: PLR0124 - the test for NaN
        return b"\xf9\x7e\x00"
    for head, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            data = struct.pack(form, number)
        except OverflowError:
            continue
        if struct.unpack(form, data)[0] == number:
            return head + data
    return b"\xfb" + struct.pack(">d", number)


__all__ = [
    "DEEPEST",
    "UNDEFINED",
    "Incomplete",
    "KeyFloat",
    "KeyMap",
    "Simple",
    "Tag",
    "encode_cbor",
    "encode_float",
    "parse_cbor",
    "parse_cbor_item",
]
