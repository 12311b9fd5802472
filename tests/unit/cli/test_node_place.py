"""What the verbs of iop-node share: progress that only people see, keys in two spellings."""

from types import SimpleNamespace

import pytest

from iop.errors import UsageError
from iop.keys.multicipher import PublicKey
from iop_cli import _node_place
from iop_cli._node_place import Progress, parse_sequencer

KEY = bytes.fromhex("0215f6ec53b40f1a3891686fe505fafd5f7cf8b15781df25b65d41868a19512ef3")


def shell(*, quiet=False):
    notes = []
    return SimpleNamespace(quiet=quiet, prog="iop-node", note=notes.append, notes=notes)


def drawn(monkeypatch, capfd, *, terminal, quiet=False, wait_s=0.0):
    monkeypatch.setattr("iop.io.config.is_terminal", lambda _fd: terminal)
    monkeypatch.setattr(_node_place, "QUIET_S", wait_s)
    monkeypatch.setattr(_node_place, "NOTE_S", wait_s)
    monkeypatch.setattr(_node_place, "PACE_S", 0.0)
    made = shell(quiet=quiet)
    with Progress(made, "import") as progress:
        progress(5, 10)
        progress(6)
    return capfd.readouterr().err, made.notes


def test_a_terminal_sees_it_come_and_go(monkeypatch, capfd):
    text, notes = drawn(monkeypatch, capfd, terminal=True)
    assert text == (
        "\r\x1b[Kiop-node: import: block 5 of 10 (50 %)\r\x1b[Kiop-node: import: block 6\r\x1b[K"
    )
    assert notes == []


def test_work_that_is_done_at_once_draws_nothing(monkeypatch, capfd):
    assert drawn(monkeypatch, capfd, terminal=True, wait_s=60.0) == ("", [])


def test_nothing_is_drawn_elsewhere_or_when_quiet(monkeypatch, capfd):
    notes = ["import: block 5 of 10 (50 %)", "import: block 6"]
    assert drawn(monkeypatch, capfd, terminal=False) == ("", notes)
    assert drawn(monkeypatch, capfd, terminal=True, quiet=True)[0] == ""


def test_a_sequencer_in_both_spellings():
    assert parse_sequencer(KEY.hex()) == KEY
    assert parse_sequencer(str(PublicKey("s", KEY))) == KEY


@pytest.mark.parametrize(
    "text",
    ["", "x", KEY.hex()[:-2], "zz" * 33, "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"],
)
def test_what_is_no_sequencer(text):
    with pytest.raises(UsageError):
        parse_sequencer(text)
