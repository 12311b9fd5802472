"""CBOR values where JSON is signed or hashed: taken as they are, or refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.codec.conversion import check_json, convert_to_json
from iop.codec.json import encode_json
from iop.codec.unicode import normalize_nfkd
from iop.errors import DataError, LimitError


def test_what_json_says_too_is_unchanged() -> None:
    value = {"a": [1, -(1 << 63), (1 << 64) - 1, None, True, "é", 1.5]}
    assert check_json(value) == value


def test_a_big_integer_keeps_its_digits() -> None:
    assert encode_json(check_json({"a": 1 << 64})) == '{"a":18446744073709551616}'
    assert encode_json(convert_to_json(1 << 64)) == "18446744073709551616"
    with pytest.raises(LimitError):
        check_json([1 << 5000])


@pytest.mark.parametrize(
    "value", [{1: 2}, {"a": b"x"}, [float("inf")], {"a": {(1,): 2}}, [bytearray(2)]]
)
def test_what_would_have_to_change_is_refused(value: object) -> None:
    with pytest.raises(DataError):
        check_json(value)


MARKS = st.text(st.sampled_from("á\u0301\u0323\u05b0\u064b\ufb01\uac00ÅaΩ\u0897"), max_size=400)


@given(MARKS, st.integers(0, 60))
def test_long_runs_of_marks_normalise_alike(text: str, times: int) -> None:
    long = text + "\u0301\u0323" * times + text * 3
    if "\u0897" not in long:
        assert normalize_nfkd(long) == unicodedata.normalize("NFKD", long)


def test_a_million_marks_take_no_square_of_time() -> None:
    assert len(normalize_nfkd("a" + "\u0301\u0323" * 200_000)) == 400_001
