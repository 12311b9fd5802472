"""secp256k1 over libsecp256k1: keys, ECDSA, DER, BIP340 and the older Schnorr draft of the Ark library.

Secrets are 32 bytes big endian in 1..n−1, public keys 33-byte compressed points, compact signatures 64 bytes r ‖ s, digests 32
bytes. Functions that make something raise DataError on bad input (with lengths only, never contents); predicates answer False.
"""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECRET_SIZE = 32
PUBLIC_SIZE = 33
SIGNATURE_SIZE = 64
DIGEST_SIZE = 32

_FIELD = 2**256 - 2**32 - 977
_COMPRESSED = 258
_MAX_DER = 72

_binding: list[Any] = []


def _library() -> list[Any]:
    """The binding (ffi, lib) and its blinded context, imported at the first call."""
    if not _binding:
        from coincurve._libsecp256k1 import ffi, lib
        from coincurve.context import GLOBAL_CONTEXT

        _binding[:] = (ffi, lib, GLOBAL_CONTEXT.ctx)
    return _binding


def _expect(what: str, data: bytes, size: int) -> None:
    if len(data) != size:
        raise DataError(f"{what} is {size} bytes, got {len(data)}")


def is_secret(secret: bytes) -> bool:
    """True for 32 bytes whose number is in 1..n−1."""
    return len(secret) == SECRET_SIZE and 0 < int.from_bytes(secret, "big") < ORDER


def _check_secret(secret: bytes) -> None:
    _expect("a secp256k1 secret", secret, SECRET_SIZE)
    if not is_secret(secret):
        raise DataError("a secp256k1 secret is a number in 1..n-1, got one outside")


def _parse_point(data: bytes) -> Any:
    """The library's form of a compressed or uncompressed point; None when it is not on the curve."""
    ffi, lib, context = _library()
    point = ffi.new("secp256k1_pubkey *")
    return point if lib.secp256k1_ec_pubkey_parse(context, point, data, len(data)) else None


def _encode_point(point: Any, *, compressed: bool = True) -> bytes:
    ffi, lib, context = _library()
    size = 33 if compressed else 65
    data = ffi.new("unsigned char[65]")
    written = ffi.new("size_t *", size)
    flag = _COMPRESSED if compressed else 2
    lib.secp256k1_ec_pubkey_serialize(context, data, written, point, flag)
    return bytes(ffi.buffer(data, size))


def _multiply_base(secret: bytes) -> Any:
    ffi, lib, context = _library()
    point = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_create(context, point, secret):
        raise DataError("a secp256k1 secret is a number in 1..n-1, got one outside")
    return point


def _require_point(public: bytes) -> Any:
    _expect("a secp256k1 public key", public, PUBLIC_SIZE)
    point = _parse_point(public)
    if point is None:
        raise DataError("a secp256k1 public key is a point of the curve, got none")
    return point


def compute_public_key(secret: bytes) -> bytes:
    """The 33-byte compressed public key of a secret."""
    _check_secret(secret)
    return _encode_point(_multiply_base(secret))


def is_public_key(data: bytes) -> bool:
    """True for the 33 bytes of a compressed point on the curve."""
    return len(data) == PUBLIC_SIZE and _parse_point(data) is not None


def compress_point(data: bytes) -> bytes:
    """The 33-byte form of a point given in 33 or 65 bytes (SEC 1 2.3.4, no hybrid form). DecodeError when it is none."""
    if (len(data), data[:1]) in ((33, b"\x02"), (33, b"\x03"), (65, b"\x04")):
        point = _parse_point(data)
        if point is not None:
            return _encode_point(point)
    raise DecodeError(f"not a point of secp256k1, got {len(data)} bytes")


def expand_point(public: bytes) -> bytes:
    """The 65-byte form 04 ‖ x ‖ y of a compressed public key (SEC 1 2.3.3)."""
    return _encode_point(_require_point(public), compressed=False)


def sign_ecdsa(secret: bytes, digest: bytes) -> bytes:
    """r ‖ s over a 32-byte digest, nonce after RFC 6979 with SHA-256, s in the lower half."""
    _check_secret(secret)
    _expect("a digest to sign", digest, DIGEST_SIZE)
    ffi, lib, context = _library()
    made = ffi.new("secp256k1_ecdsa_signature *")
    if not lib.secp256k1_ecdsa_sign(context, made, digest, secret, ffi.NULL, ffi.NULL):
        raise DataError("the library refused to sign")
    return _encode_compact(made)


