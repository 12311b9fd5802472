"""What the two dialects of patterns have in common, and what the machine promises whoever counts its steps."""

from __future__ import annotations

import pytest

from iop.claim.pattern import ECMA
from iop.codec.charset import CharSet
from iop.codec.pattern import Pattern
from iop.errors import DecodeError, LimitError
from iop.ledger.coeus_schema.pattern import RUST

BOTH = pytest.mark.parametrize("dialect", [ECMA, RUST], ids=["ecma", "rust"])


def is_found(text, subject, dialect, memory=0):
    return Pattern(text, dialect, memory).is_found(subject, lambda _steps: None)


@BOTH
@pytest.mark.parametrize("text", [r"[\d-z]", r"[a-\d]", r"[\d-\d]", r"\p{Greek}", "(?<=a)", "a{2,1}", "{2}", r"\u{110000}", "(?:a"])  # fmt: skip
def test_neither_understands(text, dialect):
    with pytest.raises(DecodeError, match="pattern: "):
        Pattern(text, dialect)


@BOTH
@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("a" * 5000, "4096 characters"),
        ("|" * 5000, "4096 characters"),
        ("a{0}" * 5000, "4096 characters"),
        ("(?:a{999}){5}", "4096 steps"),
        ("(" * 51 + ")" * 51, "50 groups"),
        ("[" + "a" * 501 + "]", "500 ranges"),
        ("[" + r"\d" * 17 + "]", "16 classes"),
        ("a{1001}", "1000 repetitions"),
    ],
)
def test_limits(text, limit, dialect):
    with pytest.raises(LimitError, match=limit):
        Pattern(text, dialect)


def test_a_bracket_counts_what_its_brackets_hold():
    assert is_found("[" + "[a]" * 16 + "]", "a", RUST)
    with pytest.raises(LimitError, match="16 classes"):
        Pattern("[" + ("[" + "[a]" * 5 + "]") * 3 + "]", RUST)


@pytest.mark.parametrize(
    ("text", "subject", "ecma", "rust"),
    [
        (r"^\d$", "٣", False, True),
        (r"^\w$", "é", False, True),
        (r"^\s$", "\x85", False, True),
        (r"^\s$", "\ufeff", True, False),
        (r"^\p{Lu}$", "\u1e9e", True, False),  # of Unicode 5.1
        ("^.$", "\r", False, True),
        ("^[[a]]$", "[]", True, False),
        ("^[[a]]$", "a", False, True),
    ],
)
def test_the_same_text_in_two_dialects(text, subject, ecma, rust):
    assert (is_found(text, subject, ECMA), is_found(text, subject, RUST)) == (ecma, rust)


@pytest.mark.parametrize("text", ["a{x}", "{", "a{,2}", "[^]", "(?<n>a)", r"\cA", r"\/", r"\ud800"])
def test_only_ecma(text):
    Pattern(text, ECMA)
    with pytest.raises(DecodeError):
        Pattern(text, RUST)


@pytest.mark.parametrize("text", ["a**", "^*", "(?i)a", "(?P<n>a)", r"\ba", r"\pL", r"\p{^L}", "[]a]", r"\x{61}", r"\U00000061", r"\a"])  # fmt: skip
def test_only_rust(text):
    Pattern(text, RUST)
    if text != "[]a]":  # an empty set before two characters
        with pytest.raises(DecodeError):
            Pattern(text, ECMA)


def test_verbose_patterns_skip_space_before_repetitions_and_in_ranges():
    assert is_found("(?x)^ a {2} # two\n + $", "aaaa", RUST)
    assert is_found("(?x)^[ a - c ]$", "b", RUST)


@pytest.mark.parametrize("memory", [1, 10, 1 << 16])
@pytest.mark.parametrize("text", [r"\bab\B", "(?m)^b$", "a(b|c)*$", "^(a|b)*abb$"])
def test_memory_changes_no_verdict(text, memory):
    pattern = Pattern(text, RUST, memory)
    for subject in ["", "ab", "abc", " abb", "a\nb", "b", "aabb", "abcbc", "xab c", "a" * 50 + "bb"] * 2:  # fmt: skip
        assert pattern.is_found(subject, lambda _steps: None) == is_found(text, subject, RUST)


def test_without_memory_every_run_costs_the_same():
    spent = []
    pattern = Pattern("a|b", RUST)  # split, a, jump, b, end: 3 of 5 steps are reached at the start
    for _ in range(2):
        assert not pattern.is_found("cc", spent.append)
    assert spent == [4] * 6


def test_with_memory_only_new_moves_cost():
    spent = []
    pattern = Pattern("^(a|b)*c", ECMA, 1 << 16)
    pattern.is_found("a" * 1000, spent.append)
    assert len(spent) < 10


def test_a_set_forgets_and_still_knows():
    letters = CharSet("azAZ", folded=True)
    for _ in range(2):
        assert [chr(c) for c in range(300) if letters.has(chr(c))] == list(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        )
