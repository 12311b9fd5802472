"""Nonces that keep a guessable value from being found behind its content id (morpheus 6.5)."""

from __future__ import annotations

from iop.codec.base64 import encode_base64url
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

SIZE = 33  # bytes of randomness: 44 characters of base64url without padding


def encode_nonce(random33: bytes) -> str:
    """Nonce text of 33 random bytes: `u` and 44 characters of base64url."""
    if len(random33) != SIZE:
        raise DataError(f"a nonce needs {SIZE} random bytes, got {len(random33)}")
    return "u" + encode_base64url(random33)


def wrap_nonce(value: Json, random33: bytes) -> dict[str, Json]:
    """The value beside a nonce, so that it can be revealed and hidden on its own."""
    return {"nonce": encode_nonce(random33), "value": value}
