"""Manuals, completions, registry and README agree with the commands."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import tomllib

import pytest

from iop.errors import IopError
from iop_cli._command import Command, Noun
from iop_cli._docs import generate
from iop_cli._registry import ENTRIES, load

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path: str) -> str:
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def test_generated_files_are_fresh() -> None:
    fresh = generate(read("README.md"))
    stale = [
        name
        for name, text in fresh.items()
        if not os.path.exists(os.path.join(ROOT, name)) or read(name) != text
    ]
    assert not stale, "run `make docs`"
    kept = {
        os.path.relpath(path, ROOT)
        for folder in ("man/man1", "completions/bash", "completions/zsh", "completions/fish")
        for path in glob.glob(os.path.join(ROOT, folder, "*"))
    }
    assert kept == set(fresh) - {"README.md"}


def test_registry_matches_scripts_and_modules() -> None:
    scripts = tomllib.loads(read("pyproject.toml"))["project"]["scripts"]
    assert scripts == {entry.name: f"iop_cli.{entry.module}:main" for entry in ENTRIES}
    modules = {
        os.path.basename(p)[:-3] for p in glob.glob(os.path.join(ROOT, "cli/iop_cli/[!_]*.py"))
    }
    assert modules == {entry.module for entry in ENTRIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_option_and_verb_is_explained(entry: object) -> None:
    command, manual = load(entry)  # type: ignore[arg-type]
    assert re.match(rf"{entry.name}\(1\): .+\.$", manual.split("\n")[0])  # type: ignore[attr-defined]
    verbs = list(command.verbs.values()) if isinstance(command, Noun) else [command]
    for verb in verbs:
        assert isinstance(verb, Command)
        assert verb.function.__doc__
        assert all(option.help for option in verb.options), verb.name
        names = [name for option in verb.options for name in option.names]
        assert len(names) == len(set(names)), f"{verb.name} declares an option twice"


def test_statuses_are_the_documented_ones() -> None:
    from iop_cli._manual import STATUSES

    found, todo = set(), [IopError]
    while todo:
        one = todo.pop()
        found.add((one.code, one.exit))
        todo += one.__subclasses__()
    assert {status for _, status in found} <= set(STATUSES)
    page = read("man/man7/iop-errors.7")
    assert all(f"\n.B {code}" in page for code, _ in found - {("bug", 70)})


@pytest.mark.parametrize(
    "path", sorted(glob.glob(os.path.join(ROOT, "man/man*/*"))), ids=os.path.basename
)
def test_pages_are_clean(path: str) -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", "-Tutf8", "-K", "utf8", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr and done.returncode == 0


def test_bash_completions_answer() -> None:
    script = f"""
    cd /; source {ROOT}/completions/bash/iop-claim
    COMP_WORDS=(iop-claim si); COMP_CWORD=1; _iop_claim; echo "${{COMPREPLY[@]}}"
    COMP_WORDS=(iop-claim sign --on-err); COMP_CWORD=2; _iop_claim; echo "${{COMPREPLY[@]}}"
    COMP_WORDS=(iop-claim sign --on-error s); COMP_CWORD=3; _iop_claim; echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:3] == ["sign", "--on-error", "stop skip"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_parse(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    for path in glob.glob(os.path.join(ROOT, "completions", shell, "*")):
        done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, path


def test_every_record_type_is_in_the_manual() -> None:
    page = read("man/man5/iop-record.5").replace("\\-", "-")
    found = set()
    for path in glob.glob(os.path.join(ROOT, "lib/**/*.py"), recursive=True) + glob.glob(
        os.path.join(ROOT, "cli/**/*.py"), recursive=True
    ):
        found |= set(re.findall(r'"(iop\.[a-z-]+/\d)"', read(os.path.relpath(path, ROOT))))
    inner = {
        name for name in found if name.startswith(("iop.coeus-", "iop.chain"))
    }  # a node's own state
    assert not {name for name in found - inner if name not in page}
