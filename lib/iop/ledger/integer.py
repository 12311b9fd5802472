"""Whole numbers as ECMAScript's BigInt() makes them of JSON values, and the texts String() makes: how the original reads both."""

from __future__ import annotations

from iop.ledger.asset import encode_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

LONGEST = 4000  # characters of a number text, below the interpreter's own limit; 2^63 has 19 digits
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_BLANK = "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def parse_integer(given: Json) -> int | None:
    """The number a JSON value stands for, or None where BigInt() throws.

    Numbers must be whole; booleans count as 0 and 1; texts are decimal with an optional sign, or 0x, 0o, 0b; blank texts are 0.
    """
    if isinstance(given, list) and len(given) <= 1:
        inner = given[0] if given and given[0] is not None else ""
        return None if isinstance(inner, bool) else parse_integer(inner)
    if isinstance(given, int):
        return int(given) if abs(given) <= 2**53 else int(float(given))
    if isinstance(given, float):
        return int(given) if given.is_integer() else None
    return _parse_text(given) if isinstance(given, str) else None


def _parse_text(text: str) -> int | None:
    text = text.strip(_BLANK)
    if len(text) > LONGEST:
        return None
    base = _BASES.get(text[:2].lower(), 10)
    digits = text[2:] if base != 10 else text[1:] if text[:1] in ("+", "-") else text
    if not text:
        return 0
    if not digits.isascii() or not digits.isalnum():
        return None
    try:
        number = int(digits, base)
    except ValueError:
        return None
    return -number if text[0] == "-" else number


def show(given: Json) -> str:
    """The text that String() makes of a JSON value, at most 200 characters of it."""
    if isinstance(given, bool) or given is None:
        return {True: "true", False: "false", None: "null"}[given]
    if isinstance(given, list):
        return ",".join("" if item is None else show(item) for item in given[:100])[:200]
    if isinstance(given, dict):
        return "[object Object]"
    if isinstance(given, str):
        return given[:200]
    if isinstance(given, int) and abs(given) <= 2**53:
        return str(given)
    return encode_number(float(given))
