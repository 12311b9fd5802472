"""Patterns as the schemas of claims write them: ECMA-262, which JSON Schema names, as far as `iop.codec.expression` goes.

`\\d \\w \\s` are ECMA-262's; `\\p` follows the interpreter's own tables, because names of people have to match in the scripts of today
and no two machines have to agree on a claim for ever. `\\b` and `\\B` are refused, and escapes that mean nothing.
"""

from __future__ import annotations

from iop.codec import pattern
from iop.codec.dialect import SPACE, Dialect
from iop.errors import DecodeError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MEMORY = 1 << 16  # steps
_HIT = 16  # characters that are looked up in the memory for one step


def _find_category(char: str) -> str:
    from unicodedata import category

    return category(char)


ECMA = Dialect(
    category=_find_category,
    classes={"d": ("09", ()), "w": ("09AZ__az", ()), "s": (SPACE + "\ufeff\ufeff", ())},
    newlines="\n\n\r\r\u2028\u2029",
    literals=frozenset(" !\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"),
    controls={"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
    | {"c" + chr(start + code): chr(code) for start in (64, 96) for code in range(1, 27)},
    in_brackets={"b": "\b"},
    hex_sizes={"x": 2, "u": 4},
    braced="u",
    group_mark="<",
    surrogates=True,
    loose_braces=True,
)


class Pattern(pattern.Pattern):
    """A compiled pattern, which remembers moves: the same patterns meet many texts."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        """Raises SchemaError for a pattern that is malformed or not understood, LimitError for one too large."""
        try:
            super().__init__(text, ECMA, _MEMORY)
        except DecodeError as exc:
            raise SchemaError(exc.message) from exc

    def is_found(self, text: str, spend: Callable[[int], None] = lambda _steps: None) -> bool:
        """True if the pattern matches somewhere in the text. `spend` is told the steps taken, and may raise."""
        spend(1 + len(text) // _HIT)
        return super().is_found(text, spend)
