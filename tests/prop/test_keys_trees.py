"""Keys against themselves: what is written is read back, and two ways to one key meet."""

from __future__ import annotations

from unicodedata import normalize

from hypothesis import given, settings
from hypothesis import strategies as st

from iop.keys import address, extended, mnemonic
from iop.keys.derivation import (
    MAX_INDEX,
    compute_public_node,
    derive_child,
    derive_master,
    derive_path,
    derive_public_child,
    encode_path,
    parse_path,
)
from iop.keys.multicipher import (
    KeyId,
    SecretKey,
    Signature,
    compute_key_id,
    is_valid,
    parse_key_id,
    parse_public_key,
    parse_signature,
    sign,
)
from iop.keys.network import NETWORKS

seeds = st.binary(min_size=16, max_size=64)
indexes = st.one_of(st.integers(0, MAX_INDEX), st.sampled_from([0, 1, MAX_INDEX]))
networks = st.sampled_from(list(NETWORKS.values()))
secrets = st.builds(
    SecretKey,
    st.sampled_from("es"),
    st.binary(min_size=32, max_size=32).filter(lambda b: 0 < b[0] < 255),
)


@given(seeds, st.lists(indexes, max_size=3))
def test_public_derivation_meets_secret_derivation(seed: bytes, steps: list[int]) -> None:
    node = derive_master(seed, "secp256k1")
    public = compute_public_node(node)
    for index in steps:
        node, public = derive_child(node, index), derive_public_child(public, index)
    assert compute_public_node(node) == public


@given(seeds, st.lists(st.integers(0, 2**32 - 1), max_size=4), networks)
def test_extended_keys_are_read_back(seed: bytes, path: list[int], network) -> None:
    node = derive_path(derive_master(seed, "secp256k1"), tuple(path))
    assert extended.parse_xprv(network, extended.encode_xprv(network, node)) == node
    assert extended.parse_xpub(network, extended.encode_xpub(network, node)) == compute_public_node(
        node
    )


@given(st.lists(st.integers(0, 2**32 - 1), max_size=255))
def test_paths_are_read_back(path: list[int]) -> None:
    text = encode_path(tuple(path))
    assert parse_path(text) == parse_path(text.replace("'", "h")) == tuple(path)


@given(
    st.sampled_from(mnemonic.ENTROPY_SIZES).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.sampled_from(list(mnemonic.LANGUAGES)),
)
def test_phrases_are_read_back(entropy: bytes, language: str) -> None:
    phrase = mnemonic.encode_phrase(entropy, language)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert mnemonic.parse_phrase(normalize(form, phrase), language) == entropy
    assert len(phrase.split()) in mnemonic.WORD_COUNTS


@given(st.binary(min_size=20, max_size=20), networks)
def test_addresses_are_read_back(hashed: bytes, network) -> None:
    text = address.encode_address(network, hashed)
    assert address.parse_address(network, text) == hashed
    assert network in address.find_address_networks(text)


@given(secrets, networks, st.sampled_from(list(address.WIF_SUFFIXES.values())))
def test_wif_is_read_back(secret: SecretKey, network, suffix: bytes) -> None:
    text = address.encode_wif(network, secret.data, suffix)
    assert address.parse_wif(network, text) == (secret.data, suffix)


@given(secrets, st.binary(max_size=200))
def test_keys_and_signatures(secret: SecretKey, message: bytes) -> None:
    public, signature = secret.public(), sign(secret, message)
    assert parse_public_key(str(public)) == public
    assert parse_key_id(str(compute_key_id(public))) == compute_key_id(public)
    assert parse_signature(str(signature)) == signature
    assert is_valid(public, message, signature) and is_valid(
        public, message, signature, strict=False
    )
    assert not is_valid(public, message + b"x", signature)


@given(st.binary(min_size=64, max_size=64), st.integers(0, 511))
def test_a_flipped_bit_is_no_signature(seed: bytes, bit: int) -> None:
    secret = SecretKey("e", seed[:32])
    good = sign(secret, seed).data
    bad = bytes(
        byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(good)
    )
    for strict in (True, False):
        assert not is_valid(secret.public(), seed, Signature("e", bad), strict=strict)


@given(st.sampled_from([("e", 16), ("s", 20)]), st.binary(min_size=20, max_size=20))
@settings(max_examples=50)
def test_key_ids_of_any_hash(suite: tuple[str, int], data: bytes) -> None:
    key_id = KeyId(suite[0], data[: suite[1]])
    assert parse_key_id(str(key_id)) == key_id
