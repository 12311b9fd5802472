"""Secrets of a command: which options name their sources, and what a command reads from them."""

from __future__ import annotations

from iop.errors import CreateError, UsageError
from iop_cli._option import Option, declare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from iop.errors import IopError
    from iop.io.secret import Source
    from iop.keys.multicipher import SecretKey
    from iop.keys.secret import Secret
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])


def open_signer(shell: Shell, *, suite: str | None = None) -> SecretKey:
    """The key that --key names, its passphrase from the passphrase options; `suite` "e" or "s" where only one will do."""
    from iop.io.keyring import open_signer as open_key

    return open_key(str(shell.options["key"]), find_source(shell), suite=suite)


def find_source(shell: Shell, name: str = "passphrase", *, ask: bool = True) -> Source:
    """The source that the options `--NAME-file`, `--NAME-fd` and --no-input describe."""
    from iop.io.secret import Source

    word = name.replace("-", "_")
    file, fd = shell.options.get(f"{word}_file"), shell.options.get(f"{word}_fd")
    if isinstance(fd, int) and not 0 <= fd < 1 << 20:
        raise UsageError(f"--{name}-fd takes the number of an open descriptor, got {fd}")
    if file == "-" or fd == 0:
        shell.claim_stdin(f"the {name}")
    return Source(
        file=file if isinstance(file, str) else None,
        fd=fd if isinstance(fd, int) else None,
        ask=ask and not shell.options.get("no_input"),
        ambient=name == "passphrase",
        option=f"--{name}",
        warn=shell.warn,
    )


def pass_over(shell: Shell) -> Callable[[IopError], None]:
    """What a list does about one bad entry: warn, go on, and end with the status of the last one."""

    def tell(error: IopError) -> None:
        shell.warn(error.message, error.hint)
        shell.status = error.exit

    return tell


def mark_dry(shell: Shell, record: dict[str, Any]) -> dict[str, Any]:
    """The record of something made, marked where --dry-run made nothing."""
    return record | {"dry_run": True} if shell.options["dry_run"] else record


def is_given(shell: Shell, name: str) -> bool:
    """True when one of --NAME, --NAME-file, --NAME-fd was given."""
    word = name.replace("-", "_")
    return bool(shell.options.get(word)) or any(
        shell.options.get(f"{word}_{end}") is not None for end in ("file", "fd")
    )


def check_showing(shell: Shell) -> None:
    """Nothing unless a secret would go to a terminal without --force. Raises UsageError."""
    from iop.io.config import is_terminal

    if is_terminal(1) and shell.options.get("output") in (None, "-") and not shell.options["force"]:
        raise UsageError("a secret does not go to a terminal", hint="insist with --force")


def _declare_source(function: F, name: str, what: str, *, flag: str = "") -> F:
    options = [
        Option(
            (f"--{name}-file",),
            kind="file",
            metavar="FILE",
            help=f"Read {what} from FILE; - is stdin.",
        ),
        Option((f"--{name}-fd",), kind="int", metavar="N", help=f"Read {what} from descriptor N."),
    ]
    if flag:
        options.insert(0, Option((f"--{name}",), kind="flag", help=flag))
    return declare(function, *options)


def phrase(function: F) -> F:
    """The sources of a BIP39 phrase and of its password."""
    function = declare(
        function,
        Option(
            ("--old-wallet",),
            kind="flag",
            help="Take `morpheus` as the BIP39 password, as the first release always did.",
        ),
    )
    function = _declare_source(
        function,
        "bip39-password",
        "the BIP39 password",
        flag="Ask for the BIP39 password (25th word); without it there is none.",
    )
    return _declare_source(
        function, "phrase", "the phrase", flag="Ask for an existing phrase instead of making one."
    )


def new_passphrase(function: F) -> F:
    """The sources of the passphrase to change to."""
    return _declare_source(function, "new-passphrase", "the new passphrase")


def read_phrase(shell: Shell) -> str | None:
    """The phrase that the options name, None when they name none."""
    if not is_given(shell, "phrase"):
        return None
    from iop.io.secret import read_text

    return read_text(find_source(shell, "phrase"), "phrase")


def read_bip39_password(shell: Shell) -> str:
    """The BIP39 password: what the options name, `morpheus` for an old wallet, else none."""
    if shell.options["old_wallet"]:
        if is_given(shell, "bip39-password"):
            raise UsageError("--old-wallet and a BIP39 password exclude each other")
        from iop.keys.vault import LEGACY_PASSWORD

        return LEGACY_PASSWORD
    if not is_given(shell, "bip39-password"):
        return ""
    from iop.io.secret import read_text

    return read_text(find_source(shell, "bip39-password"), "BIP39 password")


def take_secret(shell: Shell, kind: str, words: int, language: str | None) -> Secret:
    """An existing phrase where the options name one, else a fresh secret of a kind."""
    from iop.keys.secret import import_phrase, make_secret

    text = read_phrase(shell)
    password = read_bip39_password(shell)
    if kind != "phrase" and (text is not None or password):
        raise UsageError(f"a phrase or its password does not go with --kind {kind}")
    if text is not None:
        return import_phrase(text, language, password)
    return make_secret(
        kind, shell.random, words=words, language=language or "en", password=password
    )


def choose_path(shell: Shell, kind: str, file: str | None, name: str | None) -> str:
    """Where a new key file ("key") or vault ("vault") goes. Raises CreateError before anything is asked or made."""
    import os

    from iop.io.keyring import compute_named_path

    if file is not None and name is not None:
        raise UsageError("--name and -o exclude each other")
    path = file or compute_named_path(kind, name or "default")
    if os.path.lexists(path) and not shell.options["force"]:
        raise CreateError(f"{path} exists", hint="choose another with --name or -o")
    return path


def take_seed(shell: Shell, key: str) -> Secret:
    """The secret of another key file or vault, its passphrase from the options `--from-passphrase-…`."""
    from iop.io.keyring import read_holder, split_key, unseal

    if is_given(shell, "phrase"):
        raise UsageError("--from-key and a phrase exclude each other")
    path, selector = split_key(key)
    if selector:
        raise UsageError("--from-key names a whole file, without selector")
    return unseal(read_holder(path), find_source(shell, "from-passphrase"), path)


def from_key(function: F) -> F:
    """--from-key with the sources of its passphrase."""
    function = _declare_source(function, "from-passphrase", "the passphrase of --from-key")
    return declare(
        function,
        Option(("--from-key",), metavar="FILE", help="Take the seed of this key file or vault."),
    )
