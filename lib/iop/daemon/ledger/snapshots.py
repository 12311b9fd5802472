"""The snapshots of a node's directory: one file each, `snapshots/HEIGHT.snapshot`, attested by a block of the log.

A snapshot is always of the block before the newest one, whose header carries its state hash; so each can be trusted as far as the
log is, here and elsewhere. They make starts short and are what a pruned log begins from.
"""

from __future__ import annotations

import itertools
import os
import time

from iop.daemon.log import Log
from iop.errors import BusyError, DataError, HostError, IopError, MissingError, VerifyError
from iop.ledger.block import compute_header_id, parse_header
from iop.ledger.snapshot import check_preface, read_preface, read_snapshot, write_snapshot
from iop.ledger.state import State
from iop.store.atomic import AtomicFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iop.ledger.block import Header
    from iop.ledger.genesis import Genesis
    from iop.store.ledger import LedgerStore

ENDING = ".snapshot"
KEPT = 2  # of the node's own; the one before stays until the next is sure
MAX_LINE = 64 * 2**20  # bytes; a longer one comes in pieces, which are no lines
_DIGITS = 12
PIECE = 1 << 18  # bytes written at once

log = Log("iop.node")


class Snapshots:
    """The snapshot files of one directory."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def heights(self) -> list[int]:
        """Heights of the snapshots that are there, newest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise HostError(f"cannot read {self.folder}: {exc.strerror}") from exc
        stems = [name.removesuffix(ENDING) for name in names if name.endswith(ENDING)]
        return sorted((int(s) for s in stems if s.isascii() and s.isdigit()), reverse=True)

    def path(self, height: int) -> str:
        """Where the snapshot of a height is."""
        return os.path.join(self.folder, f"{height:0{_DIGITS}}{ENDING}")

    def write(self, state: State, following: bytes, *, limit_s: float | None = None) -> str:
        """Write the state as the snapshot of its height; the path. `following`: the next block, which attests it.

        Raises BusyError, leaving nothing, when it takes longer than `limit_s` seconds; HostError.
        """
        path = self.prepare(state.height)
        write_lines(path, write_snapshot(state, following), limit_s=limit_s)
        return path

    def prepare(self, height: int) -> str:
        """The path of a snapshot to be written, its folder made. Raises HostError."""
        try:
            os.makedirs(self.folder, 0o700, exist_ok=True)
        except OSError as exc:
            raise HostError(f"cannot create {self.folder}: {exc.strerror}") from exc
        return self.path(height)

    def read(self, height: int, store: LedgerStore, genesis: Genesis) -> State:
        """The state of a snapshot that the log attests. Raises MissingError, DataError, VerifyError.

        Where the log is still empty, the directory was made from the snapshot, which was judged then.
        """
        following = store.header_at(height + 1)
        if following is not None:
            header = parse_header(following)
        elif store.head() is None:
            header = read_head(self.path(height), genesis)
        else:
            raise MissingError(f"the log has no block {height + 1} that attests the snapshot")
        trusted = compute_header_id(header, genesis.params.nethash)
        with _Lines(self.path(height)) as lines:
            return read_snapshot(lines, genesis, trusted)

    def read_newest(
        self, store: LedgerStore, genesis: Genesis, *, until: int | None = None
    ) -> State | None:
        """The newest state that can be had without the log, at most of height `until`; a bad snapshot is reported and passed over.

        Raises DataError when there are only bad ones and no log: who began with the genesis there would make another chain.
        """
        heights = self.heights()
        for height in heights:
            if until is not None and height > until:
                continue
            try:
                return self.read(height, store, genesis)
            except IopError as error:
                log.warning("snapshot not used", file=self.path(height), reason=error.message)
        if heights and store.head() is None:
            raise DataError(
                f"no block in the log, and no snapshot in {self.folder} to go on from",
                hint="get back the snapshot that the directory was made from, or make another directory",
            )
        return None

    def drop_old(self, kept: int = KEPT) -> None:
        """Remove all but the newest."""
        for height in self.heights()[kept:]:
            try:
                os.unlink(self.path(height))
            except OSError as exc:
                log.warning("old snapshot stays", height=height, reason=exc.strerror)

    def sweep(self) -> None:
        """Remove what writers that were killed have left. Others may be writing meanwhile."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return  # nothing there, or the first write tells
        for name in names:
            stem, _, writer = name.removesuffix(".tmp").rpartition(".")
            is_left = name.startswith(".") and name.endswith(".tmp") and stem.endswith(ENDING)
            if is_left and writer.isdigit() and not os.path.exists(f"/proc/{writer}"):
                try:
                    os.unlink(os.path.join(self.folder, name))
                except OSError as exc:
                    log.warning("left-over file stays", file=name, reason=exc.strerror)


def step_back(state: State, store: LedgerStore) -> bytes:
    """Take the newest block back, so that it attests the state before it; the block's bytes.

    Raises MissingError when the state has no block of its own to take back.
    """
    if not state.recent:
        raise MissingError("no block has been made yet that could attest a snapshot")
    entry = store.block_at(state.height)
    if entry is None:
        raise DataError(f"block {state.height} is not in the log")
    state.revert_block()
    return entry.data


def write_lines(
    path: str, lines: Iterable[bytes], *, force: bool = True, limit_s: float | None = None
) -> None:
    """Write lines to a file that appears when all is well. Raises BusyError after `limit_s` seconds, HostError, CreateError."""
    end = None if limit_s is None else time.monotonic() + limit_s
    with AtomicFile(path, force=force) as file:
        for piece in gather(lines):
            file.write(piece)
            if end is not None and time.monotonic() > end:
                raise BusyError(f"the snapshot takes longer than {limit_s:g} seconds")


def gather(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces worth a write."""
    parts: list[bytes] = []
    size = 0
    for line in lines:
        parts.append(line)
        size += len(line)
        if size >= PIECE:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


