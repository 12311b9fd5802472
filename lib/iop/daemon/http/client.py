"""Who a client is, for everything that is counted by client: its address, or the one its proxy names.

A peer in a trusted network speaks for others: the client is then the last address in its `X-Forwarded-For` that is not trusted
itself. Nobody else's word counts. Of an IPv6 address the first 64 bits are the client, because whoever has one has them all.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from iop.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

UNIX = "unix"  # stands for all peers on a UNIX socket, which have no address
MAX_HOPS = 16  # of a list of proxies, from its end
_PREFIX_BITS = 64


class Clients:
    """Addresses to clients. `trusted`: addresses and networks (`10.0.0.0/8`) of proxies, or `unix`."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self._networks = tuple(_parse_network(text) for text in trusted if text != UNIX)
        self._trusts_unix = UNIX in trusted

    def is_proxy(self, host: str) -> bool:
        """Whether the peer may speak for others; an empty host is a peer on a UNIX socket."""
        if not host:
            return self._trusts_unix
        return bool(self._networks) and self._is_trusted(host)

    def find(self, host: str, headers: Mapping[bytes, bytes]) -> str:
        """The client behind a request of a peer. What a proxy writes that is no address ends the search at that proxy."""
        if self.is_proxy(host):
            hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
            for hop in reversed(hops[-MAX_HOPS:]):
                named = _parse_hop(hop.strip())
                if not named:
                    break
                host = named
                if not self._is_trusted(host):
                    break
        return find_key(host)

    def _is_trusted(self, host: str) -> bool:
        address = _parse_address(host)
        return any(address in network for network in self._networks)


@lru_cache(4096)
def find_key(host: str) -> str:
    """What an address counts under: IPv4 as it is, also inside IPv6, of other IPv6 the network of 64 bits."""
    if ":" not in host:
        return host
    address = _parse_address(host)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> _PREFIX_BITS << _PREFIX_BITS)}/{_PREFIX_BITS}"
    return str(address)


def _parse_network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as exc:
        raise UsageError(
            f"expected an address, a network or {UNIX!r}, got {text!r}",
            hint="--trusted-proxy 127.0.0.1",
        ) from exc


def _parse_hop(text: str) -> str:
    """The address of one entry of the list, without a port; nothing for what is no address."""
    if text[:1] == "[":
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


@lru_cache(4096)
def _parse_address(host: str) -> IPv4Address | IPv6Address:
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
