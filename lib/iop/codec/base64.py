"""Base64 in its two common forms: URL-safe without padding, and standard with padding (RFC 4648)."""

from __future__ import annotations

import binascii

from iop.errors import DecodeError

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/\x00\x00\x00")


def encode_base64url(data: bytes) -> str:
    """URL-safe alphabet, no padding (RFC 4648 5)."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def parse_base64url(text: str) -> bytes:
    """Bytes of unpadded URL-safe base64.

    Canonical text only: unused bits are zero, no padding, no white space, no other alphabet. Raises DecodeError.
    """
    try:
        raw = text.encode("ascii").translate(_FROM_URL)
    except UnicodeEncodeError as exc:
        raise DecodeError("base64url text holds a character outside its alphabet") from exc
    data = _parse(raw + b"=" * (-len(raw) % 4), "base64url")
    if encode_base64url(data) != text:
        raise DecodeError("base64url text is not canonical: unused bits are set")
    return data


def encode_base64(data: bytes) -> str:
    """Standard alphabet with padding (RFC 4648 4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str) -> bytes:
    """Bytes of padded standard base64; canonical text only, as `parse_base64url`. Raises DecodeError."""
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError as exc:
        raise DecodeError("base64 text holds a character outside its alphabet") from exc
    if len(raw) % 4:
        raise DecodeError(f"base64 text is not padded to a multiple of four: {len(raw)} characters")
    data = _parse(raw, "base64")
    if encode_base64(data) != text:
        raise DecodeError("base64 text is not canonical: unused bits are set")
    return data


def _parse(raw: bytes, name: str) -> bytes:
    try:
        return binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error as exc:
        raise DecodeError(
            f"not {name}: a character outside the alphabet or a wrong length"
        ) from exc
