"""The keys of one file as records: the one that a selector means and those that follow it, all of a vault, a coin account.

Whatever stands in clear is read without the passphrase. Nothing protects it there: who can write the file can change it, and
only a signature shows whose key it is.
"""

from __future__ import annotations

from iop.errors import DataError, UsageError
from iop.io.key_listing import describe_holder
from iop.io.key_record import describe_kept, describe_public, describe_secret
from iop.io.keyring import read_holder, split_key, tell_name, unseal
from iop.io.report import printable
from iop.keys import account as accounts
from iop.keys import vault as vaults
from iop.keys.address import compute_address
from iop.keys.derivation import (
    HARDENED,
    Node,
    PublicNode,
    compute_public_node,
    derive_child,
    derive_public_child,
    encode_path,
)
from iop.keys.extended import encode_xprv, encode_xpub
from iop.keys.keyfile import KeyFile
from iop.keys.morpheus import KINDS, compute_path
from iop.keys.multicipher import SECP256K1, PublicKey, SecretKey, is_same_auth
from iop.keys.network import find_network, parse_network
from iop.keys.selector import (
    AddressSelector,
    AuthSelector,
    CoinSelector,
    MorpheusSelector,
    PathSelector,
    parse_selector,
    select_key,
    select_vault_key,
)
from iop.keys.vault_record import HydraPlugin, MorpheusPlugin, Vault
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iop.codec.json import Json
    from iop.io.secret import Source
    from iop.keys.network import Network
    from iop.keys.secret import Secret
    from iop.keys.selector import Selector

COUNT_LIMIT = 100_000


def list_vault_keys(vault: Vault) -> Iterator[dict[str, Json]]:
    """A record of every key in use of a vault, from the lists that are in clear; what is no key has an `error`."""
    for plugin in vault.plugins:
        if isinstance(plugin, MorpheusPlugin):
            for kind in KINDS:
                for index in range(len(plugin.keys_of(kind))):
                    yield _describe_listed(plugin, kind, index)
            continue
        network = find_network(plugin.network)
        for index in range(min(plugin.receive_keys, COUNT_LIMIT)):
            coin = CoinSelector(network, plugin.account, accounts.RECEIVE, index)
            public = vaults.read_address(plugin, index)[0]
            yield describe_public(public, [network], **tell_place(coin))


def _describe_listed(plugin: MorpheusPlugin, kind: str, index: int) -> dict[str, Json]:
    place = tell_place(MorpheusSelector(kind, index))
    try:
        return describe_public(vaults.read_key(plugin, kind, index), **place)
    except DataError as error:
        return {"type": "iop.key/1"} | place | {"error": error.message}


def tell_place(selector: Selector) -> dict[str, Json]:
    """The `selector` as one types it, and the `path`, of a key with a place in a tree."""
    if isinstance(selector, MorpheusSelector):
        path = compute_path(selector.kind, selector.index)
        return {"selector": f"{selector.kind}/{selector.index}", "path": encode_path(path)}
    if isinstance(selector, CoinSelector):
        path = accounts.compute_account_path(selector.network, selector.account)
        steps = [selector.account, selector.chain, selector.index]
        if selector.chain == accounts.RECEIVE:
            del steps[1]
        text = "/".join(map(str, (selector.network.slug, *steps)))
        path = (*path, selector.chain, selector.index)
        return {"selector": text, "path": encode_path(path)}
    if isinstance(selector, PathSelector):
        return {"path": encode_path(selector.path)}
    return {}


def show_keys(
    key: str,
    source: Source,
    *,
    count: int = 1,
    networks: Sequence[str] = (),
    secret: bool = False,
    first: str = "key",
) -> Iterator[dict[str, Json]]:
    """Records of the keys that `FILE[#SELECTOR]` means, and of the `count` - 1 that follow it.

    The passphrase is asked for only where a secret is wanted, or where the public key does not stand in clear. first: see
    `split_key`.
    """
    path, text = split_key(key, first)
    selector = parse_selector(text)
    wanted = [parse_network(name) for name in networks]
    holder = read_holder(path)
    more: dict[str, Json] = {}
    if selector is None and count == 1 and not wanted:
        if secret:
            kept = unseal(holder, source, path)
            yield describe_kept(kept, show=True, kind=kept.kind, file=printable(path))
            return
        if isinstance(holder, KeyFile):
            yield describe_holder(holder, file=printable(path))
            return
        more = {"kind": "vault", "file": printable(path), "encrypted": True}
    if selector is None and _is_tree(holder):
        selector = MorpheusSelector("persona", 0)
    if wanted:
        _check_coin(selector, holder, path, wanted[0].slug)
    tree = _Tree(holder, source, path)
    for offset in range(_check_count(count)):
        step = _advance(selector, offset)
        place, home = _settle(holder, step, path)
        facts = more | tell_place(place)
        if secret:
            yield describe_secret(tree.secret(step), wanted, home=home, **facts)
        else:
            public = _read_clear(holder, place, path) or tree.secret(step).public()
            yield describe_public(public, wanted, home=home, **facts)


class _Tree:
    """A file that is unsealed when a secret is first asked for."""

    def __init__(self, holder: KeyFile | Vault, source: Source, path: str) -> None:
        self._holder, self._source, self._path = holder, source, path
        self._kept: Secret | None = None

    def secret(self, selector: Selector) -> SecretKey:
        """The secret key that a selector means."""
        if self._kept is None:
            self._kept = unseal(self._holder, self._source, self._path)
        if isinstance(self._holder, Vault):
            return select_vault_key(self._holder, self._kept.seed(), selector)
        return select_key(self._kept, selector)


