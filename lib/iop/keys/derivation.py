"""Trees of keys from one seed: SLIP-10 on four curves, which on secp256k1 is BIP32 (standards 1).

ed25519 and curve25519 have hardened children only. Where a hash gives no key (never seen on secp256k1, one in 2**32 on
nist256p1) SLIP-10 tries again with what the hash left, and BIP32 refuses the index: `retry` chooses.
"""

from __future__ import annotations

from iop.crypto import ed25519, secp256k1
from iop.crypto.hash import hash160, hmac_sha512
from iop.errors import DataError, DecodeError, LimitError
from iop.value import value

HARDENED = 1 << 31
MAX_INDEX = HARDENED - 1
MAX_DEPTH = 255
PATH_LIMIT = 4096  # characters
NIST256P1_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

SALTS = {
    "ed25519": b"ed25519 seed",
    "curve25519": b"curve25519 seed",
    "nist256p1": b"Nist256p1 seed",
    "secp256k1": b"Bitcoin seed",
}
# Curves on which every hash is a key, and children are hardened.
_PLAIN = ("ed25519", "curve25519")


@value
class Node:
    """A secret key with its chain code and its place in the tree: depth, first 4 bytes of the parent's hash, index."""

    curve: str
    secret: bytes
    chain: bytes
    depth: int = 0
    parent: bytes = bytes(4)
    index: int = 0

    def __repr__(self) -> str:
        return f"Node({self.curve}, {len(self.secret)} bytes, depth={self.depth})"

    def public(self) -> bytes:
        """The public key in 33 bytes; on the curves without compression a zero byte stands in front (SLIP-10)."""
        return _compute_public(self.curve, self.secret)


@value
class PublicNode:
    """A public key with its chain code and its place in the tree; of secp256k1, and able to derive normal children."""

    key: bytes
    chain: bytes
    depth: int = 0
    parent: bytes = bytes(4)
    index: int = 0

    def public(self) -> bytes:
        """The compressed public key, 33 bytes."""
        return self.key


def _compute_public(curve: str, secret: bytes) -> bytes:
    if curve == "ed25519":
        return b"\0" + ed25519.compute_public_key(secret)
    if curve == "secp256k1":
        return secp256k1.compute_public_key(secret)
    from cryptography.hazmat.primitives import serialization as forms

    if curve == "curve25519":
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return b"\0" + X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    from cryptography.hazmat.primitives.asymmetric import ec

    point = ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1()).public_key()
    return point.public_bytes(forms.Encoding.X962, forms.PublicFormat.CompressedPoint)


def _add(curve: str, left: bytes, secret: bytes) -> bytes | None:
    """left + secret modulo the order, None where that is no key."""
    if curve == "secp256k1":
        try:
            return secp256k1.tweak_secret(secret, left)
        except DataError:
            return None
    number = int.from_bytes(left)
    total = (number + int.from_bytes(secret)) % NIST256P1_ORDER
    return total.to_bytes(32) if number < NIST256P1_ORDER and total else None


def _is_key(curve: str, secret: bytes) -> bool:
    if curve in _PLAIN:
        return True
    if curve == "secp256k1":
        return secp256k1.is_secret(secret)
    return 0 < int.from_bytes(secret) < NIST256P1_ORDER


def check_index(index: int) -> None:
    """Nothing for 0..2**31-1, else DataError; negative ones get the original's text."""
    if index < 0:
        raise DataError("Derivation index cannot be negative")
    if index > MAX_INDEX:
        raise DataError(f"derivation index is at most {MAX_INDEX}, got {index}")


def derive_master(seed: bytes, curve: str, *, retry: bool = True) -> Node:
    """The root of the tree of a seed of 16 to 64 bytes."""
    if curve not in SALTS:
        raise DataError(f"curve is one of {', '.join(SALTS)}, got {curve!r}")
    if not 16 <= len(seed) <= 64:
        raise DataError(f"seed has 16 to 64 bytes, got {len(seed)}")
    digest = hmac_sha512(SALTS[curve], seed)
    while not _is_key(curve, digest[:32]):
        if not retry:
            raise DataError("seed gives no master key")
        digest = hmac_sha512(SALTS[curve], digest)
    return Node(curve, digest[:32], digest[32:])