def is_valid_ecdsa(public: bytes, digest: bytes, signature: bytes) -> bool:
    """True when r ‖ s is an ECDSA signature over the digest; s of the upper half is accepted (SEC 1 4.1.4).

    r and s outside 1..n−1 are False, as is anything of a wrong length.
    """
    if (len(public), len(digest), len(signature)) != (PUBLIC_SIZE, DIGEST_SIZE, SIGNATURE_SIZE):
        return False
    ffi, lib, context = _library()
    parsed = ffi.new("secp256k1_ecdsa_signature *")
    if not lib.secp256k1_ecdsa_signature_parse_compact(context, parsed, signature):
        return False
    point = _parse_point(public)
    if point is None:
        return False
    # The library refuses the upper half on principle; both halves satisfy the equation.
    lib.secp256k1_ecdsa_signature_normalize(context, parsed, parsed)
    return bool(lib.secp256k1_ecdsa_verify(context, parsed, digest, point))


def recover_public_key(digest: bytes, signature: bytes, recovery: int) -> bytes:
    """The compressed public key that made r ‖ s over the digest; `recovery` (0..3) tells which of them (SEC 1 4.1.6).

    DataError when the numbers lead to no point.
    """
    _expect("a signed digest", digest, DIGEST_SIZE)
    _expect("a compact signature", signature, SIGNATURE_SIZE)
    if recovery not in range(4):
        raise DataError(f"a recovery id is in 0..3, got {recovery}")
    ffi, lib, context = _library()
    parsed = ffi.new("secp256k1_ecdsa_recoverable_signature *")
    point = ffi.new("secp256k1_pubkey *")
    if not (
        lib.secp256k1_ecdsa_recoverable_signature_parse_compact(
            context, parsed, signature, recovery
        )
        and lib.secp256k1_ecdsa_recover(context, point, parsed, digest)
    ):
        raise DataError("the signature leads to no public key")
    return _encode_point(point)


def is_low_s(signature: bytes) -> bool:
    """True when s of the 64-byte signature is at most half the order (BIP 62, rule 5)."""
    return len(signature) == SIGNATURE_SIZE and int.from_bytes(signature[32:], "big") <= ORDER // 2


def _encode_compact(signature: Any) -> bytes:
    ffi, lib, context = _library()
    data = ffi.new("unsigned char[64]")
    lib.secp256k1_ecdsa_signature_serialize_compact(context, data, signature)
    return bytes(ffi.buffer(data))


def encode_der(signature: bytes) -> bytes:
    """Strict DER of a 64-byte signature, 8..72 bytes. DataError when r or s reaches the group order."""
    _expect("a compact signature", signature, SIGNATURE_SIZE)
    ffi, lib, context = _library()
    parsed = ffi.new("secp256k1_ecdsa_signature *")
    if not lib.secp256k1_ecdsa_signature_parse_compact(context, parsed, signature):
        raise DataError("r and s of a signature are below the group order, got one outside")
    data = ffi.new("unsigned char[72]")
    written = ffi.new("size_t *", _MAX_DER)
    lib.secp256k1_ecdsa_signature_serialize_der(context, data, written, parsed)
    return bytes(ffi.buffer(data, written[0]))


def parse_der(data: bytes) -> bytes:
    """r ‖ s of a strictly encoded DER signature (BIP 66; X.690 8.3): minimal, not negative, nothing behind it.

    DecodeError otherwise, also when r or s is 0 or reaches the group order, with the original software's words (morpheus 16.3). s of
    the upper half is let through.
    """
    if not 8 <= len(data) <= _MAX_DER or data[0] != 0x30 or data[1] != len(data) - 2:
        raise DecodeError("Invalid signature", reason=f"no DER sequence of {len(data)} bytes")
    r, end = _parse_der_integer(data, 2)
    s, end = _parse_der_integer(data, end)
    if end != len(data):
        raise DecodeError("Invalid signature", reason=f"{len(data) - end} bytes behind s")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _parse_der_integer(data: bytes, start: int) -> tuple[int, int]:
    body = start + 2
    if body >= len(data) or data[start] != 0x02:
        raise DecodeError("Invalid signature", reason=f"no DER integer at byte {start}")
    end = body + data[start + 1]
    if not body < end <= len(data):
        raise DecodeError("Invalid signature", reason=f"DER integer at {start} does not fit")
    if data[body] & 0x80 or (data[body] == 0 and end - body > 1 and not data[body + 1] & 0x80):
        raise DecodeError("Invalid signature", reason=f"DER integer at {start} is not minimal")
    number = int.from_bytes(data[body:end], "big")
    if not 0 < number < ORDER:
        raise DecodeError("Invalid signature", reason="r and s are in 1..n-1, got one outside")
    return number, end


def is_valid_der(public: bytes, digest: bytes, signature: bytes) -> bool:
    """True when `parse_der` takes the signature, s is in the lower half, and `is_valid_ecdsa` agrees (morpheus 16.3)."""
    try:
        compact = parse_der(signature)
    except DecodeError:
        return False
    return is_low_s(compact) and is_valid_ecdsa(public, digest, compact)


def compute_shared(secret: bytes, public: bytes) -> bytes:
    """ECDH: the 32-byte x coordinate of secret · point, unhashed (SEC 1 3.3.1)."""
    _check_secret(secret)
    _, lib, context = _library()
    point = _require_point(public)
    if not lib.secp256k1_ec_pubkey_tweak_mul(context, point, secret):
        raise DataError("the shared point is at infinity")
    return _encode_point(point)[1:]


