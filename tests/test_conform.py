"""Every vector file passes: the recorded ones of this tree, and the standards' own files where they lie beside the checkout."""

from __future__ import annotations

import glob
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
CONFORM = os.path.join(os.path.dirname(sys.executable), "iop-conform")
STANDARDS = os.path.join(HERE, "..", "..", "shared", "vectors", "standards")
AREAS = "bip39 bip32 slip10 base58 bech32 multiformats did-key ed25519 secp256k1 kdf aead jcs cbor jose".split()
RECORDED = sorted(glob.glob(os.path.join(HERE, "vectors/morpheus/*.json")))


def conform(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CONFORM, "-v", path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", RECORDED, ids=os.path.basename)
def test_recorded(path: str) -> None:
    done = conform(path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert done.stdout.rstrip().split("\n")[-1].endswith(" 0 failed")


@pytest.mark.parametrize("area", AREAS)
def test_standard(area: str) -> None:
    files = sorted(glob.glob(os.path.join(STANDARDS, area, "*.json")))
    if not files:
        pytest.skip(f"the standard's own files for {area} are not beside this checkout")
    for path in files:
        done = conform(path)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def test_unknown_file_is_a_failure(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "x.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"name": "nobody knows", "cases": []}')
    done = conform(path)
    assert done.returncode == 1
    assert done.stdout.rstrip().endswith("0 passed, 1 failed")
