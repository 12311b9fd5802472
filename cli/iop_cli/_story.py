"""The university's story as commands a person could type, and the shell that types them."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MARK = "__iop_demo_done__"
SHOWN_LINES = 14
SHOWN_WIDTH = 150

PROCESS_SCHEMA = """{
  "type": "object",
  "required": ["name", "born", "degree", "field", "grade"],
  "properties": {
    "name": {"$ref": "#/definitions/text"},
    "born": {"$ref": "#/definitions/text"},
    "degree": {"$ref": "#/definitions/text"},
    "field": {"$ref": "#/definitions/text"},
    "grade": {"$ref": "#/definitions/text"}
  },
  "definitions": {
    "text": {
      "type": "object",
      "required": ["nonce", "value"],
      "properties": {"nonce": {"type": "string"}, "value": {"type": "string"}}
    }
  }
}
"""
# The passphrase of the funded wallet of every local test network, published with the original software.
FUNDED_WALLET = "scout try doll stuff cake welcome random taste load town clerk ostrich"


class Step:
    """One command with what is told before it and the status it must end with."""

    def __init__(self, told: str, command: str, status: int = 0) -> None:
        self.told = told
        self.command = command
        self.status = status


def steps(graduates: int) -> Iterator[Step]:
    """The story. Every command works alone when pasted into a shell in the demo's folder."""
    yield Step(
        "A university makes a key: a phrase of 24 words, sealed under a passphrase. Its first persona is its name, its first device will sign.",
        "iop-keygen --passphrase-file passphrase -o university.key > university.json",
    )
    yield Step(
        "Mira keeps her identity in a vault file that the original software opens too; an employer has a key of its own.",
        "iop-vault create --passphrase-file passphrase -o mira.vault --coin hyd-testnet > mira.json 2> mira.notes\n"
        "iop-keygen --passphrase-file passphrase -o employer.key > employer.json",
    )
    yield Step(
        "Everybody is a DID from the start; no registration is needed for that.",
        "UNIVERSITY=$(iop-did from-key university.json)\n"
        "MIRA=$(iop-key show -k mira.vault --field did)\n"
        "EMPLOYER=$(iop-did from-key employer.json)\n"
        "DEVICE=$(iop-key show -k 'university.key#device/0' --passphrase-file passphrase --field publicKey)\n"
        'printf \'%s\\n\' "$UNIVERSITY" "$MIRA" "$EMPLOYER"',
    )
    yield Step(
        "A ledger node of our own, with the interface of the original node.",
        "iop-node init --home node --network testnet\n"
        "iop-node run --home node --listen 127.0.0.1:0 --block-time 0 --port-file port 2> node.log & NODE_PID=$!\n"
        "iop-node status --home node --wait 30 --field phase\n"
        "NODE=http://127.0.0.1:$(cat port)",
    )
    yield Step(
        "The university lets its device speak for it: two operations, signed by the persona, in one transaction.",
        '{ iop-did add-key "$UNIVERSITY" --auth "$DEVICE" --node "$NODE"\n'
        '  iop-did add-right "$UNIVERSITY" --auth "$DEVICE" --right impersonate --node "$NODE"; } |\n'
        "  iop-did sign --key 'university.key#persona/0' --passphrase-file passphrase |\n"
        '  iop-tx morpheus | iop-tx send --ark --passphrase-file wallet --node "$NODE" --wait\n'
        'iop-did resolve "$UNIVERSITY" --node "$NODE" > university.did.json',
    )
    yield Step(
        f"Graduation day: {graduates} rows of a table become statements, each value with its own nonce, each signed by the device.",
        "iop-claim process --name diploma --claim-schema schema.json > process.json\n"
        "iop-claim new --csv graduates.csv |\n"
        '  iop-claim statement --process process.json --authority "$UNIVERSITY" --witness "$UNIVERSITY#1" |\n'
        "  iop-claim sign --key 'university.key#device/0' --passphrase-file passphrase > statements.jsonl\n"
        "wc -l < statements.jsonl",
    )
    yield Step(
        "The batch is put on the ledger by its content id, so nobody can later say that it was made another day.",
        "iop-digest bytes statements.jsonl > batch.id\n"
        'iop-proof before < batch.id | iop-tx morpheus | iop-tx send --ark --passphrase-file wallet --node "$NODE" --wait\n'
        'iop-proof history --node "$NODE" < batch.id',
    )
    yield Step(
        "Mira shows an employer that she has a Master's degree, and nothing else.",
        'grep -F "$MIRA" statements.jsonl > mira.statement.json\n'
        "iop-present make --keep .content.degree.value --license-to \"$EMPLOYER\" --purpose 'job application' --valid-until 2030-01-01T00:00:00Z mira.statement.json |\n"
        "  iop-present sign --key 'mira.vault#persona/0' --passphrase-file passphrase > presentation.json\n"
        "iop-present show --table presentation.json",
    )
    yield Step(
        "The employer checks all of it with the university's document from the node.",
        'iop-present verify --node "$NODE" --authority "$UNIVERSITY" --recipient "$EMPLOYER" --purpose \'job application\' --table presentation.json',
    )
    yield Step(
        "Somebody makes a doctor of her: the answer is no.",
        "sed 's/Master of/Doctor of/' presentation.json > tampered.json\n"
        'iop-present verify --node "$NODE" --authority "$UNIVERSITY" --recipient "$EMPLOYER" --purpose \'job application\' --table tampered.json',
        1,
    )
    yield Step(
        "The device is stolen; the university revokes it. What it signs from now on is worth nothing.",
        'iop-did revoke-key "$UNIVERSITY" --auth "$DEVICE" --node "$NODE" |\n'
        "  iop-did sign --key 'university.key#persona/0' --passphrase-file passphrase |\n"
        '  iop-tx morpheus | iop-tx send --ark --passphrase-file wallet --node "$NODE" --wait\n'
        'iop-present verify --node "$NODE" --authority "$UNIVERSITY" --recipient "$EMPLOYER" --purpose \'job application\' --table presentation.json',
        1,
    )
    yield Step(
        "But the ledger proves that Mira's statement is older than the theft: it holds.",
        'PROVEN=$(iop-proof history --field existsFromHeight --node "$NODE" < batch.id)\n'
        'iop-present verify --node "$NODE" --authority "$UNIVERSITY" --before "$PROVEN" --recipient "$EMPLOYER" --purpose \'job application\' --table presentation.json',
    )
    yield Step("Good night.", "iop-node stop --home node; wait $NODE_PID")


