from __future__ import annotations

import os
import subprocess
import sys

import pytest

from iop.errors import (
    AccessError,
    BusyError,
    CreateError,
    DataError,
    IopError,
    MissingError,
    SchemaError,
    UsageError,
)
from iop.io import key_listing, key_show, keyring, keystore, vault_file, vault_key
from iop.io.paths import data_dir
from iop.io.secret import Source
from iop.keys import vault as vaults
from iop.keys.account import derive_coin_key
from iop.keys.address import compute_address
from iop.keys.keyfile import KeyFile
from iop.keys.morpheus import derive_key
from iop.keys.network import NETWORKS
from iop.keys.secret import Secret
from iop.keys.selector import MorpheusSelector
from iop.keys.vault_record import Vault

SEED = bytes(range(64))
TREE = Secret("seed", SEED)
NOBODY = Source(ask=False)


def given(text: bytes) -> Source:
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    return Source(fd=reading)


def zeros(size: int) -> bytes:
    return bytes(size)


@pytest.fixture
def here(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    os.umask(0o077)
    sealed = keystore.seal_secret(TREE, given(b"pw"), zeros, created=1, label="l", cost="fast")
    keystore.write_holder("sealed", sealed)
    keystore.write_holder("open#1", keystore.seal_secret(TREE, None, zeros, created=1))
    vault = vault_file.make_vault(SEED, given(b"pw"), zeros, coins=["hyd-testnet/1"])
    keystore.write_holder(keyring.compute_named_path("vault", "both"), vault)
    keystore.write_holder(
        keyring.compute_named_path("key", "both"),
        keystore.seal_secret(TREE, None, zeros, created=1),
    )
    return str(tmp_path)


def test_signers(here: str) -> None:
    persona, device = derive_key(SEED, "persona", 0), derive_key(SEED, "device", 3)
    assert keyring.open_signer("sealed", given(b"pw")) == persona
    assert keyring.open_signer("sealed#device/3", given(b"pw")) == device
    assert keyring.open_signer("open#1", NOBODY) == persona
    assert keyring.open_signer("open#1#device/3", NOBODY) == device
    assert keyring.open_signer("both", NOBODY) == persona
    path = keyring.compute_named_path("vault", "both")
    assert keyring.open_signer(path, given(b"pw")) == persona
    assert keyring.open_signer(f"{path}#hyd-testnet/1", given(b"pw"), suite="s").suite == "s"


def test_refusals(here: str) -> None:
    with pytest.raises(AccessError):
        keyring.open_signer("sealed", given(b"wrong"))
    with pytest.raises(AccessError):
        keyring.open_signer("sealed", NOBODY)
    with pytest.raises(UsageError, match="secp256k1"):
        keyring.open_signer("open#1", NOBODY, suite="s")
    for name in ("nothing", "nothing#persona/0", "#persona/0", "", "none/such"):
        with pytest.raises(MissingError):
            keyring.open_signer(name, NOBODY)
    with pytest.raises(DataError):
        keyring.open_signer("open#1#personas/0", NOBODY)
    os.chmod("sealed", 0o644)
    with pytest.raises(AccessError, match="open to others"):
        keyring.open_signer("sealed", given(b"pw"))


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"type":"iop.keyfile/2"}', b'{"plugins":[]}', b'{"a":1,"a":2}', b"\xff"],
)
def test_files_that_are_neither(here: str, data: bytes) -> None:
    with open("file", "wb") as file:
        file.write(data)
    with pytest.raises(DataError) as caught:
        keyring.open_signer("file", NOBODY)
    assert caught.value.detail["file"] == "file"


def test_names(here: str) -> None:
    assert keyring.list_names("key") == keyring.list_names("vault") == ["both"]
    assert keyring.split_key("both")[0] == keyring.compute_named_path("key", "both")
    assert keyring.split_key("both", "vault")[0] == keyring.compute_named_path("vault", "both")
    for name in ("", "a/b", ".hidden", "a#b"):
        with pytest.raises(UsageError):
            keyring.compute_named_path("key", name)
    assert os.stat(os.path.join(data_dir(), "keys")).st_mode & 0o777 == 0o700
    with pytest.raises(CreateError):
        keystore.write_holder("sealed", keyring.read_holder("sealed"))


def test_no_names_without_a_data_directory() -> None:
    assert keyring.list_names("key") == []