def tweak_secret(secret: bytes, tweak: bytes) -> bytes:
    """secret + tweak modulo n. DataError when the tweak reaches n or the sum is 0 (BIP 32: that index has no key)."""
    _check_secret(secret)
    _expect("a tweak", tweak, SECRET_SIZE)
    number = int.from_bytes(tweak, "big")
    total = (int.from_bytes(secret, "big") + number) % ORDER
    if number >= ORDER or total == 0:
        raise DataError("the tweak leads to no valid secret")
    return total.to_bytes(32, "big")


def tweak_public(public: bytes, tweak: bytes) -> bytes:
    """public + tweak · G, compressed. DataError when the tweak reaches n or the sum is the point at infinity."""
    point = _require_point(public)
    _expect("a tweak", tweak, SECRET_SIZE)
    _, lib, context = _library()
    if not lib.secp256k1_ec_pubkey_tweak_add(context, point, tweak):
        raise DataError("the tweak leads to no valid public key")
    return _encode_point(point)


def sign_bip340(secret: bytes, message: bytes, aux: bytes) -> bytes:
    """The 64-byte BIP 340 signature of a message of any length; `aux` is 32 bytes of fresh randomness (zeros are allowed)."""
    _check_secret(secret)
    _expect("auxiliary randomness", aux, 32)
    ffi, lib, context = _library()
    pair = ffi.new("secp256k1_keypair *")
    if not lib.secp256k1_keypair_create(context, pair, secret):
        raise DataError("the library refused the secret")
    extra = ffi.new("unsigned char[32]", aux)
    parameters = ffi.new("secp256k1_schnorrsig_extraparams *")
    parameters.magic = b"\xda\x6f\xb3\x8c"
    parameters.ndata = extra
    made = ffi.new("unsigned char[64]")
    done = lib.secp256k1_schnorrsig_sign_custom(
        context, made, message, len(message), pair, parameters
    )
    if not done:
        raise DataError("the library refused to sign")
    return bytes(ffi.buffer(made))


def is_valid_bip340(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when BIP 340 accepts the 64-byte signature under the 32-byte x-only public key."""
    if (len(public), len(signature)) != (32, SIGNATURE_SIZE):
        return False
    ffi, lib, context = _library()
    point = ffi.new("secp256k1_xonly_pubkey *")
    if not lib.secp256k1_xonly_pubkey_parse(context, point, public):
        return False
    return bool(lib.secp256k1_schnorrsig_verify(context, signature, message, len(message), point))


def _is_square(y: int) -> bool:
    return pow(y, (_FIELD - 1) // 2, _FIELD) == 1


def _split_point(point: Any) -> tuple[bytes, int]:
    """x as 32 bytes and y as a number."""
    data = _encode_point(point, compressed=False)
    return data[1:33], int.from_bytes(data[33:], "big")


def _compute_ark_challenge(r: bytes, public: bytes, digest: bytes) -> int:
    return int.from_bytes(sha256(r + public + digest), "big") % ORDER


def sign_schnorr_ark(secret: bytes, digest: bytes) -> bytes:
    """The 64-byte signature r ‖ s of the draft the Ark library froze, not BIP 340 (morpheus 16.3)."""
    public = compute_public_key(secret)
    _expect("a digest to sign", digest, DIGEST_SIZE)
    k = int.from_bytes(sha256(secret + digest), "big") % ORDER
    r, y = _split_point(_multiply_base(k.to_bytes(32, "big")))
    if not _is_square(y):
        k = ORDER - k
    s = (k + _compute_ark_challenge(r, public, digest) * int.from_bytes(secret, "big")) % ORDER
    return r + s.to_bytes(32, "big")


def is_valid_schnorr_ark(public: bytes, digest: bytes, signature: bytes) -> bool:
    """True when R = sG − eP is finite, its y a quadratic residue and its x equal to r (morpheus 16.3)."""
    if (len(public), len(digest), len(signature)) != (PUBLIC_SIZE, DIGEST_SIZE, SIGNATURE_SIZE):
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "big")
    if int.from_bytes(r, "big") >= _FIELD or s >= ORDER:
        return False
    point = _parse_point(public)
    if point is None:
        return False
    ffi, lib, context = _library()
    terms = []
    if s:
        terms.append(_multiply_base(signature[32:]))
    minus_e = -_compute_ark_challenge(r, public, digest) % ORDER
    if minus_e:
        lib.secp256k1_ec_pubkey_tweak_mul(context, point, minus_e.to_bytes(32, "big"))
        terms.append(point)
    total = ffi.new("secp256k1_pubkey *")
    # Summing to infinity is the library's failure; an empty sum is infinity as well.
    if not terms or not lib.secp256k1_ec_pubkey_combine(context, total, terms, len(terms)):
        return False
    x, y = _split_point(total)
    return x == r and _is_square(y)
