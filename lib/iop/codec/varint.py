"""Unsigned LEB128 integers as the multiformats use them: minimal, at most nine bytes (63 bits)."""

from __future__ import annotations

from iop.errors import DataError, DecodeError

LONGEST = 9  # bytes
_LIMIT = 1 << 63


def encode_varint(number: int) -> bytes:
    """Seven bits a byte, low bits first, the high bit set on all but the last. 0 <= number < 2**63, else DataError."""
    if not 0 <= number < _LIMIT:
        raise DataError(
            f"varint must be in 0..2**63-1, got {number if abs(number) < _LIMIT * 4 else 'more'}"
        )
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def parse_varint(data: bytes, offset: int = 0) -> tuple[int, int]:
    """The integer at `offset` and the offset after it. Raises DecodeError: truncated, not minimal, over nine bytes."""
    number = 0
    for index in range(LONGEST):
        if offset + index >= len(data):
            raise DecodeError("varint is truncated")
        byte = data[offset + index]
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if byte == 0 and index:
                raise DecodeError("varint is not minimal")
            return number, offset + index + 1
    raise DecodeError(f"varint is longer than {LONGEST} bytes")
