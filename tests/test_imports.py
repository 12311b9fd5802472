"""Start-up: what a filter may load. A new import is seen here before a clock could feel it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import iop
import iop_cli

# The product's own roots first: an editable install finds them by a hook that -S leaves out.
PLACES = [
    os.path.dirname(os.path.dirname(os.path.abspath(str(m.__file__)))) for m in (iop, iop_cli)
] + sys.path
HEAVY = (
    "click rich requests asyncio typing dataclasses re json logging argparse base64 pathlib inspect contextlib "
    "coincurve cryptography argon2 sqlite3 jsonschema uvicorn enum signal subprocess tempfile urllib socket threading"
).split()
SIGNED = (
    '{"signature":{"publicKey":"pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6","bytes":"sez6xWDUuiFyzCBdpZnKXGAfk'
    'C1rmzGJKxeVj4VMxA5oY1TxyPHk5M9tBSFkeNvuBzgwNDR3HAXSfcKgdZuwe99yV7y"},"content":{"claim":"cjuX"}}'
)
CASES = {
    "iop-digest": ([], '{"a":1}'),
    "iop-conv": (["--to", "cbor"], '{"a":1}'),
    "iop-verify": ([], SIGNED),
    "iop-sign": (["--key", "KEY"], '{"a":1}'),
    "iop-claim": (["--version"], ""),
    "iop-did": (["--version"], ""),
    "iop-tx": (["--version"], ""),
    "iop-board": (["check"], SIGNED.replace('"claim"', '"type":"a","claim"')),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_filter_loads_nothing_heavy(name: str, tmp_path: object) -> None:
    words, text = CASES[name]
    if "KEY" in words:
        key = os.path.join(str(tmp_path), "key")
        keygen = os.path.join(os.path.dirname(sys.executable), "iop-keygen")
        subprocess.run([keygen, "--unencrypted", "-o", key], check=True, capture_output=True)
        words = [key if word == "KEY" else word for word in words]
    module = name.removeprefix("iop-")
    code = (
        "import sys, os\n"
        "before = set(sys.modules)\n"
        "leave = os._exit\n"
        "def tell(status):\n"
        "    os.write(2, ('LOADED ' + ' '.join(set(sys.modules) - before) + '\\n').encode()); leave(status)\n"
        "os._exit = tell\n"
        f"sys.argv = {[name, *words]!r}\n"
        f"from iop_cli.{module} import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        input=text.encode(),
        capture_output=True,
        check=False,
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(p for p in PLACES if p)},
    )
    loaded = done.stderr.decode().rsplit("LOADED ", 1)[1].split()
    assert done.returncode in (0, 1), done.stderr
    assert not set(HEAVY).intersection(loaded)
