"""The verbs of iop-node that talk to the running node of a directory: status, reload and stop."""

from __future__ import annotations

import time

from iop.errors import NetError
from iop_cli._command import source
from iop_cli._node_place import home_option
from iop_cli._option import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

POLL_S = 0.05


@source(predicate=True)
@home_option
@option(
    "--wait",
    kind="float",
    metavar="SECONDS",
    help="Wait so long until the node is ready.",
)
@option(
    "--timeout",
    kind="float",
    default=5.0,
    metavar="SECONDS",
    help="Give up waiting after this long.",
)
def status(shell: Shell, home: str, wait: float | None, timeout: float) -> Iterator[Any]:
    """Tell how the node of a directory is: status 0 ready, 75 starting or degraded, 69 not running."""
    from iop.daemon.ledger.home import Home, demand_node

    place = Home(home)
    demand_node(place)
    record = _await_ready(place.control, wait or 0.0, timeout)
    if record.get("phase") != "ready":
        shell.status = 75
    yield record


def _await_ready(control: str, wait_s: float, timeout_s: float) -> dict[str, Any]:
    """The node's record, as soon as it says ready or when the time is over. Raises NetError when nobody answers then."""
    from iop.daemon.control import ask

    end = time.monotonic() + wait_s
    while True:
        left = end - time.monotonic()
        try:
            record = ask(control, "status", timeout_s=timeout_s)
            if record.get("phase") == "ready" or left <= 0:
                return record
        except NetError:
            if left <= 0:
                raise
        time.sleep(min(POLL_S, max(left, 0)))


@source
@home_option
@option(
    "--timeout",
    kind="float",
    default=5.0,
    metavar="SECONDS",
    help="Give up waiting after this long.",
)
def reload(_shell: Shell, home: str, timeout: float) -> Iterator[Any]:
    """Have the node of a directory read its node.toml again, as HUP does; status 78 tells that it was refused."""
    yield _ask(home, "reload", timeout)


@source
@home_option
@option(
    "--timeout",
    kind="float",
    default=5.0,
    metavar="SECONDS",
    help="Give up waiting after this long.",
)
def stop(_shell: Shell, home: str, timeout: float) -> Iterator[Any]:
    """Tell the node of a directory to stop, as TERM does."""
    yield _ask(home, "stop", timeout)


def _ask(home: str, verb: str, timeout_s: float) -> dict[str, Any]:
    from iop.daemon.control import ask
    from iop.daemon.ledger.home import Home, demand_node

    place = Home(home)
    demand_node(place)
    return ask(place.control, verb, timeout_s=timeout_s)
