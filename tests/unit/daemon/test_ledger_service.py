"""What a node tells about itself in every phase, and its metrics."""

import os
import pwd
import shutil
import subprocess
import time
from types import SimpleNamespace

import pytest

from iop.daemon.ledger.replica import Replica
from iop.daemon.ledger.report import Report
from iop.daemon.lifecycle import Life
from iop.daemon.metrics import encode_metrics
from iop.daemon.notify import Notifier
from iop.daemon.unit import find_owner, make_unit


class Stub:
    """A node as far as its phase goes."""

    def __init__(self):
        self.trouble = ""


def test_phases():
    report = Report("sequencer", "sqlite")
    assert report.phase() == "stopping"  # not begun
    life = report.life = Life(Notifier({}))
    assert report.phase() == "starting"
    assert report.status()["phase"] == "starting"
    node = report.node = Stub()
    assert report.phase() == "starting"
    assert report.readiness().status == 503
    life.is_ready = True
    assert report.phase() == "ready"
    assert report.readiness().status == 200
    node.trouble = "disk full"
    assert report.phase() == "degraded"
    assert report.readiness().status == 503
    life.stopping.set()
    assert report.phase() == "stopping"


@pytest.mark.parametrize(
    ("lag", "silence_s", "phase"),
    [(0, 0.0, "ready"), (3, 0.0, "ready"), (4, 0.0, "degraded"), (0, 31.0, "degraded")],
)
def test_a_replica_that_is_behind_is_degraded(lag, silence_s, phase):
    report = Report("replica", "sqlite", max_lag=3)
    life = report.life = Life(Notifier({}))
    life.is_ready = True
    node = report.node = Replica.__new__(Replica)
    node.trouble = ""
    node.state = SimpleNamespace(height=10)
    node._head = 10 + lag
    node._heard = time.monotonic() - silence_s
    assert report.phase() == phase
    assert bool(report.trouble()) == (phase == "degraded")


def test_metrics_text():
    figures = [
        ("a_total", "counter", "Some", {(("status", "200"),): 5, (("status", "404"),): 1}),
        ("b", "gauge", "Other", {(): 7}),
    ]
    assert encode_metrics(figures) == (
        b"# HELP a_total Some\n# TYPE a_total counter\n"
        b'a_total{status="200"} 5\na_total{status="404"} 1\n'
        b"# HELP b Other\n# TYPE b gauge\nb 7\n"
    )


def test_unit_quotes_what_systemd_would_read():
    text = make_unit("iop-node", ["run", "--home", '/a b/%c$d"\\'], ["/a b", "/c", "/c"], "me")
    assert '"/a b/%%c$$d\\"\\\\"' in text
    assert 'ReadWritePaths="/a b" /c\n' in text
    assert "Type=notify\n" in text and "User=me\n" in text


def test_unit_is_one_that_systemd_takes(tmp_path):
    """systemd's own judgement, where it is installed: no complaint, and little exposure."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here: the unit is not judged by systemd")
    unit = tmp_path / "iop-node.service"
    text = make_unit("iop-node", ["run", "--home", str(tmp_path)], [str(tmp_path)], "iop")
    unit.write_text(text.replace("ExecStart=", "ExecStart=/bin/true ", 1))
    verified = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        [program, "security", "--offline=true", "--threshold=25", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-3000:]


def test_owner_of_a_directory(tmp_path):
    name = pwd.getpwuid(os.geteuid()).pw_name
    assert find_owner(str(tmp_path)) == find_owner(str(tmp_path / "none")) == name
