"""Laws of the primitives over arbitrary values; foreign implementations as models where there is one at hand."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from iop.crypto import aead, curve448, ed25519, jwa, jwk, jws, kdf, secp256k1, x25519
from iop.crypto.hash import hmac_sha256, hmac_sha512, sha256
from iop.crypto.multikey import Multikey, parse_multikey
from iop.crypto.ripemd160 import compute_ripemd160
from iop.errors import DataError

seeds = st.binary(min_size=32, max_size=32)
secrets = st.integers(1, secp256k1.ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
messages = st.binary(max_size=300)


@given(st.binary(max_size=400))
def test_ripemd160_equals_openssl(data: bytes) -> None:
    try:
        expected = hashlib.new("ripemd160", data).digest()
    except ValueError:  # an OpenSSL without it: the examples of the unit tests remain
        return
    assert compute_ripemd160(data) == expected


@given(st.binary(max_size=200), messages)
def test_hmac_equals_the_library(key: bytes, message: bytes) -> None:
    assert hmac_sha256(key, message) == hmac.digest(key, message, "sha256")
    assert hmac_sha512(key, message) == hmac.digest(key, message, "sha512")


@given(seeds, messages, st.integers(0, 511))
def test_ed25519(seed: bytes, message: bytes, bit: int) -> None:
    public, signature = ed25519.compute_public_key(seed), ed25519.sign(seed, message)
    assert ed25519.is_point(public)
    assert ed25519.is_valid(public, message, signature)
    assert ed25519.is_valid_dalek(public, message, signature)
    bent = bytearray(signature)
    bent[bit // 8] ^= 1 << bit % 8
    assert not ed25519.is_valid(public, message, bytes(bent))
    assert not ed25519.is_valid_dalek(public, message, bytes(bent))
    assert not ed25519.is_valid(public, message + b"\0", signature)


@given(seeds, messages)
def test_ed25519_equals_openssl(seed: bytes, message: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert key.public_key().public_bytes_raw() == ed25519.compute_public_key(seed)
    assert key.sign(message) == ed25519.sign(seed, message)


@given(st.binary(max_size=70), messages, st.binary(max_size=70))
def test_predicates_answer_to_anything(public: bytes, message: bytes, signature: bytes) -> None:
    for verify in (
        ed25519.is_valid,
        ed25519.is_valid_dalek,
        secp256k1.is_valid_ecdsa,
        secp256k1.is_valid_schnorr_ark,
        secp256k1.is_valid_bip340,
        curve448.is_valid,
    ):
        assert verify(public, message, signature) is False or len(public) >= 32
    assert isinstance(ed25519.is_point(public), bool)
    assert isinstance(secp256k1.is_public_key(public), bool)


@given(seeds, seeds)
def test_agreement_is_mutual(one: bytes, other: bytes) -> None:
    first, second = x25519.compute_public_key(one), x25519.compute_public_key(other)
    assert x25519.compute_shared(one, second) == x25519.compute_shared(other, first)
    public = x25519.convert_public_key(ed25519.compute_public_key(one))
    assert x25519.compute_public_key(x25519.convert_seed(one)) == public


@given(secrets, messages)
def test_ecdsa(secret: bytes, message: bytes) -> None:
    public, digest = secp256k1.compute_public_key(secret), sha256(message)
    signature = secp256k1.sign_ecdsa(secret, digest)
    assert secp256k1.is_low_s(signature)
    s = secp256k1.ORDER - int.from_bytes(signature[32:], "big")
    for form in (signature, signature[:32] + s.to_bytes(32, "big")):
        assert secp256k1.is_valid_ecdsa(public, digest, form)
        assert secp256k1.parse_der(secp256k1.encode_der(form)) == form
    assert not secp256k1.is_valid_ecdsa(public, sha256(digest), signature)
    found = [n for n in range(2) if secp256k1.recover_public_key(digest, signature, n) == public]
    assert len(found) == 1


@given(st.integers(1, secp256k1.ORDER - 1), st.integers(1, secp256k1.ORDER - 1))
def test_der_has_one_form(r: int, s: int) -> None:
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    der = secp256k1.encode_der(signature)
    assert secp256k1.parse_der(der) == signature
    assert len(der) == 6 + sum(number.bit_length() // 8 + 1 for number in (r, s))


@given(secrets, messages, st.integers(0, 511))
def test_schnorr(secret: bytes, message: bytes, bit: int) -> None:
    public, digest = secp256k1.compute_public_key(secret), sha256(message)
    ark = secp256k1.sign_schnorr_ark(secret, digest)
    bip = secp256k1.sign_bip340(secret, message, digest)
    assert secp256k1.is_valid_schnorr_ark(public, digest, ark)
    assert secp256k1.is_valid_bip340(public[1:], message, bip)
    for verify, key, text, signature in (
        (secp256k1.is_valid_schnorr_ark, public, digest, ark),
        (secp256k1.is_valid_bip340, public[1:], message, bip),
    ):
        bent = bytearray(signature)
        bent[bit // 8] ^= 1 << bit % 8
        assert not verify(key, text, bytes(bent))


@given(secrets, secrets)
def test_tweaks_commute_with_the_public_key(secret: bytes, tweak: bytes) -> None:
    public = secp256k1.compute_public_key(secret)
    try:
        moved = secp256k1.tweak_secret(secret, tweak)
    except DataError:
        return
    assert secp256k1.compute_public_key(moved) == secp256k1.tweak_public(public, tweak)


@given(secrets, secrets)
def test_ecdh_is_mutual(one: bytes, other: bytes) -> None:
    first, second = secp256k1.compute_public_key(one), secp256k1.compute_public_key(other)
    assert secp256k1.compute_shared(one, second) == secp256k1.compute_shared(other, first)


@given(seeds, messages, messages)
def test_aead(key: bytes, plain: bytes, ad: bytes) -> None:
    for seal, unseal, size in (
        (aead.seal_xchacha, aead.open_xchacha, 24),
        (aead.seal_chacha, aead.open_chacha, 12),
        (aead.seal_aes_gcm, aead.open_aes_gcm, 12),
    ):
        assert unseal(key, key[:size], seal(key, key[:size], plain, ad), ad) == plain


@given(messages, messages, messages, st.integers(0, 300))
def test_hkdf_is_a_prefix_of_its_longer_self(
    secret: bytes, salt: bytes, info: bytes, size: int
) -> None:
    long = kdf.compute_hkdf("sha512", secret, salt, info, 300)
    assert kdf.compute_hkdf("sha512", secret, salt, info, size) == long[:size]


@settings(max_examples=30)
@given(seeds, messages, st.sampled_from(["Ed25519", "secp256k1", "P-256"]), st.booleans())
def test_jws(seed: bytes, payload: bytes, kind: str, detached: bool) -> None:
    secret = b"\0" + seed[1:31] + b"\1"
    key = jwk.Jwk(kind, jwk.compute_public_key(kind, secret), secret)
    text = jws.sign_jws(key, payload, detached=detached)
    again = jwk.from_record(jwk.to_record(key))
    parsed = jws.check_jws(text, again, payload=payload if detached else None)
    assert parsed.payload == payload
    assert parsed.algorithm == jwa.ALGORITHMS[kind][0]


@given(seeds)
def test_multikey(seed: bytes) -> None:
    for kind in ("Ed25519", "X25519"):
        key = Multikey(kind, jwk.compute_public_key(kind, seed))
        assert parse_multikey(str(key)) == key
