"""X25519 key agreement (RFC 7748) over libsodium, and the way from Ed25519 keys to X25519 keys.

Secrets, public keys and shared secrets are 32 bytes, little endian; the top bit of a public key is ignored and the
secret is clamped by the library.
"""

from __future__ import annotations

from iop.errors import DataError

KEY_SIZE = 32


def _expect(what: str, data: bytes) -> None:
    if len(data) != KEY_SIZE:
        raise DataError(f"{what} is {KEY_SIZE} bytes, got {len(data)}")


def compute_public_key(secret: bytes) -> bytes:
    """The public key of a secret (RFC 7748 6.1). DataError on a wrong length."""
    from nacl._sodium import ffi, lib

    _expect("an x25519 secret", secret)
    public = ffi.new("unsigned char[32]")
    lib.crypto_scalarmult_base(public, secret)
    return bytes(ffi.buffer(public))


def compute_shared(secret: bytes, public: bytes) -> bytes:
    """The unhashed shared secret (RFC 7748 6.1).

    DataError on a wrong length, and when the result would be all zeros: the other side sent a point of small order.
    """
    from nacl._sodium import ffi, lib

    _expect("an x25519 secret", secret)
    _expect("an x25519 public key", public)
    shared = ffi.new("unsigned char[32]")
    if lib.crypto_scalarmult(shared, secret, public) != 0:
        raise DataError("an x25519 public key of small order agrees on nothing")
    return bytes(ffi.buffer(shared))


def convert_public_key(public: bytes) -> bytes:
    """The X25519 public key of an Ed25519 public key: u = (1 + y) / (1 − y).

    DataError when the library refuses the point: not on the curve, of small order, or outside the prime-order subgroup.
    """
    from nacl._sodium import ffi, lib

    _expect("an ed25519 public key", public)
    made = ffi.new("unsigned char[32]")
    if lib.crypto_sign_ed25519_pk_to_curve25519(made, public) != 0:
        raise DataError("an ed25519 public key that has no x25519 counterpart")
    return bytes(ffi.buffer(made))


def convert_seed(seed: bytes) -> bytes:
    """The X25519 secret of an Ed25519 seed: the clamped left half of its SHA-512."""
    from nacl._sodium import ffi, lib

    from iop.crypto.ed25519 import expand_seed

    made = ffi.new("unsigned char[32]")
    lib.crypto_sign_ed25519_sk_to_curve25519(made, expand_seed(seed))
    return bytes(ffi.buffer(made))
