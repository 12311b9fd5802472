"""Ed25519 (RFC 8032) over libsodium, with its strict verdict and with that of ed25519-dalek 1.x.

Secrets are 32-byte seeds, public keys 32 bytes, signatures 64 bytes R ‖ S. Predicates answer False for any other length.

The two verdicts differ only where libsodium refuses encodings on sight: a public key or an R of small order, and a public
key whose y is not below 2^255 − 19. ed25519-dalek recomputes R = sB − kA and compares bytes, whatever A is (morpheus 2).
Everything on the curve is done by the library's group operations.
"""

from __future__ import annotations

from iop.crypto.hash import sha512
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SEED_SIZE = 32
PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64
ORDER = 2**252 + 27742317777372353535851937790883648493

_FIELD = 2**255 - 19
_IDENTITY = b"\x01" + bytes(31)

# The eight points whose order divides the cofactor, as multiples 0..7 of one generator, in canonical encoding.
_TORSION = tuple(
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)

# Streams of documents repeat their signers, and decompression costs a third of a verification.
_points: dict[bytes, bool] = {}
_MOST_POINTS = 4096

_binding: list[Any] = []


def _library() -> list[Any]:
    """The binding (ffi, lib), imported at the first call: an import statement per signature would cost a twentieth of it."""
    if not _binding:
        from nacl._sodium import ffi, lib

        _binding[:] = (ffi, lib)
    return _binding


def _expect(what: str, data: bytes, size: int) -> None:
    if len(data) != size:
        raise DataError(f"{what} is {size} bytes, got {len(data)}")


def expand_seed(seed: bytes) -> bytes:
    """The 64 bytes seed ‖ public key that `sign_expanded` takes; as secret as the seed. DataError on a wrong length."""
    ffi, lib = _library()
    _expect("an ed25519 seed", seed, SEED_SIZE)
    public = ffi.new("unsigned char[32]")
    expanded = ffi.new("unsigned char[64]")
    lib.crypto_sign_seed_keypair(public, expanded, seed)
    return bytes(ffi.buffer(expanded))


def compute_public_key(seed: bytes) -> bytes:
    """The 32-byte public key of a 32-byte seed (RFC 8032 5.1.5). DataError on a wrong length."""
    return expand_seed(seed)[32:]


def sign_expanded(expanded: bytes, message: bytes) -> bytes:
    """The 64-byte signature under `expand_seed(seed)`: half the price of `sign` for many messages of one key.

    The public half must be the seed's own: signing under a foreign one would give the secret away.
    """
    ffi, lib = _library()
    _expect("an expanded ed25519 seed", expanded, SIGNATURE_SIZE)
    signed = ffi.new("unsigned char[]", SIGNATURE_SIZE + len(message))
    lib.crypto_sign(signed, ffi.NULL, message, len(message), expanded)
    signature: bytes = ffi.buffer(signed, SIGNATURE_SIZE)[:]
    return signature


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64-byte deterministic signature of `message` (RFC 8032 5.1.6). DataError on a wrong seed length."""
    return sign_expanded(expand_seed(seed), message)


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when libsodium accepts: S below the order, A and R canonical and not of small order, no cofactor."""
    ffi, lib = _library()
    if len(public) != PUBLIC_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    signed = signature + message
    answer: int = lib.crypto_sign_open(ffi.NULL, ffi.NULL, signed, len(signed), public)
    return answer == 0


def is_valid_dalek(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when ed25519-dalek 1.x `verify` accepts: S below the order and R the bytes of sB − kA (morpheus 2).

    Small-order and non-canonical public keys are judged by that equation alone; k hashes the key's bytes as given.
    """
    return is_valid(public, message, signature) or is_valid_dalek_only(public, message, signature)


def is_valid_dalek_only(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when ed25519-dalek 1.x accepts a signature that libsodium has refused; of others it says nothing."""
    if len(public) != PUBLIC_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    nonce, s = signature[:32], int.from_bytes(signature[32:], "little")
    # R of a non-canonical encoding never equals a computed point; a canonical R outside the torsion beside an ordinary key
    # was judged by libsodium with the same equation.
    if s >= ORDER or not (nonce in _TORSION or _is_refused_key(public)):
        return False
    k = int.from_bytes(sha512(nonce + public + message), "little") % ORDER
    product = _multiply(public, k)
    return product is not None and _subtract(_multiply_base(s), product) == nonce


def is_point(public: bytes) -> bool:
    """True when the 32 bytes decompress to a curve point; a y of 2^255 − 19 or more counts modulo that (morpheus 2)."""
    found = _points.get(public)
    if found is None:
        if len(_points) >= _MOST_POINTS:
            _points.clear()
        found = len(public) == PUBLIC_SIZE and _add(public, _IDENTITY) is not None
        _points[public] = found
    return found


def _is_refused_key(public: bytes) -> bool:
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y >= _FIELD or y.to_bytes(32, "little") in {
        point[:31] + bytes([point[31] & 127]) for point in _TORSION
    }


def _group(operation: Any, one: bytes, other: bytes) -> bytes | None:
    ffi = _library()[0]
    result = ffi.new("unsigned char[32]")
    return bytes(ffi.buffer(result)) if operation(result, one, other) == 0 else None


def _add(one: bytes, other: bytes) -> bytes | None:
    """The canonical encoding of the sum, None when either is not on the curve."""
    lib = _library()[1]
    return _group(lib.crypto_core_ed25519_add, one, other)


def _subtract(one: bytes, other: bytes) -> bytes | None:
    lib = _library()[1]
    return _group(lib.crypto_core_ed25519_sub, one, other)


def _multiply_base(scalar: int) -> bytes:
    """Scalar (below the order) times the base point."""
    ffi, lib = _library()
    result = ffi.new("unsigned char[32]")
    # The library reports the point at infinity as a failure.
    done = lib.crypto_scalarmult_ed25519_base_noclamp(result, scalar.to_bytes(32, "little"))
    return bytes(ffi.buffer(result)) if done == 0 else _IDENTITY


def _multiply(encoded: bytes, scalar: int) -> bytes | None:
    """Scalar (below the order) times any curve point, canonical; None when the bytes are no point.

    The library multiplies points of the prime-order subgroup only. Every point is one of those plus one of the eight torsion
    points, whose multiples are a table look-up.
    """
    lib = _library()[1]
    point = _add(encoded, _IDENTITY)
    if point is None:
        return None
    for index, torsion in enumerate(_TORSION):
        prime = _subtract(point, torsion)
        if prime is None:
            return None
        twist = _TORSION[scalar * index % 8]
        if prime == _IDENTITY or scalar == 0:
            return twist
        if lib.crypto_core_ed25519_is_valid_point(prime) == 1:
            product = _group(_swapped_scalarmult, prime, scalar.to_bytes(32, "little"))
            return None if product is None else _add(product, twist)
    return None


def _swapped_scalarmult(result: Any, point: bytes, scalar: bytes) -> int:
    lib = _library()[1]
    answer: int = lib.crypto_scalarmult_ed25519_noclamp(result, scalar, point)
    return answer
