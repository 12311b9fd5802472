"""Key files and vaults: any secret comes back, and a vault does what a plain list of keys would."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from iop.codec.json import parse_json
from iop.io.keystore import encode_vault
from iop.keys import vault as vaults
from iop.keys.keyfile import COSTS, encode_keyfile, open_keyfile, parse_keyfile, seal_keyfile
from iop.keys.mnemonic import LANGUAGES
from iop.keys.morpheus import KINDS, derive_key
from iop.keys.secret import Secret, decode_secret, encode_secret
from iop.keys.selector import parse_selector, select_vault_key
from iop.keys.vault_record import Vault, from_record
from iop.value import replace

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
phrases = st.builds(
    Secret,
    st.just("phrase"),
    st.sampled_from((16, 20, 24, 28, 32)).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.sampled_from(list(LANGUAGES)),
    texts,
)
secrets = st.one_of(
    phrases,
    st.builds(Secret, st.just("seed"), st.binary(min_size=64, max_size=64)),
    st.builds(Secret, st.just("ed25519"), st.binary(min_size=32, max_size=32)),
)
labels = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(str.isprintable)


@given(secrets)
def test_sealed_bytes_are_read_back(secret: Secret) -> None:
    assert decode_secret(secret.kind, encode_secret(secret), secret.language) == secret


@given(
    secrets,
    st.binary(min_size=1, max_size=30),
    st.binary(min_size=40, max_size=40),
    labels,
    st.integers(0, 2**53 - 1),
)
@settings(max_examples=30)
def test_key_files_are_opened_again(
    secret: Secret, passphrase: bytes, random: bytes, label: str, created: int
) -> None:
    file = seal_keyfile(
        secret,
        passphrase,
        salt=random[:16],
        nonce=random[16:],
        created=created,
        label=label,
        cost=COSTS["fast"],
    )
    again = parse_keyfile(encode_keyfile(file))
    assert again == file and open_keyfile(again, passphrase) == secret


SEED = bytes(range(64))
acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 4)),
        st.tuples(st.just("coin"), st.integers(0, 4)),
        st.just(("save", 0)),
    ),
    max_size=12,
)


@given(acts)
@settings(max_examples=40)
def test_a_vault_against_a_plain_model(steps: list[tuple[str, int]]) -> None:
    vault = vaults.add_hydra(vaults.add_morpheus(Vault("u"), SEED), SEED, "HYD devnet", 0)
    lists = dict.fromkeys(KINDS, 0) | {"persona": 1, "coin": 1}
    dirty = True
    for what, index in steps:
        if what == "save":
            vault = replace(vault, dirty=False)
            assert from_record(parse_json(encode_vault(vault))) == vault
            dirty = False
            continue
        dirty |= index >= lists[what]
        lists[what] = max(lists[what], index + 1)
        if what == "coin":
            vault = vaults.touch_address(vault, vaults.find_hydra(vault, "HYD devnet", 0), index)
            continue
        vault, secret = vaults.touch_key(vault, SEED, what, index)
        assert secret == derive_key(SEED, what, index)
        assert select_vault_key(vault, SEED, parse_selector(f"{what}/{index}")) == secret
    plugin = vaults.find_morpheus(vault)
    for kind in KINDS:
        assert plugin.keys_of(kind) == tuple(
            str(derive_key(SEED, kind, index).public()) for index in range(lists[kind])
        )
    assert vaults.find_hydra(vault, "HYD devnet", 0).receive_keys == lists["coin"]
    assert vault.dirty is dirty
