"""The kinds of CBOR that Python has no type of its own for (RFC 8949 3)."""

from __future__ import annotations

from iop.errors import DataError, DecodeError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 127  # arrays, maps and tags within one another
LONGEST = 64 << 20  # bytes of a string or items of an array; more is never announced in good faith


class Incomplete(DecodeError):  # noqa: N818 - a state of the input, named as the caller reads it
    """The data ends before the item does: more bytes may complete it."""


@value
class Simple:
    """A simple value other than false, true and null: 0..19, 32..255, and 23 for undefined; in keys also 20, 21, 22."""

    number: int

    def __check__(self) -> None:
        if not (0 <= self.number <= 23 or 32 <= self.number <= 255):
            raise DataError(f"simple value must be in 0..23 or 32..255, got {self.number}")


@value
class Tag:
    """A tagged value; tags 2 and 3 never occur, they are integers."""

    number: int
    value: Any


@value
class KeyMap:
    """A map in key position: its pairs in the order of their encoded keys."""

    pairs: tuple[tuple[Any, Any], ...]


@value
class KeyFloat:
    """A float in key position, kept by its eight bytes so that 1.0 is not 1 and -0.0 is not 0.0."""

    data: bytes


UNDEFINED = Simple(23)
