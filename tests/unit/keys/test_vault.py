from __future__ import annotations

import pytest

from iop.errors import (
    AccessError,
    DataError,
    DecodeError,
    IopError,
    LimitError,
    MissingError,
    SchemaError,
)
from iop.keys import vault as vaults
from iop.keys.encryption import decrypt, decrypt_text, encrypt, encrypt_text
from iop.keys.multicipher import compute_key_id, parse_public_key
from iop.keys.vault_record import HydraPlugin, MorpheusPlugin, Vault, from_record, to_record
from iop.value import replace

PHRASE = (
    "include pear escape sail spy orange cute despair witness trouble sleep torch wire burst unable brass expose fiction "
    "drift clock duck oxygen aerobic already"
)
PASSWORD = "correct horse battery staple"
NONCE = bytes(range(24))
PERSONA_0 = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
STRANGER = parse_public_key("pezAgmjPHe5Qs4VakvXHGnd6NsYjaxt4suMUtf39TayrSfb")


@pytest.fixture(scope="module")
def vault() -> Vault:
    made = vaults.create_vault(PHRASE, "", PASSWORD, NONCE)
    seed = vaults.unlock(made, PASSWORD)
    return vaults.add_hydra(vaults.add_morpheus(made, seed), seed, "HYD testnet", 0)


@pytest.fixture(scope="module")
def seed(vault: Vault) -> bytes:
    return vaults.unlock(vault, PASSWORD)


def morpheus(vault: Vault) -> MorpheusPlugin:
    return vaults.find_morpheus(vault)


def hydra(vault: Vault) -> HydraPlugin:
    return vaults.find_hydra(vault, "HYD testnet", 0)


def test_the_original_s_own_example(vault: Vault) -> None:
    assert morpheus(vault).personas == (PERSONA_0,)
    assert vaults.read_address(hydra(vault), 0)[1] == "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"
    assert vault.dirty and not from_record(to_record(vault)).dirty


def test_keys_are_put_in_use_without_gaps(vault: Vault, seed: bytes) -> None:
    after, key = vaults.touch_key(vault, seed, "group", 2)
    assert str(key.public()) == "pezDh7bgpK7xvSXyiTUAMBmbfByEUjeikTB4DEYg5BeeSMo"
    assert len(morpheus(after).groups) == 3 and not morpheus(vault).groups
    saved = replace(after, dirty=False)
    assert vaults.touch_key(saved, seed, "group", 0)[0] is saved
    assert from_record(to_record(after)) == saved
    with pytest.raises(LimitError):
        vaults.touch_key(vault, seed, "persona", 1_000_000)


def test_addresses_are_put_in_use_without_password(vault: Vault, seed: bytes) -> None:
    after = vaults.touch_address(vault, hydra(vault), 3)
    plugin = hydra(after)
    assert (plugin.receive_keys, plugin.change_keys) == (4, 0)
    public, address = vaults.read_address(plugin, 3)
    assert vaults.find_address(plugin, address) == (3, public)
    assert vaults.find_auth(plugin, compute_key_id(public)) == (3, public)
    assert vaults.find_receive_secret(plugin, seed, public)[1].public() == public
    assert vaults.derive_receive_key(plugin, seed, 3).public() == public
    assert vaults.touch_address(after, plugin, 3) is after


def test_keys_are_found_again(vault: Vault, seed: bytes) -> None:
    after, key = vaults.touch_key(vault, seed, "device", 1)
    plugin = morpheus(after)
    public = key.public()
    for auth in (public, compute_key_id(public)):
        assert vaults.find_key(plugin, auth) == ("device", 1, public)
        assert vaults.find_secret(plugin, seed, auth) == ("device", 1, key)


