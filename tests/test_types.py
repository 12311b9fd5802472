"""Types and style, judged by the tools where they are installed; they are no dependency, so an absent one is named and passed over."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("lib", "cli", "cext", "tests")


def run(tool: str, *words: str) -> None:
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed")
    command = [sys.executable, "-m", tool, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy() -> None:
    run("mypy")


def test_ruff_check() -> None:
    run("ruff", "check", *SOURCES)


def test_ruff_format() -> None:
    run("ruff", "format", "--check", *SOURCES)
