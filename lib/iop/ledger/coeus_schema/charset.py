"""Sets of characters, as the dot, escapes and brackets of a pattern name them.

Classes such as `\\w` and `\\pL` follow the tables of Unicode 3.2: verdicts are consensus, and those are the only tables that are the
same in every interpreter.
"""

from __future__ import annotations

from bisect import bisect_right
from unicodedata import ucd_3_2_0

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    [chr(code) for code in range(0x2000, 0x200B)]
)
_MAJOR = {
    "C": "cfnos",
    "L": "lmotu",
    "M": "cen",
    "N": "dlo",
    "P": "cdefios",
    "S": "ckmo",
    "Z": "lps",
}
CATEGORIES = frozenset([*_MAJOR, *[big + small for big in _MAJOR for small in _MAJOR[big]]])
# Name in `[:name:]` to bounds of its ranges, low and high in turn.
POSIX = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\0\x7f", "blank": "\t\t  ", "cntrl": "\0\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ",
    "upper": "AZ", "word": "09AZaz__", "xdigit": "09AFaf",
}  # fmt: skip
_REMEMBERED = 256  # characters whose membership a set remembers


class CharSet:
    """Characters by ranges and classes; `turned` takes all others instead, `folded` ignores the case of ASCII letters."""

    __slots__ = ("_highs", "_known", "_lows", "classes", "folded", "ranges", "turned")

    def __init__(self, folded: bool = False) -> None:
        self.ranges: list[tuple[str, str]] = []
        self.classes: list[tuple[object, bool]] = []  # `w d s`, a category or a set; turned or not
        self.turned = False
        self.folded = folded
        self._known: dict[str, bool] = {}
        self._lows: list[str] | None = None
        self._highs: list[str] = []

    def has(self, char: str) -> bool:
        """True if the character belongs to the set; no range or class may be added any more."""
        known = self._known.get(char)
        if known is None:
            known = self._has(char)
            if self.folded and not known and char.isascii():
                known = self._has(char.swapcase())
            known = known is not self.turned
            if len(self._known) < _REMEMBERED:
                self._known[char] = known
        return known

    def _has(self, char: str) -> bool:
        if self._lows is None:
            self._lows = self._merge()
        at = bisect_right(self._lows, char)
        if at and char <= self._highs[at - 1]:
            return True
        return any(_is_of_class(char, kind) is not turned for kind, turned in self.classes)

    def _merge(self) -> list[str]:
        lows: list[str] = []
        for low, high in sorted(self.ranges):
            if lows and low <= self._highs[-1]:
                self._highs[-1] = max(high, self._highs[-1])
            else:
                lows.append(low)
                self._highs.append(high)
        return lows


def _is_of_class(char: str, kind: object) -> bool:
    if isinstance(kind, CharSet):
        return kind.has(char)
    category = ucd_3_2_0.category(char)
    if kind == "w":
        return category[0] in "LM" or category in ("Nd", "Nl", "Pc")
    if kind == "d":
        return category == "Nd"
    if kind == "s":
        return char in SPACE
    return category.startswith(str(kind))


def is_word(text: str, at: int) -> bool:
    """True if a word character stands at an index of the text; False beyond its ends."""
    return 0 <= at < len(text) and _is_of_class(text[at], "w")
