from __future__ import annotations

import pytest

from iop.errors import DataError, IopError, MissingError, UsageError
from iop.keys import vault as vaults
from iop.keys.account import derive_coin_key
from iop.keys.address import compute_address
from iop.keys.derivation import parse_path
from iop.keys.morpheus import derive_key
from iop.keys.multicipher import SecretKey, compute_key_id
from iop.keys.network import NETWORKS
from iop.keys.secret import Secret
from iop.keys.selector import (
    AddressSelector,
    AuthSelector,
    CoinSelector,
    MorpheusSelector,
    PathSelector,
    parse_selector,
    select_key,
    select_vault_key,
)

SEED = bytes(range(64))
TREE = Secret("seed", SEED)
HYD = NETWORKS["HYD testnet"]
IOP = NETWORKS["IOP mainnet"]


def pick(text: str) -> SecretKey:
    return select_key(TREE, parse_selector(text))


def test_identities() -> None:
    assert parse_selector("") is None
    assert parse_selector("device") == MorpheusSelector("device", 0)
    assert parse_selector("Persona/12") == MorpheusSelector("persona", 12)
    assert pick("") == pick("persona/0") == derive_key(SEED, "persona", 0)
    assert pick("resource/3") == derive_key(SEED, "resource", 3)
    assert pick("m/128164'/3'/3'") == pick("e:m/128164h/3h/3h") == pick("resource/3")


def test_coins() -> None:
    assert parse_selector("hyd-testnet") == CoinSelector(HYD, 0, 0, 0)
    assert parse_selector("HYD testnet/2") == CoinSelector(HYD, 2, 0, 0)
    assert parse_selector("hyd-testnet/2/7") == CoinSelector(HYD, 2, 0, 7)
    assert parse_selector("hyd-testnet/2/1/7") == CoinSelector(HYD, 2, 1, 7)
    assert pick("hyd-testnet/2/7") == derive_coin_key(SEED, HYD, 2, 7) == pick("m/44'/1'/2'/0/7")


def test_paths() -> None:
    assert parse_selector("s:m/1") == PathSelector("s", (1,))
    assert parse_selector("e:m/44'") == PathSelector("e", parse_path("m/44'"))
    assert parse_selector("m/44'") == PathSelector("s", parse_path("m/44'"))
    assert parse_selector("m/0'") == PathSelector("e", parse_path("m/0'"))
    with pytest.raises(DataError, match="hardened"):
        pick("m/0")


def test_search_by_key_id_did_and_address() -> None:
    key = derive_key(SEED, "device", 5)
    key_id = str(compute_key_id(key.public()))
    for text in (
        str(key.public()),
        key_id,
        f"did:morpheus:{key_id[1:]}",
        f"did:morpheus:{key_id[1:]}#2",
    ):
        assert pick(text) == key
    coin = derive_coin_key(SEED, IOP, 0, 19)
    address = compute_address(IOP, coin.public().data)
    for text in (str(coin.public()), str(compute_key_id(coin.public())), address):
        assert pick(text) == coin
    assert isinstance(parse_selector(address), AddressSelector) and address.startswith("p")
    assert isinstance(parse_selector(key_id), AuthSelector)
    for beyond in (
        derive_key(SEED, "device", 20).public(),
        derive_coin_key(SEED, IOP, 0, 20).public(),
    ):
        with pytest.raises(MissingError):
            pick(str(beyond))
    with pytest.raises(MissingError):
        pick(compute_address(IOP, derive_coin_key(SEED, IOP, 0, 20).public().data))


@pytest.mark.parametrize(
    "text",
    ["persona/", "persona/-1", "persona/1/2", "persona/2147483648", "persona/x", "hyd-testnet/1/2/3/4", "hyd-testnet/",
     "hyd-nonet", "m/", "x:m/0", "foo", "pez", "iez", "did:morpheus:", "did:key:z6Mk", "/", "#", "x" * 2000, "1"],
)  # fmt: skip
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(DataError):
        parse_selector(text)


@pytest.mark.parametrize(
    ("text", "guess"),
    [("perona/0", "persona"), ("perona", "persona"), ("devices/1", "device"), ("hydtestnet/0/0", "hyd-testnet")],
)  # fmt: skip
def test_mistyped_kinds_are_guessed(text: str, guess: str) -> None:
    with pytest.raises(DataError, match="no key kind") as caught:
        parse_selector(text)
    assert str(caught.value.hint).startswith(f"did you mean {guess}? persona, device, ")


def test_single_keys() -> None:
    single = Secret("secp256k1", bytes(range(1, 33)))
    key = single.key()
    address = compute_address(HYD, key.public().data)
    for text in ("", str(key.public()), str(compute_key_id(key.public())), address):
        assert select_key(single, parse_selector(text)) == key
    with pytest.raises(MissingError):
        select_key(single, parse_selector(str(TREE.public())))
    with pytest.raises(MissingError):
        select_key(Secret("ed25519", bytes(32)), parse_selector(address))
    for text in ("persona/0", "hyd-testnet", "m/0'"):
        with pytest.raises(UsageError, match="single key"):
            select_key(single, parse_selector(text))


def test_vaults_give_keys_in_use() -> None:
    vault = vaults.seal_vault(SEED, "pw", bytes(24))
    with pytest.raises(MissingError, match="Could not find Morpheus plugin"):
        select_vault_key(vault, SEED, None)
    vault = vaults.add_hydra(vaults.add_morpheus(vault, SEED), SEED, "IOP mainnet", 2)
    persona = derive_key(SEED, "persona", 0)
    coin = derive_coin_key(SEED, IOP, 2, 0)
    address = compute_address(IOP, coin.public().data)

    def choose(text: str) -> SecretKey:
        return select_vault_key(vault, SEED, parse_selector(text))

    assert choose("") == choose("persona/0") == choose(str(persona.public())) == persona
    assert (
        choose("iop-mainnet/2")
        == choose(address)
        == choose(str(compute_key_id(coin.public())))
        == coin
    )
    assert choose("m/44'/66'/2'/0/9") == derive_coin_key(SEED, IOP, 2, 9)
    assert choose("iop-mainnet/2/1/3") == derive_coin_key(SEED, IOP, 2, 3, chain=1)
    for text in ("persona/1", "device/0", "iop-mainnet/0", "iop-mainnet/2/1", str(derive_key(SEED, "persona", 1).public()),
                 compute_address(IOP, derive_coin_key(SEED, IOP, 2, 1).public().data),
                 str(derive_coin_key(SEED, IOP, 2, 1).public())):  # fmt: skip
        with pytest.raises(IopError, match="Could not find|Only existing keys"):
            choose(text)