def derive_child(node: Node, index: int, *, hardened: bool = False, retry: bool = True) -> Node:
    """The child with an index of 0..2**31-1. Raises DataError where the curve or the index does not admit it."""
    check_index(index)
    if node.depth == MAX_DEPTH:
        raise DataError(f"derivation goes at most {MAX_DEPTH} deep")
    public = node.public()
    if hardened:
        index += HARDENED
        data = b"\0" + node.secret
    elif node.curve in _PLAIN:
        raise DataError(f"{node.curve} has hardened children only", hint="write the index with '")
    else:
        data = public
    number = index.to_bytes(4)
    digest = hmac_sha512(node.chain, data + number)
    secret = digest[:32] if node.curve in _PLAIN else _add(node.curve, digest[:32], node.secret)
    while secret is None:
        if not retry:
            raise DataError(f"index {index} gives no key")
        digest = hmac_sha512(node.chain, b"\1" + digest[32:] + number)
        secret = _add(node.curve, digest[:32], node.secret)
    return Node(node.curve, secret, digest[32:], node.depth + 1, hash160(public)[:4], index)


def derive_path(node: Node, path: str | tuple[int, ...], *, retry: bool = True) -> Node:
    """The descendant at a path: text, or numbers with 2**31 added where hardened."""
    for number in parse_path(path) if isinstance(path, str) else path:
        node = derive_child(node, number & MAX_INDEX, hardened=number >= HARDENED, retry=retry)
    return node


def compute_public_node(node: Node) -> PublicNode:
    """What remains of a secp256k1 node without its secret."""
    if node.curve != "secp256k1":
        raise DataError(f"{node.curve} has no public derivation")
    return PublicNode(node.public(), node.chain, node.depth, node.parent, node.index)


def derive_public_child(node: PublicNode, index: int, *, retry: bool = True) -> PublicNode:
    """The normal child of a public node: the public key of the same child of the secret node."""
    check_index(index)
    if node.depth == MAX_DEPTH:
        raise DataError(f"derivation goes at most {MAX_DEPTH} deep")
    number = index.to_bytes(4)
    digest = hmac_sha512(node.chain, node.key + number)
    while True:
        try:
            key = secp256k1.tweak_public(node.key, digest[:32])
        except DataError:
            if not retry:
                raise
            digest = hmac_sha512(node.chain, b"\1" + digest[32:] + number)
        else:
            return PublicNode(key, digest[32:], node.depth + 1, hash160(node.key)[:4], index)


def compute_fingerprint(node: Node | PublicNode) -> bytes:
    """The first 4 bytes of RIPEMD160 of SHA-256 of the public key."""
    return hash160(node.public())[:4]


def parse_path(text: str) -> tuple[int, ...]:
    """The numbers of a path like `m/44'/1'/0'/0/0`, with 2**31 added where hardened (`'`, `h` or `H`)."""
    if len(text) > PATH_LIMIT:
        raise LimitError(f"path of {len(text)} characters, at most {PATH_LIMIT}")
    root, *steps = text.split("/")
    if root not in ("m", "M"):
        raise DecodeError("path starts with m")
    if len(steps) > MAX_DEPTH:
        raise LimitError(f"path of {len(steps)} steps, at most {MAX_DEPTH}")
    numbers = []
    for place, step in enumerate(steps, 1):
        digits = step[:-1] if step[-1:] in ("'", "h", "H") else step
        if (
            not (digits.isascii() and digits.isdigit() and len(digits) <= 10)
            or int(digits) > MAX_INDEX
        ):
            raise DecodeError(f"step {place} of a path is 0 to {MAX_INDEX} and ' where hardened")
        numbers.append(int(digits) + (HARDENED if digits is not step else 0))
    return tuple(numbers)


def encode_path(path: tuple[int, ...]) -> str:
    """The text of a path; hardened steps end in `'`."""
    steps = (f"{number & MAX_INDEX}'" if number >= HARDENED else str(number) for number in path)
    return "/".join(("m", *steps))
