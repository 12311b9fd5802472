"""Keys from files: the one way in which commands come to a signing key (iop-keyfile(5)).

`--key FILE[#SELECTOR]`: a key file of ours, or an official vault. A FILE without a slash that is not in the working directory is
a name in the data directory. The passphrase is asked for only when the file is sealed.
"""

from __future__ import annotations

import os

from iop.codec.json import parse_json
from iop.errors import AccessError, DataError, MissingError, SchemaError, UsageError
from iop.io.harden import harden_process, wipe
from iop.io.paths import data_dir
from iop.io.report import printable
from iop.io.secret import Source, read_passphrase
from iop.keys.keyfile import KeyFile, check_size, open_keyfile
from iop.keys.keyfile import from_record as read_keyfile_record
from iop.keys.multicipher import SUITES, SecretKey
from iop.keys.secret import Secret
from iop.store.private import read_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.keys.vault_record import Vault

FILE_LIMIT = 16 << 20  # bytes; vaults with many keys
FOLDERS = {"key": "keys", "vault": "vaults"}


def open_signer(key: str, source: Source, *, suite: str | None = None) -> SecretKey:
    """The secret key that `FILE[#SELECTOR]` names; its passphrase comes from `source`.

    suite: "e" or "s" where the caller can use one suite only. Raises MissingError, AccessError, UsageError (other suite) and
    the DataError family for files and selectors that are wrong.
    """
    path, selector = split_key(key)
    holder = read_holder(path)
    if isinstance(holder, KeyFile) and not selector:
        found = unseal(holder, source, path).key()
    else:
        from iop.keys.selector import parse_selector, select_key

        wanted = parse_selector(selector)
        if isinstance(holder, KeyFile):
            found = select_key(unseal(holder, source, path), wanted)
        else:
            from iop.io.vault_key import open_vault_key

            found = open_vault_key(holder, source, wanted, path)
    if suite is not None and found.suite != suite:
        raise UsageError(
            f"this takes a {SUITES[suite]} key, got one of {SUITES[found.suite]}",
            hint="choose another with --key FILE#SELECTOR, see iop-keyfile(5)",
        )
    return found


def split_key(key: str, first: str = "key") -> tuple[str, str]:
    """Path and selector of `FILE[#SELECTOR]`; a file whose whole name is `key` comes first. Raises MissingError.

    first: "key" or "vault", which of the two a name means that both have.
    """
    for text, selector in ((key, ""), key.rsplit("#", 1) if "#" in key else (key, "")):
        path = find_file(text, first)
        if path is not None:
            return path, selector
    raise MissingError(
        f"no such key: {key.rsplit('#', 1)[0]}",
        hint="iop-key list shows those in the data directory",
    )


def tell_name(path: str) -> str:
    """What to type after --key for a file: its name if it is in the data directory, else its path."""
    folder, entry = os.path.split(path)
    if folder in (os.path.join(data_dir(), kind) for kind in FOLDERS.values()):
        return printable(os.fsdecode(entry).removesuffix(".json"))
    return printable(os.fsdecode(path))


def find_file(name: str, first: str = "key") -> str | None:
    """The path of a key by file name, or by its name in the data directory; None if there is none."""
    if name and os.path.lexists(name):
        return name
    if not name or "/" in name:
        return None
    for kind in sorted(FOLDERS, key=lambda kind: kind != first):
        path = os.path.join(data_dir(), FOLDERS[kind], f"{name}.json")
        if os.path.lexists(path):
            return path
    return None


def compute_named_path(kind: str, name: str) -> str:
    """Where a key file ("key") or vault ("vault") of a name lives. Raises UsageError for what is no plain name."""
    if not name or "/" in name or name.startswith(".") or "#" in name:
        raise UsageError(f"name of a {kind} has no / and no #, and does not start with a dot")
    return os.path.join(data_dir(), FOLDERS[kind], f"{name}.json")


def list_names(kind: str) -> list[str]:
    """The names of all key files or vaults in the data directory, sorted."""
    try:
        entries = os.listdir(os.path.join(data_dir(), FOLDERS[kind]))
    except OSError:
        return []
    return sorted(
        entry.removesuffix(".json")
        for entry in entries
        if entry.endswith(".json") and not entry.startswith(".")
    )


def read_holder(path: str) -> KeyFile | Vault:
    """What a file holds, still sealed: our key file, or an official vault."""
    try:
        data = read_private(path, FILE_LIMIT)
        record = parse_json(data, unique_names=True)
        if isinstance(record, dict) and isinstance(record.get("type"), str):
            check_size(data)
            return read_keyfile_record(record)
        if isinstance(record, dict) and ("encryptedSeed" in record or "plugins" in record):
            from iop.keys.vault_record import from_record

            return from_record(record)
    except DataError as error:
        error.detail.setdefault("file", os.fsdecode(path))
        raise
    raise SchemaError("neither a key file nor a vault", file=os.fsdecode(path))


def unseal(holder: KeyFile | Vault, source: Source, name: str) -> Secret:
    """The secret inside the file `name`; the passphrase is read only when there is one.

    Raises AccessError for a wrong passphrase and for a changed file, which look alike.
    """
    harden_process()
    if isinstance(holder, KeyFile) and holder.encryption is None:
        return open_keyfile(holder, None)
    kind = "key" if isinstance(holder, KeyFile) else "vault"
    shown = f"{kind} {tell_name(name)}"
    passphrase = read_passphrase(source, f"passphrase of {shown}")
    if not passphrase:
        raise AccessError(f"{shown} is encrypted, and the passphrase is empty")
    try:
        text = "" if isinstance(holder, KeyFile) else decode_passphrase(passphrase)
        return _open(holder, bytes(passphrase), text, name)
    finally:
        wipe(passphrase)


def _open(holder: KeyFile | Vault, passphrase: bytes, text: str, name: str) -> Secret:
    try:
        if isinstance(holder, KeyFile):
            return open_keyfile(holder, passphrase)
        from iop.keys.vault import unlock

        return Secret("seed", unlock(holder, text))
    except AccessError as exc:
        raise AccessError(
            f"wrong passphrase, or {printable(os.fsdecode(name))} was changed"
        ) from exc
    except DataError as error:
        error.detail.setdefault("file", os.fsdecode(name))
        raise


def decode_passphrase(passphrase: bytearray) -> str:
    """The text of a passphrase, which vaults want. Raises AccessError if it is not UTF-8."""
    try:
        return passphrase.decode()
    except UnicodeDecodeError as exc:
        raise AccessError("passphrase of a vault is UTF-8 text") from exc