def test_texts_of_refusals(vault: Vault, seed: bytes) -> None:
    empty = vaults.create_vault(PHRASE, "", PASSWORD, NONCE)
    stranger_id = compute_key_id(STRANGER)
    acts = {
        "Same plugin was already added to vault": [
            lambda: vaults.add_morpheus(vault, seed),
            lambda: vaults.add_hydra(vault, seed, "HYD testnet", 0),
        ],
        "Could not find Morpheus plugin": [lambda: vaults.find_morpheus(empty)],
        "Could not find Hydra plugin with given parameters": [
            lambda: vaults.find_hydra(vault, "HYD testnet", 1),
            lambda: vaults.find_hydra(vault, "HYD mainnet", 0),
        ],
        "Hydra account number cannot be negative": [
            lambda: vaults.find_hydra(vault, "HYD testnet", -1)
        ],
        "Cannot use negative account index": [
            lambda: vaults.add_hydra(vault, seed, "HYD testnet", -1)
        ],
        "Could not find network with name X.": [
            lambda: vaults.find_hydra(vault, "X", 0),
            lambda: vaults.add_hydra(vault, seed, "X", 0),
        ],
        "Key index cannot be negative": [
            lambda: vaults.touch_key(vault, seed, "persona", -1),
            lambda: vaults.read_key(morpheus(vault), "persona", -1),
            lambda: vaults.touch_address(vault, hydra(vault), -1),
            lambda: vaults.read_address(hydra(vault), -1),
        ],
        "Only existing keys can be queried via Morpheus Public": [
            lambda: vaults.read_key(morpheus(vault), "persona", 1)
        ],
        "Only existing keys can be queried": [lambda: vaults.read_address(hydra(vault), 1)],
        f"Could not find {stranger_id} among Morpheus key ids": [
            lambda: vaults.find_key(morpheus(vault), stranger_id),
            lambda: vaults.find_secret(morpheus(vault), seed, stranger_id),
        ],
        f"Could not find {STRANGER} among Morpheus keys": [
            lambda: vaults.find_secret(morpheus(vault), seed, STRANGER)
        ],
        f"Could not find {STRANGER} among Persona keys": [
            lambda: vaults.find_kind_secret(morpheus(vault), seed, "persona", STRANGER)
        ],
        "Could not find nope among Hydra keys": [lambda: vaults.find_address(hydra(vault), "nope")],
        "Only 512-bit seeds are supported": [lambda: vaults.seal_vault(bytes(32), "x", NONCE)],
        "Only 24-word mnemonics are supported": [
            lambda: vaults.create_vault("a b", "", "x", NONCE)
        ],
        "Invalid BIP39 language code": [lambda: vaults.create_vault(PHRASE, "", "x", NONCE, "pt")],
        "Password is too short": [
            lambda: vaults.create_vault(PHRASE, "", "", NONCE),
            lambda: vaults.unlock(vault, ""),
        ],
        "Ciphertext was tampered with": [lambda: vaults.unlock(vault, "wrong")],
    }
    for message, calls in acts.items():
        for call in calls:
            with pytest.raises(IopError) as caught:
                call()
            assert caught.value.message == message


def test_wrong_password_is_an_access_error(vault: Vault) -> None:
    with pytest.raises(AccessError):
        vaults.unlock(vault, "wrong")
    with pytest.raises(MissingError):
        vaults.read_key(morpheus(vault), "persona", 7)


def test_changing_the_password_keeps_the_rest(vault: Vault, seed: bytes) -> None:
    after = vaults.change_password(vault, PASSWORD, "other", bytes(24))
    assert vaults.unlock(after, "other") == seed and after.plugins == vault.plugins
    with pytest.raises(AccessError):
        vaults.unlock(after, PASSWORD)


def test_garbage_in_a_list_stops_the_search_of_its_kind_only(vault: Vault, seed: bytes) -> None:
    after, key = vaults.touch_key(vault, seed, "device", 0)
    plugin = replace(morpheus(after), personas=("garbage", PERSONA_0))
    assert vaults.find_key(plugin, key.public())[0] == "device"
    with pytest.raises(MissingError):
        vaults.find_key(plugin, compute_key_id(parse_public_key(PERSONA_0)))
    with pytest.raises(DecodeError):
        vaults.read_key(plugin, "persona", 0)
    assert vaults.find_secret(plugin, seed, parse_public_key(PERSONA_0))[:2] == ("persona", 0)


def test_a_hostile_count_of_keys_takes_bounded_time(vault: Vault) -> None:
    plugin = replace(hydra(vault), receive_keys=(1 << 32) - 1, xpub=hydra(vault).xpub)
    assert vaults.read_address(plugin, 2_000_000_000)
    with pytest.raises(DataError):
        vaults.read_address(plugin, 1 << 31)


def test_two_morpheus_plugins_load_and_the_first_is_used() -> None:
    one = {"pluginName": "Morpheus", "parameters": {}, "publicState": {"personas": ["a"]}}
    two = {"pluginName": "Morpheus", "parameters": {}, "publicState": {"personas": ["b"]}}
    assert morpheus(from_record({"encryptedSeed": "", "plugins": [one, two]})).personas == ("a",)


MORPHEUS = {"pluginName": "Morpheus", "parameters": {}, "publicState": {}}
STATE = {"xpub": "x", "receiveKeys": 1, "changeKeys": 0}
HYDRA = {"pluginName": "Hydra", "parameters": {"network": "n", "account": 0}, "publicState": STATE}


def _hydra(**changes: object) -> dict[str, object]:
    return {"encryptedSeed": "", "plugins": [HYDRA | changes]}


