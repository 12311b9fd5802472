from __future__ import annotations

import pytest

from iop.crypto import jwk, rsa
from iop.crypto.multikey import Multikey
from iop.did import did_key
from iop.errors import DataError

ED = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
SIGNING = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")


def make(kind: str) -> str:
    secret = bytes({"P-384": 48, "P-521": 66, "Ed448": 57, "X448": 56}.get(kind, 32) - 1) + b"\x07"
    return did_key.encode_did_key(Multikey(kind, jwk.compute_public_key(kind, secret)))


def test_the_document_of_the_method() -> None:
    """did:key 0.7, the first example."""
    did = f"did:key:{ED}"
    agreement = f"{did}#z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p"
    document = did_key.compute_document(did)
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": f"{did}#{ED}", "type": "Multikey", "controller": did, "publicKeyMultibase": ED},
            {
                "id": agreement,
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": "z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p",
            },
        ],
        **{name: [f"{did}#{ED}"] for name in SIGNING},
        "keyAgreement": [agreement],
    }
    alone = did_key.compute_document(did, agreement=False)
    assert len(alone["verificationMethod"]) == 1
    assert "keyAgreement" not in alone


@pytest.mark.parametrize(
    "kind", ["Ed448", "secp256k1", "P-256", "P-384", "P-521", "X25519", "X448"]
)
@pytest.mark.parametrize("form", did_key.FORMS)
def test_other_kinds(kind: str, form: str) -> None:
    did = make(kind)
    document = did_key.compute_document(did, form=form)
    (method,) = document["verificationMethod"]
    assert method["id"] == f"{did}#{did.removeprefix('did:key:')}"
    assert method["type"] == form
    agrees, signs = kind != "Ed448", kind not in ("X25519", "X448")
    assert ("keyAgreement" in document) is agrees
    assert all((name in document) is signs for name in SIGNING)
    if form == "JsonWebKey":
        assert jwk.from_record(method["publicKeyJwk"]).public == did_key.parse_did_key(did).data
        assert "d" not in method["publicKeyJwk"]
    assert did_key.parse_method_url(method["id"]) == did_key.parse_did_key(did)


def test_rsa_and_pairs_of_bls_keys() -> None:
    did = did_key.encode_did_key(Multikey("RSA", rsa.encode_public_key((1 << 2047) + 1, 65537)))
    (method,) = did_key.compute_document(did, form="JsonWebKey")["verificationMethod"]
    assert method["publicKeyJwk"]["kty"] == "RSA"
    pair = bytearray(144)
    pair[0] = pair[48] = 0x80
    did = did_key.encode_did_key(Multikey("BLS12381G1G2", bytes(pair)))
    for form in did_key.FORMS:
        document = did_key.compute_document(did, form=form)
        assert len(document["verificationMethod"]) == len(document["authentication"]) == 2
        assert "keyAgreement" not in document
    with pytest.raises(DataError):
        did_key.encode_jwk(did_key.parse_did_key(did))


def test_method_urls() -> None:
    did = f"did:key:{ED}"
    assert did_key.parse_method_url(f"{did}#{ED}").kind == "Ed25519"
    agreement = did_key.compute_document(did)["keyAgreement"][0]
    assert did_key.parse_method_url(agreement).kind == "X25519"
    for url in (
        did,
        f"{did}#",
        f"{did}#key-1",
        f"{did}#{ED}#",
        f"{make('X25519')}#{ED}",
        f"{did}#{ED[:-1]}L",
    ):
        with pytest.raises(DataError):
            did_key.parse_method_url(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:key:",
        f"did:key:{ED}#{ED}",
        f"did:key:{ED}?a=1",
        f"did:key:{ED}/a",
        f"DID:key:{ED}",
        f"did:web:{ED}",
        ED,
        f"did:key:1:{ED}",
        f" did:key:{ED}",
    ],
)
def test_refusals(text: str) -> None:
    for call in (did_key.parse_did_key, did_key.compute_document):
        with pytest.raises(DataError):
            call(text)


def test_unknown_form() -> None:
    with pytest.raises(DataError):
        did_key.compute_document(f"did:key:{ED}", form="Ed25519VerificationKey2018")


def test_keys_without_counterpart() -> None:
    """A point of small order is a Multikey, has no X25519 key, and its document can be had without one."""
    did = did_key.encode_did_key(Multikey("Ed25519", b"\x01" + bytes(31)))
    with pytest.raises(DataError):
        did_key.compute_document(did)
    assert did_key.compute_document(did, agreement=False)["id"] == did
    with pytest.raises(DataError):
        did_key.derive_agreement(did_key.parse_did_key(make("P-256")))
