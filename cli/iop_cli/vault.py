"""iop-vault(1): keep official vault files.

A vault is the original software's wallet: one seed sealed under a password, with the public keys of identities and coin accounts
in clear. What is written here the original opens, and the other way round. Other commands sign with a vault as with a key file:
`--key VAULT#persona/0`. It never talks to the network, and touches secrets.

The seal of a vault is weak by today's measure (Argon2i over one mebibyte): take a long passphrase. `iop-keygen` seals better.

Records:
    out: iop.vault/1, iop.key/1

Statuses:
    65 vault file or phrase wrong; the plugin is there already
    66 no such vault, plugin or key
    73 a vault of that name exists
    75 the vault is being changed by somebody else
    77 wrong passphrase, or the file is open to others

Files:
    `$XDG_DATA_HOME/iop/vaults/NAME.json`, mode 0600 in a directory of mode 0700; beside it `NAME.json.lock`.

Examples:
    $ iop-keygen --kind seed --unencrypted --name me --seed 00 --now 0 2>/dev/null >me.json
    $ echo secret >pass
    $ iop-vault create --from-key me --coin hyd-testnet --passphrase-file pass --seed 01 2>/dev/null | grep -o '"personas":1'
    "personas":1
    $ iop-vault next -k default hyd-testnet | grep -o '"selector":"[^"]*"'
    "selector":"hyd-testnet/0/1"
    $ iop-vault show -k default | wc -l
    3

See also:
    iop-keygen iop-key
"""

from __future__ import annotations

from iop_cli._command import Line, Noun, run, source
from iop_cli._key_seal import passwd
from iop_cli._option import argument, dry_run, key, option
from iop_cli._secrets import find_source, mark_dry, pass_over
from iop_cli._vault_create import COIN, create

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

WAIT = option(
    "--wait", kind="float", default=0.0, metavar="SECONDS", help="Wait this long for the lock."
)


@source
@option("--names", kind="flag", help="Print names only, one a line.")
def list_(shell: Shell, names: bool) -> Iterator[Any]:
    """List the vaults in the data directory: what is in clear."""
    from iop.io.key_listing import list_holders, list_words

    if names:
        yield from map(Line, list_words(["vault"]))
    else:
        yield from list_holders(["vault"], pass_over(shell))


@source
@key
def show(shell: Shell, **given: Any) -> Iterator[Any]:
    """Show every key in use, or the one that a selector means; only a path that is not in use takes the passphrase."""
    from iop.io.key_show import list_vault_keys, show_keys
    from iop.io.keyring import split_key
    from iop.io.vault_file import open_vault

    key = given["key"]
    vault = open_vault(key, whole=False)[1]
    if split_key(key, "vault")[1]:
        yield from show_keys(key, find_source(shell), first="vault")
    else:
        yield from list_vault_keys(vault)


@source
@key
@option("--morpheus", kind="flag", help="Add the plugin for identities.")
@option("--coin", multiple=True, metavar="NETWORK[/ACCOUNT]", help=COIN)
@WAIT
@dry_run
def add(
    shell: Shell, morpheus: bool, coin: tuple[str, ...], wait: float, **given: Any
) -> Iterator[Any]:
    """Add a plugin: for identities, or for a coin account."""
    from iop.io.key_listing import describe_holder
    from iop.io.vault_file import add_plugins

    made = add_plugins(
        given["key"],
        find_source(shell),
        morpheus=morpheus,
        coins=coin,
        wait=wait,
        dry=given["dry_run"],
    )
    yield mark_dry(shell, describe_holder(made))


@source
@key
@option("--count", kind="int", default=1, metavar="N", help="How many.")
@WAIT
@dry_run
@argument(
    "what",
    required=True,
    metavar="WHAT",
    help="A kind (persona, device, group, resource) or a coin account, as hyd-testnet/0.",
)
def next_(shell: Shell, what: str, count: int, wait: float, **given: Any) -> Iterator[Any]:
    """Put the next key of a kind, or the next address of a coin account, in use."""
    from iop.io.vault_file import take_next

    source, dry = find_source(shell), given["dry_run"]
    for record in take_next(given["key"], source, what, count=count, wait=wait, dry=dry):
        yield mark_dry(shell, record)


command = Noun(list_, create, show, add, next_, passwd)


def main() -> None:
    """Entry point."""
    run(command, "iop-vault", __doc__)
