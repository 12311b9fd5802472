"""Sets of characters as patterns write them: `\\d`, `\\p{Lu}`, `[a-z_]` (ECMA-262 22.2.1)."""

from __future__ import annotations

from iop.errors import LimitError, SchemaError
from iop.value import value

MAX_RANGES = 500
_LAST = 0x10FFFF
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_CATEGORIES = frozenset(  # of Unicode, and their one-letter groups
    "C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()  # noqa: SIM905 - a table of names
)


@value
class CharSet:
    """Code point ranges, both ends included, and general categories with the answer they stand for; perhaps the opposite."""

    ranges: tuple[tuple[int, int], ...]
    categories: tuple[tuple[str, bool], ...] = ()
    negated: bool = False

    def holds(self, char: str) -> bool:
        """True if the character belongs to the set."""
        point = ord(char)
        inside = any(first <= point <= last for first, last in self.ranges)
        if not inside and self.categories:
            import unicodedata

            category = unicodedata.category(char)
            inside = any(category.startswith(name) is wanted for name, wanted in self.categories)
        return inside is not self.negated


_DIGIT = ((0x30, 0x39),)
_WORD = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
_NAMED = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
ANY_BUT_NEWLINE = CharSet(((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)), negated=True)


def _refuse(text: str, what: str) -> SchemaError:
    return SchemaError(f"pattern {text[:80]!r}: {what}")


def _invert(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    gaps = []
    at = 0
    for first, last in ranges:
        if at < first:
            gaps.append((at, first - 1))
        at = last + 1
    return (*gaps, (at, _LAST))


def parse_escape(text: str, at: int) -> tuple[CharSet, int]:
    """The set of the escape whose letter stands at `at`, and where it ends. Raises SchemaError."""
    char = text[at : at + 1]
    if not char:
        raise _refuse(text, "a lone backslash at the end")
    if char.lower() in _NAMED:
        ranges = _NAMED[char.lower()]
        return CharSet(ranges if char.islower() else _invert(ranges)), at + 1
    if char in ("p", "P"):
        end = text.find("}", at)
        name = text[at + 2 : end] if end >= 0 and text[at + 1 : at + 2] == "{" else ""
        if name not in _CATEGORIES:
            raise _refuse(text, "only general categories, as in \\p{Lu}, are understood")
        return CharSet((), ((name, char == "p"),)), end + 1
    if char in ("b", "B") or char in "123456789k":
        raise _refuse(text, f"\\{char} is not understood")
    point, end = _parse_point(text, at)
    return CharSet(((point, point),)), end


def parse_class(text: str, at: int) -> tuple[CharSet, int]:
    """The set of a class whose `[` stands before `at`, and where it ends. Raises SchemaError or LimitError."""
    negated = text[at : at + 1] == "^"
    at += negated
    ranges: list[tuple[int, int]] = []
    categories: list[tuple[str, bool]] = []
    while text[at : at + 1] != "]":
        first, at = _parse_member(text, at)
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("]", ""):
            last, at = _parse_member(text, at + 1)
            if first.categories or last.categories or len(first.ranges + last.ranges) != 2:
                raise _refuse(text, "a range between sets")
            start, end = first.ranges[0][0], last.ranges[0][1]
            if first.ranges[0][1] != start or last.ranges[0][0] != end or end < start:
                raise _refuse(text, "range out of order")
            ranges.append((start, end))
        else:
            ranges += first.ranges
            categories += first.categories
        if len(ranges) + len(categories) > MAX_RANGES:
            raise LimitError(f"a class of a pattern has more than {MAX_RANGES} ranges")
    return CharSet(tuple(ranges), tuple(categories), negated), at + 1


def _parse_member(text: str, at: int) -> tuple[CharSet, int]:
    char = text[at : at + 1]
    if not char:
        raise _refuse(text, "unmatched [")
    if char != "\\":
        return CharSet(((ord(char), ord(char)),)), at + 1
    following = text[at + 1 : at + 2]
    if following in ("b", "-") and following:
        point = 8 if following == "b" else ord("-")
        return CharSet(((point, point),)), at + 2
    return parse_escape(text, at + 1)


def _parse_point(text: str, at: int) -> tuple[int, int]:
    char = text[at]
    if char in _CONTROLS:
        return _CONTROLS[char], at + 1
    if char == "c" and text[at + 1 : at + 2].isascii() and text[at + 1 : at + 2].isalpha():
        return ord(text[at + 1]) % 32, at + 2
    if char == "x":
        return _parse_hex(text, at + 1, 2), at + 3
    if char == "u":
        return _parse_unicode(text, at + 1)
    if char.isalnum() or char == "_":
        raise _refuse(text, f"\\{char} is not understood")
    return ord(char), at + 1


def _parse_unicode(text: str, at: int) -> tuple[int, int]:
    if text[at : at + 1] == "{":
        end = text.find("}", at)
        size = end - at - 1
        if end < 0 or not 1 <= size <= 6 or (point := _parse_hex(text, at + 1, size)) > _LAST:
            raise _refuse(text, "no code point in \\u{}")
        return point, end + 1
    high = _parse_hex(text, at, 4)
    if 0xD800 <= high < 0xDC00 and text[at + 4 : at + 6] == "\\u":
        low = _parse_hex(text, at + 6, 4)
        if 0xDC00 <= low < 0xE000:
            return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), at + 10
    return high, at + 4


def _parse_hex(text: str, at: int, size: int) -> int:
    digits = text[at : at + size]
    if len(digits) != size or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise _refuse(text, "bad hexadecimal digits")
    return int(digits, 16)
