"""CBOR (RFC 8949): writes the core deterministic encoding, reads it strictly or, where asked, any well-formed encoding.

Values: int of any size (bignums beyond 64 bits), float, bytes, str, list, dict, bool, None, and `Simple`, `Tag`. Map keys
may be anything: in key position arrays are tuples, and maps, booleans and floats, which Python would confuse or cannot hash,
are `KeyMap`, `Simple` and `KeyFloat`.
"""

from __future__ import annotations

import struct

from iop.errors import DataError, DecodeError, LimitError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 127  # arrays, maps and tags within one another
LONGEST = (
    64 << 20
)  # bytes of a string, items of an array: nothing larger is announced in good faith
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_INDEFINITE = 31
_BREAK = 0xFF
_SELF_DESCRIBED = 55799


class Incomplete(DecodeError):  # noqa: N818 - a state of the input, named as the caller reads it
    """The data ends before the item does: more bytes may complete it."""


@value
class Simple:
    """A simple value other than false, true and null: 0..19, 32..255, and 23 for undefined; in keys also 20, 21, 22."""

    number: int

    def __check__(self) -> None:
        if not (0 <= self.number <= 23 or 32 <= self.number <= 255):
            raise DataError(f"simple value must be in 0..23 or 32..255, got {self.number}")


@value
class Tag:
    """A tagged value; tags 2 and 3 never occur, they are integers."""

    number: int
    value: Any


@value
class KeyMap:
    """A map in key position: its pairs in the order of their encoded keys."""

    pairs: tuple[tuple[Any, Any], ...]


@value
class KeyFloat:
    """A float in key position, kept by its eight bytes so that 1.0 is not 1 and -0.0 is not 0.0."""

    data: bytes


UNDEFINED = Simple(23)
_FALSE, _TRUE, _NULL = Simple(20), Simple(21), Simple(22)
_WORDS = {20: False, 21: True, 22: None, 23: UNDEFINED}
_NAN = b"\x7f\xf8" + bytes(6)


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
    reader = _Reader(data, 0, strict=strict)
    found, end = reader.read(0), reader.offset
    if end != len(data):
        raise DecodeError(f"{len(data) - end} bytes after the CBOR item")
    return found


def parse_cbor_item(data: bytes, offset: int = 0, *, strict: bool = False) -> tuple[Any, int]:
    """The item at `offset` of a sequence (RFC 8742), and the offset after it; errors as `parse_cbor`.

    Not strict unless asked: what comes in a stream was written by anybody, and is not what gets hashed. The tag that only
    says "this is CBOR" (55799) is dropped then.
    """
    reader = _Reader(data, offset, strict=strict)
    found = reader.read(0)
    if not strict and isinstance(found, Tag) and found.number == _SELF_DESCRIBED:
        found = found.value
    return found, reader.offset


def _write(item: Any, out: bytearray, depth: int) -> None:
    if depth > DEEPEST:
        raise LimitError(f"value is nested deeper than {DEEPEST} levels")
    if isinstance(item, str):
        try:
            data = item.encode()
        except UnicodeEncodeError as exc:
            raise DataError("a string holds a lone surrogate") from exc
        _write_head(3, len(data), out)
        out += data
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
        out += _encode_float(float(item))
    elif isinstance(item, Simple):
        out += bytes((0xE0 + item.number,) if item.number < 24 else (0xF8, item.number))
    elif isinstance(item, Tag):
        _write_head(6, item.number, out)
        _write(item.value, out, depth + 1)
    elif isinstance(item, KeyFloat):
        out += _encode_float(struct.unpack(">d", item.data)[0])
    elif isinstance(item, KeyMap):
        _write_map(item.pairs, len(item.pairs), out, depth)
    else:
        raise DataError(f"CBOR has no {type(item).__name__}")


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


def _encode_float(number: float) -> bytes:
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


def _encode_key(pair: tuple[Any, Any]) -> bytes:
    return encode_cbor(pair[0])


def freeze(item: Any) -> Any:
    """The form a value has in key position."""
    if isinstance(item, bool):
        return _TRUE if item else _FALSE
    if item is None:
        return _NULL
    if isinstance(item, float):
        return KeyFloat(struct.pack(">d", item) if item == item else _NAN)  # noqa: PLR0124
    if isinstance(item, list):
        return tuple(freeze(member) for member in item)
    if isinstance(item, dict):
        pairs = ((key, freeze(member)) for key, member in item.items())
        return KeyMap(tuple(sorted(pairs, key=_encode_key)))
    if isinstance(item, Tag):
        return Tag(item.number, freeze(item.value))
    return item


