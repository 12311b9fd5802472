"""iop-board against a running node: posting from a pipe, pages of many statements, refusals, a kill."""

import json
import os
import subprocess
import sys

import pytest
from node_process import until

BIN = os.path.dirname(sys.executable)
PHRASE = "scout try doll stuff cake welcome random taste load town clerk ostrich"
DID = "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr"


@pytest.fixture
def shell(node, tmp_path):
    """Runs a line of bash beside the node; `post` pays with the test network's coins, `say` signs JSON lines."""
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "phrase").chmod(0o600)

    def run(line, status=0):
        environment = os.environ | {
            "PATH": BIN + os.pathsep + os.environ["PATH"],
            "NODE": f"http://127.0.0.1:{node.port}",
        }
        words = (
            'post() { iop-board post --ark --passphrase-file phrase --node $NODE "$@"; }\n'
            "say() { iop-sign --key ann; }\n"
        )
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", words + line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == status, done.stderr
        return [json.loads(text) for text in (done.stdout or done.stderr).splitlines()]

    run("iop-keygen --kind ed25519 --unencrypted --name ann --seed 01 -q > ann.txt")
    return run


def write(path, count, start=0, **more):
    """Contents of votes, one a line."""
    with open(path, "w") as file:
        file.writelines(
            json.dumps({"type": "iop.vote/1", "n": n} | more) + "\n"
            for n in range(start, start + count)
        )


def without_statement(postings):
    return [{k: v for k, v in row.items() if k != "statement"} for row in postings]


def test_from_a_pipe_to_the_board_and_back(shell, node):
    content = json.dumps({"type": "iop.licence/1", "issuer": f"{DID}#1", "text": "e\u0301"})
    (posted,) = shell(f"echo '{content}' | say | tee said | post --wait")
    assert posted["issuer"] == DID and posted["position"] == 0 and posted["height"] > 1
    (listed,) = shell("iop-board list --node $NODE")
    assert without_statement([listed]) == [posted]
    assert shell(f"iop-board show {posted['id']} --node $NODE") == [listed]
    (said,) = shell("cat said")
    assert listed["statement"] == said
    (verdict,) = shell("iop-board list --node $NODE | iop-board check")
    assert (verdict["id"], verdict["valid"]) == (posted["id"], True)
    shell("iop-board list --node $NODE --field statement | iop-verify")
    # where it stands can be proven to somebody who trusts the sequencer alone
    proof = f"iop-proof row statement {posted['id']} --node $NODE"
    (row,) = shell(f"{proof} | iop-proof verify --trusted {node.made['sequencer']}")
    assert row["value"] == [posted["height"], posted["txid"], 0, "iop.licence/1", DID]
    absent = proof.replace(posted["id"], f"cbu{'A' * 43}")
    (row,) = shell(f"{absent} | iop-proof verify --trusted {node.made['sequencer']}")
    assert row["value"] is None
    status, body = node.get(f"/iop/v1/board/{posted['id']}")
    assert status == 200 and body == listed
    # the fee is paid, and the transaction is an ordinary one for the original's interface
    found = node.find(posted["txid"])
    assert (found["typeGroup"], found["type"], found["asset"]) == (4244, 1, {"statements": [said]})


def test_many_statements_fill_transactions_and_pages(shell, node, tmp_path):
    write(tmp_path / "raw", 600)
    write(tmp_path / "large", 20, 600, pad="x" * 60_000)
    shell("say < raw > votes; say < large >> votes")
    posted = shell("post votes --wait")
    assert len(posted) == 620
    sizes = [len([row for row in posted if row["txid"] == txid]) for txid in dict.fromkeys(row["txid"] for row in posted)]  # fmt: skip
    assert sizes[:2] == [256, 256] and sum(sizes) == 620 and 3 < len(sizes) < 6
    listed = shell("iop-board list --node $NODE")
    assert without_statement(listed) == posted
    assert [row["statement"]["content"]["n"] for row in listed] == list(range(620))
    height = listed[300]["height"]
    some = shell(f"iop-board list --node $NODE --since {height} --until {height} --type iop.vote/1")
    assert some == [row for row in listed if row["height"] == height]
    assert shell(f"iop-board list --node $NODE --after {listed[99]['id']}") == listed[100:]
    assert shell(f"iop-board list --node $NODE --issuer {DID}") == []
    # who has read enough hangs up
    assert shell("iop-board list --node $NODE | head -1", 141) == listed[:1]
    # no page of the interface is much larger than a mebibyte
    status, page = node.get(f"/iop/v1/board?after={listed[599]['id']}")
    assert status == 200 and page["next"] is not None and len(page["statements"]) < 20


def test_posted_is_posted_once(shell, tmp_path):
    write(tmp_path / "raw", 3)
    shell("say < raw > votes")
    posted = shell("post votes --wait")
    (error,) = shell("post votes", 1)
    assert error["message"] == f"ERR_APPLY: Statement {posted[0]['id']} is on the board already."
    assert "--skip-posted" in error["hint"]
    write(tmp_path / "raw", 5)
    again = shell("say < raw | post --skip-posted --wait")
    assert again[:3] == posted and [row["position"] for row in again[3:]] == [0, 1]
    (error,) = shell("cat votes votes | post --skip-posted -n 2>&1 | tail -1", 65)
    assert "occurs twice" in error["message"] and (error["record"], error["line"]) == (4, 4)


def test_refusals(shell, node, tmp_path):
    write(tmp_path / "raw", 1)
    shell("say < raw > vote")
    (error,) = shell("sed 's/vote/vow/' vote | post", 65)
    assert error["message"] == "signature does not match content and public key"
    pad = "x" * 65_537
    (tmp_path / "long").write_text(json.dumps({"type": "a", "x": pad}))
    (error,) = shell("say < long | post", 65)
    assert error["code"] == "limit"
    (error,) = shell("post vote --fee 1", 1)
    assert error["reason"] == "ERR_LOW_FEE"
    (error,) = shell("post vote --nonce 7", 1)
    assert "has nonce 0" in error["message"]
    (dry,) = shell("post vote -n")
    assert dry["dry_run"] is True and dry["errors"] == []
    (dry,) = shell("post vote -n --nonce 7", 1)
    assert "nonce 7" in dry["errors"][0]
    assert shell("iop-board list --node $NODE") == []
    shell(f"iop-board show cbu{'A' * 43} --node $NODE", 66)
    shell("iop-board list --node $NODE --type '1 2'", 65)
    shell("iop-board list --node $NODE --issuer ann", 65)
    for query in (
        "limit=0",
        "limit=101",
        "x=1",
        "type=a&type=b",
        "from=x",
        "after=cbu",
        "issuer=%00",
    ):
        assert node.get(f"/iop/v1/board?{query}")[0] == 422, query


def test_the_board_outlives_a_kill(shell, node, tmp_path):
    write(tmp_path / "raw", 10)
    posted = shell("say < raw | post")
    node.kill()
    node.start()
    rows = until("the statements", lambda: shell("iop-board list --node $NODE"))
    assert [row["id"] for row in rows] == [row["id"] for row in posted]
    shell("say < raw | post", 1)
