"""ARK-style addresses: base58check of the network byte and RIPEMD-160 of a compressed public key (morpheus ch. 3).

Inside the ledger an account is named by the 20-byte hash; the text with the network byte is for records only.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58check, parse_base58check
from iop.crypto.hash import ripemd160
from iop.errors import DecodeError

HASH_SIZE = 20
TEXT_LIMIT = 64  # characters; real ones have 34

# A sender is looked up several times for each of its transactions, and senders come again.
_hashes: dict[bytes, bytes] = {}
_MOST_HASHES = 16_384


def compute_address_hash(public: bytes) -> bytes:
    """The 20-byte name of the account of a compressed public key."""
    found = _hashes.get(public)
    if found is None:
        if len(_hashes) >= _MOST_HASHES:
            _hashes.clear()
        found = _hashes[public] = ripemd160(public)
    return found


def encode_address(byte: int, hashed: bytes) -> str:
    """The text of an account name on the network with that address byte."""
    return encode_base58check(bytes((byte,)) + hashed)


def parse_address(text: str) -> tuple[int, bytes]:
    """Network byte and account name of a text. Raises DecodeError: digits, checksum, length."""
    if len(text) > TEXT_LIMIT:
        raise DecodeError(f"address of at most {TEXT_LIMIT} characters expected, got {len(text)}")
    data = parse_base58check(text)
    if len(data) != 1 + HASH_SIZE:
        raise DecodeError(f"address of {1 + HASH_SIZE} bytes expected, got {len(data)}")
    return data[0], data[1:]


def describe_network(byte: int) -> str:
    """The networks whose addresses have that byte, for messages: `HYD mainnet`, or `network byte 9`."""
    from iop.keys.network import NETWORKS

    names = [network.name for network in NETWORKS.values() if network.address == byte]
    return " or ".join(names) or f"network byte {byte}"
