from __future__ import annotations

import pytest

from iop.claim.pattern import Pattern
from iop.errors import LimitError, SchemaError


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "", True),
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("c$", "abc\n", False),
        ("^$", "", True),
        ("^$", "a", False),
        ("^(a|bc)*$", "abcbca", True),
        ("^(?:a|bc)*$", "acb", False),
        ("^(?<name>a)+?$", "aaa", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2,}$", "aaaa", True),
        ("^a{2}$", "aa", True),
        ("^a{0}$", "", True),
        ("^a{,2}$", "a{,2}", True),
        ("^a{x}$", "a{x}", True),
        (".", "\n", False),
        (".", "\u2028", False),
        (r"^\d+$", "0123", True),
        (r"^\d$", "٣", False),
        (r"^\D\W\S$", "a-b", True),
        (r"^\w+$", "a_Z9", True),
        (r"^\w$", "é", False),
        (r"^\s$", "\ufeff", True),
        (r"^[\d_-]+$", "1_-", True),
        (r"^[^\d]$", "1", False),
        (r"^[\D]$", "1", False),
        (r"^[a-c\]]+$", "abc]", True),
        (r"^[]$", "a", False),
        (r"^[^]$", "\n", True),
        (r"^[-a]$", "-", True),
        (r"^[a-]$", "-", True),
        (r"^[\b]$", "\b", True),
        (r"^\p{Lu}\p{L}\P{L}$", "Éa1", True),
        (r"^[\p{Nd}x]+$", "٣x", True),
        (r"^[^\p{L}]$", "é", False),
        (r"^\u0041\x42\u{43}\cA$", "ABC\x01", True),
        (r"^\ud83d\ude00$", "\U0001f600", True),
        (r"^\t\n\v\f\r\0$", "\t\n\v\f\r\0", True),
        (r"^\.\*\/\-$", ".*/-", True),
        ("^(){3}a$", "a", True),
        ("^(a*)*$", "aaa", True),
        ("x||y", "q", True),
    ],
)
def test_found_or_not(pattern, text, found):
    assert Pattern(pattern).is_found(text) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "(a", "[", "[a", "[b-a]", r"[\d-z]", "*", "+a", "a**", "^*", "$?", "a{3,2}", "\\", r"\b",
        r"\B", r"\1", r"\k<a>", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?i)", "(?<a", r"\p{Latin}", r"\p", r"\x4",
        r"\u12", r"\u{}", r"\u{110000}", r"\q", r"\c1",
    ],
)  # fmt: skip
def test_refused(pattern):
    with pytest.raises(SchemaError):
        Pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "a" * 4097, "a{1001}", "a{1,9999}", "a{99999}", "((a{99}){99}){99}", "(" * 51 + ")" * 51,
        "[" + "ab" * 300 + "]", "(a|b){900}(a|b){900}",
    ],
)  # fmt: skip
def test_too_large(pattern):
    with pytest.raises(LimitError):
        Pattern(pattern)


def test_repeated_nothing_is_quick():
    assert Pattern("^" + "(" * 20 + ")" + "{1000})" * 18 + "{1000})?$").is_found("") is True


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(x+x+)+y", "^(a|a)*$", "(.*)*b"])
def test_steps_grow_with_the_text_only(pattern):
    spent = []
    assert Pattern(pattern).is_found("a" * 10_000 + "!", spent.append) is False
    assert sum(spent) < 20_000


def test_spending_may_stop_it():
    def spend(_steps):
        raise LimitError("enough")

    with pytest.raises(LimitError):
        Pattern("a").is_found("bbb", spend)
