"""Writes what is generated from the commands: man1 pages, completions and the README's table.

`python -m iop_cli._docs DIR` writes below DIR; a test compares the tree with a fresh run.
"""

from __future__ import annotations

import os
import sys

from iop import __version__
from iop_cli._command import Command, Noun
from iop_cli._complete import bash, fish, zsh
from iop_cli._manual import man_page, parse_manual
from iop_cli._registry import ENTRIES, GROUPS, load

BEGIN, END = "<!-- commands -->", "<!-- /commands -->"


def generate(readme: str) -> dict[str, str]:
    """Every generated file by its path, and README.md with a fresh table."""
    files: dict[str, str] = {}
    commands: dict[str, Command | Noun] = {}
    summaries: dict[str, str] = {}
    names = [entry.name for entry in ENTRIES]
    for entry in ENTRIES:
        command, manual = load(entry)
        commands[entry.name] = command
        summaries[entry.name] = parse_manual(manual)[0]
        files[f"man/man1/{entry.name}.1"] = man_page(
            command, entry.name, manual, __version__, _related(manual, names)
        )
        files[f"completions/bash/{entry.name}"] = bash(entry.name, command)
        files[f"completions/fish/{entry.name}.fish"] = fish(
            entry.name, command, summaries[entry.name]
        )
    files["completions/zsh/_iop"] = zsh(commands)
    if BEGIN in readme:
        head, rest = readme.split(BEGIN, 1)
        tail = rest.split(END, 1)[1]
        readme = f"{head}{BEGIN}\n{_table(summaries)}{END}{tail}"
    files["README.md"] = readme
    return files


def _related(manual: str, names: list[str]) -> list[str]:
    named = parse_manual(manual)[2].get("See also", "")
    wanted = [word.strip(",") for word in named.split()]
    return [name for name in wanted if name in names or name.endswith((")",))] or ["iop"]


def _table(summaries: dict[str, str]) -> str:
    lines = ["| area | command | what it does |", "| --- | --- | --- |"]
    lines += [
        f"| {title} | `{entry.name}` | {summaries[entry.name]} |"
        for group, title in GROUPS.items()
        for entry in ENTRIES
        if entry.group == group
    ]
    return "\n".join(lines) + "\n"


def main(root: str) -> None:
    """Write everything below `root`, and remove pages of commands that are gone."""
    with open(os.path.join(root, "README.md"), encoding="utf-8") as file:
        files = generate(file.read())
    for folder in ("man/man1", "completions/bash", "completions/zsh", "completions/fish"):
        path = os.path.join(root, folder)
        os.makedirs(path, exist_ok=True)
        for name in os.listdir(path):
            if f"{folder}/{name}" not in files:
                os.unlink(os.path.join(path, name))
    for name, text in files.items():
        with open(os.path.join(root, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
