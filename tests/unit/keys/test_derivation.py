from __future__ import annotations

import pytest

from iop.errors import DataError, DecodeError, LimitError
from iop.keys import account, morpheus
from iop.keys.derivation import (
    HARDENED,
    MAX_INDEX,
    Node,
    compute_fingerprint,
    compute_public_node,
    derive_child,
    derive_master,
    derive_path,
    derive_public_child,
    encode_path,
    parse_path,
)
from iop.keys.network import NETWORKS

SEED = bytes(range(16))
DEMO_SEED = bytes.fromhex(
    "e91376aee55ee3c32e9ecfad0573b579e58b85cd87444d665abef878756e6ad5e57fc1116a12630f5b72645bb5cf1489c9f4d6187ace686e3405096822eb04fa"
)


def test_slip10_ed25519_vector_1() -> None:
    node = derive_path(derive_master(SEED, "ed25519"), "m/0'/1'")
    assert node.parent.hex() == "13dab143"
    assert node.chain.hex().startswith("a320425f77d1b5c2505a6b1b27382b37")
    assert node.secret.hex().startswith("b1d0bad404bf35da785a64ca1ac54b26")
    assert node.public().hex().startswith("001932a5270f335bed617d5b935c80ae")


def test_slip10_retries_where_a_hash_is_no_key() -> None:
    root = derive_master(SEED, "nist256p1")
    node = derive_path(root, "m/28578'/33941")
    assert node.secret.hex().startswith("092154eed4af83e078ff9b84322015ae")
    with pytest.raises(DataError, match="index 33941 gives no key"):
        derive_path(root, "m/28578'/33941", retry=False)
    seed = bytes.fromhex("a7305bc8df8d0951f0cb224c0e95d7707cbdf2c6ce7e8d481fec69c7ff5e9446")
    assert (
        derive_master(seed, "nist256p1").secret.hex().startswith("3b8c18469a4634517d6d0b65448f8e6c")
    )
    with pytest.raises(DataError, match="no master key"):
        derive_master(seed, "nist256p1", retry=False)


def test_bip32_vector_3_keeps_leading_zeros() -> None:
    seed = bytes.fromhex(
        "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be"
    )
    root = derive_master(seed, "secp256k1")
    assert root.secret.hex().startswith("00ddb80b067e0d4993197fe10f2657a8")
    assert derive_path(root, "m/0'").secret.hex().startswith("491f7a2eebc7b57028e0d3faa0acda02")


@pytest.mark.parametrize("curve", ["ed25519", "curve25519"])
def test_hardened_only(curve: str) -> None:
    root = derive_master(SEED, curve)
    with pytest.raises(DataError, match="hardened children only"):
        derive_child(root, 0)
    with pytest.raises(DataError, match="no public derivation"):
        compute_public_node(root)


def test_indexes_and_depth() -> None:
    root = derive_master(SEED, "ed25519")
    with pytest.raises(DataError, match="Derivation index cannot be negative"):
        derive_child(root, -1, hardened=True)
    with pytest.raises(DataError, match="at most"):
        derive_child(root, 1 << 31, hardened=True)
    assert derive_child(root, MAX_INDEX, hardened=True).index == 2 * HARDENED - 1
    deep = Node("secp256k1", bytes([1]) * 32, bytes(32), 255)
    with pytest.raises(DataError, match="255"):
        derive_child(deep, 0)
    with pytest.raises(DataError, match="255"):
        derive_public_child(compute_public_node(deep), 0)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_seed_sizes(size: int) -> None:
    with pytest.raises(DataError, match="16 to 64 bytes"):
        derive_master(bytes(size), "ed25519")


def test_unknown_curve() -> None:
    with pytest.raises(DataError, match="curve is one of"):
        derive_master(SEED, "brainpool")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "m/",
        "m//0",
        "m/-1",
        "m/+1",
        "m/ 1",
        "m/a",
        "m/h",
        "m/0''",
        "m/2147483648",
        "m/99999999999",
        "0/1",
        "m/٣",
        "x/0",
        "mm",
    ],
)
def test_paths_that_are_none(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_path(text)


def test_paths() -> None:
    assert parse_path("m") == parse_path("M") == ()
    assert parse_path("m/44'/0h/0H/7") == (44 + HARDENED, HARDENED, HARDENED, 7)
    assert encode_path((44 + HARDENED, 2**31 - 1)) == "m/44'/2147483647"
    with pytest.raises(LimitError):
        parse_path("m" + "/0" * 256)
    with pytest.raises(LimitError):
        parse_path("m" + "/0" * 5000)


def test_fingerprint_is_the_child_s_parent() -> None:
    for curve in ("ed25519", "curve25519", "nist256p1", "secp256k1"):
        root = derive_master(SEED, curve)
        assert derive_child(root, 0, hardened=True).parent == compute_fingerprint(root)


def test_repr_shows_no_secret() -> None:
    assert repr(derive_master(SEED, "ed25519")) == "Node(ed25519, 32 bytes, depth=0)"


def test_morpheus_check_value() -> None:
    key = morpheus.derive_key(DEMO_SEED, "persona", 0)
    assert str(key.public()) == "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
    assert morpheus.derive_key(DEMO_SEED, "PERSONA", 0) == key
    assert encode_path(morpheus.compute_path("resource", 5)) == "m/128164'/3'/5'"


@pytest.mark.parametrize(
    ("seed", "kind", "index", "message"),
    [
        (DEMO_SEED[:-1], "persona", 0, "Only 512-bit seeds are supported"),
        (DEMO_SEED, "persona", -1, "Derivation index cannot be negative"),
        (DEMO_SEED, "personas", 0, "Unknown DID kind personas"),
        (DEMO_SEED, "", 0, "Unknown DID kind "),
    ],
)
def test_morpheus_refusals(seed: bytes, kind: str, index: int, message: str) -> None:
    with pytest.raises(DataError) as caught:
        morpheus.derive_key(seed, kind, index)
    assert caught.value.message == message


def test_account_refusals() -> None:
    network = NETWORKS["HYD mainnet"]
    with pytest.raises(DataError, match="Cannot use negative account index"):
        account.derive_account(DEMO_SEED, network, -1)
    with pytest.raises(DataError, match="account is at most"):
        account.derive_account(DEMO_SEED, network, 1 << 31)
    with pytest.raises(DataError, match="Only 512-bit seeds"):
        account.derive_account(bytes(32), network, 0)
    with pytest.raises(DecodeError):
        account.compute_ark_key("\ud800")
