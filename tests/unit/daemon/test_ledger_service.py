"""What a node tells about itself in every phase, and its metrics."""

import os
import pwd

from iop.daemon.ledger_home import Home
from iop.daemon.ledger_service import LedgerService, Settings
from iop.daemon.lifecycle import Life
from iop.daemon.metrics import encode_metrics
from iop.daemon.notify import Notifier
from iop.daemon.unit import find_owner, make_unit


class Stub:
    """A node as far as its phase goes."""

    def __init__(self):
        self.forging_fails = ""
        self.writer = self
        self.last_error = ""


def test_phases(tmp_path):
    service = LedgerService(Home(str(tmp_path)), bytes(32), Settings())
    assert service.phase() == "stopping"  # not begun
    life = service._life = Life(Notifier({}))
    node = service._node = Stub()
    assert service.phase() == "starting"
    assert service._readiness().status == 503
    life.is_ready = True
    assert service.phase() == "ready"
    assert service._readiness().status == 200
    node.last_error = "disk full"
    assert service.phase() == "degraded"
    node.last_error, node.forging_fails = "", "disk full"
    assert service.phase() == "degraded"
    life.stopping.set()
    assert service.phase() == "stopping"


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


def test_owner_of_a_directory(tmp_path):
    name = pwd.getpwuid(os.geteuid()).pw_name
    assert find_owner(str(tmp_path)) == find_owner(str(tmp_path / "none")) == name