def _morpheus(**changes: object) -> dict[str, object]:
    return {"encryptedSeed": "", "plugins": [MORPHEUS | changes]}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "invalid type: null, expected struct VaultSerializer"),
        (5, "invalid type: integer `5`, expected struct VaultSerializer"),
        (True, "invalid type: boolean `true`, expected struct VaultSerializer"),
        (1.5, "invalid type: floating point `1.5`, expected struct VaultSerializer"),
        ('a"b', 'invalid type: string "a\\"b", expected struct VaultSerializer'),
        ([], "invalid length 0, expected struct VaultSerializer with 2 elements"),
        (["", [], 1], "invalid length 3, expected fewer elements in array"),
        ({}, "missing field `encryptedSeed`"),
        ({"encryptedSeed": ""}, "missing field `plugins`"),
        ({"encryptedSeed": 5, "plugins": None}, "invalid type: integer `5`, expected a string"),
        ({"plugins": None}, "invalid type: null, expected a sequence"),
        ({"plugins": {}}, "invalid type: map, expected a sequence"),
        ({"encryptedSeed": [], "plugins": []}, "invalid type: sequence, expected a string"),
        (
            {"plugins": [5]},
            "invalid type: integer `5`, expected internally tagged enum VaultPluginSerializer",
        ),
        ({"plugins": [{}]}, "missing field `pluginName`"),
        (_morpheus(pluginName="Foo"), "unknown variant `Foo`, expected `Hydra` or `Morpheus`"),
        (_morpheus(pluginName=None), "invalid type: null, expected variant identifier"),
        (_morpheus(parameters=None), "invalid type: unit value, expected struct Parameters"),
        (_morpheus(publicState=[]), "invalid type: sequence, expected struct PublicState"),
        (
            _morpheus(publicState={"personas": None}),
            "invalid type: unit value, expected a sequence",
        ),
        (_morpheus(publicState={"devices": [5]}), "invalid type: integer `5`, expected a string"),
        (_hydra(parameters={"network": "n"}), "missing field `account`"),
        (
            _hydra(parameters={"network": "n", "account": 1 << 31}),
            "invalid value: integer `2147483648`, expected i32",
        ),
        (
            _hydra(parameters={"network": "n", "account": "0"}),
            'invalid type: string "0", expected i32',
        ),
        (_hydra(publicState={}), "missing field `xpub`"),
        (
            _hydra(publicState=STATE | {"receiveKeys": -1}),
            "invalid value: integer `-1`, expected u32",
        ),
        (
            _hydra(publicState=STATE | {"changeKeys": False}),
            "invalid type: boolean `false`, expected u32",
        ),
    ],
)
def test_what_does_not_load(record: object, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        from_record(record)
    assert caught.value.message == message


def test_plugins_are_bounded() -> None:
    with pytest.raises(LimitError):
        from_record({"encryptedSeed": "", "plugins": [MORPHEUS] * 257})


def test_what_loads_although_it_is_odd() -> None:
    assert from_record(["!!", []]) == Vault("!!")
    record = {
        "encryptedSeed": "",
        "extra": 1,
        "plugins": [MORPHEUS | {"extra": 2}, HYDRA | {"x": 3}],
    }
    assert to_record(from_record(record)) == {"encryptedSeed": "", "plugins": [MORPHEUS, HYDRA]}


@pytest.mark.parametrize(
    ("sealed", "message"),
    [
        ("!!", "Unknown base code: !"),
        ("", "Invalid base string"),
        ("z0", "Invalid base string"),
        ("u", "Ciphertext is too short"),
    ],
)
def test_seeds_that_are_none(sealed: str, message: str) -> None:
    with pytest.raises(IopError) as caught:
        vaults.unlock(Vault(sealed), PASSWORD)
    assert caught.value.message == message


def test_encryption_refusals() -> None:
    cipher = encrypt("a", NONCE, b"plain")
    assert decrypt("a", cipher) == b"plain" and len(cipher) == 45
    for password, data, message in (
        ("", b"", "Ciphertext is too short"),
        ("", cipher, "Password is too short"),
        ("a", cipher[:24], "Ciphertext is too short"),
        ("a", cipher[:25], "Ciphertext was tampered with"),
        ("a", cipher[:-1], "Ciphertext was tampered with"),
        ("a", cipher + b"x", "Ciphertext was tampered with"),
        ("b", cipher, "Ciphertext was tampered with"),
        ("a", encrypt("a", NONCE, b""), "Ciphertext was tampered with"),
    ):
        with pytest.raises(IopError) as caught:
            decrypt(password, data)
        assert caught.value.message == message
    with pytest.raises(DataError):
        encrypt("a", NONCE[:-1], b"x")
    with pytest.raises(DecodeError):
        encrypt("\ud800", NONCE, b"x")


def test_texts_are_encrypted() -> None:
    sealed = encrypt_text("é", NONCE, "text €")
    assert sealed.startswith("u") and decrypt_text("é", sealed) == "text €"
    from iop.codec.multibase import encode_multibase

    with pytest.raises(DecodeError, match="not text"):
        decrypt_text("a", encode_multibase(encrypt("a", NONCE, b"\xff"), "base64url"))
