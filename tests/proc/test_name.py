"""iop-name against a running node: all at once, step by step down the pipe, and what the registry refuses."""

import json
import os
import subprocess
import sys

import pytest

BIN = os.path.dirname(sys.executable)
PHRASE = "scout try doll stuff cake welcome random taste load town clerk ostrich"
WALLET = "psz291QGsvwafGPkKMu6MUsXThWRcBRzRf6pcVPM1Pst6WgW"


@pytest.fixture
def shell(node, tmp_path):
    """Runs a line of bash beside the node: (records of stdout, last error record)."""
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "phrase").chmod(0o600)
    (tmp_path / "schema").write_text('{"type":"object","required":["stars"]}')
    url = f"http://127.0.0.1:{node.port}"
    environment = os.environ | {
        "PATH": BIN + os.pathsep + os.environ["PATH"],
        "NODE": f"--node {url}",
        "PAY": f"--ark --passphrase-file phrase --node {url}",
    }

    def run(line, status=0):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == status, done.stdout + done.stderr
        errors = done.stderr.splitlines()
        records = [json.loads(text) for text in done.stdout.splitlines()]
        return records, json.loads(errors[-1]) if errors else None

    run("iop-keygen --kind ed25519 --unencrypted --name owner --seed 01 -q")
    return run


def test_one_command_does_it_all(shell):
    ((sent,), _) = shell(
        "iop-name register .schema.hotel --data schema --registration any "
        "--subtree-schema <(echo '{}') $PAY --send --wait"
    )
    assert sent["confirmed"] is True
    ((told,), _) = shell(f"iop-name status {sent['id']} $NODE")
    assert told["confirmed"] is True
    assert shell("iop-name resolve .schema.hotel $NODE")[0] == [
        {"type": "object", "required": ["stars"]}
    ]
    ((shown,), _) = shell("iop-name show .schema.hotel $NODE")
    assert (shown["owner"], shown["registrationPolicy"]) == (WALLET, "any")
    assert shown["expiresAtHeight"] == 1 + 2_628_000
    ((nonce,), _) = shell(f"iop-name nonce {WALLET} $NODE")
    assert (nonce["last"], nonce["next"]) == (1, 2)
    # a name below, of another owner, found from above
    shell(
        'iop-name register .schema.hotel.ritz --data <(echo \'{"title":"Ritz"}\') --expires +1000 '
        "--owner-key owner $PAY --send --wait"
    )
    found, _ = shell("iop-name children .schema.hotel $NODE --json | iop-name resolve $NODE")
    assert found == [{"title": "Ritz"}]


def test_the_pipe(shell):
    shell("iop-name register .schema.inn --owner-key owner $PAY --send --wait")
    ((sent,), _) = shell(
        "(iop-name update .schema.inn --data schema; iop-name renew .schema.inn --expires +10 $NODE) | "
        "iop-name sign --key owner $NODE | tee bundle | iop-name send $PAY --wait"
    )
    assert sent["confirmed"] is True
    assert shell("iop-name check bundle")[0][0]["valid"] is True
    assert shell("iop-name resolve .schema.inn $NODE")[0][0]["required"] == ["stars"]
    shell(f"iop-name transfer .schema.inn --to-owner {WALLET} --owner-key owner $PAY --send --wait")
    assert shell("iop-name show .schema.inn $NODE")[0][0]["owner"] == WALLET
    _, error = shell("iop-name delete .schema.inn $PAY --send --wait --no-input", 2)
    assert "delete .schema.inn" in error["message"]
    shell("iop-name delete .schema.inn $PAY --send --wait --yes")
    _, error = shell("iop-name resolve .schema.inn $NODE", 66)
    assert "Edge inn was not found" in error["message"]


def test_the_registry_is_asked_before_a_fee_is_paid(shell):
    register = "iop-name register .schema.spa --owner-key owner $PAY"
    shell(f"{register} --send --wait")
    ((wallet,), _) = shell(
        "iop-tx account 03d4bda72219264ff106e21044b047b6c6b2c0dde8f49b42c848e086b97920adbf $NODE"
    )
    _, error = shell(f"{register} --send --wait", 1)
    assert error["message"] == "Valid domain .schema.spa exists"
    assert "nothing was sent" in error["hint"]
    for line, words in (
        ("update .schema.spa --data schema", f"cannot be impersonated by {WALLET}"),
        ("update .schema.bath --data schema", "Cannot find domain with name .schema.bath"),
        ("update .schema.spa --data <(echo '{\"type\":5}') --owner-key owner", "does not match"),
        (
            "renew .schema.spa --expires 9 --owner-key owner --nonce 7",
            "Invalid nonce 7, expected 2",
        ),
        ("register .spa --owner-key owner", "Only system can register a child of "),
        ("register .schema.b --expires +9999999 --owner-key owner", "would expire too late"),
    ):
        _, error = shell(f"iop-name {line} $PAY --send --wait", 1)
        assert words in error["message"], line
    ((foreseen,), _) = shell(f"{register} --send --dry-run", 1)
    assert foreseen["errors"] == ["Valid domain .schema.spa exists"]
    account = f"iop-tx account {wallet['address']} $NODE"
    assert shell(account)[0] == [wallet]
    # who insists pays
    ((sent,), error) = shell(f"{register} --send --wait --no-check", 1)
    assert (sent["confirmed"], sent["reason"]) == (False, "Valid domain .schema.spa exists")
    assert "the fee is paid" in error["message"]
    ((poorer,), _) = shell(account)
    assert int(poorer["balance"]) < int(wallet["balance"])
    _, error = shell(f"iop-name status {sent['id']} $NODE", 1)
    assert "Valid domain" in error["message"]


def test_owner_and_payer_have_passphrases_of_their_own(shell):
    shell("(umask 77; echo secret > own); iop-keygen --name sealed --passphrase-file own -q")
    register = "iop-name register .schema.sealed --owner-key 'sealed' $PAY --send --wait"
    _, error = shell(f"{register} --no-input < /dev/null", 77)
    assert "--owner-passphrase-file" in error["hint"]
    ((sent,), _) = shell(f"{register} --owner-passphrase-file own")
    assert sent["confirmed"] is True
    ((error,), _) = shell(
        "(umask 77; echo wrong > other); "
        "iop-name update .schema.sealed --data schema --owner-key sealed --owner-passphrase-file other "
        "$PAY --send 2>&1",
        77,
    )
    assert "passphrase" in error["message"]
    _, error = shell(
        "iop-name update .schema.sealed --data - --owner-key sealed --owner-passphrase-file - $PAY --send < own",
        2,
    )
    assert "stdin is used twice" in error["message"]
