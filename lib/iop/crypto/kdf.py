"""Key derivation: Argon2 and PBKDF2 for passwords, HKDF for secrets that are strong already.

Costs come out of files that others wrote, so they are bounded before any memory is touched.
"""

from __future__ import annotations

from iop.crypto.hash import hmac_sha256, hmac_sha512
from iop.errors import DataError, LimitError

MAX_KIB = 1 << 20  # one gibibyte
MAX_PASSES = 1 << 10
MAX_WORK = 1 << 23  # passes x kibibytes: some ten seconds
MAX_LANES = 64
MAX_ROUNDS = 10_000_000
MAX_SIZE = 1024


def _compute_argon2(
    kind: str, password: bytes, salt: bytes, *, passes: int, kib: int, lanes: int, size: int
) -> bytes:
    if not (1 <= passes <= MAX_PASSES and 1 <= kib <= MAX_KIB and passes * kib <= MAX_WORK):
        raise LimitError(
            f"argon2 takes 1..{MAX_PASSES} passes over 1..{MAX_KIB} KiB and their product up to {MAX_WORK}, "
            f"got {passes} and {kib}"
        )
    if not 1 <= lanes <= MAX_LANES or kib < 8 * lanes:
        raise LimitError(
            f"argon2 takes 1..{MAX_LANES} lanes of at least 8 KiB each, got {lanes} on {kib} KiB"
        )
    if not 4 <= size <= MAX_SIZE or not 8 <= len(salt) <= MAX_SIZE:
        raise DataError(
            f"argon2 takes 8..{MAX_SIZE} bytes of salt and gives 4..{MAX_SIZE}, got {len(salt)} and {size}"
        )
    # libsodium is at hand already and starts faster, but it only knows one lane and 16-byte salts.
    if kind == "argon2id" and lanes == 1 and len(salt) == 16 and size >= 16:
        return _compute_sodium_argon2id(password, salt, passes, kib, size)
    from argon2.exceptions import Argon2Error
    from argon2.low_level import Type, hash_secret_raw

    variant = Type.I if kind == "argon2i" else Type.ID
    try:
        made: bytes = hash_secret_raw(
            password,
            salt,
            time_cost=passes,
            memory_cost=kib,
            parallelism=lanes,
            hash_len=size,
            type=variant,
        )
    except Argon2Error as exc:
        raise DataError(f"argon2 refused: {exc}") from exc
    return made


def _compute_sodium_argon2id(
    password: bytes, salt: bytes, passes: int, kib: int, size: int
) -> bytes:
    from nacl._sodium import ffi, lib

    made = ffi.new("unsigned char[]", size)
    algorithm = lib.crypto_pwhash_alg_argon2id13()
    if lib.crypto_pwhash(made, size, password, len(password), salt, passes, kib * 1024, algorithm):
        raise DataError(f"argon2 refused {passes} passes over {kib} KiB")
    return bytes(ffi.buffer(made))


def compute_argon2i(
    password: bytes, salt: bytes, *, passes: int, kib: int, lanes: int, size: int
) -> bytes:
    """Argon2i version 1.3 (RFC 9106): `size` bytes after `passes` over `kib` KiB in `lanes`.

    LimitError when a cost exceeds this module's limits, DataError when a length does.
    """
    return _compute_argon2(
        "argon2i", password, salt, passes=passes, kib=kib, lanes=lanes, size=size
    )


def compute_argon2id(
    password: bytes, salt: bytes, *, passes: int, kib: int, lanes: int, size: int
) -> bytes:
    """Argon2id version 1.3 (RFC 9106): `size` bytes after `passes` over `kib` KiB in `lanes`.

    LimitError when a cost exceeds this module's limits, DataError when a length does.
    """
    return _compute_argon2(
        "argon2id", password, salt, passes=passes, kib=kib, lanes=lanes, size=size
    )


def compute_pbkdf2_sha512(password: bytes, salt: bytes, rounds: int, size: int) -> bytes:
    """PBKDF2 with HMAC-SHA-512 (RFC 8018 5.2): `size` bytes after `rounds`."""
    if not 1 <= rounds <= MAX_ROUNDS or not 1 <= size <= MAX_SIZE:
        raise LimitError(
            f"pbkdf2 takes 1..{MAX_ROUNDS} rounds and gives 1..{MAX_SIZE} bytes, got {rounds} and {size}"
        )
    import hashlib

    return hashlib.pbkdf2_hmac("sha512", password, salt, rounds, size)


def compute_hkdf(hash_name: str, secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """HKDF (RFC 5869) over "sha256" or "sha512": `size` bytes, at most 255 digests; an empty salt stands for zeros."""
    macs = {"sha256": (hmac_sha256, 32), "sha512": (hmac_sha512, 64)}
    if hash_name not in macs:
        raise DataError(f"hkdf takes sha256 or sha512, got {hash_name!r}")
    mac, width = macs[hash_name]
    if not 0 <= size <= 255 * width:
        raise DataError(f"hkdf gives 0..{255 * width} bytes, got {size}")
    pseudorandom = mac(salt or bytes(width), secret)
    block = made = b""
    counter = 1
    while len(made) < size:
        block = mac(pseudorandom, block + info + bytes([counter]))
        made += block
        counter += 1
    return made[:size]
