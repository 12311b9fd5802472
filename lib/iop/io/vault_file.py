"""Official vault files on disk: made, given plugins and keys, exported."""

from __future__ import annotations

from iop.errors import DataError, SchemaError, UsageError
from iop.io.key_record import describe_public
from iop.io.key_show import tell_place
from iop.io.keyring import read_holder, split_key, unseal
from iop.io.keystore import change_vault
from iop.io.secret import read_text
from iop.io.vault_key import find_account, find_identities, tell_account
from iop.keys import vault as vaults
from iop.keys.encryption import NONCE_SIZE
from iop.keys.selector import CoinSelector, MorpheusSelector, parse_selector
from iop.keys.vault_record import HydraPlugin, MorpheusPlugin, Vault
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iop.codec.json import Json
    from iop.io.secret import Source

COUNT_LIMIT = 10_000


def parse_coin(text: str) -> CoinSelector:
    """The account `NETWORK[/ACCOUNT]`. Raises UsageError for anything else."""
    found = parse_selector(text)
    if not isinstance(found, CoinSelector):
        raise UsageError(f"a coin account is NETWORK or NETWORK/ACCOUNT, got {text!r}")
    return found


def make_vault(
    seed: bytes,
    source: Source,
    random: Callable[[int], bytes],
    *,
    morpheus: bool = True,
    coins: Sequence[str] = (),
) -> Vault:
    """A new vault of a seed under a new passphrase, with a plugin for identities and for each coin account."""
    accounts = [parse_coin(coin) for coin in coins]
    password = read_text(source, "new passphrase of the vault", new=True)
    return _add_plugins(
        vaults.seal_vault(seed, password, random(NONCE_SIZE)),
        seed,
        morpheus=morpheus,
        accounts=accounts,
    )


def _add_plugins(
    vault: Vault, seed: bytes, *, morpheus: bool, accounts: Sequence[CoinSelector]
) -> Vault:
    for plugin in vault.plugins:
        if morpheus and isinstance(plugin, MorpheusPlugin):
            raise DataError("the vault keeps identities already")
    if morpheus:
        vault = vaults.add_morpheus(vault, seed)
    for account in accounts:
        for plugin in vault.plugins:
            if isinstance(plugin, HydraPlugin) and (plugin.network, plugin.account) == (
                account.network.name,
                account.account,
            ):
                raise DataError(f"the vault has coin account {tell_account(account)} already")
        vault = vaults.add_hydra(vault, seed, account.network.name, account.account)
    return vault


def open_vault(key: str, *, whole: bool = True) -> tuple[str, Vault]:
    """Path and content of a vault; `whole` refuses a selector. Raises SchemaError for our own key files."""
    path, selector = split_key(key, "vault")
    if selector and whole:
        raise UsageError("--key names a whole vault here, without selector")
    holder = read_holder(path)
    if not isinstance(holder, Vault):
        raise SchemaError("a key file, not a vault", hint="iop-key show -k FILE", file=path)
    return path, holder


def add_plugins(
    key: str,
    source: Source,
    *,
    morpheus: bool,
    coins: Sequence[str],
    wait: float = 0.0,
    dry: bool = False,
) -> Vault:
    """The vault with more plugins, written unless it is a dry run. Raises DataError for one that it has."""
    accounts = [parse_coin(coin) for coin in coins]
    if not morpheus and not accounts:
        raise UsageError("nothing to add", hint="--morpheus or --coin hyd-testnet/0")
    path, vault = open_vault(key)
    seed = unseal(vault, source, path).seed()
    return change_vault(
        path,
        vault,
        lambda now: _add_plugins(now, seed, morpheus=morpheus, accounts=accounts),
        wait=wait,
        dry=dry,
    )


def take_next(
    key: str, source: Source, what: str, *, count: int = 1, wait: float = 0.0, dry: bool = False
) -> Iterator[dict[str, Json]]:
    """Put the next `count` keys of a kind, or addresses of a coin account, in use; their records, once that is written.

    Addresses come from the xpub and take no passphrase.
    """
    if not 1 <= count <= COUNT_LIMIT:
        raise UsageError(f"--count is 1 to {COUNT_LIMIT}, got {count}")
    selector = parse_selector(what)
    path, vault = open_vault(key)

    def write(change: Callable[[Vault], Vault]) -> Vault:
        return change_vault(path, vault, change, wait=wait, dry=dry)

    if isinstance(selector, CoinSelector):
        find_account(vault, selector, path)
        yield from _take_addresses(write, selector, count)
    elif isinstance(selector, MorpheusSelector):
        find_identities(vault, path)
        seed = unseal(vault, source, path).seed()
        yield from _take_keys(write, seed, selector.kind, count)
    else:
        raise UsageError("next takes a kind or a coin account, as persona or hyd-testnet/0")


def _take_keys(
    write: Callable[[Callable[[Vault], Vault]], Vault], seed: bytes, kind: str, count: int
) -> Iterator[dict[str, Json]]:
    first = 0

    def change(now: Vault) -> Vault:
        nonlocal first
        first = len(vaults.find_morpheus(now).keys_of(kind))
        return vaults.touch_key(now, seed, kind, first + count - 1)[0]

    plugin = vaults.find_morpheus(write(change))
    for index in range(first, first + count):
        place = tell_place(MorpheusSelector(kind, index))
        yield describe_public(vaults.read_key(plugin, kind, index), **place)


def _take_addresses(
    write: Callable[[Callable[[Vault], Vault]], Vault], coin: CoinSelector, count: int
) -> Iterator[dict[str, Json]]:
    name, first = coin.network.name, 0

    def change(now: Vault) -> Vault:
        nonlocal first
        plugin = vaults.find_hydra(now, name, coin.account)
        first = plugin.receive_keys
        return vaults.touch_address(now, plugin, first + count - 1)

    plugin = vaults.find_hydra(write(change), name, coin.account)
    for index in range(first, first + count):
        place = tell_place(replace(coin, index=index))
        yield describe_public(vaults.read_address(plugin, index)[0], [coin.network], **place)