def test_the_clear_part_takes_no_passphrase(here: str) -> None:
    (record,) = key_show.show_keys("sealed", NOBODY)
    assert record["label"] == "l" and record["encrypted"] is True
    assert record["publicKey"] == str(derive_key(SEED, "persona", 0).public())
    records = list(key_listing.list_holders(["key", "vault"], refuse))
    assert [(record["holder"], record["name"]) for record in records] == [
        ("key", "both"),
        ("vault", "both"),
    ]
    path = keyring.compute_named_path("vault", "both")
    assert list(key_listing.list_words(["key", "vault"])) == ["both", path]
    assert list(key_listing.list_words(["vault"])) == ["both"]
    vault = keyring.read_holder(keyring.compute_named_path("vault", "both"))
    assert isinstance(vault, Vault)
    listed = list(key_show.list_vault_keys(vault))
    assert [record["selector"] for record in listed] == ["persona/0", "hyd-testnet/1/0"]


def refuse(error: IopError) -> None:
    raise error


def test_bad_files_do_not_hide_the_others(here: str) -> None:
    for name in ("a", "broken"):
        with open(keyring.compute_named_path("key", name), "wb") as file:
            file.write(b"{}")
    os.chmod(keyring.compute_named_path("key", "a"), 0o644)
    told: list[IopError] = []
    found = list(key_listing.list_holders(["key"], told.append))
    assert [record["type"] for record in found] == ["iop.error/1", "iop.key/1", "iop.error/1"]
    assert [record["name"] for record in found] == ["a", "both", "broken"]
    assert [error.exit for error in told] == [77, 65] and "chmod" in str(told[0].hint)


def test_showing_keys_in_a_row(here: str) -> None:
    found = list(key_show.show_keys("open#1#device/1", NOBODY, count=3))
    assert [record["path"] for record in found] == [f"m/128164'/1'/{n}'" for n in (1, 2, 3)]
    found = list(key_show.show_keys("open#1", NOBODY, count=2))
    assert [record["path"] for record in found] == ["m/128164'/0'/0'", "m/128164'/0'/1'"]
    persona = found[0]["publicKey"]
    found = list(
        key_show.show_keys("open#1#s:m/5", NOBODY, count=2, networks=["hyd-testnet"], secret=True)
    )
    assert found[1]["path"] == "m/6" and found[1]["wif"] and found[1]["addresses"]
    for selector in ("m/2147483647'", "s:m/2147483647"):
        with pytest.raises(UsageError, match="last index"):
            list(key_show.show_keys(f"open#1#{selector}", NOBODY, count=2))
    with pytest.raises(UsageError):
        list(key_show.show_keys(f"open#1#{persona}", NOBODY, count=2))
    with pytest.raises(DataError, match="coin networks") as caught:
        list(key_show.show_keys("sealed", NOBODY, networks=["hyd-testnet"]))
    assert caught.value.hint == (
        "-k 'sealed#hyd-testnet/0/0', or iop-key account -k sealed --coin hyd-testnet"
    )
    keystore.write_holder(
        "single", keystore.seal_secret(Secret("ed25519", bytes(32)), None, zeros, created=1)
    )
    with pytest.raises(DataError, match="coin networks") as caught:
        list(key_show.show_keys("single", NOBODY, networks=["hyd-testnet"]))
    assert "--kind secp256k1" in str(caught.value.hint)
    with pytest.raises(UsageError):
        list(key_show.show_keys("open#1", NOBODY, count=1_000_000))


def test_an_account(here: str) -> None:
    account, first = key_show.show_account("open#1", NOBODY, "iop-mainnet/2", count=1)
    assert account["path"] == "m/44'/66'/2'" and "xprv" not in account
    assert first["path"] == "m/44'/66'/2'/0/0" and "wif" not in first
    account, first = key_show.show_account(
        "open#1", NOBODY, "iop-mainnet/2", count=1, change=True, secret=True
    )
    assert first["path"] == "m/44'/66'/2'/1/0" and account["xprv"] and first["wif"]
    for key, coin in (("open#1#persona", "iop-mainnet"), ("open#1", "persona/0")):
        with pytest.raises(UsageError):
            list(key_show.show_account(key, NOBODY, coin, count=1))


