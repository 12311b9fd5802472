"""The verb of iop-vault that makes one."""

from __future__ import annotations

from iop_cli._command import source
from iop_cli._option import dry_run, option, passphrase, seed
from iop_cli._secrets import (
    check_showing,
    choose_path,
    find_source,
    from_key,
    is_given,
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

COIN = "Coin account, as hyd-testnet/0."


@source
@option("--name", metavar="NAME", help="Name of the vault in the data directory. Default: default.")
@option(
    "-o", "--vault-file", "--output", kind="file", metavar="FILE", help="Write the vault to FILE."
)
@from_key
@option("--words", kind="int", default=24, metavar="N", help="Words of a new phrase.")
@option(
    "--language", metavar="CODE", help="Language of the phrase; en, or detected when one is given."
)
@option("--coin", multiple=True, metavar="NETWORK[/ACCOUNT]", help=COIN)
@option("--no-morpheus", kind="flag", help="Leave out the plugin for identities.")
@option("--secret", kind="flag", help="Print the phrase as well.")
@phrase
@passphrase
@seed
@dry_run
def create(shell: Shell, **given: Any) -> Iterator[Any]:
    """Make a vault from a new phrase, an existing one, or a key file."""
    from iop.io.key_listing import describe_holder
    from iop.io.key_record import describe_kept
    from iop.io.keystore import write_holder
    from iop.io.report import printable
    from iop.io.vault_file import make_vault

    if given["secret"]:
        check_showing(shell)
    path = choose_path(shell, "vault", given["vault_file"], given["name"])
    if given["from_key"] is not None:
        secret = take_seed(shell, given["from_key"])
    else:
        secret = take_secret(shell, "phrase", given["words"], given["language"])
        if not given["secret"] and not is_given(shell, "phrase"):
            shell.warn("nothing keeps the phrase of this vault", "--secret prints it, once")
    made = make_vault(
        secret.seed(),
        find_source(shell),
        shell.random,
        morpheus=not given["no_morpheus"],
        coins=given["coin"],
    )
    write_holder(path, made, force=bool(shell.options["force"]), dry=given["dry_run"])
    yield mark_dry(shell, describe_holder(made, file=printable(path)))
    if given["secret"]:
        yield describe_kept(secret, show=True, kind=secret.kind)
