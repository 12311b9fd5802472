"""The verb `iop-node run`: its many options, and the way into the daemon."""

from __future__ import annotations

import os
import sys

from iop.errors import UsageError
from iop_cli._command import daemon
from iop_cli._node_place import home_option
from iop_cli._node_replica import find_followed, read_replica, replica_options, spell_replica
from iop_cli._option import option, passphrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop_cli._shell import Shell

MAX_BLOCK_TIME_S = 86_400
DEFAULTS = {"block_time": None, "probes": "auto", "snapshot_after": 200_000}
TUNED = ("rate_limit", "connections", "connections_per_client")


@daemon
@home_option
@option(
    "--listen",
    default="127.0.0.1:4703",
    metavar="HOST:PORT",
    help="Where to serve HTTP; port 0 lets the system choose.",
)
@option(
    "--block-time",
    kind="float",
    metavar="SECONDS",
    help="Time between blocks; 0 makes one as soon as transactions wait. Default: the network's.",
)
@option(
    "--no-empty-blocks", kind="flag", help="Make blocks only when transactions wait, and one after."
)
@option("--port-file", kind="file", metavar="FILE", help="Write the port here once ready.")
@option("--pid-file", kind="file", metavar="FILE", help="Write the process id here once ready.")
@option(
    "--rate-limit",
    kind="int",
    metavar="N",
    help="Requests a client may send in a minute; 0, the default: any.",
)
@option(
    "--connections",
    kind="int",
    metavar="N",
    help="Open connections at most; default 1024.",
)
@option(
    "--connections-per-client",
    kind="int",
    metavar="N",
    help="Open connections of one client at most; default 256, 0: any.",
)
@option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network of a proxy whose X-Forwarded-For names the client, or unix.",
)
@option(
    "--probes",
    kind="choice",
    choices=("auto", "on", "off"),
    default=DEFAULTS["probes"],
    help="Answer /healthz, /readyz and /metrics to this host; auto: where only it can connect.",
)
@option(
    "--snapshot-after",
    kind="int",
    default=DEFAULTS["snapshot_after"],
    metavar="N",
    help="Write a snapshot after so many blocks and transactions, and a last one at the end; 0: never.",
)
@option(
    "--take-over",
    kind="flag",
    help="Sign on with this directory's key although another key signed the newest block.",
)
@replica_options
@option("--print-unit", kind="flag", help="Print a unit file for systemd and exit.")
@passphrase
def run_(shell: Shell, home: str, block_time: float | None, **given: Any) -> int:
    """Run the node in the foreground until it is told to stop."""
    from iop.daemon.ledger.service import Settings, run_ledger

    if block_time is not None and not 0 <= block_time <= MAX_BLOCK_TIME_S:
        raise UsageError(f"--block-time is 0 to {MAX_BLOCK_TIME_S} seconds, got {block_time}")
    if given["snapshot_after"] < 0:
        raise UsageError(f"--snapshot-after is 0 or more, got {given['snapshot_after']}")
    replica = read_replica(shell)
    tuning = _read_tuned(shell, given)
    if given["print_unit"]:
        return _print_unit(shell, home, given["trusted_proxy"])
    from iop_cli._secrets import find_source

    settings = Settings(
        given["listen"],
        block_time,
        not given["no_empty_blocks"],
        given["port_file"],
        given["probes"],
        given["trusted_proxy"],
        tuning,
        snapshot_after=given["snapshot_after"],
        take_over=given["take_over"],
        **replica,
    )
    return run_ledger(home, find_source(shell), settings, given["pid_file"])


def _read_tuned(shell: Shell, given: dict[str, Any]) -> dict[str, Any]:
    """Those settings that may change while the node runs and that the command line fixes. Raises UsageError."""
    from iop.daemon.tuning import check_setting
    from iop.errors import ConfigError

    found = {name: given[name] for name in TUNED if given[name] is not None}
    try:
        for name, item in found.items():
            check_setting(name, item)
    except ConfigError as error:
        raise UsageError(f"--{error.message}") from error
    if shell.quiet or shell.verbose:
        found["log"] = "warning" if shell.quiet else "debug"
    return found


def _print_unit(shell: Shell, home: str, proxies: tuple[str, ...]) -> int:
    """Print the unit file of a service that runs with the options given here."""
    from iop.daemon.unit import find_owner, make_unit
    from iop_cli._secrets import find_source

    options, source = shell.options, find_source(shell)
    if source.file == "-" or source.fd is not None:
        raise UsageError(
            "a service has no input to read a passphrase from",
            hint="--passphrase-file FILE, or LoadCredential= in the unit",
        )
    place = os.path.abspath(home)
    words = ["run", "--home", place, "--listen", str(options["listen"])]
    for name in ("block_time", *TUNED, "probes", "snapshot_after"):
        if options[name] != DEFAULTS.get(name):
            words += [f"--{name.replace('_', '-')}", _spell(options[name])]
    words += [f"--trusted-proxy={proxy}" for proxy in proxies]
    writable = [place, *find_followed(shell, home)]
    for name in ("port_file", "pid_file", "passphrase_file"):
        if options[name] is not None:
            path = os.path.abspath(str(options[name]))
            words += [f"--{name.replace('_', '-')}", path]
            if name != "passphrase_file":
                writable.append(os.path.dirname(path))
    words += ["--no-empty-blocks"] * bool(options["no_empty_blocks"])
    words += ["--take-over"] * bool(options["take_over"]) + spell_replica(shell)
    words += ["-v"] * shell.verbose + ["-q"] * shell.quiet
    user = find_owner(place)
    if user == "root":
        shell.warn("this unit runs the node as root", f"make a user for it: chown -R USER {place}")
    sys.stdout.write(make_unit("iop-node", words, writable, user))
    return 0


def _spell(number: object) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)
