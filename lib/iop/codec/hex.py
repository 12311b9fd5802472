"""Lower-case hexadecimal text."""

from __future__ import annotations

import binascii

from iop.errors import DecodeError


def encode_hex(data: bytes) -> str:
    """Lower-case hex, two digits a byte."""
    return data.hex()


def parse_hex(text: str) -> bytes:
    """Bytes of hex text: an even number of digits in either case, nothing else. Raises DecodeError."""
    try:
        return binascii.a2b_hex(text)
    except ValueError as exc:
        if len(text) % 2:
            raise DecodeError(f"hex text has an odd number of digits: {len(text)}") from exc
        raise DecodeError("hex text holds something that is not a hex digit") from exc
