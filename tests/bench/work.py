"""Inputs of the benchmarks, made once a run with the product itself."""

from __future__ import annotations

import json
import os
import subprocess

from tests.bench.harness import BIN

SEED = bytes(range(32))
SUBJECT = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
NONCE = "u" + "A" * 44


def run(words: list[str], data: bytes = b"") -> bytes:
    """Output of one of our commands."""
    return subprocess.run(
        [os.path.join(BIN, words[0]), *words[1:]], input=data, capture_output=True, check=True
    ).stdout


def statement(index: int) -> dict[str, object]:
    """A witness statement of about 1.2 kB."""
    fields = ("name", "address", "born", "degree", "field", "grade", "country")
    content = {field: {"nonce": NONCE, "value": f"{field} of number {index}"} for field in fields}
    return {
        "claim": {"subject": SUBJECT, "content": content},
        "processId": "cjuBR_4pLnKI_WdaKEmQwxjuEXNBA9VpZBapESCT0lYk5Y",
        "constraints": {
            "after": None,
            "before": "2030-01-01T00:00:00Z",
            "witness": f"{SUBJECT}#0",
            "authority": SUBJECT,
            "content": None,
        },
        "nonce": NONCE,
    }


def write(folder: str, name: str, data: bytes) -> None:
    """One input file."""
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def write_inputs(folder: str, count: int) -> None:
    """Key, records, statements, their signed forms, a transaction."""
    key = os.path.join(folder, "key")
    public = run(["iop-keygen", "--kind", "ed25519", "--unencrypted", "-o", key])
    write(folder, "publickey", json.loads(public)["publicKey"].encode() + b"\n")
    statements = [
        json.dumps(statement(i), separators=(",", ":")).encode() + b"\n" for i in range(count)
    ]
    write(folder, "statements", b"".join(statements))
    write(folder, "statement1", statements[0])
    records = b"".join(b'{"n":%d,"data":"%s"}\n' % (i, b"x" * 1000) for i in range(count))
    write(folder, "records", records)
    signed = run(["iop-sign", "--key", key], records)
    write(folder, "signed", signed)
    write(folder, "signed1", signed.split(b"\n", 1)[0] + b"\n")
    draft = b'{"operation":"registerBeforeProof","contentId":"cj1"}\n'
    wallet = os.path.join(folder, "wallet")
    write(folder, "wallet", b"bench\n")
    made = run(["iop-tx", "morpheus", "--nonce", "1"], draft)
    sealed = run(["iop-tx", "sign", "--ark", "--passphrase-file", wallet], made)
    write(folder, "tx", run(["iop-tx", "encode"], sealed))


def read_statements(folder: str) -> list[bytes]:
    """The statements, one JSON text each."""
    with open(os.path.join(folder, "statements"), "rb") as file:
        return file.read().splitlines()
