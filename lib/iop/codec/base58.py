"""Base58 with the Bitcoin alphabet, plain and with a checksum of four bytes.

Leading zero bytes are leading `1`s. The work grows with the square of the length, so texts are bounded.
"""

from __future__ import annotations

from iop.codec import kernel
from iop.codec.radix import Radix
from iop.crypto.hash import sha256d
from iop.errors import DecodeError

LONGEST = 16 * 1024  # characters of text; longer ones raise LimitError
_REFERENCE = Radix("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", LONGEST)


def encode_base58(data: bytes) -> str:
    """Base58 text of bytes; LimitError beyond `LONGEST` characters."""
    if kernel.active is not None:
        found: str | None = kernel.active.encode_base58(data)
        if found is not None:
            return found
    return _REFERENCE.encode(data)


def parse_base58(text: str) -> bytes:
    """Bytes of base58 text. Raises DecodeError (character outside the alphabet, white space too), LimitError."""
    if kernel.active is not None:
        found: bytes | None = kernel.active.parse_base58(text)
        if found is not None:
            return found
    return _REFERENCE.parse(text)


class Base58:
    """The two as one codec among others."""

    __slots__ = ()
    encode = staticmethod(encode_base58)
    parse = staticmethod(parse_base58)


BITCOIN = Base58()


def encode_base58check(payload: bytes) -> str:
    """Base58 of payload and the first 4 bytes of its double SHA-256."""
    return encode_base58(payload + _compute_check(payload))


def parse_base58check(text: str) -> bytes:
    """Payload of base58check text. Raises DecodeError on a wrong checksum, with the original software's words."""
    data = parse_base58(text)
    if len(data) < 4:
        raise DecodeError(f"base58check needs a checksum of 4 bytes, got {len(data)} bytes")
    payload, check = data[:-4], data[-4:]
    if _compute_check(payload) != check:
        raise DecodeError("Incorrect checksum")
    return payload


def _compute_check(payload: bytes) -> bytes:
    return sha256d(payload)[:4]
