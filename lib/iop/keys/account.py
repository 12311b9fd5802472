"""Coin accounts: `m / 44' / coin' / account' / chain / index` on secp256k1 (BIP44, morpheus 3)."""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError
from iop.keys.derivation import HARDENED, Node, derive_master, derive_path
from iop.keys.morpheus import check_seed
from iop.keys.multicipher import SECP256K1, SecretKey
from iop.keys.network import Network

PURPOSE = 44
RECEIVE = 0
CHANGE = 1


def compute_account_path(network: Network, account: int) -> tuple[int, ...]:
    """The path of an account of 0..2**31-1."""
    if account < 0:
        raise DataError("Cannot use negative account index")
    if account >= HARDENED:
        raise DataError(f"account is at most {HARDENED - 1}, got {account}")
    return (PURPOSE + HARDENED, network.slip44 + HARDENED, account + HARDENED)


def derive_account(seed: bytes, network: Network, account: int) -> Node:
    """The node of an account; its xpub lists all addresses, its xprv spends from them."""
    check_seed(seed)
    path = compute_account_path(network, account)
    return derive_path(derive_master(seed, "secp256k1", retry=False), path, retry=False)


def derive_coin_key(
    seed: bytes, network: Network, account: int, index: int, *, chain: int = RECEIVE
) -> SecretKey:
    """The secret key of one address; chain 0 receives, 1 is for change."""
    node = derive_path(derive_account(seed, network, account), (chain, index), retry=False)
    return SecretKey(SECP256K1, node.secret)


def compute_ark_key(passphrase: str) -> SecretKey:
    """The secret key of an Ark passphrase: SHA-256 of its UTF-8 bytes as they are (morpheus 2)."""
    try:
        return SecretKey(SECP256K1, sha256(passphrase.encode()))
    except UnicodeEncodeError as exc:
        raise DecodeError("passphrase is not valid Unicode") from exc
