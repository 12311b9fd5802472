"""Extended keys as texts: xprv and xpub of BIP32, with each network's own version bytes (morpheus 3, standards 1).

Stricter than the original where BIP32 is: a root has neither parent nor index, and the key must be one.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58check
from iop.crypto import secp256k1
from iop.errors import DataError, DecodeError
from iop.keys.address import check_prefix, parse_check
from iop.keys.derivation import Node, PublicNode
from iop.keys.network import NETWORKS, Network

SIZE = 78  # version 4, depth 1, parent 4, index 4, chain code 32, key 33


def _encode(version: bytes, node: Node | PublicNode, key: bytes) -> str:
    place = bytes([node.depth]) + node.parent + node.index.to_bytes(4)
    return encode_base58check(version + place + node.chain + key)


def encode_xprv(network: Network, node: Node) -> str:
    """The text of a secret node of secp256k1."""
    if node.curve != "secp256k1":
        raise DataError(f"extended keys are of secp256k1, got {node.curve}")
    return _encode(network.xprv, node, b"\0" + node.secret)


def encode_xpub(network: Network, node: Node | PublicNode) -> str:
    """The text of the public part of a node of secp256k1."""
    if isinstance(node, Node) and node.curve != "secp256k1":
        raise DataError(f"extended keys are of secp256k1, got {node.curve}")
    return _encode(network.xpub, node, node.public())


def _split(text: str, version: bytes) -> tuple[bytes, bytes, int, bytes, int]:
    """Key and chain code, depth, parent, index."""
    data = parse_check(text)
    if len(data) != SIZE:
        raise DecodeError(f"Length of data must be {SIZE}")
    check_prefix(data[:4], version)
    depth, parent, index = data[4], data[5:9], int.from_bytes(data[9:13])
    if depth == 0 and (any(parent) or index):
        raise DecodeError("an extended key of depth 0 has neither parent nor index")
    return data[45:], data[13:45], depth, parent, index


def parse_xprv(network: Network, text: str) -> Node:
    """The node of an xprv of this network. Raises DecodeError."""
    key, chain, depth, parent, index = _split(text, network.xprv)
    if key[0]:
        raise DecodeError("xprv must have a private key prefixed with 0")
    if not secp256k1.is_secret(key[1:]):
        raise DecodeError("Invalid secret key")
    return Node("secp256k1", key[1:], chain, depth, parent, index)


def parse_xpub(network: Network, text: str) -> PublicNode:
    """The node of an xpub of this network. Raises DecodeError."""
    key, chain, depth, parent, index = _split(text, network.xpub)
    if not secp256k1.is_public_key(key):
        raise DecodeError("Invalid public key")
    return PublicNode(key, chain, depth, parent, index)


def find_xprv_networks(text: str) -> tuple[Network, ...]:
    """All networks whose xprv this is; some share their version bytes. Raises DecodeError if it is none's."""
    return _find(text, "xprv")


def find_xpub_networks(text: str) -> tuple[Network, ...]:
    """All networks whose xpub this is. Raises DecodeError if it is none's."""
    return _find(text, "xpub")


def _find(text: str, kind: str) -> tuple[Network, ...]:
    version = parse_check(text)[:4]
    found = tuple(network for network in NETWORKS.values() if getattr(network, kind) == version)
    if not found:
        raise DecodeError(f"Invalid network prefix found: {version.hex()}")
    return found
