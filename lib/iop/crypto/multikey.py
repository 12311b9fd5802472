"""Multikey: public and secret keys as one line of text (Controlled Identifiers 1.0, 2.2.2).

Text is `z`, then base58btc over the multicodec prefix and the raw key: `z6Mk…` is Ed25519, `z6LS…` X25519, `zQ3s…` secp256k1, `zDn…` P-256,
`z82…` P-384. Kinds are named as in JOSE; raw keys are those of `iop.crypto.jwk`. Keys of BLS12-381 are carried (length and flag bits
checked), for nothing here computes with them.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58, parse_base58
from iop.codec.multicodec import encode_multicodec, parse_multicodec
from iop.crypto import ed25519, jwk, rsa
from iop.errors import DataError, DecodeError, LimitError
from iop.value import value

# Characters of the longest honest text: an RSA key of 8192 bits.
LONGEST = 2048

# Kind → multicodec name without its ending, bytes of the public key, bytes of the secret.
_TABLE: dict[str, tuple[str, int, int]] = {
    "Ed25519": ("ed25519", 32, 32),
    "X25519": ("x25519", 32, 32),
    "secp256k1": ("secp256k1", 33, 32),
    "P-256": ("p256", 33, 32),
    "P-384": ("p384", 49, 48),
    "P-521": ("p521", 67, 66),
    "Ed448": ("ed448", 57, 57),
    "X448": ("x448", 56, 56),
    "BLS12381G1": ("bls12_381-g1", 48, 32),
    "BLS12381G2": ("bls12_381-g2", 96, 32),
    "BLS12381G1G2": ("bls12_381-g1g2", 144, 32),
    "RSA": ("rsa", 0, 0),
}
KINDS = tuple(_TABLE)
_KINDS = {name: kind for kind, (name, _, _) in _TABLE.items()}


@value
class Multikey:
    """A public key of one kind; `str` gives its text."""

    kind: str
    data: bytes

    def __check__(self) -> None:
        check_public_key(self.kind, self.data)

    def __str__(self) -> str:
        return "z" + encode_base58(encode_multicodec(f"{_TABLE[self.kind][0]}-pub", self.data))


def check_public_key(kind: str, data: bytes) -> None:
    """Nothing if the bytes are a public key of the kind, else DataError: length, not on the curve, not canonical DER."""
    if kind not in _TABLE:
        raise DataError(f"unknown kind of key {kind[:32]!r}, expected one of {', '.join(KINDS)}")
    size = _TABLE[kind][1]
    if size and len(data) != size:
        raise DecodeError(f"a public key of {kind} is {size} bytes, got {len(data)}")
    if kind == "Ed25519" and not ed25519.is_point(data):
        raise DecodeError("not a point of Ed25519")
    if kind in jwk.EC_WIDTHS and jwk.compress_point(kind, data) != data:
        raise DecodeError(f"a point of {kind} stands compressed in a Multikey")
    if kind == "RSA":
        rsa.parse_public_key(data)
    if kind.startswith("BLS"):
        starts = {"BLS12381G1": (0,), "BLS12381G2": (0,), "BLS12381G1G2": (0, 48)}[kind]
        # Compressed (top bit) and not the point at infinity (next bit).
        if any(data[start] & 0xC0 != 0x80 for start in starts):
            raise DecodeError(f"a point of {kind} stands compressed in a Multikey")


def _parse(text: str) -> tuple[str, bytes]:
    """Multicodec name and what follows it."""
    if len(text) > LONGEST:
        raise LimitError(f"a Multikey has at most {LONGEST} characters, got {len(text)}")
    if text[:1] != "z":
        raise DecodeError("a Multikey starts with 'z', for base58btc")
    return parse_multicodec(parse_base58(text[1:]))


def parse_multikey(text: str) -> Multikey:
    """The public key of a Multikey text.

    DecodeError on another base, an unknown or secret prefix, a prefix that is not minimal, a wrong length, or what is no key.
    """
    name, data = _parse(text)
    kind = _KINDS.get(name.removesuffix("-pub")) if name.endswith("-pub") else None
    if kind is None:
        raise DecodeError(f"a Multikey holds a public key, got {name}")
    return Multikey(kind, data)


def encode_secret_multikey(kind: str, secret: bytes) -> str:
    """The `secretKeyMultibase` text of a raw secret; as secret as the key. DataError on a kind or length that has none."""
    _check_secret(kind, secret)
    return "z" + encode_base58(encode_multicodec(f"{_TABLE[kind][0]}-priv", secret))


def parse_secret_multikey(text: str) -> tuple[str, bytes]:
    """Kind and raw secret of a `secretKeyMultibase` text. DecodeError when it is none."""
    name, data = _parse(text)
    kind = _KINDS.get(name.removesuffix("-priv")) if name.endswith("-priv") else None
    if kind is None:
        raise DecodeError(f"a secret Multikey holds a secret key, got {name}")
    _check_secret(kind, data)
    return kind, data


def _check_secret(kind: str, secret: bytes) -> None:
    size = _TABLE.get(kind, ("", 0, 0))[2]
    if not size:
        raise DecodeError(f"no secret of kind {kind[:32]!r} is written as a Multikey")
    if len(secret) != size:
        raise DecodeError(f"a secret of {kind} is {size} bytes, got {len(secret)}")
    # A number outside 1..n-1 is no secret; the computation says so.
    if kind in jwk.EC_WIDTHS:
        jwk.compute_public_key(kind, secret)
