"""Base58 with the Bitcoin alphabet, plain and with a checksum of four bytes.

Leading zero bytes are leading `1`s. The work grows with the square of the length, so texts are bounded.
"""

from __future__ import annotations

from iop.codec.radix import Radix
from iop.crypto.hash import sha256d
from iop.errors import DecodeError

LONGEST = 16 * 1024  # characters of text; longer ones raise LimitError
BITCOIN = Radix("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", LONGEST)


def encode_base58(data: bytes) -> str:
    """Base58 text of bytes; LimitError beyond `LONGEST` characters."""
    return BITCOIN.encode(data)


def parse_base58(text: str) -> bytes:
    """Bytes of base58 text. Raises DecodeError (character outside the alphabet, white space too), LimitError."""
    return BITCOIN.parse(text)


def encode_base58check(payload: bytes) -> str:
    """Base58 of payload and the first 4 bytes of its double SHA-256."""
    return BITCOIN.encode(payload + _compute_check(payload))


def parse_base58check(text: str) -> bytes:
    """Payload of base58check text. Raises DecodeError on a wrong checksum, with the original software's words."""
    data = BITCOIN.parse(text)
    if len(data) < 4:
        raise DecodeError(f"base58check needs a checksum of 4 bytes, got {len(data)} bytes")
    payload, check = data[:-4], data[-4:]
    if _compute_check(payload) != check:
        raise DecodeError("Incorrect checksum")
    return payload


def _compute_check(payload: bytes) -> bytes:
    return sha256d(payload)[:4]