def test_passphrases_change(here: str) -> None:
    keystore.change_passphrase("sealed", given(b"pw"), given(b"new"), zeros, cost="fast")
    assert keyring.open_signer("sealed", given(b"new"))
    holder = keyring.read_holder("sealed")
    assert isinstance(holder, KeyFile) and (holder.label, holder.created) == ("l", 1)
    with pytest.raises(AccessError):
        keystore.change_passphrase("sealed", given(b"pw"), given(b"x"), zeros, cost="fast")
    keystore.change_passphrase("sealed", given(b"new"), None, zeros)
    assert keyring.open_signer("sealed", NOBODY)
    keystore.change_passphrase("both", given(b"pw"), given(b"vault"), zeros, first="vault")
    assert keyring.open_signer(keyring.compute_named_path("vault", "both"), given(b"vault"))
    with pytest.raises(UsageError, match="always encrypted"):
        keystore.change_passphrase("both", given(b"vault"), None, zeros, first="vault")
    with pytest.raises(UsageError, match="single key"):
        keystore.change_passphrase("sealed#persona/0", NOBODY, None, zeros)


def test_vaults_change_under_a_lock(here: str) -> None:
    path, before = vault_file.open_vault("both")
    records = list(vault_file.take_next("both", NOBODY, "hyd-testnet/1", count=2, wait=0))
    assert [record["selector"] for record in records] == ["hyd-testnet/1/1", "hyd-testnet/1/2"]
    records = list(vault_file.take_next("both", given(b"pw"), "group", count=1, wait=0))
    assert [record["selector"] for record in records] == ["group/0"]
    after = vault_file.add_plugins(
        "both", given(b"pw"), morpheus=False, coins=["btc-mainnet"], wait=0
    )
    assert len(after.plugins) == 3 and keyring.read_holder(path) == vaults.replace(
        after, dirty=False
    )
    other = vault_file.make_vault(
        SEED, given(b"x"), lambda size: b"\x01" * size, coins=["hyd-testnet/1"]
    )
    keystore.write_holder(path, other, force=True)
    with pytest.raises(BusyError, match="replaced meanwhile"):
        keystore.change_vault(path, before, lambda now: now)
    with keystore.Lock(f"{path}.lock"), pytest.raises(BusyError):
        list(vault_file.take_next("both", NOBODY, "hyd-testnet/1", count=1, wait=0))


def test_vault_refusals(here: str) -> None:
    with pytest.raises(SchemaError, match="not a vault"):
        vault_file.open_vault("sealed")
    with pytest.raises(UsageError, match="whole vault"):
        vault_file.open_vault("both#persona/0")
    with pytest.raises(UsageError, match="nothing to add"):
        vault_file.add_plugins("both", NOBODY, morpheus=False, coins=[], wait=0)
    with pytest.raises(UsageError, match="coin account"):
        vault_file.parse_coin("persona/0")
    for what, count in (("m/0'", 1), ("persona", 0), ("persona", 100_000)):
        with pytest.raises(UsageError):
            list(vault_file.take_next("both", NOBODY, what, count=count, wait=0))


def test_a_changed_key_file_is_not_overwritten(here: str) -> None:
    before = keyring.read_holder("sealed")
    assert isinstance(before, KeyFile)
    now = keystore.seal_secret(TREE, None, zeros, created=9)
    keystore.write_holder("sealed", now, force=True)
    with pytest.raises(BusyError):
        keystore.replace_keyfile("sealed", before, before)
    assert keyring.read_holder("sealed") == now


def test_public_keys_in_clear(here: str) -> None:
    persona = str(derive_key(SEED, "persona", 0).public())
    path = keyring.compute_named_path("vault", "both")
    for key in ("sealed", "sealed#persona/0", f"sealed#{persona}", path, f"{path}#persona/0",
                f"{path}#{persona}", f"{path}#m/128164'/0'/0'"):  # fmt: skip
        (record,) = key_show.show_keys(key, NOBODY)
        assert record["publicKey"] == persona
    for key in (
        "sealed#persona/1",
        "sealed#hyd-testnet",
        f"{path}#m/0'",
        f"{path}#m/44'/1'/1'/0/1",
    ):
        with pytest.raises(AccessError, match="needed, and prompts are off"):
            list(key_show.show_keys(key, NOBODY))


