"""JSON Web Algorithms for signatures (RFC 7518 3, 8037, 8812, 9864): which key may use which, signing and verifying.

The kind of the key decides: a header can only choose among the algorithms of the key at hand, so that an HMAC under a public key's
bytes, or `none`, is never considered.
"""

from __future__ import annotations

from iop.crypto import ed25519, nist, rsa, secp256k1
from iop.crypto.hash import sha256
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.crypto.jwk import Jwk

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "Ed25519": ("EdDSA", "Ed25519"),
    "Ed448": ("EdDSA", "Ed448"),
    "secp256k1": ("ES256K",),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "oct": ("HS256", "HS384", "HS512"),
}
# What iop itself writes, and reads unless told otherwise.
PROFILE = ("EdDSA", "Ed25519", "ES256K", "ES256")
# Registered under one name, often misspelt as the curve's.
_ALIASES = {"ES521": "ES512"}


def list_algorithms(key: Jwk) -> tuple[str, ...]:
    """The signature algorithms this key may be used with; empty for keys that only encrypt or agree."""
    names = ALGORITHMS.get(key.kind, ())
    own = _ALIASES.get(key.algorithm, key.algorithm)
    if not own:
        return names
    if key.kind in ("Ed25519", "Ed448"):
        return names if own in names else ()
    return (own,) if own in names else ()


def sign(algorithm: str, key: Jwk, message: bytes) -> bytes:
    """The signature bytes in the form JOSE has them. DataError when the key cannot sign with the algorithm."""
    if algorithm not in list_algorithms(key) or key.secret is None or not key.may("sign"):
        raise DataError(f"a {key.kind} key cannot sign with {algorithm[:32]!r} here")
    if key.kind == "Ed25519":
        return ed25519.sign(key.secret, message)
    if key.kind == "secp256k1":
        return secp256k1.sign_ecdsa(key.secret, sha256(message))
    if key.kind == "oct":
        return _compute_mac(algorithm, key.secret, message)
    if key.kind == "Ed448":
        from iop.crypto import curve448

        return curve448.sign(key.secret, message)
    return nist.sign(key.kind, key.secret, message)


def is_valid(algorithm: str, key: Jwk, message: bytes, signature: bytes) -> bool:
    """True when the signature holds; False also when the key may not verify with the algorithm."""
    if algorithm not in list_algorithms(key) or not key.may("verify"):
        return False
    if key.kind == "Ed25519":
        return ed25519.is_valid(key.public, message, signature)
    if key.kind == "secp256k1":
        return secp256k1.is_valid_ecdsa(key.public, sha256(message), signature)
    if key.kind == "RSA":
        digest, pss = algorithm[2:], algorithm.startswith("PS")
        return rsa.is_valid(key.public, message, signature, digest=digest, pss=pss)
    if key.kind == "oct":
        return _is_mac_valid(algorithm, key.secret or b"", message, signature)
    if key.kind == "Ed448":
        from iop.crypto import curve448

        return curve448.is_valid(key.public, message, signature)
    return nist.is_valid(key.kind, key.public, message, signature)


def _compute_mac(algorithm: str, secret: bytes, message: bytes) -> bytes:
    """HMAC with a key at least as long as the digest (RFC 7518 3.2). DataError for a shorter one."""
    import hmac

    bits = algorithm[2:]
    if len(secret) * 8 < int(bits):
        raise DataError(f"{algorithm} takes a key of {bits} bits or more, got {len(secret) * 8}")
    return hmac.digest(secret, message, f"sha{bits}")


def _is_mac_valid(algorithm: str, secret: bytes, message: bytes, signature: bytes) -> bool:
    from hmac import compare_digest

    try:
        return compare_digest(_compute_mac(algorithm, secret, message), signature)
    except DataError:
        return False
