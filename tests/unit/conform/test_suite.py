"""The suite: which runner a file gets, and that whatever is not understood fails."""

from __future__ import annotations

import importlib

import pytest

from iop.conform import deviations, suite
from iop.conform.case import (
    Case,
    check_members,
    compare,
    compare_outcome,
    compare_refusal,
    compare_result,
)
from iop.conform.catalogue import CATALOGUE
from iop.conform.deviations import DEVIATIONS, Deviation, find_deviation
from iop.errors import DataError, VerifyError

VARINT = {"area": "multiformats", "cases": [{"value": "300", "hex": "ac02", "valid": True}]}


def run(document: object, key: str) -> list[tuple[str, str]]:
    return [(verdict, case.label) for verdict, case in suite.run_document(document, key)]


def test_every_runner_exists() -> None:
    for target in CATALOGUE.values():
        module, _, name = target.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), target


@pytest.mark.parametrize(
    ("document", "stem", "folder", "key"),
    [
        ({"name": "json_digest"}, "x", "y", "json_digest"),
        ({"area": "jcs"}, "es6_numbers", "y", "jcs/es6_numbers"),
        (
            [],
            "multicodec-keys-and-hashes",
            "multiformats",
            "multiformats/multicodec-keys-and-hashes",
        ),
        ({"name": "registry_random_77"}, "x", "y", "registry_random_1"),
        ({"name": "nobody"}, "json_digest", "y", None),
        ({"area": "jcs"}, "other", "y", None),
        ({}, "json_digest", "y", None),
        ("text", "x", "y", None),
        ({"name": 5}, "x", "y", None),
    ],
)
def test_keys(document: object, stem: str, folder: str, key: str | None) -> None:
    assert suite.find_key(document, stem, folder) == key


def test_verdicts() -> None:
    key = "multiformats/unsigned_varint"
    assert run(VARINT, key) == [("passed", "cases[0] parse"), ("passed", "cases[0] encode")]
    wrong = VARINT | {
        "cases": [{"value": "301", "hex": "ac02", "valid": True}, {"hex": "ac02", "valid": False}]
    }
    assert [verdict for verdict, _ in run(wrong, key)] == ["failed", "failed", "failed"]


@pytest.mark.parametrize(
    "document",
    [
        VARINT | {"more": 1},
        VARINT | {"cases": [{"value": "300", "hex": "ac02", "valid": True, "more": 1}]},
        VARINT | {"cases": [{"value": "300", "hex": "ac02"}]},
        VARINT | {"cases": [{"value": "300", "hex": "ac02", "valid": "yes"}]},
        VARINT | {"cases": [{"value": "300", "hex": "zz", "valid": True}]},
        VARINT | {"cases": [7]},
        VARINT | {"cases": []},
        VARINT | {"cases": None},
        {"area": "multiformats"},
    ],
)
def test_what_is_not_understood_fails(document: object) -> None:
    assert "failed" in [verdict for verdict, _ in run(document, "multiformats/unsigned_varint")]


def test_deviations(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Deviation("multiformats/unsigned_varint", "cases[0] *", "for this test")
    monkeypatch.setattr(deviations, "DEVIATIONS", (entry,))
    wrong = VARINT | {
        "cases": [{"value": "301", "hex": "ac02", "valid": True}, {"hex": "ac02", "valid": False}]
    }
    assert [verdict for verdict, _ in run(wrong, entry.file)] == ["deviated", "deviated", "failed"]
    assert find_deviation("other", "cases[0] parse") is None


def test_every_deviation_has_its_file_and_reason() -> None:
    for entry in DEVIATIONS:
        assert entry.file in CATALOGUE
        assert entry.case
        assert len(entry.reason) > 30


def test_comparisons() -> None:
    def refuse(message: str) -> None:
        raise DataError(message)

    def deny() -> None:
        raise VerifyError("no")

    assert compare("x", 1, 1) == Case("x", True)
    assert not compare("x", True, 1).ok
    assert "got 'a', expected 'b'" in compare("x", "a", "b").detail
    assert len(compare("x", "a" * 10_000, "b").detail) < 500
    assert compare_outcome("x", {"error": "bad"}, refuse, "bad").ok
    assert not compare_outcome("x", {"error": "bad"}, refuse, "worse").ok
    assert compare_outcome("x", {"error": "bad at line 1 column 2"}, refuse, "anything").ok
    assert not compare_outcome("x", {"error": "bad at line 1 column 2"}, str, 1).ok
    assert compare_outcome("x", {"ok": "1"}, str, 1).ok
    assert compare_result("x", "1", str, 1).ok
    assert not compare_result("x", "1", refuse, "bad").ok
    assert compare_refusal("x", refuse, "bad").ok
    assert not compare_refusal("x", str, 1).ok
    with pytest.raises(VerifyError):
        compare_refusal("x", deny)
    assert [case.label for case in check_members("x", {"a": 1, "b": 2}, "a")] == ["x b"]
