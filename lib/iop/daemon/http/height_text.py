"""Heights in paths, read as the original server reads them (morpheus ch. 12, marked as a quirk).

ECMAScript `Number()` decides whether a text is a number at all, then `parseInt` reads it, then the result is taken modulo
2**32, as a call into WebAssembly does. So `5abc` is "not given", `1e1` and `1.9` are 1, and 4294967296 is 0.
"""

from __future__ import annotations

_WHITE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)  # ECMA-262 12.2 WhiteSpace and 12.3 LineTerminator
_DIGITS = "0123456789"
_RADIX = {"0x": (16, "0123456789abcdefABCDEF"), "0o": (8, "01234567"), "0b": (2, "01")}
_INFINITE = 2**1024
_MODULUS = 2**32


def is_number(text: str) -> bool:
    """True when `Number(text)` is not NaN (ECMA-262 7.1.4.1, StringToNumber). White space alone is 0."""
    text = text.strip(_WHITE)
    if not text:
        return True
    prefix = text[:2].lower()
    if prefix in _RADIX:
        return len(text) > 2 and not text[2:].strip(_RADIX[prefix][1])
    if text[0] in "+-":
        text = text[1:]
    if text == "Infinity":
        return True
    mantissa, mark, exponent = text.partition("e" if "e" in text else "E")
    whole, _, fraction = mantissa.partition(".")
    if not whole + fraction or (whole + fraction).strip(_DIGITS):
        return False
    if not mark:
        return True
    if exponent[:1] in ("+", "-"):
        exponent = exponent[1:]
    return bool(exponent) and not exponent.strip(_DIGITS)


def parse_int(text: str) -> int | None:
    """`parseInt(text)`, None for NaN (ECMA-262 19.2.5). What is beyond the largest double is 2**1024, which wraps to 0."""
    text = text.strip(_WHITE)
    negative = text[:1] == "-"
    if text[:1] in ("+", "-"):
        text = text[1:]
    radix, allowed = 10, _DIGITS
    if text[:2] in ("0x", "0X"):
        radix, allowed = _RADIX["0x"]
        text = text[2:]
    digits = text[: len(text) - len(text.lstrip(allowed))]
    if not digits:
        return None
    number = _as_double(digits, radix)
    return -number if negative else number


def _as_double(digits: str, radix: int) -> int:
    """The integer nearest to the digits that a double can hold."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > 310:  # more than 1.8e308 in any radix used here
        return _INFINITE
    try:
        return int(float(int(digits, radix)))
    except OverflowError:
        return _INFINITE


def parse_height(text: str | None) -> int | None:
    """A height between 0 and 2**32 − 1, or None when it counts as not given.

    A text that is a number but that `parseInt` cannot read (`.5`, white space, `Infinity`) is 0.
    """
    if text is None or text == "" or not is_number(text):
        return None
    return (parse_int(text) or 0) % _MODULUS


def parse_height_or(text: str | None, otherwise: int) -> int:
    """Like `parse_height`, with the original's `height || otherwise`: not given, 0 and unreadable mean the latter."""
    if text is None or text == "" or not is_number(text):
        return otherwise
    return (parse_int(text) or otherwise) % _MODULUS
