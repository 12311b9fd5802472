"""iop-tx against a running node: the pipe from an operation to a changed document, and the node's refusals."""

import json
import os
import subprocess
import sys

import pytest

BIN = os.path.dirname(sys.executable)
PHRASE = "scout try doll stuff cake welcome random taste load town clerk ostrich"
TO = "tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx"


@pytest.fixture
def shell(node, tmp_path):
    """Runs a line of bash beside the node, whose address is $NODE; the funded Ark passphrase is in the file `phrase`."""
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "phrase").chmod(0o600)
    environment = os.environ | {
        "PATH": BIN + os.pathsep + os.environ["PATH"],
        "NODE": f"http://127.0.0.1:{node.port}",
        "ARK": "--ark --passphrase-file phrase",
        "TO": TO,
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
        assert done.returncode == status, done.stderr
        return [
            json.loads(text)
            for text in (done.stdout if status != 1 or done.stdout else done.stderr).splitlines()
        ]

    return run


def test_an_operation_goes_down_the_pipe(shell):
    shell("iop-keygen --kind ed25519 --unencrypted --name alice --seed 01 -q > alice.txt")
    shell("iop-keygen --kind ed25519 --unencrypted --name bob --seed 02 -q > bob.txt")
    (alice,), (bob,) = shell("cat alice.txt"), shell("cat bob.txt")
    did, key = alice["did"], bob["publicKey"]
    pipe = (
        f"iop-did add-key {did} --auth {key} --node $NODE | iop-did sign --key alice | iop-tx morpheus --nonce auto | "
        "iop-tx sign $ARK --node $NODE | iop-tx send --node $NODE --wait"
    )
    (sent,) = shell(pipe)
    assert sent["confirmed"] is True and sent["confirmations"] >= 1
    (document,) = shell(f"iop-did resolve {did} --node $NODE")
    assert [entry["auth"] for entry in document["keys"]] == [alice["keyId"], key]
    # the same again: refused before a fee is paid, and rejected with the fee gone when nobody asks
    again = f"iop-did add-key {did} --auth {key} --node $NODE | iop-did sign --key alice"
    (foreseen,) = shell(f"{again} | iop-tx morpheus | iop-tx send $ARK --node $NODE --dry-run", 1)
    assert foreseen["dry_run"] is True and "already has a still valid key" in foreseen["errors"][0]
    words = foreseen["errors"][0]
    (owner,) = shell(
        "iop-tx account 03d4bda72219264ff106e21044b047b6c6b2c0dde8f49b42c848e086b97920adbf --node $NODE"
    )
    (refused,) = shell(f"{again} | iop-tx morpheus $ARK --node $NODE --send --wait", 1)
    assert refused["message"] == words and "--no-check" in refused["hint"]
    assert shell(f"iop-tx account {owner['address']} --node $NODE") == [owner]
    (rejected,) = shell(f"{again} | iop-tx morpheus $ARK --node $NODE --send --wait --no-check", 1)
    assert (rejected["confirmed"], rejected["reason"]) == (False, words)
    status = f"iop-tx status {rejected['id']} --node $NODE"
    (told,) = shell(status, 1)
    assert (told["confirmed"], told["reason"]) == (False, words)
    (error,) = shell(f"{status} 2>&1 >/dev/null", 1)
    assert words in error["message"] and error["id"] == rejected["id"]
    (poorer,) = shell(f"iop-tx account {owner['address']} --node $NODE")
    assert int(poorer["balance"]) < int(owner["balance"])
    rows = shell(f"iop-did history {did} --node $NODE")
    assert [(row["valid"], row["data"]["operation"]) for row in rows] == [(True, "addKey")]
    rows = shell(f"iop-did history {did} --attempts --node $NODE")
    assert [row["valid"] for row in rows] == [False, True]
    assert rows[0]["transactionId"] == rejected["id"]
    before = rows[1]["blockHeight"] - 1
    asked = f"iop-did resolve {did} --height {before} --node $NODE"
    (document,) = shell(asked)
    assert document["queriedAtHeight"] == before
    (document,) = shell(f"{asked} --as-it-was")
    assert len(document["keys"]) == 1


def test_payments_one_after_the_other(shell):
    line = "iop-tx transfer --to-address $TO --amount"
    sent = shell(
        f"({line} 5; {line} 6; {line} 7) | iop-tx send $ARK --node $NODE --wait --scheme schnorr"
    )
    assert len({record["id"] for record in sent}) == 3
    (status,) = shell(f"iop-tx status {sent[0]['id']} --node $NODE")
    assert status["blockId"] == sent[0]["blockId"] and "confirmed" not in status


def test_the_nodes_words(shell):
    build = "iop-tx transfer --to-address $TO --amount 5"
    (error,) = shell(f"{build} --nonce 99 | iop-tx send $ARK --node $NODE", 1)
    assert error["message"].startswith("ERR_APPLY: Cannot apply a transaction with nonce 99")
    assert error["reason"] == "ERR_APPLY"
    assert "the next nonce of" in error["hint"] and " is 1;" in error["hint"]
    (error,) = shell(f"{build} --fee 1 $ARK --node $NODE --send", 1)
    assert error["reason"] == "ERR_LOW_FEE"
    shell(f"{build} {error['hint'].rsplit(': ', 1)[1]} $ARK --node $NODE --send --wait")
    (error,) = shell(
        f"(umask 77; echo wrong > other); {build} --ark --passphrase-file other --node $NODE --send",
        1,
    )
    assert "owns nothing here" in error["hint"] and "t" in error["hint"]
    (foreseen,) = shell(f"{build} --nonce 99 | iop-tx send $ARK --node $NODE --dry-run", 1)
    assert "nonce 99" in foreseen["errors"][0]
    shell(f"{build} --send --node $NODE", 2)
    shell(f"iop-tx status {'00' * 32} --node $NODE", 66)
    shell("iop-tx account tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik --node $NODE")
    shell("iop-tx account dEZtDoWrorqHjLLP2YmktmAY5MZwW4jA74 --node $NODE", 65)
    shell("iop-tx account tYkupfpnXHR9xtvWowscsWhyxvJLafb8iz --node $NODE", 65)
    other = "021ae5e0ef6c3e2f3b0c6b0a1d2e3f405162738495a6b7c8d9eafb0c1d2e3f4051"
    shell(f"iop-tx account {other} --node $NODE", 66)


def test_block_one_proves_as_well(shell):
    shell("iop-proof after --height 1 --node $NODE | iop-proof check --node $NODE")


def test_network_is_that_of_the_node(shell):
    (draft,) = shell("iop-tx resign --node $NODE")
    assert draft["network"] == 128
    (draft,) = shell("iop-tx resign --node $NODE --network mainnet")
    assert draft["network"] == 100
