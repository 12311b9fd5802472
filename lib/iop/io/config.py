"""The environment, read once. Every variable equals an option and is listed in the manuals."""

from __future__ import annotations

import os

from iop.errors import ConfigError

VARIABLES = ("IOP_HOME", "IOP_NETWORK", "IOP_DEBUG", "IOP_KERNEL", "IOP_COLOR")


def read_variable(name: str, default: str = "") -> str:
    """The value of one of our variables; the empty string counts as unset."""
    return os.environ.get(name) or default


def is_debug() -> bool:
    """True when tracebacks of our own bugs are wanted."""
    return read_variable("IOP_DEBUG") not in ("", "0")


def choose_color(stream_fd: int, demand: str = "auto") -> bool:
    """Whether to colour what goes to one descriptor: option, then IOP_COLOR, NO_COLOR, TERM and the terminal itself."""
    if demand == "auto":
        demand = read_variable("IOP_COLOR", "auto")
    if demand not in ("auto", "always", "never"):
        raise ConfigError(f"IOP_COLOR is auto, always or never, got {demand!r}")
    if demand != "auto":
        return demand == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream_fd)


def is_terminal(fd: int) -> bool:
    """True when the descriptor is open and a terminal."""
    try:
        return os.isatty(fd)
    except OSError:
        return False
