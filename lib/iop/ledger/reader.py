"""A cursor over bytes: little-endian numbers and runs of bytes, never beyond the end."""

from __future__ import annotations

from iop.codec.varint import parse_varint
from iop.errors import DecodeError


class Reader:
    """Reads `data` from the front. Every method raises DecodeError when fewer bytes are left than it needs."""

    __slots__ = ("_data", "_offset")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self._offset + size
        if end > len(self._data):
            left = len(self._data) - self._offset
            raise DecodeError(f"{size} more bytes expected at {self._offset}, got {left}")
        run = self._data[self._offset : end]
        self._offset = end
        return run

    def skip(self, size: int) -> None:
        """Leave out `size` bytes."""
        self.read(size)

    def read_number(self, size: int) -> int:
        """An unsigned little-endian number of `size` bytes."""
        return int.from_bytes(self.read(size), "little")

    def read_varint(self) -> int:
        """An unsigned LEB128 number, minimal."""
        number, self._offset = parse_varint(self._data, self._offset)
        return number

    def read_rest(self) -> bytes:
        """Everything that is left."""
        return self.read(len(self._data) - self._offset)
