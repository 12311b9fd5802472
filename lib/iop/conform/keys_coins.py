"""Runner for the file about coin keys: extended keys, WIF and addresses of the ten networks."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.conform.keys import attempt, compare_members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.keys.derivation import Node, PublicNode
    from iop.keys.multicipher import PublicKey
    from iop.keys.network import Network

    Document = dict[str, Any]


def run_secp_keys(document: Document) -> Iterator[Case]:
    """Accounts and single keys of every network, free paths, refusals, Ark passphrases."""
    from iop.keys.network import NETWORKS

    yield compare("networks", sorted(NETWORKS), sorted(document["networks"]))
    for number, case in enumerate(document["cases"]):
        yield from _run_account(f"cases[{number}]", case)
    for number, case in enumerate(document["nodes"]):
        yield from _run_node(f"nodes[{number}]", case)
    for number, case in enumerate(document["parse"]):
        label = f"parse[{number}] {case['kind']} {case['label']}"
        result = attempt(_parse_text, case["kind"], case["text"], case["network"])
        yield compare(label, result, case["result"])
    for number, case in enumerate(document["ark"]):
        yield from _run_ark(f"ark[{number}]", case)


def _describe_key(network: Network, public: bytes) -> Document:
    from iop.crypto.hash import hash160, ripemd160
    from iop.keys.address import compute_address, compute_address_hash
    from iop.keys.multicipher import SECP256K1, KeyId, PublicKey, compute_key_id

    key = PublicKey(SECP256K1, public)
    return {
        "publicKeyHex": public.hex(),
        "publicKey": str(key),
        "keyId": str(compute_key_id(key)),
        "btcStyleKeyId": str(KeyId(SECP256K1, hash160(public))),
        "arkStyleKeyId": str(KeyId(SECP256K1, ripemd160(public))),
        "networkKeyId": str(KeyId(SECP256K1, compute_address_hash(network, public))),
        "address": compute_address(network, public),
    }


def _run_account(label: str, case: Document) -> Iterator[Case]:
    from iop.keys.account import CHANGE, RECEIVE, compute_account_path, derive_coin_key
    from iop.keys.address import encode_wif
    from iop.keys.derivation import (
        compute_public_node,
        derive_child,
        derive_master,
        derive_path,
        derive_public_child,
        encode_path,
    )
    from iop.keys.extended import encode_xprv, encode_xpub, parse_xprv, parse_xpub
    from iop.keys.network import find_network

    network, seed = find_network(case["network"]), bytes.fromhex(case["seed"])
    path = compute_account_path(network, case["account"])
    master = derive_master(seed, "secp256k1")
    coin = derive_path(master, path[:2])
    account = derive_path(master, path)
    chain_index = CHANGE if case["change"] else RECEIVE
    chain = derive_child(account, chain_index)
    key = derive_child(chain, case["idx"])
    got = {
        "slip44": network.slip44,
        "coin_path": encode_path(path[:2]),
        "account_path": encode_path(path),
        "path": encode_path((*path, chain_index, case["idx"])),
        "coin_xprv": encode_xprv(network, coin),
        "account_xprv": encode_xprv(network, account),
        "account_xpub": encode_xpub(network, account),
        "chain_xprv": encode_xprv(network, chain),
        "chain_xpub": encode_xpub(network, chain),
        "wif": encode_wif(network, key.secret),
    } | _describe_key(network, key.public())
    given = {"seed", "network", "account", "change", "idx"}
    yield from compare_members(label, got, case, given)
    secret = derive_coin_key(seed, network, case["account"], case["idx"], chain=chain_index)
    yield compare(f"{label} key by account", secret.data, key.secret)
    yield compare(f"{label} xprv read", parse_xprv(network, case["account_xprv"]), account)
    public = parse_xpub(network, case["account_xpub"])
    yield compare(f"{label} xpub read", public, compute_public_node(account))
    derived = derive_public_child(derive_public_child(public, chain_index), case["idx"])
    yield compare(f"{label} public derivation", derived.key.hex(), case["publicKeyHex"])


def _run_node(label: str, case: Document) -> Iterator[Case]:
    from iop.keys.address import encode_wif
    from iop.keys.derivation import derive_master, derive_path, derive_public_child
    from iop.keys.extended import encode_xprv, encode_xpub, parse_xpub
    from iop.keys.network import find_network

    network = find_network(case["network"])
    if "from_xpub" in case:
        child: Node | PublicNode = derive_public_child(
            parse_xpub(network, case["from_xpub"]), case["idx"]
        )
        got = {}
    else:
        child = derive_path(derive_master(bytes.fromhex(case["seed"]), "secp256k1"), case["path"])
        got = {"xprv": encode_xprv(network, child), "wif": encode_wif(network, child.secret)}
    got |= {"xpub": encode_xpub(network, child), "publicKeyHex": child.public().hex()}
    given = {"seed", "network", "path", "note", "from_xpub", "idx"}
    yield from compare_members(label, got, case, given)


def _parse_text(kind: str, text: str, name: str) -> str:
    """What the file records of a text that was read: its first receiving address, a public key or a key id."""
    from iop.keys.address import compute_address, parse_address, parse_wif
    from iop.keys.derivation import compute_public_node, derive_public_child
    from iop.keys.extended import parse_xprv, parse_xpub
    from iop.keys.multicipher import SECP256K1, KeyId, SecretKey
    from iop.keys.network import find_network

    network = find_network(name)
    if kind in ("xprv", "xpub"):
        if kind == "xprv":
            account = compute_public_node(parse_xprv(network, text))
        else:
            account = parse_xpub(network, text)
        first = derive_public_child(derive_public_child(account, 0), 0)
        return compute_address(network, first.key)
    if kind == "wif":
        return SecretKey(SECP256K1, parse_wif(network, text)[0]).public().data.hex()
    if kind == "address":
        return str(KeyId(SECP256K1, parse_address(network, text)))
    return f"unknown kind {kind}"


def _run_ark(label: str, case: Document) -> Iterator[Case]:
    from iop.crypto.hash import hash160, ripemd160
    from iop.keys.account import compute_ark_key
    from iop.keys.address import encode_address, encode_wif, parse_wif
    from iop.keys.network import NETWORKS

    secret = compute_ark_key(case["passphrase"])
    public: PublicKey = secret.public()
    any_network = next(iter(NETWORKS.values()))
    got = _describe_key(any_network, public.data) | {
        "wif": {name: encode_wif(network, secret.data) for name, network in NETWORKS.items()},
        "ark_address": {
            name: encode_address(network, ripemd160(public.data))
            for name, network in NETWORKS.items()
        },
        "btc_address": {
            name: encode_address(network, hash160(public.data))
            for name, network in NETWORKS.items()
        },
    }
    yield from compare_members(label, got, case, {"passphrase"})
    for name, text in case["wif"].items():
        read = parse_wif(NETWORKS[name], text)
        yield compare(f"{label} wif read {name}", read, (secret.data, b"\x01"))
