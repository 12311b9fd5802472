"""The official vault: one sealed seed, and plugins that keep public keys in clear (morpheus 5).

Every change gives a new Vault; `dirty` says that it differs from what was saved. Reading and writing is in `vault_record`.
"""

from __future__ import annotations

from iop.codec.multibase import encode_multibase, parse_multibase
from iop.errors import DataError, LimitError, MissingError
from iop.keys import account as accounts
from iop.keys import morpheus, phrase24
from iop.keys.address import compute_address
from iop.keys.derivation import MAX_INDEX, PublicNode, derive_child, derive_public_child
from iop.keys.encryption import decrypt, encrypt
from iop.keys.extended import encode_xpub, parse_xpub
from iop.keys.mnemonic import compute_seed
from iop.keys.multicipher import (
    SECP256K1,
    KeyId,
    PublicKey,
    SecretKey,
    is_same_auth,
    parse_public_key,
)
from iop.keys.network import find_network
from iop.keys.vault_record import HydraPlugin, MorpheusPlugin, Vault
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# The file says how many keys an account uses; searching them is bounded.
SEARCH_LIMIT = 10_000

LEGACY_PASSWORD = "morpheus"  # noqa: S105 - BIP39 password of the first release (morpheus 3)


def create_vault(
    phrase: str, bip39_password: str, unlock_password: str, nonce: bytes, language: str = "en"
) -> Vault:
    """A new vault of a 24-word phrase, as the original makes one; the nonce has 24 random bytes."""
    words = phrase24.parse_phrase(phrase, language)
    return seal_vault(compute_seed(words, bip39_password), unlock_password, nonce)


def seal_vault(seed: bytes, unlock_password: str, nonce: bytes) -> Vault:
    """A new vault of any 64-byte seed."""
    morpheus.check_seed(seed)
    return Vault(_seal(seed, unlock_password, nonce), dirty=True)


def _seal(seed: bytes, unlock_password: str, nonce: bytes) -> str:
    return encode_multibase(encrypt(unlock_password, nonce, seed), "base64url")


def unlock(vault: Vault, unlock_password: str) -> bytes:
    """The 64-byte seed. Raises AccessError for a wrong password."""
    seed = decrypt(unlock_password, parse_multibase(vault.encrypted_seed))
    morpheus.check_seed(seed)
    return seed


def change_password(vault: Vault, old: str, new: str, nonce: bytes) -> Vault:
    """The same seed and plugins under another password."""
    return replace(vault, encrypted_seed=_seal(unlock(vault, old), new, nonce), dirty=True)


def _add(vault: Vault, plugin: MorpheusPlugin | HydraPlugin) -> Vault:
    return replace(vault, plugins=(*vault.plugins, plugin), dirty=True)


def add_morpheus(vault: Vault, seed: bytes) -> Vault:
    """The vault with a plugin for identities that holds persona 0. One per vault."""
    if any(isinstance(plugin, MorpheusPlugin) for plugin in vault.plugins):
        raise DataError("Same plugin was already added to vault")
    return _add(vault, MorpheusPlugin((str(morpheus.derive_key(seed, "persona", 0).public()),)))


def add_hydra(vault: Vault, seed: bytes, network: str, account: int) -> Vault:
    """The vault with a plugin for a coin account, one key in use. One per network and account."""
    found = find_network(network)
    node = accounts.derive_account(seed, found, account)
    if any(
        isinstance(plugin, HydraPlugin) and (plugin.network, plugin.account) == (network, account)
        for plugin in vault.plugins
    ):
        raise DataError("Same plugin was already added to vault")
    return _add(vault, HydraPlugin(network, account, encode_xpub(found, node)))


def find_morpheus(vault: Vault) -> MorpheusPlugin:
    """The plugin for identities; the first, if a file has several."""
    for plugin in vault.plugins:
        if isinstance(plugin, MorpheusPlugin):
            return plugin
    raise MissingError("Could not find Morpheus plugin")


def find_hydra(vault: Vault, network: str, account: int) -> HydraPlugin:
    """The plugin for a coin account."""
    find_network(network)
    if account < 0:
        raise DataError("Hydra account number cannot be negative")
    for plugin in vault.plugins:
        if isinstance(plugin, HydraPlugin) and (plugin.network, plugin.account) == (
            network,
            account,
        ):
            return plugin
    raise MissingError("Could not find Hydra plugin with given parameters")


def _check_index(index: int) -> None:
    if index < 0:
        raise DataError("Key index cannot be negative")
    if index > MAX_INDEX:
        raise DataError(f"key index is at most {MAX_INDEX}, got {index}")


def read_key(plugin: MorpheusPlugin, kind: str, index: int) -> PublicKey:
    """The public key at an index of a kind, without the password. Raises MissingError past the end of the list."""
    keys = plugin.keys_of(morpheus.parse_kind(kind))
    _check_index(index)
    if index >= len(keys):
        raise MissingError("Only existing keys can be queried via Morpheus Public")
    return parse_public_key(keys[index])


def find_key(plugin: MorpheusPlugin, auth: KeyId | PublicKey) -> tuple[str, int, PublicKey]:
    """Kind, index and public key of a key id (or key), without the password; kinds in the order persona to resource.

    A kind whose list holds something that is no key ends there, and the search goes on with the next kind.
    """
    for kind in morpheus.KINDS:
        try:
            for index, text in enumerate(plugin.keys_of(kind)):
                key = parse_public_key(text)
                if is_same_auth(key, auth):
                    return kind, index, key
        except DataError:
            continue
    noun = "key ids" if isinstance(auth, KeyId) else "keys"
    raise MissingError(f"Could not find {auth} among Morpheus {noun}")


