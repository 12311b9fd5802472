"""Vaults written by the published SDK open here and the other way round; signed statements verify on both sides."""

import json
import os

import pytest

from iop.claim.signed import is_signed_valid, sign_json
from iop.keys import vault as vaults
from iop.keys.vault_record import from_record, to_record

PHRASE = (
    "include pear escape sail spy orange cute despair witness trouble sleep torch "
    "wire burst unable brass expose fiction drift clock duck oxygen aerobic already"
)
UNLOCK = "correct horse battery staple"  # noqa: S105 - a test's
NETWORK = "HYD testnet"

STATEMENT = {
    "claim": {
        "subject": "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr",
        "content": {"age": {"nonce": "u" + "A" * 44, "value": 42}, "name": "Ö"},
    },
    "processId": "cjuQR3pDJeaiRv9oCZ-fBE7T8PWpXGfjBNPDTwFMBsFSsE",
    "constraints": {
        "after": "2021-01-01T00:00:00.000Z",
        "before": "2031-01-01T00:00:00.000Z",
        "witness": "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr#0",
        "authority": "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr",
        "content": None,
    },
    "nonce": "u" + "B" * 44,
}


@pytest.fixture
def ask(run_node):
    def call(verb, **request):
        done = run_node("interop.js", given=json.dumps({"verb": verb, **request}))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


def our_vault(bip39=""):
    vault = vaults.create_vault(PHRASE, bip39, UNLOCK, os.urandom(24))
    seed = vaults.unlock(vault, UNLOCK)
    vault = vaults.add_hydra(vaults.add_morpheus(vault, seed), seed, NETWORK, 0)
    vault, _ = vaults.touch_key(vault, seed, "persona", 0)
    vault = vaults.touch_address(vault, vaults.find_hydra(vault, NETWORK, 0), 0)
    return vault, seed


def test_vault_of_the_sdk_opens_here(ask):
    made = ask("create", phrase=PHRASE, bip39="", unlock=UNLOCK, network=NETWORK)
    vault = from_record(made["vault"])
    seed = vaults.unlock(vault, UNLOCK)
    ours, expected = our_vault()
    assert seed == expected
    persona = vaults.read_key(vaults.find_morpheus(vault), "persona", 0)
    assert str(persona) == made["publicKey"]
    assert vaults.find_morpheus(vault) == vaults.find_morpheus(ours)
    _, address = vaults.read_address(vault.plugins[0], 0)
    assert address == made["address"]


def test_our_vault_opens_in_the_sdk(ask):
    vault, seed = our_vault()
    seen = ask("open", vault=to_record(vault), unlock=UNLOCK, network=NETWORK)
    assert seen["seed"] == seed.hex()
    persona = vaults.read_key(vaults.find_morpheus(vault), "persona", 0)
    assert (seen["publicKey"], seen["personaCount"]) == (str(persona), 1)


def test_statement_signed_by_the_sdk_verifies_here(ask):
    vault, _ = our_vault()
    signed = ask("sign", vault=to_record(vault), unlock=UNLOCK, statement=STATEMENT)
    assert is_signed_valid(signed)
    signed["content"]["processId"] = "cju" + "x" * 43
    assert not is_signed_valid(signed)


def test_statement_signed_here_verifies_in_the_sdk(ask):
    vault, seed = our_vault()
    _, secret = vaults.touch_key(vault, seed, "persona", 0)
    signed = sign_json(secret, STATEMENT)
    assert ask("verify", signed=signed) == {"valid": True}
    signed["content"]["processId"] = "cju" + "x" * 43
    assert ask("verify", signed=signed) == {"valid": False}
