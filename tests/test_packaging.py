"""A wheel holds every module, page and completion of the tree, and installs without a compiler."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import zipfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy of what git tracks, with a compiler that always fails: the kernels are optional."""
    out = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this tree is not a git checkout")
    for name in listed.stdout.split("\n"):
        if name and not name.startswith("tests/") and os.path.exists(os.path.join(ROOT, name)):
            target = os.path.join(source, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(os.path.join(ROOT, name), "rb") as src, open(target, "wb") as dst:
                dst.write(src.read())
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(out), str(source)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | {"CC": "/bin/false"},
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(glob.glob(str(out / "*.whl"))[0])


def test_modules_are_all_there(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for root in ("lib", "cli", "cext"):
        for path in glob.glob(os.path.join(ROOT, root, "**/*.py"), recursive=True):
            if "/build/" not in path:
                assert os.path.relpath(path, os.path.join(ROOT, root)) in names


def test_pages_and_completions_are_there(wheel: zipfile.ZipFile) -> None:
    names = [name.split("/data/", 1)[1] for name in wheel.namelist() if "/data/" in name]
    for path in glob.glob(os.path.join(ROOT, "man/man*/*")):
        assert f"share/man/{os.path.relpath(path, os.path.join(ROOT, 'man'))}" in names
    assert len([n for n in names if "bash-completion" in n]) == len(
        glob.glob(os.path.join(ROOT, "completions/bash/*"))
    )


def test_no_compiler_no_kernels(wheel: zipfile.ZipFile) -> None:
    assert not [name for name in wheel.namelist() if name.endswith(".so")]
