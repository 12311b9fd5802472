"""What dialects of patterns differ in; all the rest is common to them (`iop.codec.expression`)."""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Bounds of the ranges of white space that every dialect's `\s` has.
SPACE = "\t\r  \xa0\xa0\u1680\u1680\u2000\u200a\u2028\u2029\u202f\u202f\u205f\u205f\u3000\u3000"


@value
class Dialect:
    """A way of writing patterns.

    category: the general category of a character, by the Unicode tables that the dialect's users agree on.
    classes: of `d`, `w` and `s`, the bounds of ranges and the categories that belong to it.
    newlines: bounds of the ranges that the dot leaves out.
    literals: characters that stand for themselves after a backslash.
    controls: characters by the one or two letters that name them after a backslash; in_brackets: more of those, in brackets only.
    hex_sizes: how many digits follow a letter; braced: letters that any number of digits in braces may follow.
    assertions: letters of `\\A \\z \\b \\B` as far as they are known.
    group_mark: what is between `(?` and a group's name.
    flags: letters in `(?flags)` and `(?flags:`; none if there are no flags.
    nests: brackets may stand in brackets, also as `[:alpha:]`; `]` is a character where it comes first; `&& -- ~~` are refused.
    short_properties: `\\pL` and `\\p{^L}` besides `\\p{L}`.
    surrogates: `\\u` may name halves of a pair, and a pair is one character.
    loose_braces: a brace that begins no repetition is a character.
    loose_repeats: anchors may be repeated, and repetitions again.
    """

    category: Callable[[str], str]
    classes: dict[str, tuple[str, tuple[str, ...]]]
    newlines: str
    literals: frozenset[str]
    controls: dict[str, str]
    in_brackets: dict[str, str]
    hex_sizes: dict[str, int]
    braced: str
    group_mark: str
    assertions: str = ""
    flags: str = ""
    nests: bool = False
    short_properties: bool = False
    surrogates: bool = False
    loose_braces: bool = False
    loose_repeats: bool = False
