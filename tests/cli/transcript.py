"""Parses and runs transcripts; their form is told in README.md beside this file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import NamedTuple


class Step(NamedTuple):
    line: int
    command: str
    stdout: list[str]
    stderr: list[str]
    status: int


class Inline(NamedTuple):
    name: str
    text: str


def parse(text: str) -> list[Step | Inline]:
    parts: list[Step | Inline] = []
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.startswith("--- "):
            end = lines.index("---", index)
            parts.append(Inline(line[4:].strip(), "\n".join(lines[index:end]) + "\n"))
            index = end + 1
        elif line.startswith("$ "):
            start = index
            command = [line[2:]]
            while index < len(lines) and lines[index].startswith("> "):
                command.append(lines[index][2:])
                index += 1
            out, err, status = [], [], 0
            while index < len(lines) and not lines[index].startswith(("$ ", "--- ", "# ")):
                found = lines[index]
                index += 1
                if found.startswith("? "):
                    status = int(found[2:])
                    break
                if found.startswith("! "):
                    err.append(found[2:])
                else:
                    out.append(found)
            while out and not out[-1]:
                out.pop()
            parts.append(Step(start, "\n".join(command), out, err, status))
    return parts


def is_like(expected: list[str], got: str) -> bool:
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(piece) for piece in line.split("...")) + r"\n"
    return re.fullmatch(pattern, got if not got or got.endswith("\n") else got + "\n") is not None


def run(text: str, folder: str, env: dict[str, str], bindir: str | None = None) -> int:
    """Runs every step; AssertionError at the first that differs. Returns the number of steps."""
    steps = 0
    bindir = bindir or os.path.dirname(sys.executable)
    env = env | {"PATH": bindir + os.pathsep + env.get("PATH", "/usr/bin:/bin")}
    for part in parse(text):
        if isinstance(part, Inline):
            path = os.path.join(folder, part.name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(part.text)
            os.chmod(path, 0o600)  # some are passphrases
            continue
        steps += 1
        done = subprocess.run(
            ["bash", "-c", part.command],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        out = done.stdout.decode("utf-8", "backslashreplace")
        err = done.stderr.decode("utf-8", "backslashreplace")
        shown = f"\n$ {part.command}\n{out}\n--- stderr\n{err}\n--- status {done.returncode}, wanted {part.status}"
        assert done.returncode == part.status, f"status{shown}"
        assert is_like(part.stdout, out), f"stdout{shown}\n--- wanted\n" + "\n".join(part.stdout)
        if part.stderr:
            assert is_like(part.stderr, err), f"stderr{shown}\n--- wanted\n" + "\n".join(
                part.stderr
            )
    return steps
