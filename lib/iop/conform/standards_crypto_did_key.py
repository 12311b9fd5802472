"""Runners for did:key and Multikey.

The method's own documents use older key types: identifiers, controllers, relationships and key bytes are compared, type names are not.
Of BLS12-381 keys only texts and bytes are: nothing here computes on that curve.
"""

from __future__ import annotations

from iop.codec.base58 import parse_base58
from iop.codec.base64 import parse_base64url
from iop.conform.case import Case, check_members, compare, compare_refusal, compare_result
from iop.conform.standards_crypto import HEAD, list_cases
from iop.crypto import jwk, x25519
from iop.crypto.multikey import (
    Multikey,
    encode_secret_multikey,
    parse_multikey,
    parse_secret_multikey,
)
from iop.did.did_key import (
    compute_document,
    derive_agreement,
    encode_did_key,
    encode_jwk,
    parse_did_key,
    parse_method_url,
)
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_KINDS = {
    "ed25519": "Ed25519",
    "x25519": "X25519",
    "secp256k1": "secp256k1",
    "p256": "P-256",
    "p-256": "P-256",
    "p384": "P-384",
    "p-384": "P-384",
    "p521": "P-521",
    "p-521": "P-521",
}
_RELATIONSHIPS = (
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "capabilityDelegation",
    "keyAgreement",
)


def run_multikey(document: dict[str, Any]) -> Iterator[Case]:
    """Raw keys, Multikey texts, did:key and the derived X25519 key, each both ways."""
    yield from check_members("file", document, HEAD)
    known = (
        "curve secret public publicKeyMultibase secretKeyMultibase derivedX25519 "
        "derivedX25519Multibase did verificationMethod"
    )
    for label, case in list_cases(document, known):
        kind = _KINDS[case["curve"]]
        public = bytes.fromhex(case["public"])
        key = Multikey(kind, public)
        yield compare(f"{label} publicKeyMultibase", str(key), case["publicKeyMultibase"])
        yield compare_result(
            f"{label} publicKeyMultibase read", key, parse_multikey, case["publicKeyMultibase"]
        )
        if "secret" in case:
            secret = bytes.fromhex(case["secret"])
            yield compare(f"{label} public", jwk.compute_public_key(kind, secret), public)
        if "secretKeyMultibase" in case:
            text = encode_secret_multikey(kind, secret)
            yield compare(f"{label} secretKeyMultibase", text, case["secretKeyMultibase"])
            got = parse_secret_multikey(case["secretKeyMultibase"])
            yield compare(f"{label} secretKeyMultibase read", got, (kind, secret))
        yield compare(f"{label} did", encode_did_key(key), case["did"])
        yield compare_result(f"{label} did read", key, parse_did_key, case["did"])
        yield compare_result(
            f"{label} verificationMethod", key, parse_method_url, case["verificationMethod"]
        )
        yield compare(
            f"{label} document",
            compute_document(case["did"])["verificationMethod"][0]["id"],
            case["verificationMethod"],
        )
        if "derivedX25519" in case:
            derived = derive_agreement(key)
            yield compare(f"{label} derivedX25519", derived.data.hex(), case["derivedX25519"])
            yield compare(
                f"{label} derivedX25519Multibase", str(derived), case["derivedX25519Multibase"]
            )


