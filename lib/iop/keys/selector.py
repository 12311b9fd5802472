"""Selectors: which key of a key file or vault is meant (iop-keyfile(5)).

    persona/0  device/1  group/2  resource/3     a key of an identity; without a number, number 0
    hyd-testnet/0/4  btc-mainnet/0/1/4           a coin key: network, account, [chain,] index; what is left out is 0
    m/44'/1'/0'/0/0  e:m/0'  s:m/0               a path; on secp256k1 below 44' or after s:, else on ed25519
    pez…  iez…  did:morpheus:ez…                 a public key, key id or DID, looked for among the keys
    tjMvaU79mMJ8fKwoLjFLn7rCTthpY6KxTx           a coin address, looked for likewise

The empty selector is the key of a single-key file, or persona 0.
"""

from __future__ import annotations

from iop.errors import DataError, DecodeError, MissingError, UsageError
from iop.keys import account as accounts
from iop.keys import vault as vaults
from iop.keys.address import compute_address, find_address_networks
from iop.keys.derivation import HARDENED, derive_child, derive_master, derive_path, parse_path
from iop.keys.morpheus import KINDS, derive_key, derive_kind, derive_kind_key
from iop.keys.multicipher import (
    ED25519,
    SECP256K1,
    KeyId,
    PublicKey,
    SecretKey,
    is_same_auth,
    parse_key_id,
    parse_public_key,
)
from iop.keys.network import NETWORKS, Network, guess, parse_network
from iop.keys.vault_record import HydraPlugin
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.keys.secret import Secret
    from iop.keys.vault_record import Vault

GAP = 20  # keys of each kind or account among which a tree without lists is searched
TEXT_LIMIT = 1024
WORD_LIMIT = 20  # characters; what is shorter and only letters is a mistyped word, no key text
_DID = "did:morpheus:"


@value
class MorpheusSelector:
    """A key of an identity, by kind and index."""

    kind: str
    index: int


@value
class CoinSelector:
    """A coin key, by network, account, chain and index."""

    network: Network
    account: int
    chain: int
    index: int


@value
class PathSelector:
    """A key by its path, on the curve of a suite."""

    suite: str
    path: tuple[int, ...]


@value
class AuthSelector:
    """A key that is looked for by its public key or key id."""

    auth: KeyId | PublicKey


@value
class AddressSelector:
    """A key that is looked for by its address."""

    address: str
    networks: tuple[Network, ...]


if TYPE_CHECKING:
    Selector = (
        MorpheusSelector | CoinSelector | PathSelector | AuthSelector | AddressSelector | None
    )


def parse_selector(text: str) -> Selector:
    """The selector of a text; None for the empty one. Raises DataError."""
    if not text:
        return None
    if len(text) > TEXT_LIMIT:
        raise DecodeError(f"selector of {len(text)} characters, at most {TEXT_LIMIT}")
    head, *rest = text.split("/")
    if head.lower() in KINDS:
        if len(rest) > 1:
            raise DecodeError(f"selector of an identity is KIND/INDEX, got {len(rest)} numbers")
        return MorpheusSelector(head.lower(), _parse_number(rest[0]) if rest else 0)
    if head in ("m", "M", "e:m", "s:m"):
        path = parse_path(text.removeprefix("e:").removeprefix("s:"))
        below = path[:1] == (accounts.PURPOSE + HARDENED,) and not text.startswith("e:")
        return PathSelector(SECP256K1 if below or text.startswith("s:") else ED25519, path)
    try:
        # Before key texts: addresses of one network start with p as well, but they have a checksum.
        return AddressSelector(text, find_address_networks(text))
    except DataError as exc:
        refused = exc
    coin = any(mark in head for mark in "-_ ")
    if len(head) <= WORD_LIMIT and not coin and (head.isalpha() or rest):
        raise DecodeError(
            f"no key kind {head!r}",
            hint=f"{_guess_head(head)}{', '.join(KINDS)}, or a coin network as hyd-testnet; see iop-keyfile(5)",
        ) from refused
    if text.startswith(_DID):
        return AuthSelector(parse_key_id("i" + text[len(_DID) :].split("#", 1)[0]))
    if text[:2] in ("pe", "ps"):
        return AuthSelector(parse_public_key(text))
    if text[:2] in ("ie", "is"):
        return AuthSelector(parse_key_id(text))
    if coin:
        return _parse_coin(parse_network(head), [_parse_number(step) for step in rest])
    raise DecodeError(
        "selector is no kind, path, coin, key text or address", hint="see iop-keyfile(5)"
    ) from refused


def _guess_head(head: str) -> str:
    return guess(head, (*KINDS, *(network.slug for network in NETWORKS.values())))


