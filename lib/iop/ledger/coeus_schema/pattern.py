"""Patterns as the schemas of names write them: those of Rust's `regex` crate, which the original uses (morpheus 18).

Not taken: what `iop.codec.expression` does not know, set operations (`&&`, `--`, `~~`) in brackets, and what exceeds its limits.
Classes such as `\\w` and `\\pL` follow the tables of Unicode 3.2: verdicts are consensus, and those are the only tables that are the
same in every interpreter. For the same reason nothing is remembered: a run costs the same whatever ran before.
"""

from __future__ import annotations

from unicodedata import ucd_3_2_0

from iop.codec import pattern
from iop.codec.dialect import SPACE, Dialect
from iop.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.ledger.coeus_schema.work import Work

RUST = Dialect(
    category=ucd_3_2_0.category,
    classes={
        "d": ("", ("Nd",)),
        "w": ("", ("L", "M", "Nd", "Nl", "Pc")),
        "s": (SPACE + "\x85\x85", ()),
    },
    newlines="\n\n",
    literals=frozenset("\\.+*?()|[]{}^$#&-~"),
    controls={"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"},
    in_brackets={},
    hex_sizes={"x": 2, "u": 4, "U": 8},
    braced="xuU",
    group_mark="P<",
    assertions="bBAz",
    flags="imsUux-",
    nests=True,
    short_properties=True,
    loose_repeats=True,
)


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_compiled",)

    def __init__(self, text: str, work: Work | None = None) -> None:
        """Takes the length of the text and of its program out of the purse.

        Raises DecodeError: not an expression, one that is not understood or too large; LimitError: the purse is empty.
        """
        if work is not None:
            work.spend(len(text))
        try:
            self._compiled = pattern.Pattern(text, RUST)
        except LimitError as exc:  # of the pattern, whoever asks; not of the purse
            raise DecodeError(exc.message) from exc
        if work is not None:
            work.spend(self._compiled.size())

    def is_found(self, text: str, work: Work) -> bool:
        """True if the pattern matches somewhere in the text. Spends one unit for each step reached at each character."""
        return self._compiled.is_found(text, work.spend)
