"""Verbs of iop-key that take secrets in: phrases, passphrases of key files and vaults, passwords of texts."""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._command import Line, source
from iop_cli._option import argument, dry_run, key, option, passphrase, seed
from iop_cli._secrets import (
    find_source,
    is_given,
    mark_dry,
    new_passphrase,
    phrase,
    read_bip39_password,
    read_phrase,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

LIMIT = 16 << 20  # bytes of a text to encrypt


@source(predicate=True)
@phrase
@option("--language", metavar="CODE", help="Language of the phrase; detected when not given.")
def check_phrase(shell: Shell, language: str | None, **_given: Any) -> Iterator[Any]:
    """Say whether a BIP39 phrase is right, and which key it leads to."""
    from iop.io.key_record import check_phrase as check

    text = read_phrase(shell)
    if text is None:
        raise UsageError("no phrase", hint="give --phrase, --phrase-file or --phrase-fd")
    verdict = check(text, language, read_bip39_password(shell))
    if not verdict["valid"]:
        shell.deny()
    yield verdict


@source
@key
@new_passphrase
@seed
@dry_run
@option("--unencrypted", kind="flag", help="Remove the encryption.")
@option(
    "--kdf",
    kind="choice",
    choices=("strong", "fast"),
    default="strong",
    help="Cost of the new passphrase.",
)
@option("--wait", kind="float", default=0.0, metavar="SECONDS", help="Wait this long for the lock.")
def passwd(shell: Shell, unencrypted: bool, kdf: str, wait: float, **given: Any) -> Iterator[Any]:
    """Change the passphrase of a key file, or of a vault."""
    from iop.io.keystore import change_passphrase

    if unencrypted and is_given(shell, "new-passphrase"):
        raise UsageError("--unencrypted and a new passphrase exclude each other")
    after = None if unencrypted else find_source(shell, "new-passphrase")
    record = change_passphrase(
        given["key"],
        find_source(shell),
        after,
        shell.random,
        cost=kdf,
        first="vault" if shell.prog == "iop-vault" else "key",
        wait=wait,
        dry=given["dry_run"],
    )
    yield mark_dry(shell, record)


@source
@passphrase
@seed
@argument("file", kind="file", metavar="FILE", help="Text; absent or - is stdin.")
def encrypt(shell: Shell, file: str | None, **_given: Any) -> Iterator[Line]:
    """Encrypt a text under a password, as the original software does; one last newline is left out."""
    from iop.io.text_cipher import seal_text

    source = find_source(shell)
    yield Line(seal_text(_read_input(shell, file, LIMIT), source, shell.random))


@source
@passphrase
@argument("file", kind="file", metavar="FILE", help="What encrypt wrote; absent or - is stdin.")
def decrypt(shell: Shell, file: str | None, **_given: Any) -> Iterator[Line]:
    """Decrypt a text that was encrypted under a password."""
    from iop.io.text_cipher import open_text

    source = find_source(shell)
    yield Line(open_text(_read_input(shell, file, 2 * LIMIT), source))


def _read_input(shell: Shell, file: str | None, limit: int) -> bytes:
    from iop.io.config import is_terminal

    if file is None and is_terminal(0):
        raise UsageError("no FILE, and stdin is a terminal", hint="give - to type the text")
    return shell.read_bytes(file, limit)
