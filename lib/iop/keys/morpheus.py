"""Keys of Morpheus identities: `m / 128164' / kind' / index'` on ed25519 (morpheus 3)."""

from __future__ import annotations

from iop.errors import DataError
from iop.keys.derivation import (
    HARDENED,
    Node,
    check_index,
    derive_child,
    derive_master,
    derive_path,
)
from iop.keys.multicipher import ED25519, SecretKey

PURPOSE = 0x1F4A4
KINDS = ("persona", "device", "group", "resource")
SEED_SIZE = 64  # bytes


def check_seed(seed: bytes) -> None:
    """Nothing for 64 bytes, else DataError with the original's text."""
    if len(seed) != SEED_SIZE:
        raise DataError("Only 512-bit seeds are supported")


def parse_kind(text: str) -> str:
    """One of KINDS, whatever the case of its letters."""
    kind = text.lower()
    if kind not in KINDS:
        raise DataError(f"Unknown DID kind {text}")
    return kind


def compute_path(kind: str | None = None, index: int | None = None) -> tuple[int, ...]:
    """The path of the root, of a kind, or of one key."""
    path = [PURPOSE + HARDENED]
    if kind is not None:
        path.append(KINDS.index(parse_kind(kind)) + HARDENED)
    if index is not None:
        check_index(index)
        path.append(index + HARDENED)
    return tuple(path)


def derive_kind(seed: bytes, kind: str) -> Node:
    """The node of which all keys of a kind are children."""
    check_seed(seed)
    return derive_path(derive_master(seed, "ed25519"), compute_path(kind))


def derive_kind_key(node: Node, index: int) -> SecretKey:
    """Key `index` of a kind, given the kind's node."""
    return SecretKey(ED25519, derive_child(node, index, hardened=True).secret)


def derive_key(seed: bytes, kind: str, index: int) -> SecretKey:
    """Key `index` (0..2**31-1) of a kind, from the 64-byte seed."""
    check_index(index)
    return derive_kind_key(derive_kind(seed, kind), index)
