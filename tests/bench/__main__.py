"""`make bench`: our share of each limit, and our ratio to each peer, measured in one run.

Goals are ratios. A limit is the raw primitive called in a loop; a peer is the original SDK under Node.js where it is present.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tests.bench.board import board
from tests.bench.harness import BIN, Row, cpu_ratio, machine, rate, rate_ratio, show
from tests.bench.http import http
from tests.bench.kernels import kernels
from tests.bench.ledger import ledger
from tests.bench.lists import lists
from tests.bench.work import SEED, read_statements, write_inputs

BARE = [sys.executable, "-c", "pass"]


def startup(folder: str) -> list[Row]:
    """Each filter with one record against a bare interpreter, CPU time."""
    rows = []
    for name, words, text in (
        ("iop-digest", [], b'{"a":1}\n'),
        ("iop-digest --keep", ["--keep", ".a"], b'{"a":{"b":1}}\n'),
        ("iop-conv to cbor", ["--to", "cbor"], b'{"a":1}\n'),
        ("iop-sign", ["--key", f"{folder}/key"], b'{"a":1}\n'),
        ("iop-verify", [], f"{folder}/signed1"),
        ("iop-claim sign", ["sign", "--key", f"{folder}/key"], f"{folder}/statement1"),
        ("iop-did from-key", ["from-key"], f"{folder}/publickey"),
        ("iop-tx decode", ["decode"], f"{folder}/tx"),
        ("iop-key inspect", ["inspect"], f"{folder}/publickey"),
        ("iop-digest --version", ["--version"], b""),
    ):
        if isinstance(text, str):
            with open(text, "rb") as file:
                text = file.read()
        ratio, median = cpu_ratio([os.path.join(BIN, name.split()[0]), *words], BARE, text)
        rows.append(
            Row(
                "start-up",
                name,
                f"{median * 1000:.1f} ms",
                "python3 -c pass",
                ratio,
                "<= 2.0",
                ratio <= 2.0,
            )
        )
    return rows


def process_rate(words: list[str], path: str, count: int) -> float:
    """Records per second of a whole process reading a file and writing to nowhere."""
    start = time.perf_counter()
    with open(path, "rb") as file:
        subprocess.run(
            [os.path.join(BIN, words[0]), *words[1:]],
            stdin=file,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return count / (time.perf_counter() - start)


def batches(folder: str, count: int) -> list[Row]:
    """Library calls and whole commands against the raw primitive of the same run."""
    from nacl._sodium import ffi, lib

    from iop.claim.signed import Signer
    from iop.claim.statement import check_statement
    from iop.codec.digest import compute_content_id_text
    from iop.crypto import ed25519
    from iop.crypto.hash import sha3_256
    from iop.keys.multicipher import SecretKey

    texts = read_statements(folder)
    message = bytes(1024)
    public = ed25519.compute_public_key(SEED)
    secret = ffi.from_buffer(SEED + public)
    out, size = ffi.new("unsigned char[]", 1024 + 64), ffi.new("unsigned long long *")
    signed = ed25519.sign(SEED, message)
    expanded = ed25519.expand_seed(SEED)
    sealed = signed + message

    def raw_sign() -> int:
        for _ in range(200):
            lib.crypto_sign(out, size, message, 1024, secret)
        return 200

    def raw_verify() -> int:
        for _ in range(100):
            assert lib.crypto_sign_open(out, size, sealed, len(sealed), public) == 0
        return 100

    def raw_hash() -> int:
        for text in texts[:200]:
            sha3_256(text)
        return 200

    def our_sign() -> int:
        for _ in range(200):
            ed25519.sign_expanded(expanded, message)
        return 200

    def our_verify() -> int:
        for _ in range(100):
            ed25519.is_valid(public, message, signed)
        return 100

    def our_digest() -> int:
        for text in texts[:200]:
            compute_content_id_text(text)
        return 200

    signer = Signer(SecretKey("e", SEED))
    statements = [json.loads(text) for text in texts[:200]]

    def our_statement() -> int:
        for statement in statements:
            signer.sign_json(check_statement(statement))
        return 200

    rows = []
    rates: dict[str, float] = {}
    for name, ours, theirs, limit, goal in (
        ("sign 1 kB", our_sign, raw_sign, "libsodium", 0.8),
        ("verify 1 kB", our_verify, raw_verify, "libsodium", 0.8),
        ("digest statement", our_digest, raw_hash, "SHA3-256 of the text", 0.1),
        ("sign statement", our_statement, raw_sign, "libsodium", 0.2),
    ):
        ratio, mine, other = rate_ratio(ours, theirs)
        rates[name] = mine
        rows.append(
            Row(
                "library",
                name,
                f"{mine:,.0f}/s",
                f"{limit} {other:,.0f}/s",
                ratio,
                f">= {goal}",
                ratio >= goal,
            )
        )
    sign_limit, verify_limit, hash_limit = rate(raw_sign), rate(raw_verify), rate(raw_hash)
    for words, path, other, limit, goal in (
        (["iop-digest"], "statements", hash_limit, "SHA3-256", 0.02),
        (["iop-sign", "--key", f"{folder}/key"], "records", sign_limit, "libsodium", 0.1),
        (["iop-verify"], "signed", verify_limit, "libsodium", 0.1),
        (
            ["iop-claim", "sign", "--key", f"{folder}/key"],
            "statements",
            sign_limit,
            "libsodium",
            0.1,
        ),
    ):
        mine = process_rate(words, f"{folder}/{path}", count)
        shown = " ".join(word for word in words if not word.startswith(("--", folder)))
        rates[shown] = mine
        ratio = mine / other
        rows.append(
            Row(
                "command",
                f"{shown}, {count} records",
                f"{mine:,.0f}/s",
                f"{limit} {other:,.0f}/s",
                ratio,
                f">= {goal}",
                ratio >= goal,
            )
        )
    rows += against_sdk(folder, rates)
    return rows


def against_sdk(folder: str, rates: dict[str, float]) -> list[Row]:
    """The same work by the original SDK under Node.js; says what is missing."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    sdk = os.path.join(base, "iop-tests", "sdk-5.0.1")
    if not shutil.which("node") or not os.path.isdir(os.path.join(sdk, "node_modules")):
        print(
            "left out: the SDK under Node.js (node, or the package that `make test` installs, is missing)",
            file=sys.stderr,
        )
        return []
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk.js")
    done = subprocess.run(
        ["node", script, sdk, f"{folder}/statements"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NODE_BACKEND": "js"},
    )
    theirs = json.loads(done.stdout)
    rows = []
    for what, mine, key in (
        ("digest statement", "digest statement", "digest"),
        ("sign 1 kB", "sign 1 kB", "sign"),
        ("verify 1 kB", "verify 1 kB", "verify"),
        ("sign statement", "sign statement", "statement"),
        ("iop-claim sign, whole process", "iop-claim sign", "statement"),
    ):
        ratio = rates[mine] / theirs[key]
        rows.append(
            Row(
                "peer",
                what,
                f"{rates[mine]:,.0f}/s",
                f"SDK {theirs[key]:,.0f}/s",
                ratio,
                ">= 1",
                ratio >= 1,
            )
        )
    return rows


def main() -> None:
    """Print the table and leave bench-result.json."""
    count = 5_000
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(folder, count)
        print(machine())
        rows = (
            startup(folder)
            + batches(folder, count)
            + kernels()
            + board()
            + lists()
            + http()
            + ledger()
        )
    print(show(rows))
    with open("bench-result.json", "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "rows": [row._asdict() for row in rows]}, file, indent=1)


if __name__ == "__main__":
    main()
