from __future__ import annotations

import pytest

from iop.claim.presentation import check_presentation
from iop.claim.statement import (
    build_claim,
    build_request,
    build_statement,
    check_claim,
    check_request,
    check_statement,
    normalize_value,
)
from iop.codec.json import encode_json, parse_json
from iop.errors import DataError, DecodeError, SchemaError

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


def make_request(**change):
    return {
        "claim": {"subject": DID, "content": {"a": 1}},
        "claimant": f"{DID}#0",
        "processId": "cjuX",
        "evidence": None,
        "nonce": "uX",
    } | change


def make_statement(**change):
    constraints = {"after": None, "before": None, "witness": "w", "authority": DID, "content": None}
    constraints |= change.pop("constraints", {})
    return {
        "claim": {"subject": DID, "content": {"a": 1}},
        "processId": "cjuX",
        "constraints": constraints,
        "nonce": "uX",
    } | change


def test_members_come_in_the_originals_order():
    assert list(check_request(make_request())) == [
        "processId", "claimant", "claim", "evidence", "nonce",
    ]  # fmt: skip
    found = check_statement(make_statement())
    assert list(found) == ["processId", "claim", "constraints", "nonce"]
    assert list(found["constraints"]) == ["after", "before", "witness", "authority", "content"]


def test_unknown_members_and_null_nonces_go():
    record = make_request(extra=1, nonce=None, claim={"subject": DID, "content": 1, "nonce": "u"})
    found = check_request(record)
    assert "extra" not in found
    assert "nonce" not in found
    assert found["claim"] == {"subject": DID, "content": 1}
    assert "x" not in check_statement(make_statement(constraints={"x": 1}))["constraints"]


def test_missing_dates_become_null():
    record = make_statement()
    del record["constraints"]["after"], record["constraints"]["before"]
    found = check_statement(record)["constraints"]
    assert found["after"] is None
    assert found["before"] is None


def test_another_spelling_of_a_did_becomes_the_usual_one():
    spelled = "did:morpheus:ef01" + "00" * 16
    assert (
        check_claim({"subject": spelled, "content": 1})["subject"]
        == "did:morpheus:ezYcVfxkQb6JRzqk5kF2tNLw"
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"claim": "cjuX"}, 'invalid type: string "cjuX", expected struct Claim'),
        ({"claim": None}, "invalid type: null, expected struct Claim"),
        ({"claim": 7}, "invalid type: integer `7`, expected struct Claim"),
        ({"claim": True}, "invalid type: boolean `true`, expected struct Claim"),
        ({"claim": 1.5}, "invalid type: floating point `1.5`, expected struct Claim"),
        ({"claim": {}}, "missing field `subject`"),
        ({"claim": {"subject": DID}}, "missing field `content`"),
        (
            {"claim": {"subject": 5, "content": 1}},
            "invalid type: integer `5`, expected valid regular expression",
        ),
        (
            {"claim": {"subject": "did:foo", "content": 1}},
            "did:foo is not a valid DID: must start with did:morpheus:",
        ),
        ({"claim": {"subject": "did:morpheus:ezX", "content": 1}}, "Identifier length is not 17"),
        ({"processId": None}, "invalid type: null, expected valid regular expression"),
        ({"processId": []}, "invalid type: sequence, expected valid regular expression"),
        ({"claimant": {}}, "invalid type: map, expected a string"),
        ({"nonce": True}, "invalid type: boolean `true`, expected a string"),
    ],
)
def test_refusals_of_requests_have_the_originals_words(change, text):
    with pytest.raises(DataError) as caught:
        check_request(make_request(**change))
    assert caught.value.message == text


@pytest.mark.parametrize("name", ["claim", "claimant", "processId", "evidence"])
def test_members_of_requests_are_needed(name):
    record = make_request()
    del record[name]
    with pytest.raises(SchemaError, match=f"missing field `{name}`"):
        check_request(record)


@pytest.mark.parametrize("name", ["witness", "authority", "content"])
def test_members_of_constraints_are_needed(name):
    record = make_statement()
    del record["constraints"][name]
    with pytest.raises(SchemaError, match=f"missing field `{name}`"):
        check_statement(record)


