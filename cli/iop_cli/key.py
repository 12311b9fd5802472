"""iop-key(1): look at keys, derive them, convert them.

Shows what key files and vaults hold, derives keys, ids, DIDs, coin accounts and addresses of all ten networks, recognises any
text about a key, changes passphrases, and encrypts texts as the original software does. It never talks to the network; it
touches secrets where a passphrase is needed, and shows them with `--secret` only. `list` and `inspect` stream.

A key is named `FILE[#SELECTOR]`: file, or name in the data directory, and which of its keys; see iop-keyfile(5).

Records:
    in:  `inspect`: lines of text
    out: iop.key/1, iop.vault/1, iop.account/1, iop.keyid/1, iop.signature/1, iop.address/1

Statuses:
    65 text is no key; phrase wrong
    66 no such key
    75 the key file is being changed by somebody else
    77 wrong passphrase, or the key file is open to others

Examples:
    $ iop-keygen --kind ed25519 --unencrypted --name me --seed 00 --now 0 >me.json 2>/dev/null
    $ iop-key show -k me | grep -o '"publicKey":"[^"]*"'
    "publicKey":"pezG2iar6nfY13Tk3jiQBRJznUNjoZFv6XcV2a5DGPzAaDy"
    $ iop-key inspect --field did pezG2iar6nfY13Tk3jiQBRJznUNjoZFv6XcV2a5DGPzAaDy
    did:morpheus:ezeGsMtjgxgXrAKN2yJWVqzZ

See also:
    iop-keygen iop-vault
"""

from __future__ import annotations

from iop_cli._command import Line, Noun, run, source
from iop_cli._key_seal import check_phrase, decrypt, encrypt, passwd
from iop_cli._option import argument, key, option
from iop_cli._secrets import check_showing, find_source, pass_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell


@source
@option(
    "--names",
    kind="flag",
    help="Print what --key takes, one a line; a vault named like a key file by its path.",
)
@option(
    "--kind", kind="choice", choices=("all", "key", "vault"), default="all", help="What to list."
)
def list_(shell: Shell, names: bool, kind: str) -> Iterator[Any]:
    """List the keys and vaults in the data directory: what is in clear."""
    from iop.io.key_listing import list_holders, list_words

    kinds = ("key", "vault") if kind == "all" else (kind,)
    if names:
        yield from map(Line, list_words(kinds))
    else:
        yield from list_holders(kinds, pass_over(shell))


@source
@key
@option(
    "--count", kind="int", default=1, metavar="N", help="Show N keys, from the selected one on."
)
@option(
    "--coin",
    multiple=True,
    metavar="NETWORK",
    help="Add the address on this network, as hyd-testnet.",
)
@option("--secret", kind="flag", help="Show the secret, the phrase, and with --coin the WIF.")
def show(
    shell: Shell, count: int, coin: tuple[str, ...], secret: bool, **given: Any
) -> Iterator[Any]:
    """Show a key; what stands in clear takes no passphrase."""
    from iop.io.key_listing import show_file

    if secret:
        check_showing(shell)
    found = show_file(given["key"]) if count == 1 and not coin and not secret else None
    if found is None:
        from iop.io.key_show import show_keys

        where = find_source(shell)
        yield from show_keys(given["key"], where, count=count, networks=coin, secret=secret)
    else:
        yield found


@source
@key
@option("--coin", required=True, metavar="NETWORK[/ACCOUNT]", help="The account, as hyd-testnet/0.")
@option("--count", kind="int", default=1, metavar="N", help="How many addresses to show.")
@option("--change", kind="flag", help="Show change addresses instead of receiving ones.")
@option("--secret", kind="flag", help="Show xprv and WIF.")
def account(
    shell: Shell, coin: str, count: int, change: bool, secret: bool, **given: Any
) -> Iterator[Any]:
    """Show a coin account: its xpub, then keys and addresses."""
    from iop.io.key_show import show_account

    if secret:
        check_showing(shell)
    where = find_source(shell)
    yield from show_account(given["key"], where, coin, count=count, change=change, secret=secret)


@source
@option("--secret", kind="flag", help="Show secret forms of a WIF, xprv or secret Multikey.")
@argument("text", multiple=True, metavar="TEXT", help="Key texts; without any, lines of stdin.")
def inspect(shell: Shell, secret: bool, text: tuple[str, ...]) -> Iterator[Any]:
    """Tell what a text about a key is, and every other form of it."""
    from iop.io.key_text import describe_text, read_texts

    if secret:
        check_showing(shell)
    if not text:
        shell.claim_stdin("key texts")
    for one in read_texts(text, shell.warn):
        yield describe_text(one, secret=secret)


command = Noun(list_, show, account, inspect, check_phrase, passwd, encrypt, decrypt)


def main() -> None:
    """Entry point."""
    run(command, "iop-key", __doc__)