class _Reader:
    __slots__ = ("_data", "_strict", "offset")

    def __init__(self, data: bytes, offset: int, *, strict: bool) -> None:
        self._data = data
        self._strict = strict
        self.offset = offset

    def read(self, depth: int) -> Any:
        """The item at the offset."""
        if depth > DEEPEST:
            raise LimitError(f"CBOR is nested deeper than {DEEPEST} levels")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self._read_simple(info)
        if info == _INDEFINITE:
            return self._read_indefinite(major, depth)
        number = self._read_number(info)
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 6:
            return self._read_tag(number, depth)
        if number > LONGEST:
            raise LimitError(f"CBOR announces {number} bytes or items, at most {LONGEST} are read")
        if major == 2:
            return self._take(number)
        if major == 3:
            return self._read_text(number)
        # Each item takes a byte at least: nothing is allocated for items that cannot be there.
        if number * (major - 3) > len(self._data) - self.offset:
            raise Incomplete(f"CBOR announces {number} items and ends before them")
        if major == 4:
            return [self.read(depth + 1) for _ in range(number)]
        return self._read_map(number, depth)

    def _take(self, size: int) -> bytes:
        end = self.offset + size
        if end > len(self._data):
            raise Incomplete(f"CBOR ends {end - len(self._data)} bytes early")
        taken = self._data[self.offset : end]
        self.offset = end
        return bytes(taken)

    def _read_number(self, info: int) -> int:
        if info < 24:
            return info
        width = _WIDTHS.get(info)
        if width is None:
            raise DecodeError(f"CBOR length code {info} is reserved")
        number = int.from_bytes(self._take(width), "big")
        if self._strict and number < (24 if width == 1 else 1 << 4 * width):
            raise DecodeError("CBOR number is not in its shortest form")
        return number

    def _read_text(self, size: int) -> str:
        try:
            return str(self._take(size), "utf-8")
        except UnicodeDecodeError as exc:
            raise DecodeError("CBOR text is not UTF-8") from exc

    def _read_tag(self, number: int, depth: int) -> Any:
        content = self.read(depth + 1)
        if number not in (2, 3):
            return Tag(number, content)
        if not isinstance(content, bytes):
            raise DecodeError(
                f"CBOR tag {number} stands before something that is not a byte string"
            )
        if self._strict and (len(content) <= 8 or content[0] == 0):
            raise DecodeError("CBOR bignum is not in its shortest form")
        magnitude = int.from_bytes(content, "big")
        return -1 - magnitude if number == 3 else magnitude

    def _read_map(self, size: int, depth: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        before = b""
        for _ in range(size):
            start = self.offset
            key = freeze(self.read(depth + 1))
            if self._strict:
                encoded = self._data[start : self.offset]
                if encoded <= before:
                    raise DecodeError("CBOR map keys are not in order, or occur twice")
                before = encoded
            elif key in made:
                raise DecodeError("CBOR map key occurs twice")
            made[key] = self.read(depth + 1)
        return made

    def _read_simple(self, info: int) -> Any:
        if info in _WORDS:
            return _WORDS[info]
        if info < 24:
            return Simple(info)
        if info == 24:
            number = self._take(1)[0]
            if number < 32:
                raise DecodeError(f"CBOR simple value {number} has no two-byte form")
            return Simple(number)
        form = {25: ">e", 26: ">f", 27: ">d"}.get(info)
        if form is None:
            raise DecodeError(
                "CBOR break outside an indefinite item"
                if info == _INDEFINITE
                else f"CBOR code {info} is reserved"
            )
        data = self._take(struct.calcsize(form))
        number = struct.unpack(form, data)[0]
        if self._strict and _encode_float(number)[1:] != data:
            raise DecodeError("CBOR float is not in its shortest form")
        return number

    def _read_indefinite(self, major: int, depth: int) -> Any:
        if self._strict:
            raise DecodeError("CBOR item of indefinite length")
        if major in (2, 3):
            return self._read_chunks(major)
        if major == 4:
            items = []
            while not self._is_break():
                items.append(self.read(depth + 1))
            return items
        if major == 5:
            made: dict[Any, Any] = {}
            while not self._is_break():
                key = freeze(self.read(depth + 1))
                if key in made:
                    raise DecodeError("CBOR map key occurs twice")
                made[key] = self.read(depth + 1)
            return made
        raise DecodeError(f"CBOR major type {major} has no indefinite length")

    def _read_chunks(self, major: int) -> bytes | str:
        chunks: list[Any] = []
        while not self._is_break():
            first = self._take(1)[0]
            if first >> 5 != major or first & 31 == _INDEFINITE:
                raise DecodeError(
                    "CBOR string of indefinite length holds something else than its chunks"
                )
            size = self._read_number(first & 31)
            if size > LONGEST:
                raise LimitError(f"CBOR announces {size} bytes, at most {LONGEST} are read")
            chunks.append(self._take(size) if major == 2 else self._read_text(size))
        return b"".join(chunks) if major == 2 else "".join(chunks)

    def _is_break(self) -> bool:
        if self.offset >= len(self._data):
            raise Incomplete("CBOR ends inside an item of indefinite length")
        if self._data[self.offset] != _BREAK:
            return False
        self.offset += 1
        return True
