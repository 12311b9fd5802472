from __future__ import annotations

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.padding import PKCS7

from iop.crypto import jwe, jwk
from iop.errors import DataError, VerifyError

# RFC 7518 C: the derived key of ECDH-ES for A128GCM.
BOB = jwk.from_record(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    }
)
ALICE = {
    "kty": "EC",
    "crv": "P-256",
    "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
    "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_rfc_7518_c() -> None:
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i", "epk": ALICE}
    made = jwe.Jwe(header, b"", b"", b"", b"", b"")
    assert b64(jwe.compute_content_key(made, BOB)) == "VqqN6vgjbSBcIijNcacQGg"


SECRETS = {"X25519": 32, "X448": 56, "P-256": 32, "P-384": 48, "P-521": 66, "secp256k1": 32}


def make(kind: str, number: int) -> jwk.Jwk:
    secret = bytes(SECRETS[kind] - 1) + bytes([number])
    return jwk.Jwk(kind, jwk.compute_public_key(kind, secret), secret)


def encrypt(key: jwk.Jwk, plain: bytes, algorithm: str, content: str) -> list[str]:
    """The five parts of a compact JWE; the agreement itself is that of the reader, checked by RFC 7518 C above."""
    ephemeral = make(key.kind, 9)
    header = {"alg": algorithm, "enc": content, "epk": jwk.to_record(ephemeral)}
    protected = b64(json.dumps(header).encode())
    ad = protected.encode()
    draft = jwe.Jwe(header, b"", b"", b"", b"", ad)
    shared = jwe._agree(key.kind, key.secret, ephemeral.public)
    size = jwe.CONTENT[content]
    if algorithm == "ECDH-ES":
        cek, wrapped = jwe._derive(draft, shared, content, size), b""
    else:
        cek = bytes(range(size))
        wrapped = aes_key_wrap(
            jwe._derive(draft, shared, algorithm, jwe.MANAGEMENT[algorithm]), cek
        )
    if "GCM" in content:
        nonce = bytes(12)
        sealed = AESGCM(cek).encrypt(nonce, plain, ad)
        sealed, tag = sealed[:-16], sealed[-16:]
    else:
        nonce, half = bytes(16), size // 2
        pad = PKCS7(128).padder()
        padded = pad.update(plain) + pad.finalize()
        writer = Cipher(algorithms.AES(cek[half:]), modes.CBC(nonce)).encryptor()
        sealed = writer.update(padded) + writer.finalize()
        covered = ad + nonce + sealed + (8 * len(ad)).to_bytes(8, "big")
        tag = hmac.digest(cek[:half], covered, f"sha{16 * half}")[:half]
    return [protected, *(b64(part) for part in (wrapped, nonce, sealed, tag))]


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("algorithm", jwe.MANAGEMENT)
def test_agreements(kind: str, algorithm: str) -> None:
    key = make(kind, 5)
    text = ".".join(encrypt(key, b"plain", algorithm, "A256GCM"))
    assert jwe.decrypt_jwe(jwe.parse_jwe(text), key) == b"plain"
    with pytest.raises(VerifyError):
        jwe.decrypt_jwe(jwe.parse_jwe(text), make(kind, 77))
    other = make("P-256" if kind == "X25519" else "X25519", 5)
    with pytest.raises(DataError):
        jwe.decrypt_jwe(jwe.parse_jwe(text), other)


@pytest.mark.parametrize("content", jwe.CONTENT)
@pytest.mark.parametrize("algorithm", ["ECDH-ES", "ECDH-ES+A256KW"])
def test_contents(content: str, algorithm: str) -> None:
    key = make("X25519", 5)
    for plain in (b"", b"x" * 16, b"y" * 100):
        parts = encrypt(key, plain, algorithm, content)
        one = jwe.parse_jwe(".".join(parts))
        assert jwe.decrypt_jwe(one, key) == plain
        flat = dict(
            zip(("protected", "encrypted_key", "iv", "ciphertext", "tag"), parts, strict=True)
        )
        flat = {name: part for name, part in flat.items() if part}
        assert jwe.parse_jwe_json(flat) == one
        general = {name: flat[name] for name in flat if name != "encrypted_key"}
        general["recipients"] = [{"encrypted_key": parts[1]}]
        assert jwe.parse_jwe_json(general) == one
        for index in (1, 3, 4) if algorithm != "ECDH-ES" else (3, 4):
            bent = list(parts)
            raw = bytearray(base64.urlsafe_b64decode(bent[index] + "=="))
            if raw:
                raw[0] ^= 1
                bent[index] = b64(bytes(raw))
                with pytest.raises(VerifyError):
                    jwe.decrypt_jwe(jwe.parse_jwe(".".join(bent)), key)


KEY = make("X25519", 5)
GOOD = encrypt(KEY, b"plain", "ECDH-ES", "A128GCM")
HEADER = json.loads(base64.urlsafe_b64decode(GOOD[0] + "=="))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "....",
        "a.b",
        ".".join([*GOOD, ""]),
        ".".join(["e30", *GOOD[1:]]),
        ".".join(["W10", *GOOD[1:]]),
        ".".join(["", *GOOD[1:]]),
        ".".join([*GOOD[:4], GOOD[4] + "="]),
    ],
    ids=range(8),
)
def test_bad_texts(text: str) -> None:
    with pytest.raises(DataError):
        jwe.parse_jwe(text)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "dir"},
        {"alg": "RSA-OAEP"},
        {"alg": 1},
        {"enc": "A128CBC"},
        {"enc": None},
        {"zip": "DEF"},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_bad_headers(change: dict[str, object]) -> None:
    protected = b64(json.dumps(HEADER | change).encode())
    with pytest.raises(DataError):
        jwe.parse_jwe(".".join([protected, *GOOD[1:]]))


