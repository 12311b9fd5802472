"""iop-keygen(1): make a key.

Makes a secret from the system's randomness, or takes that of a phrase, key file or vault, writes it to a key file sealed under a passphrase, and
prints the public record. Key files live in the data directory by name, or where `-o` says; iop-keyfile(5) tells what is in them.
With `-n` it streams fresh keys and keeps none. It never talks to the network, and touches secrets.

Records:
    out: iop.key/1 with every public form of the key (of a seed or phrase: of persona 0)

Statuses:
    65 phrase or language wrong
    66 no such passphrase file
    73 a key of that name exists
    77 passphrase empty, or nobody to ask

Files:
    `$XDG_DATA_HOME/iop/keys/NAME.json`, mode 0600 in a directory of mode 0700.

Notes:
    A phrase of 12 words holds 128 bits, one of 24 words 256. What `--seed` makes is no secret.

Examples:
    $ iop-keygen --kind ed25519 --unencrypted --name ci --seed 00 --now 0 2>/dev/null | grep -o '"keyId":"[^"]*"'
    "keyId":"iezeGsMtjgxgXrAKN2yJWVqzZ"
    $ iop-key list --names
    ci

See also:
    iop-key
"""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._command import run, source
from iop_cli._option import clock, option, passphrase, seed
from iop_cli._secrets import (
    check_showing,
    choose_path,
    find_source,
    from_key,
    mark_dry,
    phrase,
    take_secret,
    take_seed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

KINDS = ("phrase", "seed", "ed25519", "secp256k1")


@source
@option(
    "-n",
    "--count",
    kind="int",
    metavar="N",
    help="Print N fresh keys with --secret, and keep none.",
)
@option("--kind", kind="choice", choices=KINDS, default="phrase", help="What to make.")
@option(
    "--words", kind="int", default=24, metavar="N", help="Words of a phrase: 12, 15, 18, 21 or 24."
)
@option(
    "--language", metavar="CODE", help="Language of a phrase; en, or detected when one is given."
)
@option("--name", metavar="NAME", help="Name of the key in the data directory. Default: default.")
@option(
    "-o", "--key-file", "--output", kind="file", metavar="FILE", help="Write the key file to FILE."
)
@option("--label", default="", metavar="TEXT", help="A note in the key file, in clear.")
@option(
    "--secret", kind="flag", help="Print the secret as well; without --name and -o, keep no file."
)
@option(
    "--unencrypted", kind="flag", help="Do not seal the key file: for machines nobody types at."
)
@option(
    "--kdf",
    kind="choice",
    choices=("strong", "fast"),
    default="strong",
    help="Cost of the passphrase; fast is for tests.",
)
@option("--dry-run", kind="flag", help="Do all checks, print what would be made, write nothing.")
@from_key
@phrase
@passphrase
@seed
@clock
def command(shell: Shell, **given: Any) -> Iterator[Any]:
    """Make a key and print its public record."""
    if given["secret"]:
        check_showing(shell)
    from iop.io.harden import harden_process
    from iop.io.key_record import describe_kept, stream_fresh

    harden_process()
    kind, words, language = given["kind"], given["words"], given["language"]
    if given["count"] is not None:
        _check_count(given)
        yield from stream_fresh(
            kind, given["count"], shell.random, words=words, language=language or "en"
        )
        return
    kept = (
        given["name"] is not None or given["key_file"] is not None or given["from_key"] is not None
    )
    if given["secret"] and not kept:
        yield describe_kept(take_secret(shell, kind, words, language), show=True, kind=kind)
        return
    path = choose_path(shell, "key", given["key_file"], given["name"])
    if given["from_key"] is not None:
        secret = take_seed(shell, given["from_key"])
    else:
        secret = take_secret(shell, kind, words, language)
    from iop.io.keystore import seal_secret, write_holder
    from iop.io.report import printable

    created = shell.now()
    where = None if given["unencrypted"] else find_source(shell)
    file = seal_secret(
        secret, where, shell.random, created=created, label=given["label"], cost=given["kdf"]
    )
    write_holder(path, file, force=bool(shell.options["force"]), dry=given["dry_run"])
    more = {"kind": secret.kind, "file": printable(path), "created": created}
    yield mark_dry(shell, describe_kept(secret, show=given["secret"], **more))


def _check_count(given: dict[str, Any]) -> None:
    if not given["secret"] or given["name"] is not None or given["key_file"] is not None:
        raise UsageError(
            "--count prints keys and keeps none: it takes --secret, neither --name nor -o"
        )
    if given["count"] < 0:
        raise UsageError(f"--count is not negative, got {given['count']}")


def main() -> None:
    """Entry point."""
    run(command, "iop-keygen", __doc__)
