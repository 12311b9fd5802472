"""The kernels alone: trees against bare SHA-256, base58 against another package, batches of signatures against one thread of the library."""

from __future__ import annotations

import hashlib

import base58 as package
from tests.bench.harness import Row, rate_ratio

from iop.codec import kernel
from iop.codec.base58 import encode_base58, parse_base58
from iop.crypto import batch, ed25519, secp256k1
from iop.crypto.sparse_tree import BITS, EMPTY, Tree

LEAVES = 200_000
BATCH = 100
BLOCK = 64  # bytes; a node's hash takes two


def hash32(number: int) -> bytes:
    """A key."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def count_hashes(tree: Tree, keys: list[bytes]) -> int:
    """How many nodes and leaves change with the keys, which the tree holds."""
    nodes = {
        (depth, int.from_bytes(key, "big") >> (BITS - depth))
        for key in keys
        for depth in range(len(tree.prove(key).siblings))
    }
    return len(nodes) + len(keys)


def trees() -> list[Row]:
    """Updates of a large tree."""
    tree = EMPTY.update({hash32(n): hash32(n + LEAVES) for n in range(LEAVES)})
    batches = [
        {hash32(n * BATCH + i): hash32(n) for i in range(BATCH)} for n in range(LEAVES // BATCH)
    ]
    hashes = [count_hashes(tree, list(changes)) for changes in batches[:50]]
    needed = sum(hashes) // len(hashes)
    bulk = bytes(needed * 2 * BLOCK)
    place = 0

    def update() -> int:
        nonlocal place
        place = (place + 1) % len(batches)
        tree.update(batches[place])
        return BATCH

    def limit() -> int:
        hashlib.sha256(bulk).digest()
        return BATCH

    what = f"tree of {LEAVES:,}, {BATCH} keys at once"
    return [make_row(what, "keys", "SHA-256 of as many nodes", rate_ratio(update, limit), 0.25)]


def texts() -> list[Row]:
    """Base58 of signatures."""
    data = [hash32(n) + hash32(n + 1) for n in range(100)]
    encoded = [encode_base58(item) for item in data]

    def encode() -> int:
        for item in data:
            encode_base58(item)
        return 100

    def parse() -> int:
        for text in encoded:
            parse_base58(text)
        return 100

    def package_encode() -> int:
        for item in data:
            package.b58encode(item)
        return 100

    def package_parse() -> int:
        for text in encoded:
            package.b58decode(text)
        return 100

    return [
        make_row(
            "base58 of 64 bytes", "", "base58 package", rate_ratio(encode, package_encode), 20
        ),
        make_row("64 bytes of base58", "", "base58 package", rate_ratio(parse, package_parse), 20),
    ]


def signatures() -> list[Row]:
    """A block's signatures on two threads against a loop over the library on one."""
    sodium_ffi, sodium = ed25519._library()
    ffi, lib, context = secp256k1._library()
    messages = [hash32(n) * 10 for n in range(200)]
    secrets = [hash32(n % 20) for n in range(200)]
    eds = [
        (batch.ED25519_DALEK, ed25519.compute_public_key(s), m, ed25519.sign(s, m))
        for s, m in zip(secrets, messages, strict=True)
    ]
    seals = [
        (
            batch.ECDSA_DER,
            secp256k1.compute_public_key(s),
            m[:32],
            secp256k1.encode_der(secp256k1.sign_ecdsa(s, m[:32])),
        )
        for s, m in zip(secrets, messages, strict=True)
    ]
    sealed = [(made + message, len(made + message), public) for _, public, message, made in eds]
    parsed = []
    for _, public, digest, der in seals:
        signature = ffi.new("secp256k1_ecdsa_signature *")
        lib.secp256k1_ecdsa_signature_parse_compact(context, signature, secp256k1.parse_der(der))
        parsed.append((signature, digest, secp256k1._parse_point(public)))

    def many(items: list[batch.Item]) -> int:
        assert all(batch.verify_many(items, 2))
        return len(items)

    def raw_ed25519() -> int:
        for signed, size, public in sealed:
            assert (
                sodium.crypto_sign_open(sodium_ffi.NULL, sodium_ffi.NULL, signed, size, public) == 0
            )
        return len(sealed)

    def raw_ecdsa() -> int:
        for signature, digest, point in parsed:
            assert lib.secp256k1_ecdsa_verify(context, signature, digest, point)
        return len(parsed)

    limit = "one thread of"
    return [
        make_row("ed25519, 2 threads", "", f"{limit} libsodium", rate_ratio(lambda: many(eds), raw_ed25519), 1.7),
        make_row("ECDSA in DER, 2 threads", "", f"{limit} libsecp256k1", rate_ratio(lambda: many(seals), raw_ecdsa), 1.5),
    ]  # fmt: skip


def make_row(
    what: str, unit: str, against: str, found: tuple[float, float, float], goal: float
) -> Row:
    """One line; the goal is the least ratio."""
    ratio, mine, other = found
    ours = f"{mine:,.0f} {unit}".rstrip() + "/s"
    return Row(
        "kernel", what, ours, f"{against} {other:,.0f}/s", ratio, f">= {goal}", ratio >= goal
    )


def kernels() -> list[Row]:
    """Nothing where they were not built."""
    if kernel.active is None or kernel.find_crypto() is None:
        return []
    return trees() + texts() + signatures()
