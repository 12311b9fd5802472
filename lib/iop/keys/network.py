"""The ten coin networks and the bytes that mark their texts (morpheus 3)."""

from __future__ import annotations

from iop.errors import DataError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAME_LIMIT = 40  # characters of a wrong name that are looked at and repeated


@value
class Network:
    """One coin network: version bytes of addresses, WIF and extended keys, coin number of SLIP-44, hash of addresses.

    `name` is also the value of `network` in a vault. `address_hash` is `ripemd160` or `hash160` (RIPEMD160 of SHA-256).
    """

    name: str
    address: int
    wif: int
    xprv: bytes
    xpub: bytes
    slip44: int
    address_hash: str

    @property
    def slug(self) -> str:
        """The name as people type it: `hyd-testnet`."""
        return self.name.lower().replace(" ", "-")


# Name, address byte, WIF byte, xprv and xpub version bytes, coin number, hash of addresses.
_ROWS = (
    ("ARK mainnet", 23, 170, "46089520", "46090600", 111, "ripemd160"),
    ("ARK devnet", 30, 170, "46089520", "46090600", 1, "ripemd160"),
    ("ARK testnet", 23, 186, "70615956", "70617039", 1, "ripemd160"),
    ("BTC mainnet", 0, 128, "0488ade4", "0488b21e", 0, "hash160"),
    ("BTC testnet", 111, 239, "04358394", "043587cf", 1, "hash160"),
    ("HYD mainnet", 100, 111, "4de74def", "c1055b57", 4741444, "ripemd160"),
    ("HYD devnet", 90, 85, "4de74147", "c1054eaf", 1, "ripemd160"),
    ("HYD testnet", 128, 179, "4de7576d", "c105666a", 1, "ripemd160"),
    ("IOP mainnet", 117, 49, "ae3416f6", "2780915f", 66, "hash160"),
    ("IOP testnet", 130, 76, "2b7fa42a", "bb8f4852", 66, "hash160"),
)
NETWORKS: dict[str, Network] = {
    row[0]: Network(*row[:3], bytes.fromhex(row[3]), bytes.fromhex(row[4]), *row[5:])
    for row in _ROWS
}


def find_network(name: str) -> Network:
    """The network of a name, as a vault writes it. Raises DataError with the original's text."""
    try:
        return NETWORKS[name]
    except KeyError:
        raise DataError(
            f"Could not find network with name {name}.", hint=f"one of {list_slugs()}"
        ) from None


def list_slugs() -> str:
    """The names of all networks as people type them."""
    return ", ".join(network.slug for network in NETWORKS.values())


def parse_network(text: str) -> Network:
    """The network of a name as people type it: `hyd-testnet`, `HYD testnet`. Raises DataError, naming one that is near."""
    folded = text.lower().replace("_", "-").replace(" ", "-")
    slugs = {network.slug: network for network in NETWORKS.values()}
    if folded in slugs:
        return slugs[folded]
    shown = repr(text[:NAME_LIMIT])
    raise DataError(f"no coin network {shown}", hint=f"{guess(folded, slugs)}one of {list_slugs()}")


def guess(text: str, known: Iterable[str]) -> str:
    """`did you mean …?` and a space when one of the known words is near, else nothing."""
    from difflib import get_close_matches  # loads `re`: nobody waits for it but who mistyped

    near = get_close_matches(text[:NAME_LIMIT].lower(), list(known), 1)
    return f"did you mean {near[0]}? " if near else ""
