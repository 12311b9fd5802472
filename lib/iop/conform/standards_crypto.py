"""Runners for the public standards' files about curves: Ed25519, secp256k1, X25519.

Ed25519 is judged by the strict policy (libsodium's); the edge points are also judged as ed25519-dalek 1.x would, by their flags.
"""

from __future__ import annotations

from iop.conform.case import Case, check_members, compare
from iop.crypto import ed25519, jwa, jwk, secp256k1, x25519
from iop.crypto.hash import sha256
from iop.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

HEAD = "area source license description fields trimmed cases"
WYCHEPROOF = "tcId comment flags msg sig result group"
# A SubjectPublicKeyInfo of a secp256k1 key in strict DER is this and a point.
_SPKI = {
    65: bytes.fromhex("3056301006072a8648ce3d020106052b8104000a034200"),
    33: bytes.fromhex("3036301006072a8648ce3d020106052b8104000a032200"),
}


def list_cases(document: dict[str, Any], known: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Label and case; the members of a case are those in `known`, else DataError: nothing passes unread."""
    for index, case in enumerate(document["cases"]):
        unknown = set(case) - set(known.split())
        if unknown:
            raise DataError(f"cases[{index}] has members nobody checks: {sorted(unknown)}")
        number = case.get("tcId", case.get("number", case.get("index", index)))
        yield f"cases[{index}] #{number}", case


def expect_verdict(case: dict[str, Any]) -> bool:
    """True for "valid", False for "invalid"; DataError otherwise."""
    if case["result"] not in ("valid", "invalid"):
        raise DataError(f"result is valid or invalid, got {case['result']!r}")
    return bool(case["result"] == "valid")


def compute_or_refuse(function: Callable[..., Any], *args: Any) -> Any:
    """The result, or None when the input is refused."""
    try:
        return function(*args)
    except DataError:
        return None


def run_ed25519(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: strict verdict on the raw key, the same key as JWK, and EdDSA through it."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, WYCHEPROOF):
        message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        group = case["group"]
        yield from check_members(f"{label} group", group, _GROUP)
        public = bytes.fromhex(group["publicKey"]["pk"])
        expected = expect_verdict(case)
        yield compare(label, ed25519.is_valid(public, message, signature), expected)
        dalek = ed25519.is_valid_dalek(public, message, signature)
        yield compare(f"{label} as dalek", dalek, expected)
        key = jwk.from_record(group["publicKeyJwk"])
        yield compare(f"{label} jwk", (key.kind, key.public), ("Ed25519", public))
        eddsa = jwa.is_valid("EdDSA", key, message, signature)
        yield compare(f"{label} EdDSA", eddsa, expected)


_GROUP = "type source publicKey publicKeyJwk publicKeyDer publicKeyPem keyDer keyPem jwk sha"


def run_ed25519_sign(document: dict[str, Any]) -> Iterator[Case]:
    """Keys and deterministic signatures of libsodium's table; a changed message is refused."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, "seed public message signature"):
        seed, message = bytes.fromhex(case["seed"]), bytes.fromhex(case["message"])
        public = ed25519.compute_public_key(seed)
        yield compare(f"{label} public", public.hex(), case["public"])
        signature = ed25519.sign(seed, message)
        yield compare(f"{label} signature", signature.hex(), case["signature"])
        yield compare(f"{label} valid", ed25519.is_valid(public, message, signature), True)
        changed = ed25519.is_valid(public, message + b"\0", signature)
        yield compare(f"{label} changed", changed, False)


def run_edge_points(document: dict[str, Any]) -> Iterator[Case]:
    """CCTV edge points: only torsion that cancels is accepted; dalek also takes small order and odd keys."""
    yield from check_members("file", document, HEAD)
    known = {
        *("low_order_component_R", "low_order_component_A", "low_order_R", "low_order_A"),
        *("low_order_residue", "non_canonical_R", "non_canonical_A", "reencoded_k"),
    }
    for label, case in list_cases(document, "number key sig msg flags"):
        flags = set(case["flags"] or ())
        if flags - known:
            raise DataError(f"{label} has flags nobody knows: {sorted(flags - known)}")
        public, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        message = case["msg"].encode()
        strict = not flags - {"low_order_component_R", "low_order_component_A"}
        yield compare(label, ed25519.is_valid(public, message, signature), strict)
        if {"reencoded_k", "low_order_A"} <= flags:
            # Only k modulo 8 counts then, and both ways to compute it may agree: the flags do not say.
            continue
        dalek = not flags & {"low_order_residue", "non_canonical_R", "reencoded_k"}
        got = ed25519.is_valid_dalek(public, message, signature)
        yield compare(f"{label} as dalek", got, dalek)


def run_speccheck(document: dict[str, Any]) -> Iterator[Case]:
    """Twelve boundary cases: the strict policy accepts number 3 only, ed25519-dalek 0 to 3 and 11 (the authors' table)."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, "number message pub_key signature"):
        public, signature = bytes.fromhex(case["pub_key"]), bytes.fromhex(case["signature"])
        message = bytes.fromhex(case["message"])
        yield compare(label, ed25519.is_valid(public, message, signature), case["number"] == 3)
        dalek = ed25519.is_valid_dalek(public, message, signature)
        yield compare(f"{label} as dalek", dalek, case["number"] in (0, 1, 2, 3, 11))


def run_ecdsa_der(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: strict DER, the upper half of s accepted."""
    yield from _run_ecdsa(document, _is_valid_der)


def run_ecdsa_bitcoin(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: strict DER and s of the lower half only."""
    yield from _run_ecdsa(document, _is_valid_bitcoin)


def run_ecdsa_p1363(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: r ‖ s of exactly 64 bytes; also through the key as JWK, as ES256K."""
    yield from _run_ecdsa(document, secp256k1.is_valid_ecdsa)


def _is_valid_der(public: bytes, digest: bytes, signature: bytes) -> bool:
    compact = compute_or_refuse(secp256k1.parse_der, signature)
    return compact is not None and secp256k1.is_valid_ecdsa(public, digest, compact)


def _is_valid_bitcoin(public: bytes, digest: bytes, signature: bytes) -> bool:
    compact = compute_or_refuse(secp256k1.parse_der, signature)
    if compact is None or not secp256k1.is_low_s(compact):
        return False
    # What parses is the one encoding of its numbers.
    if secp256k1.encode_der(compact) != signature:
        return False
    return secp256k1.is_valid_ecdsa(public, digest, compact)


def _run_ecdsa(
    document: dict[str, Any], verify: Callable[[bytes, bytes, bytes], bool]
) -> Iterator[Case]:
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, WYCHEPROOF):
        group = case["group"]
        yield from check_members(f"{label} group", group, _GROUP)
        if group.get("sha") != "SHA-256" or group["publicKey"]["curve"] != "secp256k1":
            raise DataError(f"{label} is not SHA-256 on secp256k1")
        message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        expected = expect_verdict(case)
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        public = compute_or_refuse(secp256k1.compress_point, point) or b""
        yield compare(label, verify(public, sha256(message), signature), expected)
        if "publicKeyJwk" in group:
            key = jwk.from_record(group["publicKeyJwk"])
            yield compare(f"{label} jwk", (key.kind, key.public), ("secp256k1", public))
            got = jwa.is_valid("ES256K", key, message, signature)
            yield compare(f"{label} ES256K", got, expected)


def run_rfc6979(document: dict[str, Any]) -> Iterator[Case]:
    """Nonces of RFC 6979, low S: public keys in both forms, compact and DER signatures, recovery ids."""
    yield from check_members("file", document, HEAD)
    known = "secret public public_uncompressed message sha256 compact recovery_id der"
    for label, case in list_cases(document, known):
        secret, message = bytes.fromhex(case["secret"]), bytes.fromhex(case["message"])
        public = secp256k1.compute_public_key(secret)
        yield compare(f"{label} public", public.hex(), case["public"])
        long = secp256k1.expand_point(public)
        yield compare(f"{label} uncompressed", long.hex(), case["public_uncompressed"])
        yield compare(f"{label} compressed", secp256k1.compress_point(long), public)
        digest = sha256(message)
        yield compare(f"{label} sha256", digest.hex(), case["sha256"])
        compact = secp256k1.sign_ecdsa(secret, digest)
        yield compare(f"{label} compact", compact.hex(), case["compact"])
        der = secp256k1.encode_der(compact)
        yield compare(f"{label} der", der.hex(), case["der"])
        yield compare(f"{label} der read", secp256k1.parse_der(der), compact)
        yield compare(f"{label} valid", secp256k1.is_valid_ecdsa(public, digest, compact), True)
        found = [
            n
            for n in range(4)
            if compute_or_refuse(secp256k1.recover_public_key, digest, compact, n) == public
        ]
        yield compare(f"{label} recovery_id", found, [case["recovery_id"]])


def run_bip340(document: dict[str, Any]) -> Iterator[Case]:
    """BIP 340: signing where a secret is given, and every verdict."""
    yield from check_members("file", document, HEAD)
    known = "index secret_key public_key aux_rand message signature verification_result comment"
    for label, case in list_cases(document, known):
        public, message = bytes.fromhex(case["public_key"]), bytes.fromhex(case["message"])
        signature = bytes.fromhex(case["signature"])
        if case["secret_key"]:
            secret, aux = bytes.fromhex(case["secret_key"]), bytes.fromhex(case["aux_rand"])
            yield compare(f"{label} public", secp256k1.compute_public_key(secret)[1:], public)
            made = secp256k1.sign_bip340(secret, message, aux)
            yield compare(f"{label} signature", made, signature)
        verdict = {"TRUE": True, "FALSE": False}[case["verification_result"]]
        yield compare(label, secp256k1.is_valid_bip340(public, message, signature), verdict)


def run_ecdh_secp256k1(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: x coordinate of the shared point; keys only as named curve in strict DER, so what is acceptable is refused."""
    yield from check_members("file", document, HEAD)
    known = "tcId comment flags public private shared result group"
    for label, case in list_cases(document, known):
        secret = int(case["private"], 16).to_bytes(32, "big")
        spki = bytes.fromhex(case["public"])
        got = compute_or_refuse(_agree, secret, spki)
        if case["result"] == "acceptable":
            yield compare(label, got is None or got.hex() == case["shared"], True)
        else:
            yield compare(
                label, got and got.hex(), case["shared"] if expect_verdict(case) else None
            )


def _agree(secret: bytes, spki: bytes) -> bytes:
    return secp256k1.compute_shared(secret, _parse_spki(spki))


def _parse_spki(data: bytes) -> bytes:
    for size, head in _SPKI.items():
        if data[: len(head)] == head and len(data) == len(head) + size:
            return secp256k1.compress_point(data[len(head) :])
    raise DataError("not a secp256k1 key in strict DER")


def run_x25519(document: dict[str, Any]) -> Iterator[Case]:
    """Wycheproof: every shared secret, and a refusal where it would be all zeros."""
    yield from check_members("file", document, HEAD)
    known = "tcId comment flags public private shared result group"
    for label, case in list_cases(document, known):
        public, secret = bytes.fromhex(case["public"]), bytes.fromhex(case["private"])
        got = compute_or_refuse(x25519.compute_shared, secret, public)
        zero = "ZeroSharedSecret" in case["flags"] or case["result"] == "invalid"
        yield compare(label, got and got.hex(), None if zero else case["shared"])
