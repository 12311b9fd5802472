"""Start-up: what a filter may load. A new import is seen here before a clock could feel it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = (
    "click rich requests asyncio typing dataclasses re json logging argparse base64 pathlib inspect contextlib "
    "coincurve cryptography argon2 sqlite3 jsonschema uvicorn enum signal subprocess tempfile urllib socket threading"
).split()
CASES = {
    "iop-digest": ([], '{"a":1}'),
    "iop-conv": (["--to", "cbor"], '{"a":1}'),
    "iop-verify": ([], '{"signature":{"publicKey":"pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6",'
                       '"bytes":"sez9Y5LqzDL3EqViokABUPR7KLDS9aR9La7UPvSp2Ui6RYajJbXWFH32zPeFheba5s3R1Pps6b7gSAFRLmF2cmQJeQc"},'
                       '"content":{"a":1}}'),
    "iop-claim": (["--version"], ""),
    "iop-did": (["--version"], ""),
    "iop-tx": (["--version"], ""),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_filter_loads_nothing_heavy(name: str) -> None:
    words, text = CASES[name]
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
        [sys.executable, "-S", "-c", code], input=text, capture_output=True, text=True, check=False,
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    loaded = done.stderr.rsplit("LOADED ", 1)[1].split()
    assert done.returncode in (0, 1), done.stderr
    assert not set(HEAVY).intersection(loaded)
