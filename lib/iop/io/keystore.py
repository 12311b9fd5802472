"""Key files and vaults on disk: made once, changed under a lock, always written whole."""

from __future__ import annotations

import os

from iop.errors import BusyError, CreateError, UsageError
from iop.io.harden import wipe
from iop.io.key_listing import describe_holder
from iop.io.keyring import read_holder, split_key, unseal
from iop.io.report import printable
from iop.io.secret import Source, read_passphrase, read_text
from iop.keys.keyfile import (
    COSTS,
    NONCE_SIZE,
    SALT_SIZE,
    KeyFile,
    encode_keyfile,
    make_open_keyfile,
    seal_keyfile,
)
from iop.keys.vault import seal_vault
from iop.keys.vault_record import Vault, to_record
from iop.store.atomic import write_file
from iop.store.lock import Lock
from iop.store.private import make_private_directory
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.codec.json import Json
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


def write_holder(
    path: str, holder: KeyFile | Vault, *, force: bool = False, dry: bool = False
) -> None:
    """Write a new file, mode 0600; directories in the data directory are made, mode 0700. Raises CreateError if it exists.

    dry: only look whether the name is free.
    """
    from iop.io.paths import data_dir

    if dry:
        if os.path.lexists(path) and not force:
            raise CreateError(f"{path} exists")
        return

    folder = os.path.dirname(path)
    base = os.path.abspath(data_dir())
    if os.path.commonpath((os.path.abspath(folder), base)) == base:
        make_private_directory(folder)
    data = encode_keyfile(holder) if isinstance(holder, KeyFile) else encode_vault(holder)
    write_file(path, data, mode=0o600, force=force)


def change_vault(
    path: str,
    before: Vault,
    change: Callable[[Vault], Vault],
    *,
    wait: float = 0.0,
    dry: bool = False,
) -> Vault:
    """Apply a change to the vault as it is on disk now, and write it if something changed and it is no dry run.

    `before` is what the caller saw, and all that a dry run looks at; another seed in the file by now raises BusyError. The lock is `path` with `.lock`.
    """
    if dry:
        return change(before)
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


def change_passphrase(
    key: str,
    before: Source,
    after: Source | None,
    random: Callable[[int], bytes],
    *,
    cost: str = "strong",
    first: str = "key",
    wait: float = 0.0,
    dry: bool = False,
) -> dict[str, Json]:
    """Seal a key file or vault under another passphrase; `after` None removes the encryption of a key file.

    Answers with the record of what is in clear. Nothing is locked while somebody types.
    """
    path, selector = split_key(key, first)
    if selector:
        raise UsageError("a passphrase is a file's, not a single key's")
    holder = read_holder(path)
    secret = unseal(holder, before, path)
    if isinstance(holder, KeyFile):
        made = seal_secret(
            secret, after, random, created=holder.created, label=holder.label, cost=cost
        )
        if not dry:
            replace_keyfile(path, holder, made, wait=wait)
        return describe_holder(made, file=printable(path))
    if after is None:
        raise UsageError("a vault is always encrypted")
    text = read_text(after, "new passphrase", new=True)
    sealed = seal_vault(secret.seed(), text, random(NONCE_SIZE)).encrypted_seed
    changed = change_vault(
        path,
        holder,
        lambda now: replace(now, encrypted_seed=sealed, dirty=True),
        wait=wait,
        dry=dry,
    )
    return describe_holder(changed, file=printable(path))
