"""JSON Web Keys (RFC 7517, 7518, 8037, 8812) as values, and the JSON objects they stand in.

Kinds are the names of JOSE curves, "RSA" and "oct". A public key is held raw: 32 bytes for Ed25519 and X25519, 57 and 56
for Ed448 and X448, the compressed point of an EC curve, the DER RSAPublicKey, nothing for "oct".
"""

from __future__ import annotations

from iop.codec.base64 import encode_base64url, parse_base64url
from iop.crypto import ed25519, nist, rsa, secp256k1, x25519
from iop.crypto.hash import sha256
from iop.errors import DataError, SchemaError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

OKP_SIZES = {"Ed25519": 32, "X25519": 32, "Ed448": 57, "X448": 56}
EC_WIDTHS = {"secp256k1": 32, **nist.WIDTHS}
# 64 KiB of symmetric key are more than anyone needs.
_LONGEST = 1 << 17


@value
class Jwk:
    """One key. `secret` is None in a public key; `algorithm`, `use`, `operations` and `name` (kid) are empty when absent."""

    kind: str
    public: bytes
    secret: bytes | None = None
    algorithm: str = ""
    use: str = ""
    operations: tuple[str, ...] = ()
    name: str = ""

    def __repr__(self) -> str:
        size = "no secret" if self.secret is None else f"secret of {len(self.secret)} bytes"
        return f"Jwk({self.kind}, {self.public.hex()}, {size})"

    def may(self, operation: str) -> bool:
        """True when `use` and `key_ops` allow "sign", "verify" or "deriveKey" (RFC 7517 4.2, 4.3)."""
        wanted = "enc" if operation.startswith("derive") else "sig"
        return self.use in ("", wanted) and (not self.operations or operation in self.operations)


def _take_text(record: dict[str, Any], name: str, *, required: bool = True) -> str:
    given = record.get(name, None if required else "")
    if not isinstance(given, str):
        raise SchemaError(f"a JWK needs the text {name!r}, got {type(given).__name__}")
    return given


def _take_bytes(record: dict[str, Any], name: str, size: int | None = None) -> bytes:
    text = _take_text(record, name)
    if len(text) > _LONGEST:
        raise SchemaError(f"{name!r} of a JWK has {len(text)} characters, more than {_LONGEST}")
    data = parse_base64url(text)
    if size is not None and len(data) != size:
        raise SchemaError(f"{name!r} of this JWK is {size} bytes, got {len(data)}")
    return data


def _take_number(record: dict[str, Any], name: str) -> int:
    """A Base64urlUInt (RFC 7518 2): no leading zero bytes."""
    data = _take_bytes(record, name)
    if data[:1] in (b"", b"\0"):
        raise SchemaError(f"{name!r} of a JWK is a number without leading zeros")
    return int.from_bytes(data, "big")


def _take_operations(record: dict[str, Any]) -> tuple[str, ...]:
    given = record.get("key_ops", [])
    if not isinstance(given, list) or not all(isinstance(entry, str) for entry in given):
        raise SchemaError("'key_ops' of a JWK is a list of texts")
    if len(set(given)) != len(given) or ("key_ops" in record and not given):
        raise SchemaError("'key_ops' of a JWK is empty or repeats itself")
    return tuple(given)


def from_record(record: object) -> Jwk:
    """The key of a JWK object; members it does not know are left alone (RFC 7517 4).

    Raises DataError (SchemaError, DecodeError) when a member is missing, of the wrong length, not canonical base64url, not on the
    curve, or when the secret does not belong to the public key. Private RSA members are not read: nothing here signs with RSA.
    """
    if not isinstance(record, dict):
        raise SchemaError(f"a JWK is an object, got {type(record).__name__}")
    family = _take_text(record, "kty")
    readers = {"OKP": _read_okp, "EC": _read_ec, "RSA": _read_rsa, "oct": _read_oct}
    if family not in readers:
        raise SchemaError(f"unknown key type {family[:32]!r}, expected OKP, EC, RSA or oct")
    kind, public, secret = readers[family](record)
    return Jwk(
        kind,
        public,
        secret,
        _take_text(record, "alg", required=False),
        _take_text(record, "use", required=False),
        _take_operations(record),
        _take_text(record, "kid", required=False),
    )


def _read_okp(record: dict[str, Any]) -> tuple[str, bytes, bytes | None]:
    curve = _take_text(record, "crv")
    if curve not in OKP_SIZES:
        raise SchemaError(f"unknown curve {curve[:32]!r}, expected one of {', '.join(OKP_SIZES)}")
    public = _take_bytes(record, "x", OKP_SIZES[curve])
    if curve == "Ed25519" and not ed25519.is_point(public):
        raise DataError("an Ed25519 public key is a point of the curve, got none")
    secret = _take_bytes(record, "d", OKP_SIZES[curve]) if "d" in record else None
    return curve, public, _own(curve, public, secret)


