"""Encryption under a password as the original software does it (morpheus 4).

cipher = nonce(24) ‖ XChaCha20-Poly1305(plain); the key is Argon2i of the password with the nonce as salt. The cost is low by
today's measure; our own key files use argon2id (`keyfile`).
"""

from __future__ import annotations

from iop.codec.multibase import encode_multibase, parse_multibase
from iop.crypto.aead import open_xchacha, seal_xchacha
from iop.crypto.kdf import compute_argon2i
from iop.errors import AccessError, DataError, DecodeError, VerifyError

NONCE_SIZE = 24
TAG_SIZE = 16
OVERHEAD = NONCE_SIZE + TAG_SIZE
PASSES = 15
KIB = 1024


def _compute_key(password: str, nonce: bytes) -> bytes:
    if not password:
        raise AccessError("Password is too short")
    try:
        text = password.encode()
    except UnicodeEncodeError as exc:
        raise DecodeError("password is not valid Unicode") from exc
    return compute_argon2i(text, nonce, passes=PASSES, kib=KIB, lanes=1, size=32)


def encrypt(password: str, nonce: bytes, plain: bytes) -> bytes:
    """The cipher of some bytes, 40 bytes longer. The nonce has 24 random bytes.

    The original refuses to decrypt what came from an empty plaintext: do not encrypt one.
    """
    if len(nonce) != NONCE_SIZE:
        raise DataError(f"nonce has {NONCE_SIZE} bytes, got {len(nonce)}")
    return nonce + seal_xchacha(_compute_key(password, nonce), nonce, plain)


def decrypt(password: str, data: bytes) -> bytes:
    """The bytes inside a cipher. Raises AccessError for a wrong password or changed data, which look alike."""
    if len(data) <= NONCE_SIZE:
        raise DecodeError("Ciphertext is too short")
    nonce = data[:NONCE_SIZE]
    key = _compute_key(password, nonce)
    if len(data) <= OVERHEAD:
        raise AccessError("Ciphertext was tampered with")
    try:
        return open_xchacha(key, nonce, data[NONCE_SIZE:])
    except VerifyError as exc:
        raise AccessError(
            "Ciphertext was tampered with", hint="a wrong password looks the same"
        ) from exc


def encrypt_text(password: str, nonce: bytes, text: str) -> str:
    """The cipher of a text, as multibase base64url (`u…`)."""
    return encode_multibase(encrypt(password, nonce, text.encode()), "base64url")


def decrypt_text(password: str, text: str) -> str:
    """The text inside a cipher that is given in any multibase."""
    try:
        return decrypt(password, parse_multibase(text)).decode()
    except UnicodeDecodeError as exc:
        raise DecodeError("decrypted bytes are not text") from exc
