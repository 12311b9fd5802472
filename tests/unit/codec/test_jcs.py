"""RFC 8785: the RFC's own examples, key order and what is not I-JSON."""

from __future__ import annotations

import pytest

from iop.codec.jcs import encode_jcs, encode_number
from iop.codec.json import parse_json
from iop.errors import DataError


# RFC 8785 appendix B
@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"), (295147905179352830000.0, "295147905179352830000"), (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"), (1.0000000000000001e23, "1.0000000000000001e+23"), (999999999999999700000.0, "999999999999999700000"),
        (999999999999999900000.0, "999999999999999900000"), (1e21, "1e+21"), (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"), (333333333.3333332, "333333333.3333332"), (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"), (100.0, "100"), (1e-7, "1e-7"), (123e-20, "1.23e-18"),
    ],
)  # fmt: skip
def test_numbers(number: float, text: str) -> None:
    assert encode_number(number) == text


def test_the_example_of_the_rfc() -> None:
    text = (
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        '"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals": [null, true, false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert encode_jcs(parse_json(text)).decode() == expected


def test_names_sort_by_utf16() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}
    assert list(parse_json(encode_jcs(value))) == [
        "\r",
        "1",
        "\x80",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_integers_are_doubles() -> None:
    assert encode_jcs([2**53, 2**53 + 1, -(2**53) - 1, 10**20, 10**21]) == (
        b"[9007199254740992,9007199254740992,-9007199254740992,100000000000000000000,1e+21]"
    )


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        "\ud800",
        {"\ud800": 1},
        {1: 1},
        b"",
        1 << 1024,
        1 << 5000,
        (1 << 1024) - 1,
    ],
)
def test_refusals(value: object) -> None:
    with pytest.raises(DataError):
        encode_jcs(value)


def test_a_number_only_the_morpheus_rules_can_read() -> None:
    with pytest.raises(DataError):
        encode_jcs(parse_json("1.7976931348623159e308"))
