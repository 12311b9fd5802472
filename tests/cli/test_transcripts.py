"""Runs the transcripts of this folder, the examples of every manual and the README's pipelines."""

from __future__ import annotations

import glob
import importlib.util
import os
import subprocess
import sys

import pytest

from iop_cli._command import Noun
from iop_cli._manual import parse_manual, verb_manual
from iop_cli._registry import ENTRIES, load

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("transcript", os.path.join(HERE, "transcript.py"))
assert spec and spec.loader
transcript = importlib.util.module_from_spec(spec)
spec.loader.exec_module(transcript)


def examples(name: str) -> str:
    entry = next(entry for entry in ENTRIES if entry.name == name)
    command, manual = load(entry)
    texts = [parse_manual(manual)[2].get("Examples", "")]
    if isinstance(command, Noun):
        texts += [verb_manual(verb)[2].get("Examples", "") for verb in command.verbs.values()]
    return "\n".join(texts)


@pytest.mark.parametrize(
    "path", sorted(glob.glob(os.path.join(HERE, "*.txt"))), ids=os.path.basename
)
def test_transcript(path: str, tmp_path: object) -> None:
    with open(path, encoding="utf-8") as file:
        assert transcript.run(file.read(), str(tmp_path), dict(os.environ)) > 0


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
def test_examples(name: str, tmp_path: object) -> None:
    text = examples(name)
    assert transcript.run(text, str(tmp_path), dict(os.environ)) > 0, f"{name} has no example"


def readme_blocks() -> list[str]:
    with open(os.path.join(HERE, "..", "..", "README.md"), encoding="utf-8") as file:
        text = file.read()
    return [part.split("```", 1)[0] for part in text.split("```sh\n")[1:]]


@pytest.mark.parametrize("block", readme_blocks(), ids=lambda block: block.split("\n")[0][:40])
def test_readme_pipeline_works_when_pasted(block: str, tmp_path: object) -> None:
    env = dict(os.environ) | {
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", block],
        cwd=str(tmp_path),
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"valid":true' in done.stdout
