"""did:key: an identifier that is its own public key, and the document that follows from it (did:key method 0.7).

`did:key:z6Mk…` holds a Multikey (`iop.crypto.multikey`). Nothing is looked up: the document is computed. Such an identifier can neither
be changed nor revoked.
"""

from __future__ import annotations

from iop.crypto.multikey import Multikey, parse_multikey
from iop.errors import DataError, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = "did:key:"
FORMS = ("Multikey", "JsonWebKey")
_CONTEXTS = {
    "Multikey": "https://w3id.org/security/multikey/v1",
    "JsonWebKey": "https://w3id.org/security/jwk/v1",
}
_SIGNING = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
# What these kinds are good for besides signing, or instead of it.
_AGREEING = ("secp256k1", "P-256", "P-384", "P-521", "RSA")
_ONLY_AGREEING = ("X25519", "X448")
_JWK_BLS = {"BLS12381G1": "BLS12381_G1", "BLS12381G2": "BLS12381_G2"}


def encode_did_key(key: Multikey) -> str:
    """The identifier of a public key."""
    return f"{PREFIX}{key}"


def parse_did_key(text: str) -> Multikey:
    """The public key of an identifier without path, query or fragment. DecodeError otherwise (see `parse_multikey`)."""
    if not text.startswith(PREFIX):
        raise DecodeError(f"a did:key starts with {PREFIX!r}, got {text[:16]!r}")
    return parse_multikey(text[len(PREFIX) :])


def parse_method_url(url: str) -> Multikey:
    """The key of a verification method `did:key:K#K`, or of the agreement key derived from K.

    DecodeError when it does not parse, or when the fragment names no method of the identifier's document.
    """
    did, _, fragment = url.partition("#")
    main = parse_did_key(did)
    methods = {str(key): key for key in (*_split(main), *_derive(main, fragment != str(main)))}
    if fragment not in methods:
        raise DecodeError(f"the document of this did:key has no method {fragment[:64]!r}")
    return methods[fragment]


def derive_agreement(key: Multikey) -> Multikey:
    """The X25519 key that belongs to an Ed25519 key. DataError for other kinds and for points without counterpart."""
    from iop.crypto.x25519 import convert_public_key

    if key.kind != "Ed25519":
        raise DataError(f"only Ed25519 keys have an X25519 key of their own, got {key.kind}")
    return Multikey("X25519", convert_public_key(key.data))


def _split(key: Multikey) -> tuple[Multikey, ...]:
    """The keys under which methods are written: a pair of BLS keys stands as two, the document lists both."""
    if key.kind != "BLS12381G1G2":
        return (key,)
    return Multikey("BLS12381G1", key.data[:48]), Multikey("BLS12381G2", key.data[48:])


def _derive(key: Multikey, wanted: bool) -> tuple[Multikey, ...]:
    return (derive_agreement(key),) if wanted and key.kind == "Ed25519" else ()


def compute_document(did: str, *, form: str = "Multikey", agreement: bool = True) -> dict[str, Any]:
    """The DID document of a did:key: methods in `form` ("Multikey" or "JsonWebKey") and the relationships they serve.

    `agreement` adds the X25519 key derived from an Ed25519 key, under `keyAgreement`. Raises DecodeError for what is no did:key, DataError for a
    form the key has not, or a key without counterpart.
    """
    if form not in FORMS:
        raise DataError(f"methods are written as {' or '.join(FORMS)}, got {form[:32]!r}")
    main = parse_did_key(did)
    keys = _split(main)
    derived = _derive(main, agreement)
    own = [f"{did}#{key}" for key in keys]
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/did/v1", _CONTEXTS[form]],
        "id": did,
        "verificationMethod": [_encode_method(did, key, form) for key in (*keys, *derived)],
    }
    if main.kind not in _ONLY_AGREEING:
        document |= {name: list(own) for name in _SIGNING}
    agreeing = own if main.kind in (*_AGREEING, *_ONLY_AGREEING) else []
    agreeing = [*agreeing, *(f"{did}#{key}" for key in derived)]
    if agreeing:
        document["keyAgreement"] = agreeing
    return document


def _encode_method(did: str, key: Multikey, form: str) -> dict[str, Any]:
    method: dict[str, Any] = {"id": f"{did}#{key}", "type": form, "controller": did}
    if form == "Multikey":
        return method | {"publicKeyMultibase": str(key)}
    return method | {"publicKeyJwk": encode_jwk(key)}


def encode_jwk(key: Multikey) -> dict[str, Any]:
    """The public JWK of a Multikey. A BLS12-381 key has its compressed point in `x` and no `y`, as the method's test vectors."""
    if key.kind in _JWK_BLS:
        from iop.codec.base64 import encode_base64url

        return {"kty": "EC", "crv": _JWK_BLS[key.kind], "x": encode_base64url(key.data)}
    from iop.crypto.jwk import Jwk, to_record

    if key.kind == "BLS12381G1G2":
        raise DataError("a pair of BLS12-381 keys is two JWKs")
    return to_record(Jwk(key.kind, key.data))
