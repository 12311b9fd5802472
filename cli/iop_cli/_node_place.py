"""What the verbs of iop-node share: the directory, its store and lock, the sequencer to trust, progress on a terminal."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from iop.errors import BusyError, UsageError
from iop_cli._option import Option, declare, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from iop.daemon.ledger.home import Home
    from iop.ledger.genesis import Genesis
    from iop.store.ledger import LedgerStore
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])

QUIET_S = 1.0  # before progress shows
PACE_S = 0.1  # between two lines of it
NOTE_S = 60.0  # between two lines with -v where there is no terminal

home_option = option(
    "--home", kind="file", required=True, metavar="DIR", help="Directory of the node's state."
)


def sequencer_option(function: F) -> F:
    """--sequencer: whose blocks count."""
    return declare(
        function,
        Option(
            ("--sequencer",),
            metavar="KEY",
            help="Public key that must have signed all blocks, hex or multicipher text. Default: that of the directory's key file.",
        ),
    )


@contextmanager
def opened(path: str, *, locked: bool = False) -> Iterator[tuple[Home, LedgerStore, Genesis]]:
    """The store of a node's directory to read; `locked`: to write, while no node may. Raises MissingError, BusyError, DataError."""
    from iop.daemon.ledger.home import Home, demand_node, open_home
    from iop.store.lock import Lock

    place = Home(path)
    demand_node(place)
    lock = Lock(place.lock)
    if locked:
        try:
            lock.acquire()
        except BusyError as exc:
            raise BusyError(f"a node runs in {path}", hint=f"iop-node stop --home {path}") from exc
    try:
        store, genesis = open_home(place, writes=locked)
        try:
            yield place, store, genesis
        finally:
            store.close()
    finally:
        lock.release()


def find_sequencer(shell: Shell, home: Home) -> bytes:
    """The key of --sequencer, else that of the directory; empty where there is neither."""
    from iop.daemon.ledger.home import read_sequencer

    given = shell.options.get("sequencer")
    return parse_sequencer(given) if isinstance(given, str) else read_sequencer(home)


def parse_sequencer(text: str) -> bytes:
    """A compressed secp256k1 key, from hex or multicipher text. Raises UsageError."""
    from iop.codec.hex import parse_hex
    from iop.errors import DataError
    from iop.keys.multicipher import parse_public_key

    try:
        key = parse_hex(text) if len(text) == 66 else parse_public_key(text).data
    except DataError as exc:
        raise UsageError(f"--sequencer: {exc.message}") from exc
    if len(key) != 33:
        raise UsageError("--sequencer takes a secp256k1 key")
    return key


class Progress:
    """A line on stderr that tells how far a long work is: on a terminal only, after a second, gone at the end.

    Elsewhere -v gives a line a minute.
    """

    def __init__(self, shell: Shell, what: str) -> None:
        from iop.io.config import is_terminal

        self._shell = shell
        self._what = what
        self._drawn = False
        self._lively = is_terminal(2) and not shell.quiet
        self._due = time.monotonic() + (QUIET_S if self._lively else NOTE_S)

    def __call__(self, height: int, last: int = 0) -> None:
        """Tell, when it is time to. `last`: the height to reach, 0 where nobody knows it."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + (PACE_S if self._lively else NOTE_S)
            share = f" ({height * 100 // last} %)" if last else ""
            text = f"{self._what}: block {height}" + (f" of {last}{share}" if last else "")
            if self._lively:
                self._drawn = True
                os.write(2, f"\r\x1b[K{self._shell.prog}: {text}".encode())
            else:
                self._shell.note(text)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            os.write(2, b"\r\x1b[K")
