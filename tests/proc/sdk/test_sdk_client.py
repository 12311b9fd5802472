"""The published SDK drives a running node through its own clients."""

STEPS = [
    "configuration",
    "vault",
    "transfer from a passphrase",
    "transfer from a vault",
    "refusals of layer 1",
    "before-proof, and the same one rejected",
    "add key, add right",
    "dry run and a rejected transaction",
    "revoke",
    "tombstone",
    "history and operations",
    "names: register",
    "names: update, renew, several at once",
    "names: rejected",
    "names: transfer",
    "names: delete",
    "errors",
    "done",
]


def test_every_call_of_the_sdk(run_node, node):
    done = run_node("drive.js", f"http://127.0.0.1:{node.port}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == STEPS
