"""Any bytes or text either parse or raise the DataError family, in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop.codec import (
    base58,
    base64,
    bech32,
    cbor,
    emoji,
    multibase,
    multicodec,
    multihash,
    varint,
)
from iop.codec.canonical import encode_canonical
from iop.codec.conversion import convert_to_json
from iop.codec.digest import compute_content_id
from iop.codec.hex import parse_hex
from iop.codec.jcs import encode_jcs
from iop.codec.json import encode_json, parse_json
from iop.codec.mask import apply_mask
from iop.codec.text import apply_mask_text, compute_content_id_text, encode_canonical_text
from iop.errors import DataError

jsonish = st.text('{}[]",:\\ \n\t0123456789.eE+-truefalsn\ud800é"', max_size=40)
TEXT_PARSERS = [
    base58.parse_base58, base58.parse_base58check, base64.parse_base64, base64.parse_base64url, parse_hex,
    multibase.parse_multibase, bech32.parse_bech32, lambda t: bech32.parse_segwit(t, "bc"), emoji.parse_emoji,
]  # fmt: skip
BYTE_PARSERS = [varint.parse_varint, multicodec.parse_multicodec, multihash.parse_multihash]


def check(function: object, *args: object) -> object:
    try:
        return function(*args)  # type: ignore[operator]
    except DataError:
        return None


@settings(max_examples=300)
@given(st.one_of(jsonish, st.text(max_size=30)))
def test_json_text(text: str) -> None:
    value = check(parse_json, text)
    if value is not None:
        json.loads(text)
        assert parse_json(encode_json(value)) == value
        check(encode_canonical, value)
        check(compute_content_id, value)
        check(encode_jcs, value)
        check(apply_mask, value, text)


@settings(max_examples=300)
@given(
    st.one_of(st.binary(max_size=40), jsonish.map(lambda t: t.encode("utf-8", "surrogatepass"))),
    st.text(max_size=8),
)
def test_json_bytes(data: bytes, keep: str) -> None:
    check(parse_json, data)
    check(compute_content_id_text, data)
    check(encode_canonical_text, data)
    check(apply_mask_text, data, keep)


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_cbor(data: bytes) -> None:
    for strict in (True, False):
        try:
            value = cbor.parse_cbor(data, strict=strict)
        except DataError:
            continue
        written = cbor.encode_cbor(value)
        assert written == data or not strict
        assert cbor.encode_cbor(cbor.parse_cbor(written)) == written
        check(convert_to_json, value)


@given(
    st.lists(
        st.sampled_from(
            [
                b"\x81",
                b"\xa1",
                b"\x9f",
                b"\xbf",
                b"\xff",
                b"\x5f",
                b"\x41a",
                b"\x61a",
                b"\x01",
                b"\xc2",
                b"\xd8",
                b"\xf9",
            ]
        ),
        max_size=30,
    )
)
def test_cbor_made_of_heads(parts: list[bytes]) -> None:
    check(cbor.parse_cbor, b"".join(parts))
    try:
        cbor.parse_cbor(b"".join(parts), strict=False)
    except DataError:
        return


@settings(max_examples=300)
@given(st.text(max_size=40))
def test_text_forms(text: str) -> None:
    for parser in TEXT_PARSERS:
        check(parser, text)
    for code in [
        "0",
        "7",
        "9",
        "f",
        "F",
        "v",
        "V",
        "t",
        "T",
        "b",
        "B",
        "c",
        "C",
        "h",
        "k",
        "K",
        "z",
        "Z",
        "m",
        "M",
        "u",
        "U",
        "\x00",
    ]:
        check(multibase.parse_multibase, code + text)


@given(st.binary(max_size=40))
def test_byte_forms(data: bytes) -> None:
    for parser in BYTE_PARSERS:
        check(parser, data)


SIZE = 300_000
HOSTILE = {
    "open brackets": "[" * SIZE,
    "brackets": "[" * SIZE + "]" * SIZE,
    "members": '{"a":' * SIZE,
    "backslashes": '"' + "\\\\" * SIZE + '"',
    "surrogates": '"' + "\\ud83d\\ude00" * (SIZE // 12) + '"',
    "half surrogates": '["\\ud83d"' + ',"\\\\ud83d"' * (SIZE // 12) + "]",
    "digits": "9" * SIZE,
    "fraction": "0." + "9" * SIZE,
    "exponent": "1e-" + "9" * SIZE,
    "zeros": "0." + "0" * SIZE + "1e" + str(SIZE),
    "numbers": "[" + "1e5," * (SIZE // 4) + "1]",
    "equal names": "{" + '"a":[],' * (SIZE // 7) + '"a":0}',
    "many lists": "[" + "[]," * (SIZE // 3) + "[]]",
    "blank": " " * SIZE,
    "new lines": "\n" * SIZE + "x",
    "quotes": '"' * SIZE,
    "accents": '"a' + "\u0301\u0327" * (SIZE // 100) + '"',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_long_texts_take_time_in_proportion(name: str) -> None:
    text = HOSTILE[name]
    began = time.monotonic()
    for function in (compute_content_id_text, encode_canonical_text):
        check(function, text.encode())
    check(apply_mask_text, text.encode(), ".a" * 1000)
    value = check(parse_json, text)
    check(encode_jcs, value)
    assert time.monotonic() - began < 10


def test_long_digit_strings_of_every_base() -> None:
    began = time.monotonic()
    for code in multibase._BY_CODE:
        check(multibase.parse_multibase, code + "2" * (SIZE // 8))
        check(multibase.parse_multibase, code + "A" * (SIZE // 8 - 1))
    check(bech32.parse_bech32, "q" * SIZE)
    check(base58.parse_base58, "z" * base58.LONGEST)
    assert time.monotonic() - began < 10
