"""Numbers as the original reads and prints them (morpheus 6.2)."""

from __future__ import annotations

import pytest

from iop.codec.number import compute_double, encode_double, encode_integer
from iop.errors import DecodeError


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("-0", "-0.0"), ("0.0", "0.0"), ("-0.0", "-0.0"), ("0e99999999999", "0.0"), ("-1e-99999999999", "-0.0"),
        ("1.0", "1.0"), ("1e2", "100.0"), ("1E5", "100000.0"), ("1e15", "1000000000000000.0"), ("1e16", "1e16"),
        ("1e-5", "0.00001"), ("1e-6", "1e-6"), ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e308"),
        # Not correctly rounded: the first digits times a power of ten.
        ("1234567890123456.7", "1234567890123456.8"), ("12345678901234567890.5", "1.2345678901234567e19"),
        ("-5.264042919039562e219", "-5.264042919039562e219"), ("4.8e-324", "5e-324"), ("2e-324", "0.0"),
        ("18446744073709551616", "1.8446744073709552e19"), ("0.000000000000000000000", "0.0"),
        ("-488497817080593217607.2e-310", "-4.884978170805932e-290"), ("541496670468359.579", "541496670468359.56"),
        ("1" + "0" * 400 + "e-400", "1.0"), ("0." + "0" * 400 + "1e401", "1.0"), ("1.10", "1.1"), ("1e-400", "0.0"),
    ],
)  # fmt: skip
def test_reading_and_printing(text: str, printed: str) -> None:
    assert encode_double(compute_double(text)) == printed


@pytest.mark.parametrize(
    "text", ["1e309", "-1e309", "1e400", "1e99999999999", "0.1e400", "1" + "0" * 400, "100000e305"]
)
def test_out_of_range(text: str) -> None:
    with pytest.raises(DecodeError, match="number out of range"):
        compute_double(text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_has_no_text(number: float) -> None:
    with pytest.raises(DecodeError):
        encode_double(number)


def test_integers() -> None:
    assert encode_integer(2**64 - 1) == "18446744073709551615"
    assert encode_integer(-(2**63)) == "-9223372036854775808"
    assert encode_integer(2**64) == "1.8446744073709552e19"
    assert encode_integer(-(2**63) - 1) == "-9.223372036854776e18"
    with pytest.raises(DecodeError):
        encode_integer(1 << 20_000)
    with pytest.raises(DecodeError):
        encode_integer(1 << 1100)
