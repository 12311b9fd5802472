"""Round trips, other implementations as oracles where they agree, and the kernel against the reference."""

from __future__ import annotations

import json
import math
import struct

import base58 as base58_package
import bech32 as bech32_package
import cbor2
import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from iop.codec import bech32, kernel, multibase, varint
from iop.codec.base58 import encode_base58, encode_base58check, parse_base58, parse_base58check
from iop.codec.base64 import encode_base64, encode_base64url, parse_base64, parse_base64url
from iop.codec.canonical import encode_canonical
from iop.codec.cbor import Simple, Tag, encode_cbor, parse_cbor, parse_cbor_item
from iop.codec.digest import compute_content_id
from iop.codec.hex import encode_hex, parse_hex
from iop.codec.jcs import encode_jcs, encode_number
from iop.codec.json import encode_json, parse_json
from iop.codec.mask import apply_mask, encode_mask
from iop.codec.number import compute_double, encode_double
from iop.codec.unicode import normalize_nfkd
from iop.errors import DataError, DecodeError

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
plain = st.text('ab.,c "\\\n\x1f', max_size=3)
numbers = st.one_of(
    st.integers(-(2**66), 2**66).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][-+]?[0-9]{1,3})?", fullmatch=True),
)
scalars = st.one_of(
    st.sampled_from(["true", "false", "null"]),
    numbers,
    text.map(json.dumps),
    plain.map(json.dumps),
    text.map(lambda t: json.dumps(t, ensure_ascii=False)),
)
blank = st.sampled_from(["", "", "", " ", "\n\t"])


def join(parts: list[str], space: str, ends: str) -> str:
    return ends[0] + space + f"{space},{space}".join(parts) + space + ends[1]


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.one_of(plain.map(json.dumps), plain.map(json.dumps), text.map(json.dumps))
    member = st.tuples(names, blank, inner).map(lambda m: f"{m[0]}{m[1]}:{m[1]}{m[2]}")
    return st.one_of(
        st.tuples(st.lists(inner, max_size=4), blank).map(lambda p: join(p[0], p[1], "[]")),
        st.tuples(st.lists(member, max_size=6), blank).map(lambda p: join(p[0], p[1], "{}")),
    )


documents = st.recursive(scalars, containers, max_leaves=20)
keeps = st.lists(
    st.one_of(
        st.text(".abc ,", max_size=6),
        st.sampled_from([".", ".a", ".a.b", ".b.c", ".a.b.c", " .c", ".é"]),
    ),
    max_size=4,
).map(",".join)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        text,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=15,
)


def containers_of_anything(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    names = st.one_of(text, st.integers(0, 3), st.just("\ud800"))
    return st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4))


hashable = st.one_of(st.integers(-(2**65), 2**65), text, st.binary(max_size=6))
cbor_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), text, st.binary(max_size=8),
        st.sampled_from([Simple(0), Simple(23), Simple(99)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(hashable, inner, max_size=4),
        st.tuples(st.integers(4, 2**64 - 1), inner).map(lambda p: Tag(*p)),
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.binary(max_size=60))
def test_bytes_go_round_in_every_base(data: bytes) -> None:
    assert parse_hex(encode_hex(data)) == data
    assert parse_base64url(encode_base64url(data)) == data
    assert parse_base64(encode_base64(data)) == data
    assert parse_base58(encode_base58(data)) == data
    assert encode_base58(data) == base58_package.b58encode(data).decode()
    assert encode_base58check(data) == base58_package.b58encode_check(data).decode()
    assert parse_base58check(encode_base58check(data)) == data
    for base in multibase.BASES:
        if base != "identity":
            assert multibase.parse_multibase(multibase.encode_multibase(data, base)) == data


@given(st.integers(0, 2**63 - 1))
def test_varints_go_round(number: int) -> None:
    data = varint.encode_varint(number)
    assert varint.parse_varint(data + b"rest") == (number, len(data))


@given(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=10),
    st.binary(max_size=40),
)
def test_bech32_agrees_with_the_package(prefix: str, data: bytes) -> None:
    words = bech32_package.convertbits(data, 8, 5)
    assert bech32.encode_bech32(prefix, data, "bech32") == bech32_package.bech32_encode(
        prefix, words
    )
    for encoding in ("bech32", "bech32m"):
        found = bech32.encode_bech32(prefix, data, encoding)
        assert bech32.parse_bech32(found, encoding) == (prefix, data)


@given(st.binary(min_size=20, max_size=40), st.integers(0, 16))
def test_segwit_goes_round(program: bytes, version: int) -> None:
    if version == 0:
        program = program[:20]
    address = bech32.encode_segwit("tb", version, program)
    assert bech32.parse_segwit(address, "tb") == (version, program)


@given(values)
def test_json_goes_round(value: object) -> None:
    found = parse_json(encode_json(value))
    assert encode_json(parse_json(encode_json(found))) == encode_json(found)
    assert parse_json(json.dumps(value)) == json.loads(
        json.dumps(value), parse_int=lambda t: parse_json(t)
    )


@given(documents)
def test_reading_agrees_with_the_standard_library(document: str) -> None:
    try:
        found = parse_json(document)
    except DecodeError:
        assert _has_infinity(json.loads(document, object_pairs_hook=list))
        return
    assert found == json.loads(document, parse_int=parse_json)
    assert found == json.loads(encode_json(found), parse_int=parse_json)