def touch_key(vault: Vault, seed: bytes, kind: str, index: int) -> tuple[Vault, SecretKey]:
    """The secret key at an index of a kind, and the vault whose list reaches it."""
    kind = morpheus.parse_kind(kind)
    plugin = find_morpheus(vault)
    _check_index(index)
    node = morpheus.derive_kind(seed, kind)
    keys = plugin.keys_of(kind)
    if index - len(keys) >= SEARCH_LIMIT:
        raise LimitError(f"key {index} is more than {SEARCH_LIMIT} beyond the last key in use")
    fresh = [
        str(morpheus.derive_kind_key(node, number).public())
        for number in range(len(keys), index + 1)
    ]
    if fresh:
        vault = _replace_plugin(vault, plugin, replace(plugin, **{f"{kind}s": (*keys, *fresh)}))
    return vault, morpheus.derive_kind_key(node, index)


def find_kind_secret(
    plugin: MorpheusPlugin, seed: bytes, kind: str, public: PublicKey
) -> tuple[int, SecretKey]:
    """Index and secret of a public key among the keys in use of one kind. The keys are derived, not read from the list."""
    node = morpheus.derive_kind(seed, kind)
    for index in range(min(len(plugin.keys_of(kind)), SEARCH_LIMIT)):
        secret = morpheus.derive_kind_key(node, index)
        if secret.public() == public:
            return index, secret
    raise MissingError(f"Could not find {public} among {kind.capitalize()} keys")


def find_secret(
    plugin: MorpheusPlugin, seed: bytes, auth: KeyId | PublicKey
) -> tuple[str, int, SecretKey]:
    """Kind, index and secret of a key in use. A key id is first looked up in the lists (morpheus 5)."""
    public = find_key(plugin, auth)[2] if isinstance(auth, KeyId) else auth
    for kind in morpheus.KINDS:
        try:
            index, secret = find_kind_secret(plugin, seed, kind, public)
        except MissingError:
            continue
        return kind, index, secret
    raise MissingError(f"Could not find {public} among Morpheus keys")


def _replace_plugin(
    vault: Vault, old: MorpheusPlugin | HydraPlugin, new: MorpheusPlugin | HydraPlugin
) -> Vault:
    place = next(place for place, plugin in enumerate(vault.plugins) if plugin is old)
    plugins = (*vault.plugins[:place], new, *vault.plugins[place + 1 :])
    return replace(vault, plugins=plugins, dirty=True)


def touch_address(vault: Vault, plugin: HydraPlugin, index: int) -> Vault:
    """The vault in which a receiving key of an account is in use; no password needed."""
    _check_index(index)
    if index < plugin.receive_keys:
        return vault
    return _replace_plugin(vault, plugin, replace(plugin, receive_keys=index + 1))


def open_account(plugin: HydraPlugin) -> PublicNode:
    """The public node of a coin account, from its xpub. Raises DataError."""
    return parse_xpub(find_network(plugin.network), plugin.xpub)


def _open_chain(plugin: HydraPlugin) -> PublicNode:
    return derive_public_child(open_account(plugin), accounts.RECEIVE, retry=False)


def derive_public(plugin: HydraPlugin, chain: int, index: int) -> PublicKey:
    """The public key of a chain (0 receives, 1 is for change) at an index, in use or not, without the password."""
    branch = derive_public_child(open_account(plugin), chain, retry=False)
    return PublicKey(SECP256K1, derive_public_child(branch, index, retry=False).key)


def read_address(plugin: HydraPlugin, index: int) -> tuple[PublicKey, str]:
    """Public key and address of a receiving key in use, without the password."""
    _check_index(index)
    if index >= plugin.receive_keys:
        raise MissingError("Only existing keys can be queried")
    key = derive_public_child(_open_chain(plugin), index, retry=False).key
    return PublicKey(SECP256K1, key), compute_address(find_network(plugin.network), key)


def find_address(plugin: HydraPlugin, address: str) -> tuple[int, PublicKey]:
    """Index and public key of an address among the receiving keys in use, without the password."""
    network = find_network(plugin.network)
    for index, public in _list_receive_keys(plugin):
        if compute_address(network, public.data) == address:
            return index, public
    raise MissingError(f"Could not find {address} among Hydra keys")


def find_auth(plugin: HydraPlugin, auth: KeyId | PublicKey) -> tuple[int, PublicKey]:
    """Index and public key of a key id (or key) among the receiving keys in use, without the password."""
    for index, public in _list_receive_keys(plugin):
        if is_same_auth(public, auth):
            return index, public
    raise MissingError(f"Could not find {auth} among Hydra keys")


def _list_receive_keys(plugin: HydraPlugin) -> Iterator[tuple[int, PublicKey]]:
    chain = _open_chain(plugin)
    for index in range(min(plugin.receive_keys, SEARCH_LIMIT)):
        yield index, PublicKey(SECP256K1, derive_public_child(chain, index, retry=False).key)


def derive_receive_key(plugin: HydraPlugin, seed: bytes, index: int) -> SecretKey:
    """The secret of a receiving key."""
    _check_index(index)
    return accounts.derive_coin_key(seed, find_network(plugin.network), plugin.account, index)


def find_receive_secret(
    plugin: HydraPlugin, seed: bytes, public: PublicKey
) -> tuple[int, SecretKey]:
    """Index and secret of a public key among the receiving keys in use."""
    account = accounts.derive_account(seed, find_network(plugin.network), plugin.account)
    chain = derive_child(account, accounts.RECEIVE, retry=False)
    for index in range(min(plugin.receive_keys, SEARCH_LIMIT)):
        secret = derive_child(chain, index, retry=False)
        if secret.public() == public.data:
            return index, SecretKey(SECP256K1, secret.secret)
    raise MissingError(f"Could not find {public.data.hex()} among Hydra keys")
