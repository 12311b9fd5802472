"""Addresses, WIF and extended keys."""

from __future__ import annotations

import pytest

from iop.codec.base58 import encode_base58check
from iop.errors import DataError, DecodeError, LimitError
from iop.keys import address, extended
from iop.keys.derivation import Node, compute_public_node, derive_master
from iop.keys.network import NETWORKS, find_network, parse_network

HYD, BTC = NETWORKS["HYD mainnet"], NETWORKS["BTC mainnet"]
ONE = bytes(31) + b"\x01"
G = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")


def test_known_texts_of_the_key_one() -> None:
    assert address.compute_address(BTC, G) == "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
    assert address.encode_wif(BTC, ONE) == "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"
    assert address.parse_wif(BTC, "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn") == (
        ONE,
        b"\x01",
    )


@pytest.mark.parametrize("suffix", address.WIF_SUFFIXES.values())
def test_wif_suffixes(suffix: bytes) -> None:
    assert address.parse_wif(HYD, address.encode_wif(HYD, ONE, suffix)) == (ONE, suffix)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (bytes([111]), "WIF data is too short"),
        (bytes([111]) + ONE[:-1], "WIF data is too short"),
        (bytes([112]) + ONE, "Invalid network prefix found: 70"),
        (bytes([111]) + bytes(32), "Invalid secret key"),
        (bytes([111]) + b"\xff" * 32 + b"\x01", "Invalid secret key"),
        (bytes([111]) + ONE + b"\x02", "Unknown wif suffix 02"),
        (bytes([111]) + ONE + b"\x01\x01", "Unknown wif suffix 0101"),
    ],
)
def test_wif_refusals(payload: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        address.parse_wif(HYD, encode_base58check(payload))
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0OIl", "Invalid base string"),
        ("hPEcC5MezYikWjKoTd2y7bPQb2abSD8ttu", "Incorrect checksum"),
        ("hPEcC5MezYikWjKoTd2y7bPQb2abSD8ttt ", "Invalid base string"),
        ("", "Invalid base string"),
        (encode_base58check(b"\x64" + bytes(19)), "Invalid length of address"),
        (encode_base58check(b"\x65" + bytes(20)), "Invalid network prefix found: 65"),
    ],
)
def test_address_refusals(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        address.parse_address(HYD, text)
    assert caught.value.message == message


def test_networks_of_a_text() -> None:
    ark = address.encode_address(NETWORKS["ARK mainnet"], bytes(20))
    assert [n.name for n in address.find_address_networks(ark)] == ["ARK mainnet", "ARK testnet"]
    wif = address.encode_wif(NETWORKS["ARK devnet"], ONE)
    assert [n.name for n in address.find_wif_networks(wif)] == ["ARK mainnet", "ARK devnet"]
    with pytest.raises(DecodeError, match="network prefix"):
        address.find_address_networks(encode_base58check(b"\xfe" + bytes(20)))
    with pytest.raises(DecodeError, match="length"):
        address.find_address_networks(encode_base58check(bytes(20)))
    with pytest.raises(DecodeError, match="network prefix"):
        address.find_wif_networks(encode_base58check(b"\xfe" + ONE))


def test_wrong_sizes_are_refused_when_writing() -> None:
    for call in (
        lambda: address.encode_address(HYD, bytes(19)),
        lambda: address.compute_address(HYD, bytes(32)),
        lambda: address.encode_wif(HYD, bytes(31)),
        lambda: address.encode_wif(HYD, ONE, b"\x07"),
    ):
        with pytest.raises(DataError):
            call()


def test_text_is_bounded() -> None:
    with pytest.raises(LimitError):
        address.parse_check("1" * 1000)


def test_network_names() -> None:
    assert len(NETWORKS) == 10
    assert parse_network("hyd-testnet") is parse_network("HYD testnet") is NETWORKS["HYD testnet"]
    with pytest.raises(DataError, match="Could not find network with name HYD nonet."):
        find_network("HYD nonet")


@pytest.mark.parametrize("text", ["hyd-testnet", "hyd_testnet", "HYD testnet", "Hyd-Testnet"])
def test_network_names_as_people_type_them(text: str) -> None:
    assert (
        parse_network(text) is NETWORKS["HYD testnet"] and parse_network(text).slug == "hyd-testnet"
    )


@pytest.mark.parametrize("text", ["hydtestnet", "hyd-tesnet", "HYD_TESNET"])
def test_near_network_names_are_guessed(text: str) -> None:
    with pytest.raises(DataError, match="no coin network") as caught:
        parse_network(text)
    assert str(caught.value.hint).startswith("did you mean hyd-testnet? one of ark-mainnet, ")


def test_a_network_like_no_other() -> None:
    for text in ("", "zzz", "x" * 100_000):
        with pytest.raises(DataError) as caught:
            parse_network(text)
        assert str(caught.value.hint).startswith("one of ") and len(caught.value.message) < 100


@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda network: network.name)
def test_extended_keys_of_every_network(network) -> None:
    node = derive_master(bytes(range(16)), "secp256k1")
    xprv, xpub = extended.encode_xprv(network, node), extended.encode_xpub(network, node)
    assert extended.parse_xprv(network, xprv) == node
    assert extended.parse_xpub(network, xpub) == compute_public_node(node)
    assert network in extended.find_xprv_networks(xprv) and network in extended.find_xpub_networks(
        xpub
    )
    with pytest.raises(DecodeError, match="Invalid network prefix found"):
        extended.parse_xprv(network, xpub)
    with pytest.raises(DecodeError, match="Invalid network prefix found"):
        extended.parse_xpub(network, xprv)


def _encode(version: bytes, depth: int, parent: bytes, index: int, key: bytes) -> str:
    return encode_base58check(
        version + bytes([depth]) + parent + index.to_bytes(4) + bytes(32) + key
    )


@pytest.mark.parametrize(
    ("key", "depth", "parent", "index", "message"),
    [
        (b"\x00" + ONE, 0, bytes(3) + b"\x01", 0, "depth 0"),
        (b"\x00" + ONE, 0, bytes(4), 1, "depth 0"),
        (b"\x04" + ONE, 1, bytes(4), 0, "xprv must have a private key prefixed with 0"),
        (G, 1, bytes(4), 0, "xprv must have a private key prefixed with 0"),
        (bytes(33), 1, bytes(4), 0, "Invalid secret key"),
        (b"\x00" + b"\xff" * 32, 1, bytes(4), 0, "Invalid secret key"),
        (b"\x00" + ONE[:-1], 1, bytes(4), 0, "Length of data must be 78"),
    ],
)
def test_xprv_refusals(key: bytes, depth: int, parent: bytes, index: int, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        extended.parse_xprv(HYD, _encode(HYD.xprv, depth, parent, index, key))


@pytest.mark.parametrize(
    "key", [b"\x00" + ONE, b"\x04" + G[1:], b"\x01" + G[1:], b"\x02" + bytes(31) + b"\x05"]
)
def test_xpub_refusals(key: bytes) -> None:
    with pytest.raises(DecodeError, match="Invalid public key"):
        extended.parse_xpub(HYD, _encode(HYD.xpub, 1, bytes(4), 0, key))


def test_other_curves_have_no_extended_text() -> None:
    node = Node("ed25519", ONE, bytes(32))
    for encode in (extended.encode_xprv, extended.encode_xpub):
        with pytest.raises(DataError, match="secp256k1"):
            encode(HYD, node)