def _parse_coin(network: Network, numbers: list[int]) -> CoinSelector:
    if len(numbers) == 3:
        return CoinSelector(network, *numbers)
    if len(numbers) > 3:
        raise DecodeError(f"selector of a coin has at most 3 numbers, got {len(numbers)}")
    account, index = (*numbers, 0, 0)[:2]
    return CoinSelector(network, account, accounts.RECEIVE, index)


def _parse_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < HARDENED):
        raise DecodeError(f"number in a selector is 0 to {HARDENED - 1}")
    return int(text)


def select_key(secret: Secret, selector: Selector) -> SecretKey:
    """The key of a key file's secret that a selector means. Raises MissingError when none is it."""
    if not secret.is_tree():
        key = secret.key()
        if selector is None or (
            isinstance(selector, AuthSelector) and is_same_auth(key.public(), selector.auth)
        ):
            return key
        if isinstance(selector, AddressSelector) and _has_address(key, selector):
            return key
        if isinstance(selector, AuthSelector | AddressSelector):
            raise MissingError("the key file holds another key")
        raise UsageError("the key file holds a single key: nothing can be derived from it")
    seed = secret.seed()
    if selector is None:
        return secret.key()
    if isinstance(selector, AuthSelector):
        return _search_auth(seed, selector.auth)
    if isinstance(selector, AddressSelector):
        return _search_address(seed, selector)
    return derive_selected(seed, selector)


def derive_selected(
    seed: bytes, selector: MorpheusSelector | CoinSelector | PathSelector
) -> SecretKey:
    """The key at a place in the tree of a seed."""
    if isinstance(selector, MorpheusSelector):
        return derive_key(seed, selector.kind, selector.index)
    if isinstance(selector, CoinSelector):
        return accounts.derive_coin_key(
            seed, selector.network, selector.account, selector.index, chain=selector.chain
        )
    curve = "ed25519" if selector.suite == ED25519 else "secp256k1"
    return SecretKey(selector.suite, derive_path(derive_master(seed, curve), selector.path).secret)


def _has_address(key: SecretKey, selector: AddressSelector) -> bool:
    return key.suite == SECP256K1 and any(
        compute_address(network, key.public().data) == selector.address
        for network in selector.networks
    )


def _search_auth(seed: bytes, auth: KeyId | PublicKey) -> SecretKey:
    if auth.suite == ED25519:
        for kind in KINDS:
            node = derive_kind(seed, kind)
            for index in range(GAP):
                key = derive_kind_key(node, index)
                if is_same_auth(key.public(), auth):
                    return key
    else:
        for network in NETWORKS.values():
            for key in _list_receive_keys(seed, network):
                if is_same_auth(key.public(), auth):
                    return key
    raise MissingError(f"Could not find {auth} among the first {GAP} keys of each kind")


def _search_address(seed: bytes, selector: AddressSelector) -> SecretKey:
    for network in selector.networks:
        for key in _list_receive_keys(seed, network):
            if compute_address(network, key.public().data) == selector.address:
                return key
    raise MissingError(f"Could not find {selector.address} among the first {GAP} keys of account 0")


def _list_receive_keys(seed: bytes, network: Network) -> list[SecretKey]:
    chain = derive_child(accounts.derive_account(seed, network, 0), accounts.RECEIVE)
    return [SecretKey(SECP256K1, derive_child(chain, index).secret) for index in range(GAP)]


def select_vault_key(vault: Vault, seed: bytes, selector: Selector) -> SecretKey:
    """The key of an unlocked vault that a selector means: one in use, unless a path names it."""
    if isinstance(selector, PathSelector):
        return derive_selected(seed, selector)
    if isinstance(selector, AuthSelector) and selector.auth.suite == ED25519:
        return vaults.find_secret(vaults.find_morpheus(vault), seed, selector.auth)[2]
    if isinstance(selector, AuthSelector | AddressSelector):
        return _search_vault_coins(vault, seed, selector)
    if isinstance(selector, CoinSelector):
        plugin = vaults.find_hydra(vault, selector.network.name, selector.account)
        if selector.chain == accounts.RECEIVE:
            vaults.read_address(plugin, selector.index)
        return derive_selected(seed, selector)
    chosen = selector or MorpheusSelector("persona", 0)
    vaults.read_key(vaults.find_morpheus(vault), chosen.kind, chosen.index)
    return derive_selected(seed, chosen)


def _search_vault_coins(
    vault: Vault, seed: bytes, selector: AuthSelector | AddressSelector
) -> SecretKey:
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
        return vaults.derive_receive_key(plugin, seed, index)
    shown = selector.address if isinstance(selector, AddressSelector) else selector.auth
    raise MissingError(f"Could not find {shown} among Hydra keys")
