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
    # the same again in one go: the registry rejects it, and the fee is gone all the same
    again = f"iop-did add-key {did} --auth {key} --node $NODE | iop-did sign --key alice"
    (foreseen,) = shell(f"{again} | iop-tx morpheus | iop-tx send $ARK --node $NODE --dry-run", 1)
    assert foreseen["dry_run"] is True and "already has a still valid key" in foreseen["errors"][0]
    (rejected,) = shell(f"{again} | iop-tx morpheus $ARK --node $NODE --send --wait", 1)
    assert rejected["confirmed"] is False


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
    (error,) = shell(f"{build} --fee 1 $ARK --node $NODE --send", 1)
    assert error["reason"] == "ERR_LOW_FEE"
    (foreseen,) = shell(f"{build} --nonce 99 | iop-tx send $ARK --node $NODE --dry-run", 1)
    assert "nonce 99" in foreseen["errors"][0]
    shell(f"{build} --send --node $NODE", 2)
    shell(f"iop-tx status {'00' * 32} --node $NODE", 66)


def test_network_is_that_of_the_node(shell):
    (draft,) = shell("iop-tx resign --node $NODE")
    assert draft["network"] == 128
    (draft,) = shell("iop-tx resign --node $NODE --network mainnet")
    assert draft["network"] == 100
