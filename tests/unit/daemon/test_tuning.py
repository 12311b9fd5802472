"""Settings that may change while a node runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.daemon.tuning import MAX_BYTES, Tuning, parse_tuning, read_tuning
from iop.errors import ConfigError

ALL = b'rate-limit = 100\nconnections = 7\nconnections-per-client = 0\nlog = "debug"\n'


def test_all_settings():
    assert Tuning(**parse_tuning(ALL)) == Tuning(100, 7, 0, "debug")


def test_no_file_means_the_defaults(tmp_path):
    assert read_tuning(str(tmp_path / "none"), {}) == Tuning()


def test_the_command_line_comes_first(tmp_path):
    file = tmp_path / "node.toml"
    file.write_bytes(ALL)
    assert read_tuning(str(file), {"connections": 9}) == Tuning(100, 9, 0, "debug")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "rate-limit = -1",
        "rate-limit = true",
        'rate-limit = "5"',
        "rate-limit = 1.5",
        "connections = 0",
        "connections = 1000001",
        "connections-per-client = []",
        'log = "loud"',
        "log = 1",
        "rate_limit = 5",
        "more = 1",
        "rate-limit = 1\nrate-limit = 2",
        "\xff",
        "#" * (MAX_BYTES + 1),
        "a = " + "[" * 20_000,
    ],
)
def test_refusals(tmp_path, text):
    file = tmp_path / "node.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=str(file)):
        read_tuning(str(file), {})


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        read_tuning(str(tmp_path), {})


@given(st.binary(max_size=60))
def test_any_bytes(data):
    try:
        parse_tuning(data)
    except ConfigError:
        return
