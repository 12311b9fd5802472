"""Which key of a vault a selector means, read from what stands in clear; and the words for one that is not there.

The library speaks with the original software's texts; here a person is told what to type instead (iop-keyfile(5)).
"""

from __future__ import annotations

from iop.errors import MissingError
from iop.io.keyring import tell_name, unseal
from iop.keys import account as accounts
from iop.keys import vault as vaults
from iop.keys.derivation import HARDENED
from iop.keys.morpheus import KINDS, compute_path
from iop.keys.multicipher import ED25519
from iop.keys.network import find_network
from iop.keys.selector import (
    AddressSelector,
    AuthSelector,
    CoinSelector,
    MorpheusSelector,
    PathSelector,
    select_vault_key,
)
from iop.keys.vault_record import HydraPlugin, MorpheusPlugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.io.secret import Source
    from iop.keys.multicipher import PublicKey, SecretKey
    from iop.keys.selector import Selector
    from iop.keys.vault_record import Vault

    Place = MorpheusSelector | CoinSelector | PathSelector


def open_vault_key(vault: Vault, source: Source, selector: Selector, name: str) -> SecretKey:
    """The secret of a key in use; nothing is asked for one that is not. `name` is the file, for errors."""
    place = find_place(vault, selector, name)
    if not isinstance(place, PathSelector):
        read_public(vault, place, name)
    return select_vault_key(vault, unseal(vault, source, name).seed(), selector)


def find_place(vault: Vault, selector: Selector, name: str) -> Place:
    """Kind and index, or network, account, chain and index, of what a selector means; a path that is neither stays one.

    Keys and addresses are looked for among those in use. Raises MissingError.
    """
    if selector is None:
        return MorpheusSelector("persona", 0)
    if isinstance(selector, PathSelector):
        return _find_path(vault, selector)
    if isinstance(selector, MorpheusSelector | CoinSelector):
        return selector
    try:
        if isinstance(selector, AuthSelector) and selector.auth.suite == ED25519:
            kind, index, _ = vaults.find_key(vaults.find_morpheus(vault), selector.auth)
            return MorpheusSelector(kind, index)
        return _find_coin(vault, selector)
    except MissingError as exc:
        shown = selector.address if isinstance(selector, AddressSelector) else selector.auth
        raise MissingError(
            f"{shown} is not among the keys in use of the vault",
            hint=f"iop-vault show -k {_quote(name)} lists them",
        ) from exc


def _find_coin(vault: Vault, selector: AuthSelector | AddressSelector) -> CoinSelector:
    for plugin in vault.plugins:
        if not isinstance(plugin, HydraPlugin):
            continue
        try:
            if isinstance(selector, AddressSelector):
                index = vaults.find_address(plugin, selector.address)[0]
            else:
                index = vaults.find_auth(plugin, selector.auth)[0]
        except MissingError:
            continue
        network = find_network(plugin.network)
        return CoinSelector(network, plugin.account, accounts.RECEIVE, index)
    raise MissingError("Could not find it among Hydra keys")


def _find_path(vault: Vault, selector: PathSelector) -> Place:
    path = selector.path
    for plugin in vault.plugins:
        if isinstance(plugin, MorpheusPlugin):
            for kind in KINDS if selector.suite == ED25519 else ():
                index = path[-1] ^ HARDENED if path else HARDENED
                if index < len(plugin.keys_of(kind)) and path == compute_path(kind, index):
                    return MorpheusSelector(kind, index)
            continue
        network = find_network(plugin.network)
        account = accounts.compute_account_path(network, plugin.account)
        chain, index = (*path[len(account) :], HARDENED, HARDENED)[:2]
        used = plugin.receive_keys if chain == accounts.RECEIVE else HARDENED
        if path == (*account, chain, index) and chain < HARDENED and index < used:
            return CoinSelector(network, plugin.account, chain, index)
    return selector


def read_public(vault: Vault, place: Place, name: str) -> PublicKey | None:
    """The public key at a place, from the lists in clear or an xpub; None for a path, which takes the passphrase.

    Raises MissingError for a key that is not in use, with the command that puts it in use.
    """
    if isinstance(place, PathSelector):
        return None
    if isinstance(place, MorpheusSelector):
        plugin = find_identities(vault, name)
        used = len(plugin.keys_of(place.kind))
        if place.index >= used:
            raise _miss(f"{place.kind}/{place.index}", place.kind, place.index - used, name)
        return vaults.read_key(plugin, place.kind, place.index)
    coin = find_account(vault, place, name)
    if place.chain == accounts.RECEIVE and place.index >= coin.receive_keys:
        shown = f"{tell_account(place)}/{place.index}"
        raise _miss(shown, tell_account(place), place.index - coin.receive_keys, name)
    return vaults.derive_public(coin, place.chain, place.index)


def find_identities(vault: Vault, name: str) -> MorpheusPlugin:
    """The plugin for identities. Raises MissingError."""
    try:
        return vaults.find_morpheus(vault)
    except MissingError as exc:
        raise MissingError(
            "the vault keeps no identities", hint=f"iop-vault add -k {_quote(name)} --morpheus"
        ) from exc


def find_account(vault: Vault, coin: CoinSelector, name: str) -> HydraPlugin:
    """The plugin for a coin account. Raises MissingError."""
    try:
        return vaults.find_hydra(vault, coin.network.name, coin.account)
    except MissingError as exc:
        shown = tell_account(coin)
        raise MissingError(
            f"coin account {shown} is not in the vault",
            hint=f"iop-vault add -k {_quote(name)} --coin {shown}",
        ) from exc


def tell_account(coin: CoinSelector) -> str:
    """A coin account as one types it: `hyd-testnet/0`."""
    return f"{coin.network.slug}/{coin.account}"


def _miss(shown: str, what: str, beyond: int, name: str) -> MissingError:
    more = f" --count {beyond + 1}" if beyond else ""
    return MissingError(
        f"{shown} is not in use", hint=f"iop-vault next -k {_quote(name)} {what}{more}"
    )


def _quote(name: str) -> str:
    import shlex  # loads `re`, so not before somebody has to read it

    return shlex.quote(tell_name(name))
