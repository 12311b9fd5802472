from __future__ import annotations

import pytest

from iop.claim.presentation import (
    build_license,
    build_presentation,
    collapse_claim,
    find_revealed,
    is_open_at,
    mask_claim,
    reveal,
)
from iop.claim.signed import AfterProof, from_record, is_signed_valid, to_record, wrap_after
from iop.codec.digest import compute_content_id
from iop.errors import DataError, SchemaError

ID = "cju" + "A" * 43


def test_masked_claims_keep_their_digest_and_hide_the_rest(world):
    claim = world.claim(name="Ann", degree="MSc")
    masked = mask_claim(claim, ".content.degree")
    assert compute_content_id(masked) == compute_content_id(claim)
    assert masked["content"]["degree"]["value"] == "MSc"
    assert masked["content"]["name"] == compute_content_id(claim["content"]["name"])
    assert mask_claim(claim, "") == compute_content_id(claim)


def test_values_that_are_not_nfkd_are_refused(world):
    claim = {"subject": world.graduate.did, "content": {"name": {"value": "Zoë"}}}
    with pytest.raises(DataError, match="NFKD") as caught:
        mask_claim(claim, ".content.name")
    assert "iop-claim new" in caught.value.hint


def test_paths_need_their_dot(world):
    with pytest.raises(DataError, match=r"Path must start with '\.'"):
        mask_claim(world.claim(), "content")


def test_statements_of_one_claim_stand_together(world):
    claim = world.claim()
    made = build_presentation([world.statement(claim), world.statement(claim)], "", [], world.draw)
    assert [len(proven["statements"]) for proven in made["provenClaims"]] == [2]


def test_collapsed_statements_stay_valid(world):
    for content in (
        world.statement()["content"],
        wrap_after(world.statement()["content"], AfterProof(1, "a")),
    ):
        signed = world.university.signer.sign_json(content)
        claim, collapsed = collapse_claim(from_record(signed))
        record = to_record(collapsed)
        assert is_signed_valid(record)
        assert "MSc" not in str(record)
        assert claim["content"]["degree"]["value"] == "MSc"


@pytest.mark.parametrize("claim", [ID, None, 5])
def test_statements_must_show_their_claim(world, claim):
    content = world.statement()["content"] | {"claim": claim}
    with pytest.raises(SchemaError, match="openly"):
        build_presentation([world.university.signer.sign_json(content)], "", [], world.draw)


def test_licences_are_completed_and_checked(world):
    made = build_license(world.employer.did, "job", "2026-01-01", "2027-01-01T10:00:00+02:00")
    assert made["validFrom"] == "2026-01-01T00:00:00Z"
    assert made["validUntil"] == "2027-01-01T10:00:00+02:00"
    with pytest.raises(SchemaError, match="ends before"):
        build_license(world.employer.did, "job", "2026-01-01", "2026-01-01")
    with pytest.raises(DataError):
        build_license("did:x", "job", "2026-01-01", "2027-01-01")
    with pytest.raises(DataError):
        build_license(world.employer.did, "job", "now", "2027-01-01")


def test_leaves_and_what_is_open():
    value = {"a": {"nonce": "u", "value": [1, {"b": ID}]}, "c": ID, "d": {}, "e": None}
    assert list(find_revealed(value)) == [
        (".a.value.0", 1, True),
        (".a.value.1.b", ID, False),
        (".c", ID, False),
        (".d", {}, True),
        (".e", None, True),
    ]


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        (".a", True),
        (".a.value", True),
        (".c", False),
        (".x", False),
        (".a.value.x", False),
        (".a.x", False),
    ],
)
def test_paths_lead_somewhere_or_not(path, verdict):
    assert is_open_at({"a": {"value": 1}, "c": ID}, path) is verdict
    assert is_open_at(ID, path) is False


def test_what_is_revealed(world):
    signed = world.presentation()
    found = reveal(signed["content"])
    claim = found["claims"][0]
    assert found["type"] == "iop.reveal/1"
    assert claim["subject"] == world.graduate.did
    assert claim["revealed"] == {".content.degree.value": "MSc", ".subject": world.graduate.did}
    assert claim["hidden"] == [".content.name"]
    assert claim["statements"][0]["authority"] == world.university.did
    hidden = world.presentation(keep="")["content"]
    hidden["provenClaims"][0]["statements"][0]["content"] = ID
    claim = reveal(hidden)["claims"][0]
    assert claim["subject"] is None
    assert claim["hidden"] == ["."]
    assert claim["statements"][0]["authority"] is None
