"""The NIST curves P-256, P-384 and P-521 over `cryptography`: points, ECDSA and ECDH.

Points are SEC 1 octets, compressed (02 or 03 ‖ x) or not (04 ‖ x ‖ y); secrets and coordinates are big endian in the
full width of the field; signatures are r ‖ s, twice that width. Here for foreign keys and signatures (did:key, JOSE):
nothing of our own lives on these curves.
"""

from __future__ import annotations

from iop.errors import DataError, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurve,
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

WIDTHS = {"P-256": 32, "P-384": 48, "P-521": 66}
ORDERS = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "P-521": 0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
}


def _curve(name: str) -> EllipticCurve:
    from cryptography.hazmat.primitives.asymmetric import ec

    if name == "P-256":
        return ec.SECP256R1()
    if name == "P-384":
        return ec.SECP384R1()
    if name == "P-521":
        return ec.SECP521R1()
    raise DataError(f"unknown curve {name!r}, expected one of {', '.join(WIDTHS)}")


def _hash(name: str) -> HashAlgorithm:
    """The digest JOSE pairs with the curve (RFC 7518 3.4)."""
    from cryptography.hazmat.primitives import hashes

    return {"P-256": hashes.SHA256(), "P-384": hashes.SHA384(), "P-521": hashes.SHA512()}[name]


def _load(name: str, point: bytes) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    curve = _curve(name)
    width = WIDTHS[name]
    if (len(point), point[:1]) not in (
        (1 + width, b"\x02"),
        (1 + width, b"\x03"),
        (1 + 2 * width, b"\x04"),
    ):
        raise DecodeError(
            f"a point of {name} is {1 + width} or {1 + 2 * width} bytes, got {len(point)}"
        )
    try:
        return EllipticCurvePublicKey.from_encoded_point(curve, point)
    except ValueError as exc:
        raise DecodeError(f"not a point of {name}") from exc


def _load_secret(name: str, secret: bytes) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = _curve(name)
    number = int.from_bytes(secret, "big")
    if len(secret) != WIDTHS[name] or not 0 < number < ORDERS[name]:
        raise DataError(
            f"a secret of {name} is {WIDTHS[name]} bytes and in 1..n-1, got {len(secret)} bytes"
        )
    return ec.derive_private_key(number, curve)


def _encode(key: EllipticCurvePublicKey, *, compressed: bool) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = PublicFormat.CompressedPoint if compressed else PublicFormat.UncompressedPoint
    return key.public_bytes(Encoding.X962, form)


def compress_point(curve: str, point: bytes) -> bytes:
    """The compressed form of a point in either form. DecodeError when the octets are no point of the curve."""
    return _encode(_load(curve, point), compressed=True)


def expand_point(curve: str, point: bytes) -> bytes:
    """The uncompressed form 04 ‖ x ‖ y of a point in either form. DecodeError when the octets are no point."""
    return _encode(_load(curve, point), compressed=False)


def compute_public_key(curve: str, secret: bytes) -> bytes:
    """The compressed public key of a secret. DataError when the secret is not in 1..n−1."""
    return _encode(_load_secret(curve, secret).public_key(), compressed=True)


def sign(curve: str, secret: bytes, message: bytes) -> bytes:
    """r ‖ s over the message, hashed with the digest of the curve; nonce after RFC 6979.

    DataError when the OpenSSL at hand has no deterministic nonces: a random one would be hidden state here.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    key = _load_secret(curve, secret)
    try:
        der = key.sign(message, ec.ECDSA(_hash(curve), deterministic_signing=True))
    except UnsupportedAlgorithm as exc:
        raise DataError(f"this OpenSSL cannot sign deterministically on {curve}") from exc
    width = WIDTHS[curve]
    return b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(der))


def is_valid(curve: str, point: bytes, message: bytes, signature: bytes) -> bool:
    """True when r ‖ s is an ECDSA signature over the message; False for any other length and for what is no point."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    try:
        key = _load(curve, point)
    except DecodeError:
        return False
    width = WIDTHS[curve]
    if len(signature) != 2 * width:
        return False
    r, s = int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")
    if not (0 < r < ORDERS[curve] and 0 < s < ORDERS[curve]):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(_hash(curve)))
    except InvalidSignature:
        return False
    return True


def compute_shared(curve: str, secret: bytes, point: bytes) -> bytes:
    """ECDH: the x coordinate of secret · point in the width of the field, unhashed (SEC 1 3.3.1)."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDH

    return _load_secret(curve, secret).exchange(ECDH(), _load(curve, point))
