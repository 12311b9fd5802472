"""Anything either parses or raises DataError."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from iop.codec.base58 import encode_base58
from iop.crypto import jwe, jwk, jws, multikey, nist, rsa, secp256k1
from iop.did import did_key
from iop.errors import DataError, IopError

ED25519 = jwk.from_record(
    {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
)
NAMES = (
    "alg b64 crit epk enc apu apv zip kid typ kty crv x y d n e k use key_ops payload protected header "
    "signature signatures recipients encrypted_key iv ciphertext tag aad unprotected"
)
WORDS = (
    "EdDSA Ed25519 ES256 ES256K HS256 RS256 none b64 OKP EC RSA oct P-256 P-521 secp256k1 X25519 ECDH-ES A128GCM "
    "ECDH-ES+A128KW A128CBC-HS256 sig enc e30 AAAA AQAB 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
)
names, words = st.sampled_from(NAMES.split()), st.sampled_from(WORDS.split())
documents = st.recursive(
    scalars | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names | st.text(max_size=5), inner, max_size=8)
    ),
    max_leaves=20,
)


def attempt(call: object, *args: object, **options: object) -> object:
    try:
        return call(*args, **options)
    except IopError as error:
        assert isinstance(error, DataError) or error.code == "verify"
        return None


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(st.binary(max_size=80))
def test_der(data: bytes) -> None:
    parsed = attempt(secp256k1.parse_der, data)
    assert parsed is None or secp256k1.encode_der(parsed) == data
    attempt(secp256k1.parse_der, b"\x30" + bytes([len(data) % 256]) + data)


@given(st.binary(max_size=600))
def test_rsa_der(data: bytes) -> None:
    attempt(rsa.parse_public_key, data)
    attempt(rsa.parse_public_key, b"\x30\x82" + len(data).to_bytes(2, "big") + data)


@given(st.binary(max_size=140))
def test_points(data: bytes) -> None:
    attempt(secp256k1.compress_point, data)
    for curve in nist.WIDTHS:
        attempt(nist.compress_point, curve, data)


@given(documents)
def test_jwk(document: object) -> None:
    key = attempt(jwk.from_record, document)
    if key is not None:
        assert jwk.from_record(jwk.to_record(key, secret=True)) == key


@given(st.text(max_size=200) | st.text("abAB09-_=.", max_size=200))
def test_compact(text: str) -> None:
    attempt(jws.check_jws, text, ED25519)
    attempt(jwe.parse_jwe, text)


@given(documents, st.binary(max_size=70), st.binary(max_size=70))
def test_headers(header: object, payload: bytes, signature: bytes) -> None:
    head = b64(json.dumps(header).encode())
    attempt(jws.check_jws, f"{head}.{b64(payload)}.{b64(signature)}", ED25519)
    one = attempt(jwe.parse_jwe, f"{head}..{b64(payload)}.{b64(payload)}.{b64(signature)}")
    if one is not None:
        attempt(jwe.decrypt_jwe, one, jwk.Jwk("X25519", bytes(32), bytes(32)))


@given(documents)
def test_json_serialisations(document: object) -> None:
    for one in attempt(jws.parse_jws_json, document) or ():
        assert not jws.is_valid(one, ED25519)
    attempt(jwe.parse_jwe_json, document)


@given(st.text(max_size=100) | st.binary(max_size=120).map(lambda data: "z" + encode_base58(data)))
def test_multikeys(text: str) -> None:
    key = attempt(multikey.parse_multikey, text)
    assert key is None or str(key) == text
    attempt(multikey.parse_secret_multikey, text)
    attempt(did_key.compute_document, f"did:key:{text}")
    attempt(did_key.parse_method_url, f"did:key:{text}#{text}")


@given(
    st.sampled_from(
        [
            b"\xed\x01",
            b"\xec\x01",
            b"\xe7\x01",
            b"\x80\x24",
            b"\x81\x24",
            b"\x82\x24",
            b"\x83\x24",
            b"\x85\x24",
            b"\xea\x01",
            b"\xeb\x01",
            b"\xee\x01",
            b"\x80\x26",
            b"\x86\x26",
        ]
    ),
    st.integers(0, 150).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
)
def test_multikeys_with_known_prefixes(prefix: bytes, data: bytes) -> None:
    test_multikeys.hypothesis.inner_test("z" + encode_base58(prefix + data))
