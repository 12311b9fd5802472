"""What an operator may change while a node runs: the limits on its clients, and how much it logs.

They stand in a TOML file, which is read at the start and at every reload; what the command line says stays as it was said.
"""

from __future__ import annotations

from iop.errors import ConfigError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MAX_BYTES = 64 * 1024
LEVELS = ("warning", "info", "debug")
_HIGHEST = 1_000_000


@value
class Tuning:
    """rate_limit: requests of a client in a minute, 0 for any; connections: open at once; of one client, 0 for any; log: a level."""

    rate_limit: int = 0
    connections: int = 1024
    connections_per_client: int = 256
    log: str = "info"


TUNABLE: tuple[str, ...] = Tuning.__match_args__
_LEAST = {"rate_limit": 0, "connections": 1, "connections_per_client": 0}


def read_tuning(path: str, given: Mapping[str, Any]) -> Tuning:
    """The settings of a file, where there is one, under those of the command line. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        data = b""
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}") from exc
    try:
        found = parse_tuning(data)
    except ConfigError as exc:
        raise ConfigError(f"{path}: {exc.message}", hint=exc.hint) from exc
    return Tuning(**(found | dict(given)))


def parse_tuning(data: bytes) -> dict[str, Any]:
    """The settings that a file names. Raises ConfigError."""
    import tomllib

    if len(data) > MAX_BYTES:
        raise ConfigError(f"at most {MAX_BYTES} bytes expected")
    try:
        record = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as exc:
        raise ConfigError(f"no TOML: {exc}") from exc
    known = {name.replace("_", "-"): name for name in TUNABLE}
    for name in record:
        if name not in known:
            raise ConfigError(f"unknown setting {name!r:.60}", hint=f"known are {', '.join(known)}")
    found = {known[name]: item for name, item in record.items()}
    for name, item in found.items():
        check_setting(name, item)
    return found


def check_setting(name: str, item: object) -> None:
    """Nothing when the setting may have that value, else ConfigError."""
    shown = name.replace("_", "-")
    if name == "log":
        if item not in LEVELS:
            raise ConfigError(f"{shown} is one of {', '.join(LEVELS)}, got {item!r:.60}")
    elif type(item) is not int or not _LEAST[name] <= item <= _HIGHEST:
        raise ConfigError(f"{shown} is {_LEAST[name]} to {_HIGHEST}, got {item!r:.60}")