@pytest.mark.parametrize("given", [None, "x", [], 1])
def test_constraints_are_an_object(given):
    with pytest.raises(SchemaError, match="expected struct Constraints"):
        check_statement(make_statement() | {"constraints": given})


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"licenses": []}, "missing field `provenClaims`"),
        ({"provenClaims": []}, "missing field `licenses`"),
        ({"provenClaims": {}, "licenses": []}, "invalid type: map, expected a sequence"),
        (
            {"provenClaims": ["x"], "licenses": []},
            'invalid type: string "x", expected struct ProvenClaim',
        ),
        (
            {"provenClaims": [], "licenses": ["x"]},
            'invalid type: string "x", expected struct License',
        ),
        ({"provenClaims": [{"claim": 1}], "licenses": []}, "missing field `statements`"),
        (
            {"provenClaims": [{"claim": 1, "statements": [{"content": 1}]}], "licenses": []},
            "missing field `signature`",
        ),
    ],
)
def test_refusals_of_presentations_have_the_originals_words(record, text):
    with pytest.raises(SchemaError) as caught:
        check_presentation(record)
    assert caught.value.message == text


def test_a_presentation_has_a_limit():
    with pytest.raises(SchemaError, match="more than"):
        check_presentation(
            {"provenClaims": [{"claim": 1, "statements": []}] * 10_001, "licenses": []}
        )


def test_claims_are_wrapped_and_normal(world):
    claim = build_claim(DID, {"näme": "Zoë", "list": ["é", {"é": 1}]}, world.draw)
    assert list(claim["content"]) == ["na\u0308me", "list"]
    item = claim["content"]["na\u0308me"]
    assert list(item) == ["nonce", "value"]
    assert len(item["nonce"]) == 45
    assert item["value"] == "Zoe\u0308"
    assert claim["content"]["list"]["value"] == ["e\u0301", {"e\u0301": 1}]
    assert world.draw.count == 2


@pytest.mark.parametrize("items", [{"é": 1, "e\u0301": 2}, {"x": {"é": 1, "e\u0301": 2}}])
def test_names_that_become_one_are_refused(world, items):
    with pytest.raises(SchemaError, match="normal form"):
        build_claim(DID, items, world.draw)


def test_scalars_stay_as_they_are():
    assert normalize_value([1, None, True, "a"]) == [1, None, True, "a"]
    assert normalize_value(True) is True


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.0", "1"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("4.50", "4.5"),
        ("0.1000000000000000055511151231257827", "0.1"),
        ("1e-7", "1e-07"),
        ("1e400", None),
        ("1e300", None),
        ("9007199254740991", "9007199254740991"),
        ("9007199254740992", None),
        ("-9007199254740993", None),
        ("9007199254740993.0", None),
    ],
)
def test_numbers_are_written_as_other_clients_read_them(text, written):
    if written is None:
        with pytest.raises(DataError):
            normalize_value(parse_json(text))
    else:
        assert encode_json(normalize_value(parse_json(text))) == written


def test_built_statements_are_checked(world):
    made = build_statement(
        "cjuX", {"subject": DID, "content": 1}, DID, f"{DID}#0", world.draw, before="2030-01-01"
    )
    assert made["constraints"]["before"] == "2030-01-01T00:00:00Z"
    assert check_statement(made) == made


@pytest.mark.parametrize(
    ("witness", "dates"),
    [
        ("anything", {}),
        ("#0", {}),
        (f"{DID}#x", {}),
        (f"{DID}#0", {"after": "soon"}),
        (f"{DID}#0", {"after": "2030-01-01", "before": "2029-01-01"}),
        (f"{DID}#0", {"after": "2030-01-01", "before": "2030-01-01T00:00:00Z"}),
    ],
)
def test_we_sign_no_odd_links_or_dates(world, witness, dates):
    with pytest.raises(DataError):
        build_statement("cjuX", {"subject": DID, "content": 1}, DID, witness, world.draw, **dates)


def test_requests_need_a_key_link(world):
    with pytest.raises(DecodeError):
        build_request("cjuX", DID, {"subject": DID, "content": 1}, None, world.draw)
