"""Coin addresses and secret keys as base58check texts (morpheus 3).

The order of checks and the error texts are the original's: digits, checksum, length, network, content.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58check, parse_base58check
from iop.crypto import secp256k1
from iop.crypto.hash import hash160, ripemd160
from iop.errors import DataError, DecodeError, LimitError
from iop.keys.network import NETWORKS, Network

TEXT_LIMIT = 256  # characters; an extended key has about 115

# What may follow the key in a WIF (BIP178): nothing, or one byte.
WIF_SUFFIXES = {
    "uncompressed": b"",
    "compressed": b"\x01",
    "p2pkh": b"\x10",
    "p2wpkh": b"\x11",
    "p2wpkh-p2sh": b"\x12",
}


def parse_check(text: str) -> bytes:
    """The bytes of a base58check text of any of our kinds, its four check bytes removed."""
    if len(text) > TEXT_LIMIT:
        raise LimitError(f"key text of {len(text)} characters, at most {TEXT_LIMIT}")
    try:
        return parse_base58check(text)
    except DecodeError as exc:
        if exc.message == "Incorrect checksum":
            raise
        raise DecodeError("Invalid base string") from exc


def check_prefix(prefix: bytes, expected: bytes) -> None:
    """Nothing if the version bytes are the network's, else DecodeError naming what was found."""
    if prefix != expected:
        raise DecodeError(f"Invalid network prefix found: {prefix.hex()}")


def compute_address_hash(network: Network, public: bytes) -> bytes:
    """The 20-byte hash of a compressed public key that stands in the network's addresses."""
    return (ripemd160 if network.address_hash == "ripemd160" else hash160)(public)


def encode_address(network: Network, hashed: bytes) -> str:
    """The address of a 20-byte hash."""
    if len(hashed) != 20:
        raise DataError(f"address hash has 20 bytes, got {len(hashed)}")
    return encode_base58check(bytes([network.address]) + hashed)


def compute_address(network: Network, public: bytes) -> str:
    """The address of a compressed public key of 33 bytes."""
    if len(public) != 33:
        raise DataError(f"compressed public key has 33 bytes, got {len(public)}")
    return encode_address(network, compute_address_hash(network, public))


def parse_address(network: Network, text: str) -> bytes:
    """The 20-byte hash of an address of this network. Raises DecodeError."""
    data = parse_check(text)
    if len(data) != 21:
        raise DecodeError("Invalid length of address")
    check_prefix(data[:1], bytes([network.address]))
    return data[1:]


def find_address_networks(text: str) -> tuple[Network, ...]:
    """All networks whose address this is; two of them share a version byte. Raises DecodeError if it is none's."""
    data = parse_check(text)
    if len(data) != 21:
        raise DecodeError("Invalid length of address")
    found = tuple(network for network in NETWORKS.values() if network.address == data[0])
    if not found:
        raise DecodeError(f"Invalid network prefix found: {data[:1].hex()}")
    return found


def encode_wif(network: Network, secret: bytes, suffix: bytes = b"\x01") -> str:
    """The WIF of a secret key of 32 bytes; the suffix says which addresses it is for (BIP178)."""
    if len(secret) != 32:
        raise DataError(f"secret key has 32 bytes, got {len(secret)}")
    if suffix not in WIF_SUFFIXES.values():
        raise DataError(f"Unknown wif suffix {suffix.hex()}")
    return encode_base58check(bytes([network.wif]) + secret + suffix)


def parse_wif(network: Network, text: str) -> tuple[bytes, bytes]:
    """Secret key and suffix of a WIF of this network. Raises DecodeError."""
    return _split_wif(parse_check(text), network)


def find_wif_networks(text: str) -> tuple[Network, ...]:
    """All networks whose WIF this is. Raises DecodeError if it is none's."""
    data = parse_check(text)
    found = tuple(network for network in NETWORKS.values() if data[:1] == bytes([network.wif]))
    if not found:
        raise DecodeError(f"Invalid network prefix found: {data[:1].hex()}")
    _split_wif(data, found[0])
    return found


def _split_wif(data: bytes, network: Network) -> tuple[bytes, bytes]:
    if len(data) <= 32:
        raise DecodeError("WIF data is too short")
    check_prefix(data[:1], bytes([network.wif]))
    secret, suffix = data[1:33], data[33:]
    if not secp256k1.is_secret(secret):
        raise DecodeError("Invalid secret key")
    if suffix not in WIF_SUFFIXES.values():
        raise DecodeError(f"Unknown wif suffix {suffix.hex()}")
    return secret, suffix