def _has_infinity(value: object) -> bool:
    """Whether a number is beyond the doubles; objects come as lists of pairs, so that equal names stay."""
    if isinstance(value, list | tuple):
        return any(map(_has_infinity, value))
    return (isinstance(value, int) and value.bit_length() > 1023) or (
        isinstance(value, float) and math.isinf(value)
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_print_so_that_they_read_back(number: float) -> None:
    for printed in (encode_double(number), encode_number(number)):
        assert float(printed) == number
        parse_json(printed)
    digits = encode_double(number)
    assert math.isclose(compute_double(digits), number, rel_tol=1e-15, abs_tol=5e-324)


@given(st.integers(0, 2**64 - 1))
def test_numbers_agree_with_rfc8785(bits: int) -> None:
    number = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    assume(math.isfinite(number))
    assert encode_number(number).encode() == rfc8785.dumps(number)


@given(values)
def test_jcs_agrees_with_rfc8785(value: object) -> None:
    def shrink(item: object) -> object:
        if isinstance(item, list):
            return [shrink(member) for member in item]
        if isinstance(item, dict):
            return {name: shrink(member) for name, member in item.items()}
        big = isinstance(item, int) and not isinstance(item, bool) and abs(item) >= 2**53
        return item % 2**52 if big else item  # type: ignore[operator]

    value = shrink(value)
    assert encode_jcs(value) == rfc8785.dumps(value)
    assert encode_jcs(parse_json(encode_jcs(value))) == encode_jcs(value)


@given(cbor_values)
def test_cbor_goes_round(value: object) -> None:
    data = encode_cbor(value)
    found = parse_cbor(data)
    assert encode_cbor(found) == data
    assert parse_cbor(data, strict=False) == found
    assert parse_cbor_item(b"\x01" + data + b"\x02", 1, strict=True) == (found, len(data) + 1)


plain_cbor = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False),
        text,
        st.binary(max_size=8),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=15,
)


@given(plain_cbor)
def test_cbor_agrees_with_the_package(value: object) -> None:
    # Its canonical form is the older, length-first order: the values agree, and the bytes where there is one key a map.
    assert cbor2.loads(encode_cbor(value)) == value
    assert parse_cbor(cbor2.dumps(value), strict=False) == value
    assert parse_cbor(cbor2.dumps(value, canonical=True), strict=False) == value
    if not isinstance(value, dict | list):
        assert encode_cbor(value) == cbor2.dumps(value, canonical=True)


@given(values)
def test_ids_of_parts(value: object) -> None:
    assume(isinstance(value, dict | list))
    try:
        whole = compute_content_id(value)
    except DataError:
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[union-attr]
    for key, part in list(parts):
        if isinstance(part, dict | list):
            collapsed = value.copy()  # type: ignore[union-attr]
            collapsed[key] = compute_content_id(part)
            assert compute_content_id(collapsed) == whole


@given(documents, keeps)
def test_masks_keep_the_id(document: str, keep: str) -> None:
    try:
        value = parse_json(document)
        masked = apply_mask(value, keep)
    except DataError:
        return
    printed = encode_mask(value, keep)
    if isinstance(masked, str):
        assert printed == masked == compute_content_id(value)
    else:
        normal = parse_json(normalize_nfkd(document)) if document.isascii() else None
        if normal is not None and "\\u" not in document:
            assert compute_content_id(masked) == compute_content_id(value)
            assert encode_json(parse_json(printed)) == printed


def _answer(function: object, *args: object) -> tuple[str, str]:
    try:
        return "ok", str(function(*args))  # type: ignore[operator]
    except DataError as exc:
        return type(exc).__name__, str(exc)


@settings(max_examples=400)
@given(
    documents,
    keeps,
    st.integers(0, 60),
    st.sampled_from(["", "", "", "{", "]", '"', ",", "\\", "\x00", "é", " 1"]),
)
def test_the_kernel_gives_what_the_reference_gives(
    document: str, keep: str, place: int, damage: str
) -> None:
    from iop.codec.text import apply_mask_text, compute_content_id_text, encode_canonical_text

    if kernel.choose(None) != "c":
        pytest.skip("the kernel is not built here")
    data = (document[:place] + damage + document[place:]).encode()
    answers = {}
    try:
        for which in ("py", "c"):
            kernel.choose(which)
            answers[which] = (
                _answer(compute_content_id_text, data),
                _answer(encode_canonical_text, data),
                _answer(apply_mask_text, data, keep),
            )
    finally:
        kernel.choose(None)
    assert answers["c"] == answers["py"]
    assert answers["py"][1][0] != "ok" or answers["py"][1][1] == str(
        encode_canonical(parse_json(data)).encode()
    )


@given(
    st.one_of(
        values,
        st.recursive(
            st.one_of(text, st.floats(), st.integers(), st.binary()), containers_of_anything
        ),
    )
)
def test_values_have_one_id_whichever_kernel_runs(value: object) -> None:
    answers = {}
    try:
        for which in ("py", "c"):
            if kernel.choose(None) == "c" or which == "py":
                kernel.choose(which)
            answers[which] = (_answer(compute_content_id, value), _answer(encode_canonical, value))
    finally:
        kernel.choose(None)
    assert answers["c"] == answers["py"]
