"""iop-operator(7), followed to the letter: every command of the page, in its order, in one shell."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
PAGE = ROOT / "man" / "man7" / "iop-operator.7"
SETTINGS = ("DATA", "BACKUPS", "UNITS", "ADDRESS", "READS", "DATABASE")
ON_A_SERVER = "MOVING TO POSTGRESQL"


def read_page():
    """(section, commands) of every example of the page."""
    found = []
    section = ""
    lines = iter(PAGE.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        if line.startswith(".SH "):
            section = line[4:]
        if line == ".EX":
            block = []
            for inner in lines:
                if inner == ".EE":
                    break
                block.append(inner.replace("\\-", "-").replace("\\e", "\\"))
            found.append((section, "\n".join(block)))
    return found


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def host(tmp_path):
    """A place with the page's settings, a systemctl and the product's commands; services that are left are ended."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "systemctl").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "systemctl.py"}" "$@"\n'
    )
    (programs / "systemctl").chmod(0o755)
    if not shutil.which("curl"):
        (programs / "curl").write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -c \'import sys, urllib.request as r; '
            'sys.stdout.write(r.urlopen(sys.argv[-1]).read().decode())\' "$@"\n'
        )
        (programs / "curl").chmod(0o755)
    units = tmp_path / "units"
    units.mkdir()
    path = os.pathsep.join((str(programs), os.path.dirname(sys.executable), os.environ["PATH"]))
    environment = os.environ | {
        "PATH": path,
        "DATA": str(tmp_path / "data"),
        "BACKUPS": str(tmp_path / "backups"),
        "UNITS": str(units),
        "ADDRESS": free_address(),
        "READS": free_address(),
        "DATABASE": "",
    }
    yield environment
    for unit in units.glob("*.pid"):
        subprocess.run(
            [str(programs / "systemctl"), "stop", unit.stem], env=environment, check=False
        )


def follow(blocks, environment, folder):
    """Run the commands as one script that ends at the first failure; its output."""
    steps = [f": === {section}\n{commands}" for section, commands in blocks]
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(steps)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    logs = "".join(path.read_text()[-3000:] for path in Path(environment["UNITS"]).glob("*.log"))
    assert done.returncode == 0, done.stderr[-6000:] + logs
    return done.stdout


def check_outcome(output, environment):
    assert output.count('"type":"iop.tx-sent/1"') + output.count('"type":"iop.tx-status/1"') > 0
    assert '"valid":false' not in output
    assert output.count('"valid":true') >= 5
    assert "\niop_block_height " in output


def test_every_figure_is_on_the_page():
    source = (ROOT / "lib" / "iop" / "daemon" / "ledger" / "report.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(iop_[a-z_]+)"', source))
    assert len(names) > 15
    page = re.findall(r"iop_[a-z_]+", PAGE.read_text(encoding="utf-8"))
    assert names == set(page)


def test_the_page_begins_with_its_settings():
    section, first = read_page()[0]
    assert section == "DESCRIPTION"
    assert tuple(re.findall(r"(\w+)=", first)) == SETTINGS
    assert sum(name == ON_A_SERVER for name, _ in read_page()) == 1


def test_the_page_works_with_files_alone(host, tmp_path):
    blocks = [(name, text) for name, text in read_page()[1:] if name != ON_A_SERVER]
    check_outcome(follow(blocks, host, tmp_path), host)


@pytest.fixture
def database():
    from postgres_server import make_server

    server = make_server()
    yield server.url(server.make_database())
    server.close()


def test_the_page_works_with_postgresql(host, tmp_path, database):
    output = follow(read_page()[1:], host | {"DATABASE": database}, tmp_path)
    check_outcome(output, host)
    assert '"store":"postgresql"' in output
