"""Where things live on this host, after the XDG base directories; IOP_HOME moves everything."""

from __future__ import annotations

import os

from iop.io.config import read_variable


def _base(variable: str, fallback: str, part: str) -> str:
    home = read_variable("IOP_HOME")
    if home:
        return os.path.join(home, part)
    return os.path.join(
        os.environ.get(variable) or os.path.expanduser(f"~/{fallback}"),
        "iop",
    )


def config_dir() -> str:
    """Directory of configuration files."""
    return _base("XDG_CONFIG_HOME", ".config", "config")


def data_dir() -> str:
    """Directory of keys, vaults and other things that must not be lost."""
    return _base("XDG_DATA_HOME", ".local/share", "data")


def state_dir() -> str:
    """Directory of node state."""
    return _base("XDG_STATE_HOME", ".local/state", "state")


def runtime_dir() -> str:
    """Directory of control sockets."""
    if read_variable("IOP_HOME") or not os.environ.get("XDG_RUNTIME_DIR"):
        return os.path.join(state_dir(), "run")
    return os.path.join(os.environ["XDG_RUNTIME_DIR"], "iop")
