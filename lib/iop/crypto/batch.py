"""Many signatures at once: those of a block or of a pool, checked outside the interpreter on as many threads as asked for.

The verdicts are those of the single checks: rules differ as libraries and ledgers do. With the kernel the checks call libsodium and
libsecp256k1 in C, without it they run one after the other here.
"""

from __future__ import annotations

from iop.codec import kernel
from iop.crypto import ed25519, secp256k1

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType
    from typing import Any

    Item = tuple[str, bytes, bytes, bytes]  # rule, public key, message or digest, signature

ED25519 = "ed25519"  # ed25519.is_valid
ED25519_DALEK = "ed25519-dalek"  # ed25519.is_valid_dalek
ECDSA = "ecdsa"  # secp256k1.is_valid_ecdsa, over a digest
ECDSA_DER = "ecdsa-der"  # secp256k1.is_valid_der, over a digest
SCHNORR_ARK = "schnorr-ark"  # secp256k1.is_valid_schnorr_ark, over a digest

_REFERENCES: dict[str, Callable[[bytes, bytes, bytes], bool]] = {
    ED25519: ed25519.is_valid,
    ED25519_DALEK: ed25519.is_valid_dalek,
    ECDSA: secp256k1.is_valid_ecdsa,
    ECDSA_DER: secp256k1.is_valid_der,
    SCHNORR_ARK: secp256k1.is_valid_schnorr_ark,
}

_bound: set[str] = set()


def verify_many(items: Iterable[Item], threads: int = 1) -> list[bool]:
    """A verdict for each item `(rule, public key, message, signature)`, in order; wrong lengths are False.

    `threads` from 1 to 64 share the work; it is their sum that counts, so more than there are cores gain nothing.
    """
    asked = list(items)
    compiled = kernel.find_crypto()
    if compiled is None:
        return [_REFERENCES[rule](public, message, sign) for rule, public, message, sign in asked]
    plain = [(ED25519, *item[1:]) if item[0] == ED25519_DALEK else item for item in asked]
    _bind(compiled, {item[0] for item in plain})
    verdicts: list[bool | None] = compiled.verify_many(plain, max(1, threads))
    for at, verdict in enumerate(verdicts):
        rule, public, message, signature = asked[at]
        if verdict is None:
            verdicts[at] = _REFERENCES[rule](public, message, signature)
        elif rule == ED25519_DALEK and not verdict:
            verdicts[at] = ed25519.is_valid_dalek_only(public, message, signature)
    return [verdict is True for verdict in verdicts]


def _bind(compiled: ModuleType, rules: set[str]) -> None:
    """Hand over the addresses of the functions, once for each library; only those that are needed are loaded."""
    if ED25519 in rules and "sodium" not in _bound:
        from nacl._sodium import ffi, lib

        compiled.bind_sodium({"crypto_sign_open": _address(ffi, lib, "crypto_sign_open")})
        _bound.add("sodium")
    if rules - {ED25519} and "secp256k1" not in _bound:
        from coincurve._libsecp256k1 import ffi, lib
        from coincurve.context import GLOBAL_CONTEXT

        names = [
            "ec_pubkey_parse",
            "ec_pubkey_serialize",
            "ec_pubkey_tweak_add",
            "ec_pubkey_tweak_mul",
            "ec_seckey_negate",
            "ecdsa_signature_normalize",
            "ecdsa_signature_parse_compact",
            "ecdsa_verify",
        ]
        found = {name: _address(ffi, lib, "secp256k1_" + name) for name in names}
        compiled.bind_secp256k1(found | {"context": int(ffi.cast("uintptr_t", GLOBAL_CONTEXT.ctx))})
        _bound.add("secp256k1")


def _address(ffi: Any, lib: Any, name: str) -> int:
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, name)))
