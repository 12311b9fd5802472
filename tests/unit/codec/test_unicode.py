"""NFKD stays that of Unicode 13.0 on every interpreter."""

from __future__ import annotations

import unicodedata

import pytest

from iop.codec.unicode import _LATE_RANGES, is_nfkd, normalize_nfkd

ACTIVE = 6604  # code points with a decomposition (Hangul syllables aside) or a combining class in Unicode 13.0


@pytest.mark.parametrize(
    ("text", "normal"),
    [("á", "a\u0301"), ("ﬁ", "fi"), ("①½", "11\u20442"), ("\u3000", " "), ("\uac00", "\u1100\u1161"), ("\U0002f868", "\u36fc"),
     ("x\u0301\u0327", "x\u0327\u0301"), ("plain", "plain"), ("", "")],
)  # fmt: skip
def test_normal_forms(text: str, normal: str) -> None:
    assert normalize_nfkd(text) == normal
    assert is_nfkd(normal)
    assert is_nfkd(text) == (text == normal)


def test_later_characters_stay_as_they_are() -> None:
    for first, last in _LATE_RANGES:
        for code in (first, last):
            text = f"a{chr(code)}\u0301\u0327é"
            assert normalize_nfkd(text) == f"a{chr(code)}\u0327\u0301e\u0301", hex(code)


def test_the_table_is_all_that_was_added() -> None:
    """What decomposes or combines, but for the listed characters, is as many as in Unicode 13.0 on every interpreter."""
    listed = {code for first, last in _LATE_RANGES for code in range(first, last + 1)}
    active = (
        code
        for code in range(0x110000)
        if code not in listed
        and not 0xAC00 <= code <= 0xD7A3
        and (unicodedata.decomposition(chr(code)) or unicodedata.combining(chr(code)))
    )
    assert sum(1 for _ in active) == ACTIVE
