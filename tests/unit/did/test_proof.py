"""Before-proofs and after-proofs."""

from __future__ import annotations

import pytest

from iop.did.operation import BeforeProof
from iop.did.proof import (
    History,
    check_after,
    check_before,
    find_after_proof,
    judge_after,
    judge_before,
    make_after_proof,
    make_before_proof,
    parse_history,
)
from iop.errors import DataError, LimitError, SchemaError, VerifyError

KNOWN = {"contentId": "c", "existsFromHeight": 5, "txid": "t", "queriedAtHeight": 9}
UNKNOWN = {"contentId": "c", "existsFromHeight": None, "txid": None, "queriedAtHeight": 9}
PROOF = {"blockHeight": 5, "blockHash": "ab"}


def test_before_proofs_are_made_of_ascii() -> None:
    assert make_before_proof("cju") == BeforeProof("cju")
    with pytest.raises(DataError, match="ASCII"):
        make_before_proof("\u00f6")
    with pytest.raises(LimitError):
        make_before_proof("x" * (1 << 21))


def test_histories() -> None:
    assert parse_history(KNOWN) == History("c", 5, "t", 9)
    assert parse_history(UNKNOWN | {"more": 1}) == History("c", None, None, 9)
    assert check_before(parse_history(KNOWN), "c") == 5
    assert check_before(parse_history(KNOWN), "c", 5) == 5


@pytest.mark.parametrize(
    ("record", "height", "message"),
    [
        (UNKNOWN, None, "c is not registered up to height 9"),
        (KNOWN, 4, "c is registered at 5, not up to 4"),
        (KNOWN | {"contentId": "d"}, None, "history is of d, not of c"),
    ],
)
def test_histories_that_do_not_prove(record: dict, height: int | None, message: str) -> None:
    with pytest.raises(VerifyError) as caught:
        check_before(parse_history(record), "c", height)
    assert caught.value.message == message
    verdict = judge_before(record, "c", height)
    assert verdict["exists"] is False
    assert verdict["reason"] == message


def test_verdict_of_a_before_proof() -> None:
    assert judge_before(KNOWN, "c") == {"type": "iop.before-proof/1"} | KNOWN | {"exists": True}


@pytest.mark.parametrize(
    "change",
    [
        {"contentId": None},
        {"queriedAtHeight": None},
        {"queriedAtHeight": True},
        {"existsFromHeight": None},
        {"existsFromHeight": "5"},
        {"existsFromHeight": -1},
        {"existsFromHeight": 10},
        {"txid": None},
        {"txid": 5},
    ],
)
def test_broken_histories(change: dict) -> None:
    with pytest.raises(SchemaError):
        parse_history(KNOWN | change)


def test_history_is_an_object() -> None:
    with pytest.raises(SchemaError):
        parse_history([])


def test_after_proofs_are_found_where_they_stand() -> None:
    envelope = {"content": {"a": 1}, "afterProof": PROOF}
    signed = {"signature": {}, "content": envelope}
    assert make_after_proof(5, "ab") == PROOF
    for record in (PROOF, envelope, signed):
        assert find_after_proof(record) == PROOF
        assert check_after(record, 5, "ab") == 5


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        "x",
        {"content": {"content": {"content": PROOF}}},
        {"blockHeight": 5},
        {"blockHeight": "5", "blockHash": "ab"},
        {"blockHeight": 5, "blockHash": 7},
        {"content": 1, "afterProof": None},
        {"content": "cju"},
    ],
)
def test_records_without_after_proof(record: object) -> None:
    with pytest.raises(SchemaError):
        find_after_proof(record)


def test_another_block_is_no_proof() -> None:
    with pytest.raises(VerifyError, match="of height 5, the block of 6"):
        check_after(PROOF, 6, "ab")
    with pytest.raises(VerifyError, match="is cd, after-proof says ab"):
        check_after(PROOF, 5, "cd")
    assert judge_after(PROOF, 5, "ab")["holds"] is True
    assert judge_after(PROOF, 5, "cd")["holds"] is False