def _is_tree(holder: KeyFile | Vault) -> bool:
    return isinstance(holder, Vault) or holder.kind in ("seed", "phrase")


def _settle(
    holder: KeyFile | Vault, selector: Selector, path: str
) -> tuple[Selector, Network | None]:
    """Where a key is, as far as what is in clear tells, and the network it is at home in."""
    place = selector
    if isinstance(holder, Vault):
        from iop.io.vault_key import find_place

        place = find_place(holder, selector, path)
    if isinstance(place, CoinSelector):
        return place, place.network
    return place, place.networks[0] if isinstance(place, AddressSelector) else None


def _read_clear(holder: KeyFile | Vault, place: Selector, path: str) -> PublicKey | None:
    """The public key at a place where it stands in clear, None where only the secret tells it."""
    if isinstance(holder, Vault):
        from iop.io.vault_key import read_public

        assert isinstance(place, MorpheusSelector | CoinSelector | PathSelector)
        return read_public(holder, place, path)
    public = holder.public
    if isinstance(place, AuthSelector):
        return public if is_same_auth(public, place.auth) else None
    if isinstance(place, AddressSelector):
        found = public.suite == SECP256K1 and place.address in (
            compute_address(network, public.data) for network in place.networks
        )
        return public if found else None
    if place is None or (_is_tree(holder) and place == MorpheusSelector("persona", 0)):
        return public
    return None


def _check_coin(selector: Selector, holder: KeyFile | Vault, path: str, coin: str) -> None:
    """Nothing unless an identity's key is asked for its address. Raises DataError with what to ask for."""
    if isinstance(selector, MorpheusSelector):
        import shlex

        name = tell_name(path)
        other = shlex.quote(f"{name}#{coin}/0/0")
        raise DataError(
            "an identity's key has no address: coin networks take secp256k1 keys",
            hint=f"-k {other}, or iop-key account -k {shlex.quote(name)} --coin {coin}",
        )
    if isinstance(holder, KeyFile) and holder.kind == "ed25519":
        raise DataError(
            "an ed25519 key has no address: coin networks take secp256k1 keys",
            hint="iop-keygen --kind secp256k1 makes one",
        )


def _check_count(count: int) -> int:
    if not 0 <= count <= COUNT_LIMIT:
        raise UsageError(f"--count is 0 to {COUNT_LIMIT}, got {count}")
    return count


def _advance(selector: Selector, offset: int) -> Selector:
    """The selector `offset` places further on."""
    if offset == 0:
        return selector
    if isinstance(selector, MorpheusSelector | CoinSelector):
        return replace(selector, index=selector.index + offset)
    if isinstance(selector, PathSelector) and selector.path:
        last = selector.path[-1] + offset
        if (last ^ selector.path[-1]) & HARDENED or last >= 2 * HARDENED:
            raise UsageError("--count goes past the last index")
        return replace(selector, path=(*selector.path[:-1], last))
    raise UsageError("--count takes a selector that has an index")


def show_account(
    key: str, source: Source, coin: str, *, count: int, change: bool = False, secret: bool = False
) -> Iterator[dict[str, Json]]:
    """The record of a coin account `NETWORK[/ACCOUNT]` (`iop.account/1`), then of its first `count` keys.

    Of an account that a vault keeps, only the secrets take the passphrase.
    """
    selector = parse_selector(coin)
    if not isinstance(selector, CoinSelector):
        raise UsageError("a coin account is NETWORK or NETWORK/ACCOUNT, as hyd-testnet/0")
    network, number = selector.network, selector.account
    path, rest = split_key(key)
    if rest:
        raise UsageError("--key takes a file here, and --coin names the account")
    holder = read_holder(path)
    public = None if secret else _find_account(holder, selector)
    node: Node | None = None
    if public is None:
        node = accounts.derive_account(unseal(holder, source, path).seed(), network, number)
        public = compute_public_node(node)
    record: dict[str, Json] = {
        "type": "iop.account/1",
        "network": network.name,
        "account": number,
        "path": encode_path(accounts.compute_account_path(network, number)),
        "xpub": encode_xpub(network, public),
    }
    shown = node if secret else None
    yield record | ({} if shown is None else {"xprv": encode_xprv(network, shown)})
    chain = accounts.CHANGE if change else accounts.RECEIVE
    stem = derive_public_child(public, chain, retry=False)
    branch = None if shown is None else derive_child(shown, chain, retry=False)
    for index in range(_check_count(count)):
        place = tell_place(replace(selector, chain=chain, index=index))
        if branch is not None:
            child = SecretKey(SECP256K1, derive_child(branch, index, retry=False).secret)
            yield describe_secret(child, [network], **place)
        else:
            data = derive_public_child(stem, index, retry=False).key
            yield describe_public(PublicKey(SECP256K1, data), [network], **place)


def _find_account(holder: KeyFile | Vault, coin: CoinSelector) -> PublicNode | None:
    """The public node of an account that a vault keeps."""
    for plugin in holder.plugins if isinstance(holder, Vault) else ():
        if isinstance(plugin, HydraPlugin) and (plugin.network, plugin.account) == (
            coin.network.name,
            coin.account,
        ):
            return vaults.open_account(plugin)
    return None
