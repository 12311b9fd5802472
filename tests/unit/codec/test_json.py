"""Strict JSON: what is read, what is refused and in which words, what is written."""

from __future__ import annotations

import copy
import pickle

import pytest

from iop.codec.json import DEEPEST, Real, encode_json, parse_json
from iop.errors import DataError, DecodeError, LimitError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ('""', ""),
        ("[]", []),
        ("{}", {}),
        (" \t\r\n[ 1 , 2 ] \n", [1, 2]),
        ('{"b":1,"a":{"c":[null]}}', {"b": 1, "a": {"c": [None]}}),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0", 0),
        ('"\\ud83d\\ude00\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\"', '😀é/\b\f\n\r\t"\\'),
    ],
)
def test_values(text: str, value: object) -> None:
    assert parse_json(text) == value
    assert parse_json(text.encode()) == value
    assert type(parse_json(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "1.0",
        "-0",
        "-0.0",
        "1e5",
        "1E+5",
        "18446744073709551616",
        "-9223372036854775809",
        "0.1",
        "1" + "0" * 300,
    ],
)
def test_other_numbers_keep_their_text(text: str) -> None:
    found = parse_json(text)
    assert type(found) is Real
    assert found.text == text
    assert found == float(text)
    assert encode_json([found]) == f"[{text}]"
    assert copy.deepcopy(found).text == pickle.loads(pickle.dumps(found)).text == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "[", "[1", "[1,", "[1,]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,}', "{a:1}", "{'a':1}", '{"a" 1}', "[1 2]",
        "01", "+1", ".5", "1.", "1e", "1e+", "-", "--1", "0x10", "NaN", "Infinity", "-Infinity", "nul", "True", "undefined",
        '"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"\t"', '"\n"', '"\x00"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"',
        '"\\udc00\\ud800"', '{"\\ud800":1}', "{}{}", "1 2", "[]x", "\ufeff{}", "/**/1", "1//", "\u00a01", "\u0661", "1_0",
        "1e400", "-1e400",
    ],
)  # fmt: skip
def test_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_json(text)
    with pytest.raises(DecodeError):
        parse_json(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b'"\xc3"',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b"\xef\xbb\xbf{}",
        b'"\xf4\x90\x80\x80"',
    ],
)
def test_bytes_that_are_not_utf8(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_json(data)


def test_text_with_a_raw_surrogate_is_refused() -> None:
    with pytest.raises(DecodeError):
        parse_json('"\ud800"')


def test_what_a_later_name_replaced_is_checked_too() -> None:
    with pytest.raises(DecodeError):
        parse_json('{"a":"\\ud800","a":1}')
    with pytest.raises(LimitError):
        parse_json('{"a":' + "[" * 200 + "]" * 200 + ',"a":1}')


def test_an_escaped_backslash_before_u_is_no_escape() -> None:
    assert parse_json('"\\\\ud800"') == "\\ud800"


def test_place_of_an_error() -> None:
    with pytest.raises(DecodeError) as caught:
        parse_json('{"a": 1,\n "b" 2}')
    assert caught.value.detail == {"line": 2, "column": 6}
    assert "line 2 column 6" in str(caught.value)


def test_nesting() -> None:
    deepest = "[" * DEEPEST + "]" * DEEPEST
    assert parse_json(deepest) is not None
    for text in (
        "[" + deepest + "]",
        '{"a":' * 128 + "1" + "}" * 128,
        "[" * 100_000,
        "[" * 5000 + "]" * 5000,
    ):
        with pytest.raises(DataError):
            parse_json(text)
    assert len(parse_json("[" + "[]," * 1000 + '"[[[{{{\\"[["]')) == 1001
    assert parse_json('"' + "[" * 500 + '"') == "[" * 500


def test_equal_names() -> None:
    assert parse_json('{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}
    assert parse_json('{"a":{"b":1}}', unique_names=True) == {"a": {"b": 1}}
    for text in ('{"a":1,"a":1}', '[{"x":{"a":1,"\\u0061":2}}]'):
        with pytest.raises(DecodeError, match="occurs twice"):
            parse_json(text, unique_names=True)


def test_long_numbers_neither_leak_nor_linger() -> None:
    found = parse_json("9" * 300)
    assert found.text == "9" * 300
    with pytest.raises(DecodeError):
        parse_json("9" * 100_000)
    assert parse_json("0." + "3" * 100_000) == pytest.approx(1 / 3)
    assert parse_json("1e-" + "9" * 10_000) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, "x"]}, '{"b":1,"a":[true,null,"x"]}'),
        ('é\u2028\x7f/"\\\n\x1f', '"é\u2028\x7f/\\"\\\\\\n\\u001f"'),
        (1.0, "1.0"), (1e16, "1e16"), (1e-7, "1e-7"), (0.00001, "0.00001"), (123456.5, "123456.5"),
        ((1, [], {}), "[1,[],{}]"), (2**70, str(2**70)), (-0.0, "-0.0"),
    ],
)  # fmt: skip
def test_writing(value: object, text: str) -> None:
    assert encode_json(value) == text


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        [-float("inf")],
        {1: 2},
        {"a": b"x"},
        {1, 2},
        "\ud800",
        {"\udc00": 1},
        object(),
        1 << 5000,
    ],
)
def test_what_json_does_not_have(value: object) -> None:
    with pytest.raises(DataError):
        encode_json(value)


def test_writing_a_deep_value() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(LimitError):
        encode_json(value)
    while value:
        value = value[0]  # type: ignore[assignment]  # let go level by level


def test_the_scanner_written_in_python_gives_the_same(tmp_path: object) -> None:
    """An interpreter without `_json` reads the same: run one that cannot import it."""
    import subprocess
    import sys

    code = (
        "import sys\n"
        "sys.modules['_json'] = None\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from iop.codec.json import parse_json, encode_json\n"
        "from iop.errors import DecodeError\n"
        'assert encode_json(parse_json(\'{"b":[1,1.50,-0,"\\\\u00e9\\\\n"],"a":null}\')) == \'{"b":[1,1.50,-0,"é\\\\n"],"a":null}\'\n'
        "for bad in ('[1,]', '{', '01', '\"\\\\ud800\"', 'NaN', ''):\n"
        "    try:\n"
        "        parse_json(bad)\n"
        "    except DecodeError:\n"
        "        continue\n"
        "    raise SystemExit(bad)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
