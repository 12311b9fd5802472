"""The options of a read replica: `iop-node run --replica` and what stands beside it."""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._node_place import parse_sequencer
from iop_cli._option import Option, declare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])

MAX_LAG = 8  # blocks, as iop.daemon.ledger.report has it
HIGHEST = 1_000_000


def replica_options(function: F) -> F:
    """--replica, --primary, --sequencer and --max-lag."""
    return declare(
        function,
        Option(
            ("--replica",),
            kind="flag",
            help="Follow the store that another node writes to, without a key, and answer reads.",
        ),
        Option(
            ("--primary",),
            metavar="URL",
            help="Node that a replica hands transactions on to, as http://127.0.0.1:4703; without it they are refused.",
        ),
        Option(
            ("--sequencer",),
            metavar="KEY",
            help="Public key whose blocks a replica takes, hex or multicipher text. Default: that of the first block it reads.",
        ),
        Option(
            ("--max-lag",),
            kind="int",
            default=MAX_LAG,
            metavar="BLOCKS",
            help="Blocks that a ready replica may be behind its store.",
        ),
    )


def read_replica(shell: Shell) -> dict[str, Any]:
    """The settings that these options name. Raises UsageError."""
    options = shell.options
    primary, sequencer, max_lag = options["primary"], options["sequencer"], options["max_lag"]
    if not options["replica"]:
        for name in ("primary", "sequencer"):
            if options[name] is not None:
                raise UsageError(f"--{name} goes with --replica")
        return {}
    if options["take_over"]:
        raise UsageError("--replica and --take-over exclude one another")
    if not isinstance(max_lag, int) or not 0 <= max_lag <= HIGHEST:
        raise UsageError(f"--max-lag is 0 to {HIGHEST}, got {max_lag}")
    if isinstance(primary, str):
        from iop.io.node_exchange import normalize_url

        primary = normalize_url(primary)
    return {
        "replica": True,
        "primary": primary or "",
        "sequencer": parse_sequencer(sequencer) if isinstance(sequencer, str) else b"",
        "max_lag": max_lag,
    }


def spell_replica(shell: Shell) -> list[str]:
    """These options as they were given, for a unit file."""
    options = shell.options
    words = ["--replica"] * bool(options["replica"])
    for name in ("primary", "sequencer"):
        if options[name] is not None:
            words += [f"--{name}", str(options[name])]
    if options["max_lag"] != MAX_LAG:
        words += ["--max-lag", str(options["max_lag"])]
    return words


def find_followed(shell: Shell, home: str) -> list[str]:
    """Directory of the file that a replica follows, where SQLite keeps its index of the journal; empty for a server."""
    import os

    from iop.daemon.ledger.home import Home, read_place
    from iop.store.ledger_open import is_url

    if not shell.options["replica"]:
        return []
    place = read_place(Home(home))
    return [] if is_url(place) else [os.path.dirname(place)]