def read_head(path: str, genesis: Genesis) -> Header:
    """The header that attests a snapshot file of this network. Raises MissingError, DataError, VerifyError."""
    with _Lines(path) as lines:
        preface = read_preface(next(lines, b""))
    check_preface(preface, genesis)
    if preface.header is None:
        raise VerifyError("snapshot has no header that attests it")
    return preface.header


class _Lines:
    """The lines of a file, opened and closed."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> Iterator[bytes]:
        try:
            self._file = open(self._path, "rb", buffering=PIECE)
        except FileNotFoundError as exc:
            raise MissingError(f"no such file: {self._path}") from exc
        except OSError as exc:
            raise HostError(f"cannot read {self._path}: {exc.strerror}") from exc
        return self._read()

    def _read(self) -> Iterator[bytes]:
        try:
            yield from iter(lambda: self._file.readline(MAX_LINE), b"")
        except OSError as exc:
            raise HostError(f"cannot read {self._path}: {exc.strerror}") from exc

    def __exit__(self, *_: object) -> None:
        self._file.close()


def adopt_file(path: str, snapshots: Snapshots, genesis: Genesis, trusted: bytes) -> State:
    """Judge a snapshot from anywhere and keep it among `snapshots`, its state; read once, so that it may be a pipe.

    `trusted` as in `iop.ledger.snapshot`. Raises MissingError, DataError, VerifyError, HostError, CreateError, keeping nothing.
    """
    with _Lines(path) as lines:
        first = next(lines, b"")
        preface = read_preface(first)
        check_preface(preface, genesis, trusted)
        with AtomicFile(snapshots.prepare(preface.height), force=True) as file:
            return read_snapshot(_copied(itertools.chain((first,), lines), file), genesis, trusted)


def _copied(lines: Iterable[bytes], file: AtomicFile) -> Iterator[bytes]:
    for line in lines:
        file.write(line)
        yield line


def copy_snapshot(source: str, target: str) -> None:
    """Copy a snapshot file; the copy appears when it is whole and durable. Raises MissingError, HostError, CreateError."""
    with _Lines(source) as lines:
        write_lines(target, lines)


def open_state(
    snapshots: Snapshots, store: LedgerStore, genesis: Genesis, *, until: int | None = None
) -> State:
    """Where a replay begins: the newest snapshot at or below `until`, else the genesis."""
    found = snapshots.read_newest(store, genesis, until=until)
    return State(genesis) if found is None else found
