"""Sets of characters, as the dot, escapes and brackets of a pattern name them."""

from __future__ import annotations

from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MAJOR = {
    "C": "cfnos", "L": "lmotu", "M": "cen", "N": "dlo", "P": "cdefios", "S": "ckmo", "Z": "lps",
}  # fmt: skip
# General categories of Unicode by their short names, and their groups.
CATEGORIES = frozenset([*_MAJOR, *[big + small for big in _MAJOR for small in _MAJOR[big]]])
# Name in `[:name:]` to bounds of its ranges, low and high in turn.
POSIX = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\0\x7f", "blank": "\t\t  ", "cntrl": "\0\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ",
    "upper": "AZ", "word": "09AZaz__", "xdigit": "09AFaf",
}  # fmt: skip
_REMEMBERED = 64  # characters whose membership a set remembers


class CharSet:
    """Characters by ranges and tests; `turned` takes all others instead, `folded` ignores the case of ASCII letters."""

    __slots__ = ("_folded", "_highs", "_known", "_lows", "_tests", "_turned")

    def __init__(
        self,
        bounds: str,
        tests: Iterable[Callable[[str], bool]] = (),
        *,
        turned: bool = False,
        folded: bool = False,
    ) -> None:
        """bounds: first and last character of each range in turn, in any order; they may overlap."""
        self._tests = tuple(tests)
        self._turned = turned
        self._folded = folded
        self._known: dict[str, bool] = {}
        self._lows: list[str] = []
        self._highs: list[str] = []
        for low, high in sorted([(bounds[at], bounds[at + 1]) for at in range(0, len(bounds), 2)]):
            if self._highs and low <= self._highs[-1]:
                self._highs[-1] = max(high, self._highs[-1])
            else:
                self._lows.append(low)
                self._highs.append(high)

    def has(self, char: str) -> bool:
        """True if the character belongs to the set."""
        known = self._known.get(char)
        if known is None:
            known = self._holds(char)
            if self._folded and not known and char.isascii():
                known = self._holds(char.swapcase())
            known = known is not self._turned
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[char] = known
        return known

    def _holds(self, char: str) -> bool:
        at = bisect_right(self._lows, char)
        if at and char <= self._highs[at - 1]:
            return True
        return any(test(char) for test in self._tests)
