"""Digests and message authentication codes, bytes in and bytes out.

Hash bytes stand in the order of computation; nothing here reverses them.
"""

from __future__ import annotations

# hashlib is loaded by those that need OpenSSL; these two are what it would hand out anyway.
from _blake2 import blake2b as _blake2b
from _sha3 import sha3_256 as _sha3_256

from iop.errors import DataError

try:
    from _sha2 import sha256 as _short_sha256
except ImportError:  # CPython 3.11 calls it otherwise
    from _sha256 import sha256 as _short_sha256

_BLAKE2B_MAX = 64
_SHORT = 256  # bytes up to which the interpreter's own SHA-256 is as good as OpenSSL's, which takes 3 ms to load


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes (FIPS 180-4)."""
    if len(data) <= _SHORT:
        digest: bytes = _short_sha256(data).digest()
        return digest
    import hashlib

    return hashlib.sha256(data).digest()


def sha256d(data: bytes) -> bytes:
    """SHA-256 of the SHA-256, 32 bytes: checksums of base58check, Bitcoin's block and transaction ids."""
    return sha256(sha256(data))


def sha512(data: bytes) -> bytes:
    """SHA-512, 64 bytes (FIPS 180-4)."""
    import hashlib

    return hashlib.sha512(data).digest()


def sha3_256(data: bytes) -> bytes:
    """SHA3-256, 32 bytes (FIPS 202)."""
    digest: bytes = _sha3_256(data).digest()
    return digest


def blake2b(data: bytes, *, key: bytes = b"", size: int = 32) -> bytes:
    """BLAKE2b of `size` bytes (1..64), keyed when `key` (up to 64 bytes) is not empty (RFC 7693).

    Raises DataError on a size or key length out of range.
    """
    if not 1 <= size <= _BLAKE2B_MAX or len(key) > _BLAKE2B_MAX:
        raise DataError(
            f"blake2b takes 1..64 bytes out and 0..64 of key, got {size} and {len(key)}"
        )
    return _blake2b(data, key=key, digest_size=size).digest()


def ripemd160(data: bytes) -> bytes:
    """RIPEMD-160, 20 bytes. OpenSSL 3 may lack it; then our own implementation answers."""
    import hashlib

    try:
        return hashlib.new("ripemd160", data).digest()
    except ValueError:
        from iop.crypto.ripemd160 import compute_ripemd160

        return compute_ripemd160(data)


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of the SHA-256, 20 bytes: Bitcoin addresses and secp256k1 key ids (morpheus 2)."""
    return ripemd160(sha256(data))


def _hmac(key: bytes, data: bytes, name: str) -> bytes:
    try:
        from _hashlib import hmac_digest
    except ImportError:
        import hmac

        return hmac.digest(key, data, name)
    digest: bytes = hmac_digest(key, data, name)
    return digest


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes (RFC 2104)."""
    return _hmac(key, data, "sha256")


def hmac_sha512(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-512, 64 bytes (RFC 2104)."""
    return _hmac(key, data, "sha512")