@pytest.mark.parametrize(
    "change", [{"epk": None}, {"epk": {}}, {"epk": ALICE}, {"apu": 1}, {"apv": "="}], ids=str
)
def test_bad_agreements(change: dict[str, object]) -> None:
    protected = b64(json.dumps(HEADER | change).encode())
    one = jwe.parse_jwe(".".join([protected, *GOOD[1:]]))
    with pytest.raises(DataError):
        jwe.decrypt_jwe(one, KEY)


def test_keys_that_do_not_fit() -> None:
    one = jwe.parse_jwe(".".join(GOOD))
    with pytest.raises(DataError):
        jwe.decrypt_jwe(one, jwk.Jwk("X25519", KEY.public))
    with pytest.raises(DataError):
        jwe.decrypt_jwe(one, jwk.Jwk("X25519", KEY.public, KEY.secret, use="sig"))
    with pytest.raises(DataError):
        jwe.decrypt_jwe(jwe.parse_jwe(".".join([GOOD[0], "AAAA", *GOOD[2:]])), KEY)
    with pytest.raises(DataError):
        jwe.decrypt_jwe(jwe.parse_jwe(".".join([*GOOD[:2], "AAAA", *GOOD[3:]])), KEY)


FLAT = {"protected": GOOD[0], "iv": GOOD[2], "ciphertext": GOOD[3], "tag": GOOD[4]}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        FLAT | {"recipients": []},
        FLAT | {"recipients": [{}, {}]},
        FLAT | {"recipients": [1]},
        FLAT | {"recipients": [{}], "encrypted_key": ""},
        FLAT | {"unprotected": []},
        FLAT | {"unprotected": {"alg": "ECDH-ES"}},
        FLAT | {"header": {"enc": "A128GCM"}},
        FLAT | {"iv": 1},
        FLAT | {"tag": "="},
        FLAT | {"aad": "="},
    ],
    ids=range(12),
)
def test_bad_json(document: object) -> None:
    with pytest.raises(DataError):
        jwe.parse_jwe_json(document)


def test_further_associated_data_is_covered() -> None:
    one = jwe.parse_jwe_json(FLAT | {"aad": "AAAA"})
    with pytest.raises(VerifyError):
        jwe.decrypt_jwe(one, KEY)
