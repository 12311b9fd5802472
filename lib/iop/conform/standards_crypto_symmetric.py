"""Runners for the public standards' files about ciphers, authentication codes and key derivation (all Wycheproof's)."""

from __future__ import annotations

from iop.conform.case import Case, check_members, compare
from iop.conform.standards_crypto import HEAD, compute_or_refuse, expect_verdict, list_cases
from iop.crypto import aead, kdf
from iop.crypto.hash import hmac_sha512
from iop.errors import DataError, VerifyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Cipher = Callable[[bytes, bytes, bytes, bytes], bytes]


def run_xchacha(document: dict[str, Any]) -> Iterator[Case]:
    """XChaCha20-Poly1305."""
    yield from _run_aead(document, aead.seal_xchacha, aead.open_xchacha)


def run_chacha(document: dict[str, Any]) -> Iterator[Case]:
    """ChaCha20-Poly1305 of RFC 8439."""
    yield from _run_aead(document, aead.seal_chacha, aead.open_chacha)


def run_aes_gcm(document: dict[str, Any]) -> Iterator[Case]:
    """AES-256-GCM with 96-bit nonces."""
    yield from _run_aead(document, aead.seal_aes_gcm, aead.open_aes_gcm)


def _run_aead(document: dict[str, Any], seal: Cipher, unseal: Cipher) -> Iterator[Case]:
    yield from check_members("file", document, HEAD)
    known = "tcId comment flags key iv aad msg ct tag result group"
    for label, case in list_cases(document, known):
        key, nonce, ad, plain = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg"))
        sealed = bytes.fromhex(case["ct"] + case["tag"])
        try:
            opened = compute_or_refuse(unseal, key, nonce, sealed, ad)
        except VerifyError:
            opened = None
        made = compute_or_refuse(seal, key, nonce, plain, ad)
        if expect_verdict(case):
            yield compare(f"{label} open", opened, plain)
            yield compare(f"{label} seal", made, sealed)
        else:
            yield compare(f"{label} open", opened, None)
            yield compare(f"{label} seal", made == sealed, False)


def run_hkdf_sha256(document: dict[str, Any]) -> Iterator[Case]:
    """HKDF with SHA-256."""
    yield from _run_hkdf(document, "sha256")


def run_hkdf_sha512(document: dict[str, Any]) -> Iterator[Case]:
    """HKDF with SHA-512."""
    yield from _run_hkdf(document, "sha512")


def _run_hkdf(document: dict[str, Any], name: str) -> Iterator[Case]:
    yield from check_members("file", document, HEAD)
    known = "tcId comment flags ikm salt info size okm result group"
    for label, case in list_cases(document, known):
        secret, salt, info = (bytes.fromhex(case[part]) for part in ("ikm", "salt", "info"))
        got = compute_or_refuse(kdf.compute_hkdf, name, secret, salt, info, case["size"])
        yield compare(label, got and got.hex(), case["okm"] if expect_verdict(case) else None)


def run_hmac_sha512(document: dict[str, Any]) -> Iterator[Case]:
    """HMAC-SHA-512, whole and truncated."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, "tcId comment flags key msg tag result group"):
        size = case["group"]["tagSize"] // 8
        tag = hmac_sha512(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]))[:size]
        yield compare(label, tag.hex() == case["tag"], expect_verdict(case))


def run_pbkdf2_sha512(document: dict[str, Any]) -> Iterator[Case]:
    """PBKDF2 with HMAC-SHA-512."""
    yield from check_members("file", document, HEAD)
    known = "tcId comment flags password salt iterationCount dkLen dk result group"
    for label, case in list_cases(document, known):
        if not expect_verdict(case):
            raise DataError(f"{label}: a derivation that is not valid has no meaning known here")
        got = kdf.compute_pbkdf2_sha512(
            bytes.fromhex(case["password"]),
            bytes.fromhex(case["salt"]),
            case["iterationCount"],
            case["dkLen"],
        )
        yield compare(label, got.hex(), case["dk"])
