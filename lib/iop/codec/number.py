"""Numbers of JSON texts: as the original software reads them, and as it prints them (morpheus 6.2).

Its reader is not correctly rounded: it multiplies the first digits by a power of ten. Bytes that are hashed depend on that,
so the rules are followed to the last bit.
"""

from __future__ import annotations

from iop.errors import DecodeError

U64_MAX = (1 << 64) - 1
I64_MIN = -(1 << 63)
_EXPONENT_MAX = (1 << 31) - 1
_MANTISSA_DIGITS = 20  # the longest unsigned 64-bit integer
_BITS_MAX = 4096  # an integer beyond this is out of range before its digits are worth printing


def compute_double(text: str) -> float:
    """The double that a JSON number text stands for (morpheus 6.2 (2) and (3)).

    Raises DecodeError `number out of range`. The text must be a JSON number; time is linear in its length.
    """
    negative = text.startswith("-")
    mantissa, _, written = text.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    zeros = len(digits) - len(digits.lstrip("0"))
    head = digits[zeros : zeros + _MANTISSA_DIGITS]
    if head and int(head) > U64_MAX:
        head = head[:-1]
    significand = int(head or "0")
    exponent = len(whole) - (zeros + len(head))
    if written:
        size = written.lstrip("+-").lstrip("0")
        down = written.startswith("-")
        if len(size) > 10 or int(size or "0") > _EXPONENT_MAX:
            if significand and not down:
                raise DecodeError("number out of range")
            return -0.0 if negative else 0.0
        exponent += -int(size or "0") if down else int(size or "0")
    number = _scale(float(significand), exponent)
    return -number if negative else number


def _scale(number: float, exponent: int) -> float:
    while exponent < -308:
        if not number:
            return number
        number /= 1e308
        exponent += 308
    if exponent < 0:
        return number / float(f"1e{-exponent}")
    if not number:
        return number
    if exponent > 308 or (number := number * float(f"1e{exponent}")) == float("inf"):
        raise DecodeError("number out of range")
    return number


def encode_double(number: float) -> str:
    """The shortest digits that identify a finite double, in the layout of morpheus 6.2 (4).

    Raises DecodeError for NaN and the infinities, which JSON does not have.
    """
    shown = float.__repr__(number)
    if "n" in shown:  # nan, inf
        raise DecodeError(f"{shown} is not a JSON number")
    sign = ""
    if shown[0] == "-":
        sign, shown = "-", shown[1:]
    mantissa, _, power = shown.partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not power and whole != "0" and len(whole) <= 16:
        return sign + shown
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(power or "0")
    digits = digits.rstrip("0")
    if not digits:
        return sign + "0.0"
    if 0 < point <= 16:
        if len(digits) <= point:
            return f"{sign}{digits:0<{point}}.0"
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -5 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1}"


def encode_integer(number: int) -> str:
    """An integer as the original prints it: decimal within 64 bits, a double beyond (morpheus 6.2 (1))."""
    if I64_MIN <= number <= U64_MAX:
        return int.__repr__(number)
    if number.bit_length() > _BITS_MAX:
        raise DecodeError("number out of range")
    return encode_double(compute_double(int.__repr__(number)))
