"""Authenticated encryption with associated data. Keys are 32 bytes; what is sealed is 16 bytes longer than the plain text.

A wrong length is DataError; a tag that does not match is VerifyError and tells nothing more.
"""

from __future__ import annotations

from iop.errors import DataError, VerifyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEY_SIZE = 32
TAG_SIZE = 16


def _check(key: bytes, nonce: bytes, nonce_size: int, sealed: bytes | None = None) -> None:
    if len(key) != KEY_SIZE:
        raise DataError(f"a cipher key is {KEY_SIZE} bytes, got {len(key)}")
    if len(nonce) != nonce_size:
        raise DataError(f"a nonce of this cipher is {nonce_size} bytes, got {len(nonce)}")
    if sealed is not None and len(sealed) < TAG_SIZE:
        raise DataError(f"sealed data has at least {TAG_SIZE} bytes, got {len(sealed)}")


def _seal(function: Any, key: bytes, nonce: bytes, plain: bytes, ad: bytes) -> bytes:
    from nacl._sodium import ffi

    sealed = ffi.new("unsigned char[]", len(plain) + TAG_SIZE)
    done = function(sealed, ffi.NULL, plain, len(plain), ad, len(ad), ffi.NULL, nonce, key)
    if done != 0:
        raise DataError(f"the library refused to seal {len(plain)} bytes")
    return bytes(ffi.buffer(sealed))


def _open(function: Any, key: bytes, nonce: bytes, sealed: bytes, ad: bytes) -> bytes:
    from nacl._sodium import ffi

    size = len(sealed) - TAG_SIZE
    # One byte more than needed: an empty C array is not allocated.
    plain = ffi.new("unsigned char[]", size + 1)
    done = function(plain, ffi.NULL, ffi.NULL, sealed, len(sealed), ad, len(ad), nonce, key)
    if done != 0:
        raise VerifyError("sealed data was tampered with or the key is another")
    return bytes(ffi.buffer(plain, size))


def seal_xchacha(key: bytes, nonce: bytes, plain: bytes, ad: bytes = b"") -> bytes:
    """XChaCha20-Poly1305: cipher text ‖ tag; the nonce is 24 bytes and may be random."""
    from nacl._sodium import lib

    _check(key, nonce, 24)
    return _seal(lib.crypto_aead_xchacha20poly1305_ietf_encrypt, key, nonce, plain, ad)


def open_xchacha(key: bytes, nonce: bytes, sealed: bytes, ad: bytes = b"") -> bytes:
    """The plain text of `seal_xchacha`. VerifyError when key, nonce, data or associated data differ."""
    from nacl._sodium import lib

    _check(key, nonce, 24, sealed)
    return _open(lib.crypto_aead_xchacha20poly1305_ietf_decrypt, key, nonce, sealed, ad)


def seal_chacha(key: bytes, nonce: bytes, plain: bytes, ad: bytes = b"") -> bytes:
    """ChaCha20-Poly1305 (RFC 8439 2.8): cipher text ‖ tag; the nonce is 12 bytes and never used twice with a key."""
    from nacl._sodium import lib

    _check(key, nonce, 12)
    return _seal(lib.crypto_aead_chacha20poly1305_ietf_encrypt, key, nonce, plain, ad)


def open_chacha(key: bytes, nonce: bytes, sealed: bytes, ad: bytes = b"") -> bytes:
    """The plain text of `seal_chacha`. VerifyError when key, nonce, data or associated data differ."""
    from nacl._sodium import lib

    _check(key, nonce, 12, sealed)
    return _open(lib.crypto_aead_chacha20poly1305_ietf_decrypt, key, nonce, sealed, ad)


def seal_aes_gcm(key: bytes, nonce: bytes, plain: bytes, ad: bytes = b"") -> bytes:
    """AES-256-GCM (NIST SP 800-38D): cipher text ‖ tag; the nonce is 12 bytes and never used twice with a key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _check(key, nonce, 12)
    try:
        return AESGCM(key).encrypt(nonce, plain, ad)
    except OverflowError as exc:
        raise DataError(f"too long to seal, got {len(plain)} bytes") from exc


def open_aes_gcm(key: bytes, nonce: bytes, sealed: bytes, ad: bytes = b"") -> bytes:
    """The plain text of `seal_aes_gcm`. VerifyError when key, nonce, data or associated data differ."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _check(key, nonce, 12, sealed)
    try:
        return AESGCM(key).decrypt(nonce, sealed, ad)
    except InvalidTag as exc:
        raise VerifyError("sealed data was tampered with or the key is another") from exc
