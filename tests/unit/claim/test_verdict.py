from __future__ import annotations

import pytest

from iop.claim.signed import sign_json
from iop.claim.verdict import IMPERSONATE, Issue, Verdict, validate_right, validate_signed
from iop.errors import DataError, VerifyError


def names(verdict):
    return [issue.name for issue in verdict.issues]


@pytest.fixture
def judge(world):
    def run(document, start, end, party=None, *, strict=False):
        public = (party or world.university).signer.public
        return names(validate_right(document, public, IMPERSONATE, start, end, strict=strict))

    return run


@pytest.mark.parametrize(
    ("tombstone", "found"),
    [
        (9, ["did-tombstoned"]),
        (10, ["did-tombstoned"]),
        (11, ["did-tombstoned-during"]),
        (19, ["did-tombstoned-during"]),
        (20, []),
    ],
)
def test_tombstones(world, judge, tombstone, found):
    assert judge(world.document(world.university, tombstone=tombstone), 10, 20) == found


@pytest.mark.parametrize(
    ("until", "original", "strict"),
    [
        (9, ["key-expired"], ["key-expired"]),
        (10, [], ["key-expired"]),
        (11, ["key-expired-during"], ["key-expired-during"]),
        (20, [], []),
    ],
)
def test_ends_of_keys(world, judge, until, original, strict):
    document = world.document(world.university, until=until)
    assert judge(document, 10, 20) == original
    assert judge(document, 10, 20, strict=True) == strict


@pytest.mark.parametrize(
    ("since", "original", "strict"),
    [
        (10, [], []),
        (11, ["key-enabled-during"], ["key-enabled-during"]),
        (20, [], ["key-too-new"]),
        (21, ["key-too-new"], ["key-too-new"]),
    ],
)
def test_beginnings_of_keys(world, judge, since, original, strict):
    key = (world.clerk.key_id, since, None, ((None, True),))
    document = world.document(world.university, keys=(key,))
    assert judge(document, 10, 20, world.clerk) == original
    assert judge(document, 10, 20, world.clerk, strict=True) == strict


@pytest.mark.parametrize(
    ("history", "original", "strict"),
    [
        (((None, False),), ["right-not-held"], ["right-not-held"]),
        (((None, False), (10, True)), [], []),
        (((None, False), (15, True)), ["right-changed-during"], ["right-changed-during"]),
        (((None, False), (20, True)), ["right-not-held"], ["right-not-held"]),
        (((None, True), (15, False)), [], ["right-changed-during"]),
        (((None, True), (9, False)), ["right-not-held"], ["right-not-held"]),
    ],
)
def test_histories_of_rights(world, judge, history, original, strict):
    document = world.document(world.university, keys=((world.clerk.key_id, 5, None, history),))
    assert judge(document, 10, 20, world.clerk) == original
    assert judge(document, 10, 20, world.clerk, strict=True) == strict


def test_the_first_entry_of_a_key_decides(world, judge):
    again = (world.university.key_id, 8, None, ((None, True),))
    document = world.document(world.university, keys=(again,), until=5)
    assert judge(document, 10, 20) == ["key-expired"]


def test_strangers_and_missing_lists(world, judge):
    document = world.document(world.university, tombstone=5)
    assert judge(document, 10, 20, world.employer) == ["did-tombstoned", "key-unknown"]
    document["rights"] = {}
    assert judge(document, 10, 20) == ["did-tombstoned", "right-never-granted"]


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("did:x#0", "Key links for remote DIDs are not supported yet"),
        ("#9", "No key found for link #9"),
        ("#x", "invalid digit found in string"),
        ("#", "cannot parse integer from empty string"),
    ],
)
def test_broken_links_are_issues(world, link, reason):
    document = world.document(world.university)
    bad = {"keyLink": link, "history": [], "valid": True}
    document["rights"]["impersonate"].insert(0, bad)
    verdict = validate_right(document, world.university.signer.public, IMPERSONATE, 10, 20)
    assert verdict.issues == (Issue("error", "document-malformed", reason),)


@pytest.mark.parametrize(
    ("blocks", "error", "text"),
    [
        ((0, 5), DataError, "Range must not predate genesis block"),
        ((5, 5), DataError, "Invalid block range 5-5"),
        ((6, 5), DataError, "Invalid block range 6-5"),
        ((1, 101), VerifyError, "Queried future height 101, present is 100"),
    ],
)
def test_ranges_that_are_none(world, judge, blocks, error, text):
    with pytest.raises(error) as caught:
        judge(world.document(world.university), *blocks)
    assert caught.value.message == text


@pytest.mark.parametrize(
    "history",
    [[], [{"height": 9, "valid": True}, {"height": 5, "valid": False}]],
)
def test_histories_that_cannot_be(world, judge, history):
    document = world.document(world.university)
    document["rights"]["impersonate"][0]["history"] = history
    with pytest.raises(DataError):
        judge(document, 10, 20)


def test_a_signed_document_against_a_did(world):
    signed = sign_json(world.university.secret, {"a": 1})
    document = world.document(world.university)
    assert validate_signed(signed, document).to_original() == {"status": "valid", "messages": []}
    verdict = validate_signed(signed | {"content": {"a": 2}}, document)
    assert verdict.to_original() == {
        "status": "invalid",
        "messages": [{"code": 0, "reason": "Signature is invalid", "severity": "error"}],
    }
    with pytest.raises(DataError):
        validate_signed(signed, {"did": world.university.did})


def test_status_and_record():
    warning = Issue("warning", "key-expired-during", "Key expired during given period")
    assert Verdict().status == "valid"
    assert Verdict((warning,)).status == "maybe valid"
    assert Verdict((warning, Issue("error", "x", "y", "a.b"))).to_record() == {
        "type": "iop.verdict/1",
        "status": "invalid",
        "issues": [
            {"severity": "warning", "name": warning.name, "reason": warning.reason},
            {"severity": "error", "name": "x", "reason": "y", "where": "a.b"},
        ],
    }