def test_coin_keys_of_a_vault_in_clear(here: str) -> None:
    path = keyring.compute_named_path("vault", "both")
    hidden = derive_coin_key(SEED, NETWORKS["HYD testnet"], 1, 0).public()
    (record,) = key_show.show_keys(f"{path}#hyd-testnet/1", NOBODY)
    assert record["publicKey"] == str(hidden) and record["selector"] == "hyd-testnet/1/0"
    assert record["address"] == compute_address(NETWORKS["HYD testnet"], hidden.data)
    same = {"publicKey": str(hidden), "address": record["address"]}
    for selector in (record["publicKey"], record["keyId"], record["address"], record["path"]):
        (found,) = key_show.show_keys(f"{path}#{selector}", NOBODY, networks=["btc-mainnet"])
        assert found.items() >= same.items() and list(found["addresses"]) == [
            "HYD testnet",
            "BTC mainnet",
        ]
    change = derive_coin_key(SEED, NETWORKS["HYD testnet"], 1, 7, chain=1).public()
    for selector in ("hyd-testnet/1/1/7", "m/44'/1'/1'/1/7"):
        (found,) = key_show.show_keys(f"{path}#{selector}", NOBODY)
        assert (found["publicKey"], found["selector"]) == (str(change), "hyd-testnet/1/1/7")
    clear = list(key_show.show_account(path, NOBODY, "hyd-testnet/1", count=2))
    assert clear == list(key_show.show_account("open#1", NOBODY, "hyd-testnet/1", count=2))
    with pytest.raises(AccessError, match="passphrase of vault both needed"):
        list(key_show.show_account(path, NOBODY, "hyd-testnet/0", count=1))
    with pytest.raises(AccessError, match="passphrase of vault both needed"):
        list(key_show.show_keys(f"{path}#hyd-testnet/1", NOBODY, secret=True))


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("persona/1", "persona/1 is not in use", "iop-vault next -k both persona"),
        ("device/1", "device/1 is not in use", "iop-vault next -k both device --count 2"),
        ("hyd-mainnet/0/0", "coin account hyd-mainnet/0 is not in the vault", "iop-vault add -k both --coin hyd-mainnet/0"),
        ("hyd-testnet/1/3", "hyd-testnet/1/3 is not in use", "iop-vault next -k both hyd-testnet/1 --count 3"),
        (str(derive_key(SEED, "device", 0).public()), "is not among the keys in use", "iop-vault show -k both lists them"),
        ("tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx", "is not among the keys in use", "iop-vault show -k both lists them"),
    ],
)  # fmt: skip
def test_keys_that_are_not_in_use(here: str, selector: str, message: str, hint: str) -> None:
    path = keyring.compute_named_path("vault", "both")
    for call in (
        lambda: list(key_show.show_keys(f"{path}#{selector}", NOBODY)),
        lambda: keyring.open_signer(f"{path}#{selector}", NOBODY),
    ):
        with pytest.raises(MissingError, match=message) as caught:
            call()
        assert caught.value.hint == hint


def test_a_vault_without_identities(here: str) -> None:
    bare = vault_file.make_vault(SEED, given(b"pw"), zeros, morpheus=False)
    keystore.write_holder("bare vault", bare)
    for key in ("bare vault", "bare vault#device/0"):
        with pytest.raises(MissingError, match="keeps no identities") as caught:
            list(key_show.show_keys(key, NOBODY))
        assert caught.value.hint == "iop-vault add -k 'bare vault' --morpheus"
    with pytest.raises(MissingError, match="keeps no identities"):
        list(vault_file.take_next("bare vault", NOBODY, "persona"))
    assert vault_key.find_place(bare, None, "bare vault") == MorpheusSelector("persona", 0)


def test_wrong_passphrases_of_vaults_and_keys(here: str) -> None:
    path = keyring.compute_named_path("vault", "both")
    for name in ("sealed", path):
        with pytest.raises(AccessError, match=f"^wrong passphrase, or {name} was changed$"):
            keyring.open_signer(name, given(b"wrong"))
        with pytest.raises(AccessError, match="the passphrase is empty"):
            keyring.open_signer(name, given(b"\n"))
    with pytest.raises(AccessError, match="UTF-8"):
        keyring.open_signer(path, given(b"\xff"))
    with pytest.raises(AccessError, match="^passphrase of vault both needed"):
        keyring.open_signer(path, NOBODY)
    with pytest.raises(AccessError, match="^passphrase of key sealed needed"):
        keyring.open_signer("sealed#device/0", NOBODY)


def test_a_signature_with_an_open_key_loads_nothing_heavy(here: str) -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "from iop.io.keyring import open_signer\n"
        "from iop.io.secret import Source\n"
        "from iop.keys.multicipher import sign\n"
        "sign(open_signer('open#1', Source()), b'x')\n"
        "print(*(set(sys.modules) - before))\n"
    )
    lib = os.path.dirname(os.path.dirname(os.path.dirname(keyring.__file__)))
    paths = os.pathsep.join([lib, *filter(os.path.isdir, sys.path)])
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ) | {"PYTHONPATH": paths},
    )
    heavy = "re ctypes typing dataclasses enum json base64 pathlib inspect contextlib functools subprocess coincurve cryptography argon2"
    assert not set(heavy.split()) & set(done.stdout.split())