def _read_ec(record: dict[str, Any]) -> tuple[str, bytes, bytes | None]:
    curve = _take_text(record, "crv")
    if curve not in EC_WIDTHS:
        raise SchemaError(f"unknown curve {curve[:32]!r}, expected one of {', '.join(EC_WIDTHS)}")
    width = EC_WIDTHS[curve]
    point = b"\x04" + _take_bytes(record, "x", width) + _take_bytes(record, "y", width)
    public = compress_point(curve, point)
    secret = _take_bytes(record, "d", width) if "d" in record else None
    return curve, public, _own(curve, public, secret)


def _read_rsa(record: dict[str, Any]) -> tuple[str, bytes, None]:
    public = rsa.encode_public_key(_take_number(record, "n"), _take_number(record, "e"))
    return "RSA", public, None


def _read_oct(record: dict[str, Any]) -> tuple[str, bytes, bytes]:
    return "oct", b"", _take_bytes(record, "k")


def _own(curve: str, public: bytes, secret: bytes | None) -> bytes | None:
    if secret is not None and compute_public_key(curve, secret) != public:
        raise DataError(f"the secret of a {curve} JWK belongs to another public key")
    return secret


def compress_point(curve: str, point: bytes) -> bytes:
    """The compressed form of an EC point, whichever library knows the curve. DecodeError when it is none."""
    if curve == "secp256k1":
        return secp256k1.compress_point(point)
    return nist.compress_point(curve, point)


def expand_point(curve: str, point: bytes) -> bytes:
    """The uncompressed form 04 ‖ x ‖ y of an EC point. DecodeError when it is none."""
    if curve == "secp256k1":
        return secp256k1.expand_point(secp256k1.compress_point(point))
    return nist.expand_point(curve, point)


def compute_public_key(kind: str, secret: bytes) -> bytes:
    """The raw public key of a secret of any elliptic kind. DataError when the secret is no such key."""
    simple: dict[str, Callable[[bytes], bytes]] = {
        "Ed25519": ed25519.compute_public_key,
        "X25519": x25519.compute_public_key,
        "secp256k1": secp256k1.compute_public_key,
    }
    if kind in simple:
        return simple[kind](secret)
    if kind in nist.WIDTHS:
        return nist.compute_public_key(kind, secret)
    if kind in ("Ed448", "X448"):
        from iop.crypto.curve448 import compute_public_key as compute

        return compute(kind, secret)
    raise DataError(f"unknown kind of key {kind[:32]!r}")


def to_record(key: Jwk, *, secret: bool = False) -> dict[str, Any]:
    """The JWK object: required members first, then d or k when `secret` asks for it, then kid, use, key_ops and alg."""
    record: dict[str, Any] = dict(_required(key))
    if secret and key.secret is not None:
        record["k" if key.kind == "oct" else "d"] = encode_base64url(key.secret)
    texts = {"kid": key.name, "use": key.use, "alg": key.algorithm}
    record |= {name: given for name, given in texts.items() if given}
    if key.operations:
        record["key_ops"] = list(key.operations)
    return record


def _required(key: Jwk) -> dict[str, str]:
    if key.kind in OKP_SIZES:
        return {"kty": "OKP", "crv": key.kind, "x": encode_base64url(key.public)}
    if key.kind in EC_WIDTHS:
        point = expand_point(key.kind, key.public)
        width = EC_WIDTHS[key.kind]
        x, y = point[1 : 1 + width], point[1 + width :]
        return {
            "kty": "EC",
            "crv": key.kind,
            "x": encode_base64url(x),
            "y": encode_base64url(y),
        }
    if key.kind == "RSA":
        modulus, exponent = rsa.parse_public_key(key.public)
        return {"kty": "RSA", "n": _encode_number(modulus), "e": _encode_number(exponent)}
    return {"kty": "oct"}


def _encode_number(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def compute_thumbprint(key: Jwk) -> str:
    """base64url of the SHA-256 over the required members in lexical order (RFC 7638 3). DataError for "oct"."""
    if key.kind == "oct":
        raise DataError("a symmetric key has no thumbprint: it would tell about the secret")
    members = sorted(_required(key).items())
    text = ",".join(f'"{name}":"{given}"' for name, given in members)
    return encode_base64url(sha256(f"{{{text}}}".encode("ascii")))
