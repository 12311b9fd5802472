"""Heights as JavaScript reads them; expected values were printed by Node.js."""

import pytest

from iop.daemon.http.height_text import is_number, parse_height, parse_height_or, parse_int

# text, Number() is a number, parseInt() >>> 0, the height (None: not given)
ROWS = [
    ("", True, 0, None),
    ("5", True, 5, 5),
    ("5abc", False, 5, None),
    ("1e1", True, 1, 1),
    ("1E5", True, 1, 1),
    ("1.9", True, 1, 1),
    ("-1", True, 4294967295, 4294967295),
    ("+5", True, 5, 5),
    ("5.", True, 5, 5),
    (".5", True, 0, 0),
    (" 5 ", True, 5, 5),
    ("\ufeff5\u2029", True, 5, 5),
    (" ", True, 0, 0),
    ("4294967296", True, 0, 0),
    ("99999999999", True, 1215752191, 1215752191),
    ("2147483648", True, 2147483648, 2147483648),
    ("9007199254740993", True, 0, 0),
    ("0x10", True, 16, 16),
    ("0XfF", True, 255, 255),
    ("-0x10", False, 4294967280, None),
    ("0b11", True, 0, 0),
    ("0o17", True, 0, 0),
    ("0x", False, 0, None),
    ("0xg", False, 0, None),
    ("Infinity", True, 0, 0),
    ("-Infinity", True, 0, 0),
    ("infinity", False, 0, None),
    ("Infinityx", False, 0, None),
    ("NaN", False, 0, None),
    ("1e", False, 1, None),
    ("1e+", False, 1, None),
    ("1e5e5", False, 1, None),
    ("e5", False, 0, None),
    (".", False, 0, None),
    ("-", False, 0, None),
    ("--5", False, 0, None),
    ("1_0", False, 1, None),
    ("1.2.3", False, 1, None),
    ("٣", False, 0, None),
    ("9" * 400, True, 0, 0),
    ("9" * 5000, True, 0, 0),
    ("0" * 5000 + "7", True, 7, 7),
]


@pytest.mark.parametrize(("text", "number", "whole", "height"), ROWS)
def test_rows(text, number, whole, height):
    assert is_number(text) is number
    assert (parse_int(text) or 0) % 2**32 == whole
    assert parse_height(text) == height


def test_absent():
    assert parse_height(None) is None
    assert parse_height_or(None, 9) == 9


@pytest.mark.parametrize(
    ("text", "height"),
    [("", 9), ("0", 9), ("-0", 9), ("abc", 9), (" ", 9), (".5", 9), ("Infinity", 9)]
    + [("7", 7), ("4294967296", 0), ("-5", 4294967291)],
)
def test_or(text, height):
    assert parse_height_or(text, 9) == height
