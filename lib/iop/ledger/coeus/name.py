"""Domain names: `.a.b`, read from the root to the leaf (morpheus 18)."""

from __future__ import annotations

from iop.errors import DecodeError
from iop.value import value

_EDGE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@value
class Name:
    """A domain name as its edges from the root down; no edges is the root, whose text is empty."""

    edges: tuple[str, ...]

    def __str__(self) -> str:
        return "".join([f".{edge}" for edge in self.edges])


def parse_name(text: str) -> Name:
    """The name of a text such as `.wallet.joe`; the empty text is the root.

    Raises DecodeError with the original's text (morpheus 18): relative name, empty edge (also for `.`), a character that is not
    ASCII, a character other than a lower-case letter or digit.
    """
    first, *edges = text.split(".")
    if first:
        raise DecodeError("DomainName must be absolute and start with '.'")
    for edge in edges:
        if not edge:
            raise DecodeError("Edge name cannot be empty")
        if not edge.isascii():
            raise DecodeError("Edge name must only contain ASCII characters")
        if not _EDGE.issuperset(edge):
            raise DecodeError("Edge name must contain only lowercase alphanumeric ASCII characters")
    return Name(tuple(edges))
