"""Backups: a directory that a node can run from, made while the node goes on, whole and checked or not there at all.

A backup holds the ledger, the newest snapshot, the settings and, when asked for, the sequencer's key. To restore one is to copy it.
"""

from __future__ import annotations

import fcntl
import os
import shutil

from iop.daemon.ledger.home import Home, read_place
from iop.daemon.ledger.snapshots import Snapshots, copy_snapshot, read_head
from iop.errors import BusyError, CreateError, DataError, HostError, MissingError
from iop.ledger.block import parse_block
from iop.ledger.index import index_block
from iop.store.atomic import sync_directory, write_file
from iop.store.ledger import Change
from iop.store.ledger_sqlite import SqliteLedger, create_ledger, open_ledger
from iop.store.sqlite_copy import copy_database
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.ledger.genesis import Genesis
    from iop.store.ledger import LedgerStore, Progress


PIECE_BYTES = 4 * 2**20  # of blocks in one write


@value
class Backup:
    """What a backup holds: height of its newest block, waiting transactions, bytes on disk."""

    height: int
    waiting: int
    size: int
    snapshot: int
    has_key: bool


def back_up(
    home: Home,
    store: LedgerStore,
    genesis: Genesis,
    target: str,
    *,
    with_key: bool,
    progress: Progress = lambda _height, _of: None,
) -> Backup:
    """Make a backup of a node's directory at `target`, which must not exist.

    Raises CreateError, BusyError, MissingError (the key, where asked for), DataError when what was read or written is damaged, HostError.
    """
    target = os.path.abspath(target)
    if os.path.lexists(target):
        raise CreateError(f"{target} exists", hint="name a directory that is not there yet")
    folder, name = os.path.split(target)
    made = Home(os.path.join(folder, f".{name}.tmp"))
    try:
        claim = _claim(made.path)
    except OSError as exc:
        raise CreateError(f"cannot create {target}: {exc.strerror}") from exc
    try:
        found = _fill(home, store, genesis, made, progress, with_key=with_key)
        sync_directory(made.path)
        os.rename(made.path, target)
        sync_directory(folder)
    except OSError as exc:
        shutil.rmtree(made.path, ignore_errors=True)
        raise HostError(f"cannot write {target}: {exc.strerror}") from exc
    except BaseException:
        shutil.rmtree(made.path, ignore_errors=True)
        raise
    finally:
        os.close(claim)
    return found


def _claim(path: str) -> int:
    """Make a directory that is locked as long as the descriptor is open. Raises BusyError when another process has it, OSError."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    if os.path.lexists(path):
        left = os.open(path, flags)
        try:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)  # left by one that was killed
        except BlockingIOError as exc:
            raise BusyError("another process makes this backup") from exc
        finally:
            os.close(left)
    os.mkdir(path, 0o700)
    made = os.open(path, flags)
    try:
        fcntl.flock(made, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(made)
        raise
    return made


def _fill(
    home: Home,
    store: LedgerStore,
    genesis: Genesis,
    made: Home,
    progress: Progress,
    *,
    with_key: bool,
) -> Backup:
    if with_key:
        _copy_key(home, made)
    if os.path.exists(home.tuning):
        shutil.copyfile(home.tuning, made.tuning)
    if isinstance(store, SqliteLedger):
        copy_database(read_place(home), made.ledger)
    else:
        _copy_log(store, genesis, made.ledger, progress)
    height, waiting = _check(made, store, progress)
    snapshot = _copy_snapshot(home, made, genesis, height)
    size = sum(
        os.path.getsize(os.path.join(folder, name))
        for folder, _, names in os.walk(made.path)
        for name in names
    )
    return Backup(height, waiting, size, snapshot, with_key)


def _copy_key(home: Home, made: Home) -> None:
    from iop.keys.keyfile import SIZE_LIMIT
    from iop.store.private import read_private

    if not os.path.lexists(home.sequencer):
        raise MissingError(f"no {home.sequencer} to back up")
    write_file(made.sequencer, read_private(home.sequencer, SIZE_LIMIT))


def _copy_log(store: LedgerStore, genesis: Genesis, path: str, progress: Progress) -> None:
    """The log and the pool of any store, in a SQLite file. A transaction that became a block meanwhile is in the block."""
    made = create_ledger(path, store.genesis())
    try:
        waiting = store.pool()
        head = store.head() or 0
        piece: list[Change] = []
        size = 0
        for entry in store.blocks():
            rows = index_block(parse_block(entry.data), genesis.params)
            piece.append(Change(block=entry, rows=rows))
            size += len(entry.data)
            if size >= PIECE_BYTES or entry.height >= head:
                made.write(piece)
                progress(entry.height, head)
                piece, size = [], 0
            if entry.height >= head:
                break
        left = tuple(entry for entry in waiting if made.find(entry.txid) is None)
        made.write([Change(accept=left)])
    finally:
        made.close()


def _check(made: Home, store: LedgerStore, progress: Progress) -> tuple[int, int]:
    """Height and waiting transactions of a copy, read back whole. Raises DataError when it is not what the store says."""
    copy = open_ledger(made.ledger)
    try:
        copy.check(progress)
        head = copy.head()
        if head is not None and copy.header_at(head) != store.header_at(head):
            raise DataError(f"block {head} of the copy is not the store's")
        return head or 1, len(copy.pool())
    finally:
        copy.close()


def _copy_snapshot(home: Home, made: Home, genesis: Genesis, height: int) -> int:
    """Copy the newest snapshot that the copied log attests; its height, 0 for none."""
    ours, theirs = Snapshots(home.snapshots), Snapshots(made.snapshots)
    for found in ours.heights():
        if found < height:
            read_head(ours.path(found), genesis)
            copy_snapshot(ours.path(found), theirs.prepare(found))
            return found
    return 0
