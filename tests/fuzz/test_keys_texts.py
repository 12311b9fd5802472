"""Hostile texts and files about keys: each is read, or refused as data, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.errors import AccessError, DataError, MissingError
from iop.io.key_text import describe_text
from iop.keys import address, encryption, extended, mnemonic, multicipher, phrase24, secret
from iop.keys.derivation import parse_path
from iop.keys.keyfile import (
    COSTS,
    encode_keyfile,
    make_open_keyfile,
    open_keyfile,
    parse_keyfile,
    seal_keyfile,
)
from iop.keys.morpheus import parse_kind
from iop.keys.network import NETWORKS, parse_network
from iop.keys.selector import parse_selector
from iop.keys.vault import find_address, find_key, unlock
from iop.keys.vault_record import MorpheusPlugin, Vault, from_record, to_record

HYD = NETWORKS["HYD mainnet"]
STARTS = (
    "pez",
    "psz",
    "iez",
    "isz",
    "sez",
    "ssz",
    "pef",
    "isu",
    "m/",
    "persona/",
    "hyd-testnet/",
    "did:morpheus:ez",
    "z6Mk",
    "u",
    "",
)
PARSERS: list[Callable[[str], object]] = [
    multicipher.parse_public_key,
    multicipher.parse_key_id,
    multicipher.parse_signature,
    multicipher.parse_auth,
    mnemonic.parse_phrase,
    mnemonic.compute_seed,
    lambda text: mnemonic.parse_phrase(text, "en"),
    phrase24.check_phrase,
    phrase24.parse_phrase,
    lambda text: phrase24.parse_phrase(text, short=True),
    parse_path,
    parse_kind,
    parse_network,
    parse_selector,
    lambda text: address.parse_address(HYD, text),
    lambda text: address.parse_wif(HYD, text),
    address.find_address_networks,
    lambda text: extended.parse_xprv(HYD, text),
    lambda text: extended.parse_xpub(HYD, text),
    lambda text: describe_text(text, secret=True),
    lambda text: secret.import_phrase(text, None, text),
]
texts = st.one_of(
    st.text(max_size=200),
    st.tuples(
        st.sampled_from(STARTS),
        st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz/-'0lO é", max_size=120),
    ).map("".join),
    st.lists(st.sampled_from(["abandon", "about", "zoo", "的", "あいこくしん"]), max_size=30).map(
        " ".join
    ),
)


@pytest.mark.parametrize("parser", PARSERS)
@given(text=texts)
def test_texts(parser: Callable[[str], object], text: str) -> None:
    try:
        parser(text)
    except DataError:
        return


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000,
        "pez" + "z" * 1_000_000,
        "m" + "/0" * 500_000,
        "abandon " * 200_000,
        "persona/" + "9" * 100_000,
    ],
)
def test_long_texts_take_no_time(parser: Callable[[str], object], text: str) -> None:
    try:
        parser(text)
    except DataError:
        return
    raise AssertionError("a megabyte of key text was taken")


@given(st.binary(max_size=300))
def test_key_files_of_any_bytes(data: bytes) -> None:
    try:
        parse_keyfile(data)
    except DataError:
        return


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
SEALED = json.loads(
    encode_keyfile(
        seal_keyfile(
            secret.Secret("seed", bytes(64)),
            b"pw",
            salt=bytes(16),
            nonce=bytes(24),
            created=0,
            cost=COSTS["fast"],
        )
    )
)
OPEN = json.loads(
    encode_keyfile(make_open_keyfile(secret.Secret("phrase", bytes(16), "en"), created=0))
)


@given(st.sampled_from([SEALED, OPEN]), st.sampled_from(sorted(SEALED)), json_values)
def test_key_files_with_one_member_changed(record: dict, member: str, content: object) -> None:
    try:
        file = parse_keyfile(json.dumps(record | {member: content}).encode())
        if file.encryption is None or file.encryption.cost.kib <= 256:
            open_keyfile(file, b"pw")
    except (DataError, AccessError):
        return


@given(
    st.dictionaries(
        st.sampled_from(["cipher", "kdf", "passes", "kib", "lanes", "salt", "nonce"]), json_values
    )
)
def test_costs_of_any_kind(changes: dict) -> None:
    try:
        parse_keyfile(json.dumps(SEALED | {"encryption": SEALED["encryption"] | changes}).encode())
    except DataError:
        return


plugins = st.fixed_dictionaries(
    {},
    optional={
        "pluginName": st.one_of(st.sampled_from(["Morpheus", "Hydra"]), json_values),
        "parameters": st.one_of(
            st.just({}),
            st.fixed_dictionaries(
                {"network": st.one_of(st.just("HYD testnet"), json_values), "account": json_values}
            ),
            json_values,
        ),
        "publicState": st.one_of(
            st.just({}),
            st.fixed_dictionaries(
                {"xpub": json_values, "receiveKeys": json_values, "changeKeys": json_values}
            ),
            st.fixed_dictionaries({"personas": json_values}),
            json_values,
        ),
    },
)


@given(
    st.one_of(
        json_values,
        st.fixed_dictionaries(
            {"encryptedSeed": st.text(max_size=20), "plugins": st.lists(plugins, max_size=3)}
        ),
    )
)
def test_vaults_of_any_shape(record: object) -> None:
    key_id = multicipher.parse_key_id("iezqztJ6XX6GDxdSgdiySiT3J")
    try:
        vault = from_record(record)
    except DataError:
        return
    assert from_record(to_record(vault)) == vault
    for plugin in vault.plugins:
        try:
            if isinstance(plugin, MorpheusPlugin):
                find_key(plugin, key_id)
            elif plugin.receive_keys < 50:
                find_address(plugin, "x")
        except (DataError, MissingError):
            continue


@given(st.binary(max_size=100), st.text(max_size=5))
def test_ciphers_of_any_bytes(data: bytes, password: str) -> None:
    try:
        encryption.decrypt(password, data[:40])
    except (DataError, AccessError):
        return


@given(st.text(max_size=30))
def test_seeds_of_any_text(text: str) -> None:
    try:
        unlock(Vault(text), "x")
    except (DataError, AccessError):
        return