def write_inputs(folder: str, graduates: int) -> None:
    """The files the story starts from: schema, passphrase, the test network's wallet."""
    for name, text in (
        ("schema.json", PROCESS_SCHEMA),
        ("passphrase", "correct horse battery staple\n"),
        ("wallet", FUNDED_WALLET + "\n"),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    write_script(folder, graduates)


def write_script(folder: str, graduates: int) -> None:
    """The whole story as a script, to read or to run again."""
    with open(os.path.join(folder, "story.sh"), "w", encoding="utf-8") as file:
        file.write(
            "#!/usr/bin/env bash\n# What iop-demo typed, in a folder with graduates.csv, schema.json, passphrase and wallet.\nset -o pipefail\n"
        )
        file.writelines(f"\n# {step.told}\n{step.command}\n" for step in steps(graduates))


class Bash:
    """One bash that keeps its variables and background jobs from step to step."""

    def __init__(self, folder: str) -> None:
        path = (
            os.path.dirname(os.path.abspath(sys.argv[0])) + os.pathsep + os.environ.get("PATH", "")
        )
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=os.environ | {"PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        # The node must not outlive the story, however it ends.
        self._send(
            "set -o pipefail; trap 'FAILED=1' ERR; trap '[ -n \"$NODE_PID\" ] && kill \"$NODE_PID\" 2>/dev/null' EXIT\n"
        )

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def run(self, command: str) -> tuple[int, list[str], float]:
        """Status of the last command, the lines it printed, seconds."""
        start = time.monotonic()
        self._send(f"FAILED=0\n{command}\necho {MARK} $? $FAILED\n")
        lines: list[str] = []
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if line.startswith(MARK):
                status, failed = (int(word) for word in line.split()[1:])
                # A command that failed on the way counts even when the last one was content.
                return status or failed, lines, time.monotonic() - start
            lines.append(line)
        raise IopError("the demo's shell ended early", hint="run the commands of story.sh by hand")

    def close(self) -> None:
        """End the shell and, by its trap, the node."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


def tell(
    folder: str, graduates: int, say: Callable[[str], None]
) -> Iterator[tuple[Step, int, float]]:
    """Run the story in `folder`, saying each step; gives step, status and seconds. Raises IopError at a wrong status."""
    bash = Bash(folder)
    try:
        for number, step in enumerate(steps(graduates), 1):
            if number == 4:
                _write_graduates(folder, bash, graduates)
            say(f"\n{number}. {step.told}")
            for line in step.command.split("\n"):
                say(f"   {'>' if line.startswith(' ') else '$'} {line.strip()}")
            status, lines, seconds = bash.run(step.command)
            for line in lines[:SHOWN_LINES]:
                say(f"     {line[:SHOWN_WIDTH]}{'…' if len(line) > SHOWN_WIDTH else ''}")
            say(f"   status {status}, {seconds:.2f} s")
            if status != step.status:
                raise IopError(f"step {number} ended with status {status}, expected {step.status}")
            yield step, status, seconds
    finally:
        bash.close()


def _write_graduates(folder: str, bash: Bash, graduates: int) -> None:
    """A table with Mira in it; the others' DIDs are made from fresh public keys."""
    _, lines, _ = bash.run('printf "%s\\n" "$MIRA"')
    mira = lines[0]
    _, others, _ = bash.run(
        f"iop-keygen -n {graduates - 1} --secret --kind ed25519 | iop-did from-key"
    )
    degrees = (
        ("Master of Science", "Physics"),
        ("Bachelor of Arts", "History"),
        ("Master of Arts", "Music"),
    )
    with open(os.path.join(folder, "graduates.csv"), "w", encoding="utf-8") as file:
        file.write("subject,name,born,degree,field,grade\n")
        file.write(f"{mira},Mira Novak,2003-04-17,Master of Science,Physics,1.3\n")
        for index, did in enumerate(others):
            degree, field = degrees[index % 3]
            file.write(
                f"{did},Graduate {index + 2},2002-{index % 12 + 1:02}-{index % 28 + 1:02},{degree},{field},{1 + index % 30 / 10:.1f}\n"
            )
