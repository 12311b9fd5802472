"""CBOR: the strict reader, the lenient one, the writer, and the way to JSON."""

from __future__ import annotations

import math

import pytest

from iop.codec.cbor import (
    DEEPEST,
    UNDEFINED,
    Incomplete,
    KeyFloat,
    KeyMap,
    Simple,
    Tag,
    encode_cbor,
    parse_cbor,
    parse_cbor_item,
)  # fmt: skip
from iop.codec.conversion import convert_to_json
from iop.codec.json import parse_json
from iop.errors import DataError, DecodeError, LimitError


def test_every_kind_goes_round() -> None:
    value = {
        "int": [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1, 2**64, -1, -24, -25, -(2**64), -(2**64) - 1],
        "float": [0.0, -0.0, 1.5, 65504.0, 65505.0, 1e300, 1.1, math.inf, -math.inf, 5e-324, 2**-24],
        "bytes": b"\x00\xff", "text": "水", "word": [True, False, None, UNDEFINED, Simple(16), Simple(255)],
        "tag": Tag(55799, Tag(0, "2013-03-21T20:04:00Z")), "map": {1: 2, -1: {}, b"k": [], (1, (2,)): 0},
    }  # fmt: skip
    data = encode_cbor(value)
    found = parse_cbor(data)
    assert encode_cbor(found) == data
    assert found["int"] == value["int"]
    assert repr(found["float"]) == repr(value["float"])
    assert {k: v for k, v in found.items() if k != "word"} == {
        k: v for k, v in value.items() if k != "word"
    }
    assert found["word"] == value["word"]


def test_integers_stay_integers_and_floats_floats() -> None:
    assert encode_cbor(1) == b"\x01"
    assert encode_cbor(1.0) == b"\xf9\x3c\x00"
    assert encode_cbor(parse_json("1.50")) == b"\xf9\x3e\x00"
    assert encode_cbor(math.nan) == b"\xf9\x7e\x00"
    assert encode_cbor((1, bytearray(b"a"), memoryview(b"b"))) == b"\x83\x01\x41a\x41b"


def test_keys_python_would_confuse() -> None:
    data = bytes.fromhex("a601001818022003f404f505f93c0006")
    found = parse_cbor(data)
    assert found[1] == 0
    assert found[Simple(20)] == 4
    assert found[Simple(21)] == 5
    assert found[KeyFloat(bytes.fromhex("3ff0000000000000"))] == 6
    assert encode_cbor(found) == data
    nested = {KeyMap(((1, 2),)): 1}
    assert parse_cbor(encode_cbor(nested)) == nested


@pytest.mark.parametrize(
    "hexed",
    ["1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5800", "7800", "9800", "b800", "d80200", "c240",
     "c2480000000000000001", "c2410a", "c24900ffffffffffffffff", "c201", "f818", "f800", "f81f", "1c", "3d", "5e", "ff", "fc", "fe",
     "9fff", "bfff", "5fff", "7fff", "62c328", "63eda080", "a201000100", "a2020001ff", "a20200010002", "fa3fc00000", "fa7fc00000",
     "f97e01", "fb7ff8000000000000", "fb3ff8000000000000", "0000", "81", "61", "a1", "a101", "18", "f9", "fa00", "fb00", "", "c1",
     "df", "1f", "3f"],
)  # fmt: skip
def test_strict_refusals(hexed: str) -> None:
    with pytest.raises(DecodeError):
        parse_cbor(bytes.fromhex(hexed))


@pytest.mark.parametrize(
    ("hexed", "value"),
    [("1817", 23), ("9f0102ff", [1, 2]), ("bf616101ff", {"a": 1}), ("5f41014102ff", b"\x01\x02"), ("7f616161 62ff".replace(" ", ""), "ab"),
     ("a20200 0101".replace(" ", ""), {2: 0, 1: 1}), ("fb3ff8000000000000", 1.5), ("c2410a", 10), ("c240", 0), ("c34100", -1)],
)  # fmt: skip
def test_the_lenient_reader(hexed: str, value: object) -> None:
    data = bytes.fromhex(hexed)
    assert parse_cbor(data, strict=False) == value
    assert parse_cbor_item(data) == (value, len(data))
    with pytest.raises(DecodeError):
        parse_cbor(data)


@pytest.mark.parametrize(
    "hexed",
    ["a201000100", "a20100180100", "bf01000100ff", "5f01ff", "5f5f4101ffff", "7f4161ff", "ff", "1f", "3f", "df", "f818", "62c328", "7f61c3ff",
     "a2f97e0000f97e0100", "1c", "bf01ff"],
)  # fmt: skip
def test_the_lenient_reader_refuses_too(hexed: str) -> None:
    with pytest.raises(DecodeError):
        parse_cbor(bytes.fromhex(hexed), strict=False)


@pytest.mark.parametrize(
    "hexed",
    ["9f", "5f", "5f41", "bf01", "bf6161", "9b0000000000000005", "5a00010000", "a5", "7f6161"],
)
def test_incomplete(hexed: str) -> None:
    with pytest.raises(Incomplete):
        parse_cbor_item(bytes.fromhex(hexed))


@pytest.mark.parametrize("head", ["5b", "7b", "9b", "bb"])
def test_announced_lengths_are_not_believed(head: str) -> None:
    for length in ("7fffffffffffffff", "ffffffffffffffff", "0000000010000000"):
        with pytest.raises(LimitError):
            parse_cbor(bytes.fromhex(head + length), strict=False)


def test_nesting() -> None:
    assert parse_cbor(b"\x81" * DEEPEST + b"\x01") is not None
    for data in (
        b"\x81" * 128 + b"\x01",
        b"\xc1" * 200 + b"\x01",
        b"\xa1" * 100_000,
        b"\x9f" * 100_000,
    ):
        with pytest.raises(LimitError):
            parse_cbor(data, strict=False)
    value: list[object] = []
    for _ in range(200):
        value = [value]
    with pytest.raises(LimitError):
        encode_cbor(value)


def test_a_sequence() -> None:
    data = b"\x01\x61a\x80"
    found, offset = [], 0
    while offset < len(data):
        item, offset = parse_cbor_item(data, offset)
        found.append(item)
    assert found == [1, "a", []]
    assert parse_cbor_item(bytes.fromhex("d9d9f7a0")) == ({}, 4)
    assert parse_cbor_item(bytes.fromhex("d9d9f7a0"), strict=True) == (Tag(55799, {}), 4)


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, "\ud800", 1j, {True: 1, Simple(21): 2}, Tag(1 << 64, 0)]
)
def test_writer_refusals(value: object) -> None:
    with pytest.raises(DataError):
        encode_cbor(value)


@pytest.mark.parametrize("number", [-1, 24, 31, 256])
def test_simple_values_that_do_not_exist(number: int) -> None:
    with pytest.raises(DataError):
        Simple(number)


def test_conversion() -> None:
    value = {"b": b"\xff", "t": Tag(0, [UNDEFINED]), 5: 1.5, -1: parse_json("1.50"), "big": 2**70}
    assert convert_to_json(value) == {"b": "ff", "t": [None], "5": 1.5, "-1": 1.5, "big": 2**70}
    assert convert_to_json(value, "base64url")["b"] == "_w"


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        [math.inf],
        Simple(16),
        {b"k": 1},
        {(1,): 1},
        {Simple(21): 1},
        {1: 1, "1": 2},
        {KeyFloat(bytes(8)): 1},
        {1 << 70: 1},
    ],
)
def test_conversion_refusals(value: object) -> None:
    with pytest.raises(DataError):
        convert_to_json(value)
