"""Keys on this machine as records: what the data directory holds, what one file holds, coin accounts."""

from __future__ import annotations

from iop.errors import DataError, MissingError, UsageError
from iop.io.key_record import describe_kept, describe_public, describe_secret
from iop.io.keyring import (
    compute_named_path,
    list_names,
    read_holder,
    split_key,
    unseal,
)
from iop.io.report import printable
from iop.keys import account as accounts
from iop.keys import vault as vaults
from iop.keys.derivation import (
    HARDENED,
    derive_child,
    encode_path,
)
from iop.keys.extended import encode_xprv, encode_xpub
from iop.keys.keyfile import KeyFile
from iop.keys.morpheus import KINDS, compute_path
from iop.keys.multicipher import SECP256K1, PublicKey, SecretKey
from iop.keys.network import find_network, parse_network
from iop.keys.selector import (
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
    from iop.keys.selector import Selector

COUNT_LIMIT = 100_000


def list_holders(kinds: Sequence[str]) -> Iterator[dict[str, Json]]:
    """A record of every key file or vault in the data directory, sealed ones too: only what is in clear."""
    for kind in kinds:
        for name in list_names(kind):
            path = compute_named_path(kind, name)
            try:
                yield describe_holder(read_holder(path), name=name, file=printable(path))
            except DataError as error:
                yield {
                    "type": "iop.error/1",
                    "code": error.code,
                    "name": name,
                    "message": error.message,
                }


def describe_holder(holder: KeyFile | Vault, **more: Json) -> dict[str, Json]:
    """The clear part of a key file (`iop.key/1`) or vault (`iop.vault/1`)."""
    if isinstance(holder, KeyFile):
        facts: dict[str, Json] = {
            "kind": holder.kind,
            "created": holder.created,
            "encrypted": holder.encryption is not None,
        }
        if holder.label:
            facts["label"] = holder.label
        return describe_public(holder.public, **(more | facts))
    return (
        {"type": "iop.vault/1"}
        | more
        | {"plugins": [_describe_plugin(plugin) for plugin in holder.plugins]}
    )


def _describe_plugin(plugin: MorpheusPlugin | HydraPlugin) -> Json:
    if isinstance(plugin, MorpheusPlugin):
        counts: dict[str, Json] = {f"{kind}s": len(plugin.keys_of(kind)) for kind in KINDS}
        return {"plugin": "Morpheus"} | counts
    return {
        "plugin": "Hydra",
        "network": plugin.network,
        "account": plugin.account,
        "receiveKeys": plugin.receive_keys,
        "xpub": plugin.xpub,
    }


def list_vault_keys(vault: Vault) -> Iterator[dict[str, Json]]:
    """A record of every key in use of a vault, from the lists that are in clear; what is no key has an `error`."""
    for plugin in vault.plugins:
        if isinstance(plugin, MorpheusPlugin):
            for kind in KINDS:
                for index in range(len(plugin.keys_of(kind))):
                    yield _describe_listed(plugin, kind, index)
            continue
        network = find_network(plugin.network)
        path = (*accounts.compute_account_path(network, plugin.account), accounts.RECEIVE)
        for index in range(min(plugin.receive_keys, COUNT_LIMIT)):
            public, _ = vaults.read_address(plugin, index)
            selector = f"{network.name.lower().replace(' ', '-')}/{plugin.account}/{index}"
            yield describe_public(
                public, [network], selector=selector, path=encode_path((*path, index))
            )


def _describe_listed(plugin: MorpheusPlugin, kind: str, index: int) -> dict[str, Json]:
    place: dict[str, Json] = {
        "selector": f"{kind}/{index}",
        "path": encode_path(compute_path(kind, index)),
    }
    try:
        return describe_public(vaults.read_key(plugin, kind, index), **place)
    except DataError as error:
        return {"type": "iop.key/1"} | place | {"error": error.message}


def show_keys(
    key: str, source: Source, *, count: int = 1, networks: Sequence[str] = (), secret: bool = False
) -> Iterator[dict[str, Json]]:
    """Records of the keys that `FILE[#SELECTOR]` means, and of the `count` - 1 that follow it.

    Without selector, secrets and networks no passphrase is needed: the clear part of the file is shown.
    """
    path, text = split_key(key)
    selector = parse_selector(text)
    found = [parse_network(name) for name in networks]
    holder = read_holder(path)
    if selector is None and count == 1 and not secret and not found:
        yield describe_holder(holder, file=printable(path))
        return
    kept = unseal(holder, source, path)
    if selector is None and count == 1 and secret and not found:
        yield describe_kept(kept, show=True, kind=kept.kind, file=printable(path))
        return
    if selector is None and kept.is_tree():
        selector = MorpheusSelector("persona", 0)
    for offset in range(_check_count(count)):
        step = _advance(selector, offset)
        if isinstance(holder, Vault):
            chosen = select_vault_key(holder, kept.seed(), step)
        else:
            chosen = select_key(kept, step)
        place = _tell_place(step)
        if secret:
            yield describe_secret(chosen, found, **place)
        else:
            yield describe_public(chosen.public(), found, **place)


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


def _tell_place(selector: Selector) -> dict[str, Json]:
    if isinstance(selector, MorpheusSelector):
        return {"path": encode_path(compute_path(selector.kind, selector.index))}
    if isinstance(selector, CoinSelector):
        path = accounts.compute_account_path(selector.network, selector.account)
        return {"path": encode_path((*path, selector.chain, selector.index))}
    if isinstance(selector, PathSelector):
        return {"path": encode_path(selector.path)}
    return {}


def show_account(
    key: str, source: Source, coin: str, *, count: int, change: bool = False, secret: bool = False
) -> Iterator[dict[str, Json]]:
    """The record of a coin account `NETWORK[/ACCOUNT]` (`iop.account/1`), then of its first `count` keys."""
    selector = parse_selector(coin)
    if not isinstance(selector, CoinSelector):
        raise UsageError("a coin account is NETWORK or NETWORK/ACCOUNT, as hyd-testnet/0")
    network, number = selector.network, selector.account
    path, rest = split_key(key)
    if rest:
        raise UsageError("--key takes a file here, and --coin names the account")
    kept = unseal(read_holder(path), source, path)
    node = accounts.derive_account(kept.seed(), network, number)
    steps = accounts.compute_account_path(network, number)
    record: dict[str, Json] = {
        "type": "iop.account/1",
        "network": network.name,
        "account": number,
        "path": encode_path(steps),
        "xpub": encode_xpub(network, node),
    }
    yield record | ({"xprv": encode_xprv(network, node)} if secret else {})
    chain = accounts.CHANGE if change else accounts.RECEIVE
    branch = derive_child(node, chain, retry=False)
    for index in range(_check_count(count)):
        child = SecretKey(SECP256K1, derive_child(branch, index, retry=False).secret)
        place: Json = encode_path((*steps, chain, index))
        if secret:
            yield describe_secret(child, [network], path=place)
        else:
            yield describe_public(child.public(), [network], path=place)


def find_public(key: str) -> PublicKey | None:
    """The public key of `FILE[#SELECTOR]` where it stands in clear, None where it takes the passphrase to know."""
    path, text = split_key(key)
    selector = parse_selector(text)
    holder = read_holder(path)
    if isinstance(holder, KeyFile):
        return holder.public if selector is None else None
    chosen = selector or MorpheusSelector("persona", 0)
    if isinstance(chosen, MorpheusSelector):
        try:
            return vaults.read_key(vaults.find_morpheus(holder), chosen.kind, chosen.index)
        except MissingError:
            return None
    return None
