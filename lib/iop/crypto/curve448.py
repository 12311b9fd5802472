"""Ed448 and X448 (RFC 8032, 7748) over `cryptography`, for foreign keys and signatures.

Ed448 keys are 57 bytes and signatures 114; X448 keys and shared secrets are 56 bytes.
"""

from __future__ import annotations

from iop.errors import DataError

SIZES = {"Ed448": 57, "X448": 56}


def compute_public_key(kind: str, secret: bytes) -> bytes:
    """The public key of an "Ed448" or "X448" secret. DataError on a wrong length or kind."""
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey

    if len(secret) != SIZES.get(kind):
        raise DataError(f"a secret of {kind} is {SIZES.get(kind)} bytes, got {len(secret)}")
    if kind == "Ed448":
        return Ed448PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return X448PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def sign(secret: bytes, message: bytes) -> bytes:
    """The 114-byte Ed448 signature with an empty context. DataError on a wrong length."""
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey

    if len(secret) != SIZES["Ed448"]:
        raise DataError(f"a secret of Ed448 is 57 bytes, got {len(secret)}")
    return Ed448PrivateKey.from_private_bytes(secret).sign(message)


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when OpenSSL accepts the Ed448 signature with an empty context."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey

    if len(public) != SIZES["Ed448"]:
        return False
    try:
        Ed448PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def compute_shared(secret: bytes, public: bytes) -> bytes:
    """The unhashed X448 shared secret. DataError on a wrong length, and when it would be all zeros."""
    from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey

    if (len(secret), len(public)) != (56, 56):
        raise DataError(f"x448 keys are 56 bytes, got {len(secret)} and {len(public)}")
    try:
        return X448PrivateKey.from_private_bytes(secret).exchange(
            X448PublicKey.from_public_bytes(public)
        )
    except ValueError as exc:
        raise DataError("an x448 public key of small order agrees on nothing") from exc
