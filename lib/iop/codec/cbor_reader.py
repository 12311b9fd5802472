"""Reads CBOR, strictly or any well-formed encoding; `iop.codec.cbor` is the way in."""

from __future__ import annotations

import struct

from iop.codec.cbor import encode_cbor, encode_float
from iop.codec.cbor_kind import (
    DEEPEST,
    LONGEST,
    UNDEFINED,
    Incomplete,
    KeyFloat,
    KeyMap,
    Simple,
    Tag,
)
from iop.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_INDEFINITE = 31
_BREAK = 0xFF
_FALSE, _TRUE, _NULL = Simple(20), Simple(21), Simple(22)
_WORDS = {20: False, 21: True, 22: None, 23: UNDEFINED}
_NAN = b"\x7f\xf8" + bytes(6)


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


class Reader:
    """One pass over data from an offset; `strict` takes the core deterministic encoding only."""

    __slots__ = ("_data", "_strict", "offset")

    def __init__(self, data: bytes, offset: int, *, strict: bool) -> None:
        self._data = bytes(data)  # the same object when it is bytes already
        self._strict = strict
        self.offset = offset

    def read(self, depth: int) -> Any:
        """The item at the offset."""
        if depth > DEEPEST:
            raise LimitError(f"CBOR is nested deeper than {DEEPEST} levels")
        at = self.offset
        if at >= len(self._data):
            raise Incomplete("CBOR ends before an item")
        first = self._data[at]
        self.offset = at + 1
        major, info = first >> 5, first & 31
        if major == 7:
            return self._read_simple(info)
        if info < 24:
            number = info
        elif info == _INDEFINITE:
            return self._read_indefinite(major, depth)
        else:
            number = self._read_number(info)
        if major == 3:
            return self._read_text(number)
        if major == 0:
            return number
        if major == 5:
            self._check_room(2 * number)
            return self._read_map(number, depth)
        if major == 4:
            self._check_room(number)
            return [self.read(depth + 1) for _ in range(number)]
        if major == 1:
            return -1 - number
        if major == 2:
            return self._take(number)
        return self._read_tag(number, depth)

    def _check_room(self, number: int) -> None:
        """Each item takes a byte at least: nothing is allocated for items that cannot be there."""
        if number > len(self._data) - self.offset:
            self._check_announced(number)
            raise Incomplete(f"CBOR announces {number} items and ends before them")

    def _check_announced(self, number: int) -> None:
        if number > LONGEST:
            raise LimitError(f"CBOR announces {number} bytes or items, at most {LONGEST} are read")

    def _take(self, size: int) -> bytes:
        end = self.offset + size
        if end > len(self._data):
            self._check_announced(size)
            raise Incomplete(f"CBOR ends {end - len(self._data)} bytes early")
        taken = self._data[self.offset : end]
        self.offset = end
        return taken

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
            key = self.read(depth + 1)
            if type(key) is not str:
                key = freeze(key)
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
        if self._strict and encode_float(number)[1:] != data:
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
            chunks.append(self._take(size) if major == 2 else self._read_text(size))
        return b"".join(chunks) if major == 2 else "".join(chunks)

    def _is_break(self) -> bool:
        if self.offset >= len(self._data):
            raise Incomplete("CBOR ends inside an item of indefinite length")
        if self._data[self.offset] != _BREAK:
            return False
        self.offset += 1
        return True