def run_multikey_reject(document: dict[str, Any]) -> Iterator[Case]:
    """Texts that are no Multikey."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, "publicKeyMultibase valid reason"):
        if case["valid"] is not False:
            raise DataError(f"{label} is not to be refused")
        text = case["publicKeyMultibase"]
        yield compare_refusal(f"{label} {case['reason']}", parse_multikey, text)
        yield compare_refusal(f"{label} as did:key", parse_did_key, f"did:key:{text}")


def run_did_key(document: dict[str, Any]) -> Iterator[Case]:
    """The method's test vectors: seeds, key pairs, documents."""
    yield from check_members("file", document, HEAD)
    known = "file did seed verificationKeyPair keyAgreementKeyPair publicKeyJwk verificationMethod didDocument"
    for label, case in list_cases(document, known):
        label = f"{label} {case['file']}"  # noqa: PLW2901 - the same label, told better
        did = case["did"]
        key = parse_did_key(did)
        yield compare(f"{label} did", encode_did_key(key), did)
        if "seed" in case:
            public = jwk.compute_public_key(key.kind, bytes.fromhex(case["seed"]))
            yield compare(f"{label} seed", public, key.data)
        ours = _list_methods(compute_document(did))
        as_jwk = _list_methods(compute_document(did, form="JsonWebKey"))
        yield compare(f"{label} JsonWebKey", list(as_jwk), list(ours))
        methods = case.get("verificationMethod", [])
        for stated in [
            *(methods if isinstance(methods, list) else [methods]),
            *(
                case[name]
                for name in ("verificationKeyPair", "keyAgreementKeyPair")
                if name in case
            ),
            *case.get("didDocument", {}).get("verificationMethod", []),
        ]:
            yield from _check_method(f"{label} {stated['id'][-12:]}", did, stated, ours)
        if "publicKeyJwk" in case:
            found = _read_key({"publicKeyJwk": case["publicKeyJwk"]}, key.kind)
            yield compare(f"{label} publicKeyJwk", found, key)
        if "keyAgreementKeyPair" in case and "seed" in case:
            secret = x25519.convert_seed(bytes.fromhex(case["seed"]))
            stated_secret = parse_base58(case["keyAgreementKeyPair"]["privateKeyBase58"])
            yield compare(f"{label} agreement secret", secret, stated_secret)
        if "didDocument" in case:
            yield from _check_document(f"{label} document", key, case["didDocument"])


def _list_methods(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {method["id"]: method for method in document["verificationMethod"]}


def _read_key(method: dict[str, Any], kind: str) -> Multikey:
    """The key of a method in any of the forms the vectors use."""
    if "publicKeyMultibase" in method:
        return parse_multikey(method["publicKeyMultibase"])
    if "publicKeyBase58" in method:
        return Multikey(kind, parse_base58(method["publicKeyBase58"]))
    record = method["publicKeyJwk"]
    if str(record.get("crv", "")).startswith("BLS"):
        return Multikey(record["crv"].replace("_", ""), parse_base64url(record["x"]))
    key = jwk.from_record(record)
    return Multikey(key.kind, key.public)


def _check_method(
    label: str, did: str, stated: dict[str, Any], ours: dict[str, dict[str, Any]]
) -> Iterator[Case]:
    known = "id type controller publicKeyBase58 privateKeyBase58 publicKeyMultibase publicKeyJwk privateKeyJwk"
    yield from check_members(label, stated, known)
    name = did + stated["id"] if stated["id"].startswith("#") else stated["id"]
    yield compare(f"{label} id", name in ours, True)
    yield compare(f"{label} controller", stated["controller"], did)
    if name not in ours:
        return
    key = parse_multikey(ours[name]["publicKeyMultibase"])
    yield compare(f"{label} by url", parse_method_url(name), key)
    yield compare(f"{label} key", _read_key(stated, key.kind), key)
    if "publicKeyJwk" in stated:
        required = {name: stated["publicKeyJwk"][name] for name in encode_jwk(key)}
        yield compare(f"{label} jwk", encode_jwk(key), required)
    if key.kind.startswith("BLS"):
        return
    if "privateKeyBase58" in stated:
        public = jwk.compute_public_key(key.kind, parse_base58(stated["privateKeyBase58"]))
        yield compare(f"{label} secret", public, key.data)
    if "privateKeyJwk" in stated:
        yield compare(f"{label} secret", jwk.from_record(stated["privateKeyJwk"]).public, key.data)


def _check_document(label: str, key: Multikey, stated: dict[str, Any]) -> Iterator[Case]:
    known = " ".join(("@context", "id", "verificationMethod", *_RELATIONSHIPS))
    yield from check_members(label, stated, known)
    ours = compute_document(stated["id"])
    # A pair of BLS keys has two methods; the vectors list them one at a time.
    partial = key.kind == "BLS12381G1G2"
    pairs = {name: (ours.get(name, []), stated.get(name, [])) for name in _RELATIONSHIPS}
    pairs["verificationMethod"] = (
        [method["id"] for method in ours["verificationMethod"]],
        [method["id"] for method in stated["verificationMethod"]],
    )
    for name, (found, listed) in pairs.items():
        ids = [entry if isinstance(entry, str) else entry["id"] for entry in listed]
        same = set(ids) <= set(found) if partial else set(ids) == set(found)
        yield Case(f"{label} {name}", same, "" if same else f"got {found}, expected {ids}")
