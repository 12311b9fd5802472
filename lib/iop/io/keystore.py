"""Key files and vaults on disk: made once, changed under a lock, always written whole."""

from __future__ import annotations

import os

from iop.errors import BusyError
from iop.io.harden import wipe
from iop.io.keyring import read_holder
from iop.io.secret import Source, read_passphrase
from iop.keys.keyfile import (
    COSTS,
    NONCE_SIZE,
    SALT_SIZE,
    KeyFile,
    encode_keyfile,
    make_open_keyfile,
    seal_keyfile,
)
from iop.keys.vault_record import Vault, to_record
from iop.store.atomic import write_file
from iop.store.lock import Lock
from iop.store.private import make_private_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.keys.secret import Secret


def seal_secret(
    secret: Secret,
    source: Source | None,
    random: Callable[[int], bytes],
    *,
    created: int,
    label: str = "",
    cost: str = "strong",
) -> KeyFile:
    """The key file of a secret: under a new passphrase from `source`, or not encrypted when that is None."""
    if source is None:
        return make_open_keyfile(secret, created=created, label=label)
    passphrase = read_passphrase(source, "new passphrase", new=True)
    try:
        return seal_keyfile(
            secret,
            bytes(passphrase),
            salt=random(SALT_SIZE),
            nonce=random(NONCE_SIZE),
            created=created,
            label=label,
            cost=COSTS[cost],
        )
    finally:
        wipe(passphrase)


def encode_vault(vault: Vault) -> bytes:
    """The text of a vault file."""
    from iop.codec.json import encode_json

    return encode_json(to_record(vault)).encode() + b"\n"


def write_holder(path: str, holder: KeyFile | Vault, *, force: bool = False) -> None:
    """Write a new file, mode 0600; directories in the data directory are made, mode 0700. Raises CreateError if it exists."""
    from iop.io.paths import data_dir

    folder = os.path.dirname(path)
    base = os.path.abspath(data_dir())
    if os.path.commonpath((os.path.abspath(folder), base)) == base:
        make_private_directory(folder)
    data = encode_keyfile(holder) if isinstance(holder, KeyFile) else encode_vault(holder)
    write_file(path, data, mode=0o600, force=force)


def change_vault(
    path: str, before: Vault, change: Callable[[Vault], Vault], *, wait: float = 0.0
) -> Vault:
    """Apply a change to the vault as it is on disk now, and write it if something changed.

    `before` is what the caller saw; another seed in the file by now raises BusyError. The lock is `path` with `.lock`.
    """
    with Lock(f"{path}.lock", wait=wait):
        now = read_holder(path)
        if not isinstance(now, Vault) or now.encrypted_seed != before.encrypted_seed:
            raise BusyError(f"{path} was replaced meanwhile", hint="try again")
        after = change(now)
        if after.dirty:
            write_file(path, encode_vault(after), mode=0o600, force=True)
    return after


def replace_keyfile(path: str, before: KeyFile, after: KeyFile, *, wait: float = 0.0) -> None:
    """Put another key file in the place of one that is still as the caller saw it."""
    with Lock(f"{path}.lock", wait=wait):
        if read_holder(path) != before:
            raise BusyError(f"{path} was changed meanwhile", hint="try again")
        write_file(path, encode_keyfile(after), mode=0o600, force=True)
