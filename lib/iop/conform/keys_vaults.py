"""Runner for the file about official vaults: histories step by step, refusals, edited files."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.conform.keys import attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.keys.vault_record import Vault

    Document = dict[str, Any]


def run_vaults(document: Document) -> Iterator[Case]:
    """Every vault is made again, with the nonce that the recorded file shows, and compared after every step."""
    for number, case in enumerate(document["cases"]):
        yield from _run_history(f"cases[{number}]", case)
    for number, case in enumerate(document["errors"]):
        yield _run_error(f"errors[{number}] {case['label']}", case)
    for number, case in enumerate(document["loads"]):
        yield from _run_load(f"loads[{number}] {case['label']}", case)


def _run_history(label: str, case: Document) -> Iterator[Case]:
    from iop.codec.multibase import parse_multibase
    from iop.keys import vault as vaults
    from iop.keys.vault_record import from_record, to_record
    from iop.value import replace

    sealed = parse_multibase(case["steps"][0]["vault"]["encryptedSeed"])
    password = case["unlock_password"]
    vault = vaults.create_vault(
        case["phrase"], case["bip39_password"], password, sealed[:24], case["language"]
    )
    yield compare(f"{label} seed", vaults.unlock(vault, password).hex(), case["seed"])
    for place, step in enumerate(case["steps"]):
        if place:
            vault = _apply_step(vault, step, case)
        where = f"{label} steps[{place}] {step['after']}"
        # The releases differ here, so this label starts with the release.
        release = case["made_by"].rsplit(" ", 1)[-1]
        state = f"{release} {step['after']} dirty_before_save {label} steps[{place}]"
        yield compare(state, vault.dirty, step["dirty_before_save"])
        yield compare(f"{where} vault", to_record(vault), step["vault"])
        vault = replace(vault, dirty=False)
        yield compare(f"{where} dirty_after_save", vault.dirty, step["dirty_after_save"])
    yield from _run_expected(f"{label} expected", vault, case)
    loaded = from_record(case["steps"][-1]["vault"])
    reload = case["reload"]
    yield compare(f"{label} reload dirty", loaded.dirty, reload["dirty"])
    same = to_record(loaded) == case["steps"][-1]["vault"]
    yield compare(f"{label} reload resaved_equal", same, reload["resaved_equal"])
    yield compare(f"{label} reload seed", vaults.unlock(loaded, password).hex(), reload["seed"])
    wrong = attempt(lambda: vaults.unlock(loaded, password + "x").hex())
    yield compare(f"{label} wrong_password", wrong, case["wrong_password"])


def _apply_step(vault: Vault, step: Document, case: Document) -> Vault:
    """The vault after the act a step names; which keys were touched stands in the file as it was saved."""
    from iop.errors import SchemaError
    from iop.keys import vault as vaults
    from iop.keys.morpheus import KINDS
    from iop.keys.vault_record import HydraPlugin

    seed = vaults.unlock(vault, case["unlock_password"])
    words = step["after"].split(" ")
    if words == ["MorpheusPlugin.init"]:
        return vaults.add_morpheus(vault, seed)
    if words[0] == "HydraPlugin.init":
        return vaults.add_hydra(vault, seed, " ".join(words[1:-1]), int(words[-1]))
    if words[:2] == ["hydra", "key"]:
        plugin = vault.plugins[-1]
        assert isinstance(plugin, HydraPlugin)
        return vaults.touch_address(vault, plugin, int(words[2]))
    if words == ["keys", "touched"]:
        saved = next(p for p in step["vault"]["plugins"] if p["pluginName"] == "Morpheus")
        for kind in KINDS:
            last = len(saved["publicState"].get(f"{kind}s", [])) - 1
            if last >= 0:
                vault = vaults.touch_key(vault, seed, kind, last)[0]
        return vault
    raise SchemaError(f"unknown step: {step['after']}")


def _run_expected(label: str, vault: Vault, case: Document) -> Iterator[Case]:
    from iop.did.identifier import compute_did
    from iop.keys import vault as vaults
    from iop.keys.derivation import encode_path
    from iop.keys.morpheus import compute_path
    from iop.keys.multicipher import compute_key_id, parse_public_key

    expected = case["expected"]
    seed = vaults.unlock(vault, case["unlock_password"])
    for name, facts in expected["morpheus"].items():
        kind, plugin = name.removesuffix("s"), vaults.find_morpheus(vault)
        index = facts["touched_idx"]
        got = {
            "touched_idx": index,
            "count": len(plugin.keys_of(kind)),
            "path": encode_path(compute_path(kind, index)),
            "publicKey": str(vaults.touch_key(vault, seed, kind, index)[1].public()),
            "did": str(compute_did(vaults.read_key(plugin, kind, index))),
            "all": list(plugin.keys_of(kind)),
        }
        yield compare(f"{label} {name}", got, facts)
    for place, facts in enumerate(expected["hydra"]):
        yield from _run_hydra(f"{label} hydra[{place}]", vault, seed, facts)
    known = {"morpheus", "hydra"}
    if "keyByPublicKey_unknown" in expected:
        plugin = vaults.find_morpheus(vault)
        text = expected["keyByPublicKey_unknown"]["error"].split(" ")[3]
        got_unknown = attempt(vaults.find_secret, plugin, seed, parse_public_key(text))
        yield compare(f"{label} unknown key", got_unknown, expected["keyByPublicKey_unknown"])
        key_id = compute_key_id(vaults.read_key(plugin, "persona", 0))
        found_kind, found_index, _ = vaults.find_secret(plugin, seed, key_id)
        path = encode_path(compute_path(found_kind, found_index))
        yield compare(f"{label} keyById_path", path, expected["keyById_path"])
        beyond = attempt(vaults.read_key, plugin, "persona", len(plugin.personas))
        yield compare(f"{label} pub_out_of_range", beyond, expected["pub_out_of_range"])
        known |= {"keyByPublicKey_unknown", "keyById_path", "pub_out_of_range"}
    for name in expected.keys() - known:
        yield Case(f"{label} {name}", False, "member of unknown meaning")


def _run_hydra(label: str, vault: Vault, seed: bytes, facts: Document) -> Iterator[Case]:
    from iop.keys import vault as vaults
    from iop.keys.account import compute_account_path, derive_account
    from iop.keys.derivation import encode_path
    from iop.keys.extended import encode_xprv
    from iop.keys.network import find_network

    network, index = find_network(facts["network"]), facts["touched_idx"]
    plugin = vaults.find_hydra(vault, facts["network"], facts["account"])
    public, address = vaults.read_address(plugin, index)
    path = (*compute_account_path(network, plugin.account), 0, index)
    got = {
        "network": plugin.network,
        "account": plugin.account,
        "touched_idx": vaults.find_address(plugin, address)[0],
        "receiveKeys": plugin.receive_keys,
        "changeKeys": plugin.change_keys,
        "xpub": plugin.xpub,
        "xprv": encode_xprv(network, derive_account(seed, network, plugin.account)),
        "address": address,
        "path": encode_path(path),
        "publicKeyHex": public.data.hex(),
        "unknown_address": attempt(vaults.find_address, plugin, "nope"),
    }
    yield compare(label, got, facts)
    secret = vaults.find_receive_secret(plugin, seed, public)
    same = secret == (index, vaults.derive_receive_key(plugin, seed, index))
    yield compare(f"{label} secret", same, True)


_PHRASE = (
    "include pear escape sail spy orange cute despair witness trouble sleep torch wire burst unable "
    "brass expose fiction drift clock duck oxygen aerobic already"
)


def _run_error(label: str, case: Document) -> Case:
    """The refusals that the labels name, on a vault of the demo phrase."""
    from iop.keys import vault as vaults

    password, nonce = "correct horse battery staple", bytes(24)
    empty = vaults.create_vault(_PHRASE, "", password, nonce)
    seed = vaults.unlock(empty, password)
    full = vaults.add_hydra(vaults.add_morpheus(empty, seed), seed, "HYD testnet", 0)
    acts = {
        "second Morpheus plugin": lambda: vaults.add_morpheus(full, seed),
        "plugin init with wrong password": lambda: vaults.add_morpheus(
            empty, vaults.unlock(empty, "wrong")
        ),
        "absent Hydra plugin": lambda: vaults.find_hydra(full, "HYD testnet", 1),
        "same Hydra plugin twice": lambda: vaults.add_hydra(full, seed, "HYD testnet", 0),
        "no Morpheus plugin": lambda: vaults.find_morpheus(empty),
        "unknown network": lambda: vaults.add_hydra(full, seed, "HYD fakenet", 0),
        "negative account": lambda: vaults.add_hydra(full, seed, "HYD testnet", -1),
        "negative account get": lambda: vaults.find_hydra(full, "HYD testnet", -1),
        "negative key index": lambda: vaults.touch_key(full, seed, "persona", -1),
        "empty unlock password": lambda: vaults.create_vault(_PHRASE, "", "", nonce),
        "bad phrase": lambda: vaults.create_vault(_PHRASE + " zoo", "", password, nonce),
        "bad language": lambda: vaults.create_vault(_PHRASE, "", password, nonce, "xx"),
    }
    if case["label"] not in acts:
        return Case(label, False, "refusal of unknown meaning")
    return compare(label, attempt(acts[case["label"]]), case["result"])


def _run_load(label: str, case: Document) -> Iterator[Case]:
    from iop.keys.vault import unlock
    from iop.keys.vault_record import from_record

    loaded = attempt(lambda: bool(from_record(case["vault"])))
    yield compare(f"{label} load", loaded, case["load"])
    opened = attempt(lambda: unlock(from_record(case["vault"]), case["unlock_password"]).hex())
    yield compare(f"{label} unlock", opened, case["unlock"])
