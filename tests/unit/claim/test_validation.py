from __future__ import annotations

import copy

import pytest

from iop.claim.facts import Facts, collect_documents, find_dids, find_proofs, find_signed
from iop.claim.moment import parse_moment
from iop.claim.presentation import build_license
from iop.claim.signed import AfterProof, wrap_after
from iop.claim.statement import build_request
from iop.claim.validation import (
    Demand,
    validate_presentation,
    validate_request,
    validate_statement,
)
from iop.codec.digest import compute_content_id
from iop.errors import DataError, SchemaError

NOW = parse_moment("2026-06-01T00:00:00Z")


def names(verdict):
    return [issue.name for issue in verdict.issues]


@pytest.fixture
def facts(world):
    parties = (world.university, world.graduate)
    return Facts(collect_documents(world.document(party) for party in parties), {}, {}, NOW)


def with_document(facts, document):
    return Facts(
        facts.documents | {document["did"]: document}, facts.registered, facts.blocks, facts.now
    )


def test_a_good_statement_is_valid(world, facts):
    assert validate_statement(world.statement(), facts).status == "valid"


def test_a_changed_statement_is_not(world, facts):
    signed = world.statement()
    signed["content"]["claim"]["content"]["degree"]["value"] = "PhD"
    assert names(validate_statement(signed, facts)) == ["signature-invalid"]


def test_a_revoked_key_is_named(world, facts):
    signed = world.statement()
    revoked = with_document(facts, world.document(world.university, until=50))
    assert names(validate_statement(signed, revoked)) == ["key-expired"]
    assert names(validate_statement(signed, revoked, before=50)) == []
    assert names(validate_statement(signed, revoked, before=51)) == ["key-expired"]
    assert names(validate_statement(signed, revoked, after=40, before=60)) == ["key-expired-during"]


def test_a_key_revoked_at_the_documents_own_height_is_named(world, facts):
    revoked = with_document(facts, world.document(world.university, until=100))
    assert names(validate_statement(world.statement(), revoked)) == ["key-expired"]


def test_a_key_added_at_the_documents_own_height_counts(world, facts):
    key = (world.clerk.key_id, 100, None, ((None, False), (100, True)))
    document = world.document(world.university, keys=(key,))
    signed = world.statement(signer=world.clerk, witness=f"{world.university.did}#1")
    assert names(validate_statement(signed, with_document(facts, document))) == []


def test_registration_saves_a_statement_from_a_later_revocation(world, facts):
    signed = world.statement()
    document = world.document(world.university, until=50)
    known = with_document(facts, document).documents
    for height, found in ((20, []), (50, []), (51, ["key-expired"])):
        registered = Facts(known, {compute_content_id(signed): height}, {}, NOW)
        assert names(validate_statement(signed, registered)) == found
    # The content alone, without the signature, proves nothing about the time of signing.
    content = Facts(known, {compute_content_id(signed["content"]): 20}, {}, NOW)
    assert names(validate_statement(signed, content)) == ["key-expired"]


def test_after_proofs_bound_the_range(world, facts):
    key = (world.clerk.key_id, 30, None, ((None, False), (30, True)))
    known = with_document(facts, world.document(world.university, keys=(key,))).documents
    content = world.statement(witness=f"{world.university.did}#1")["content"]

    def judge(height, block):
        envelope = wrap_after(content, AfterProof(height, "aa"))
        signed = world.clerk.signer.sign_json(envelope)
        return names(validate_statement(signed, Facts(known, {}, {height: block}, NOW)))

    assert judge(40, "aa") == []
    assert judge(20, "aa") == ["key-enabled-during", "right-changed-during"]
    assert judge(40, "bb") == ["after-proof-wrong"]
    assert judge(40, None) == ["after-proof-unchecked"]
    assert judge(101, "aa") == ["range-empty"]


def test_a_malformed_envelope_is_an_issue(world, facts):
    signed = world.university.signer.sign_json({"content": {}, "afterProof": 5})
    assert names(validate_statement(signed, facts)) == ["statement-malformed"]


def test_future_heights_are_issues(world, facts):
    assert names(validate_statement(world.statement(), facts, before=101)) == ["height-unknown"]
    assert names(validate_statement(world.statement(), facts, after=60, before=60)) == [
        "range-empty"
    ]


@pytest.mark.parametrize("height", [0, 1])
def test_a_young_chain_is_enough(world, facts, height):
    young = with_document(facts, world.document(world.university, height=height))
    assert validate_statement(world.statement(), young).status == "valid"


def test_missing_documents_are_issues(world):
    nothing = Facts({}, {}, {}, NOW)
    assert names(validate_statement(world.statement(), nothing)) == ["document-missing"]


@pytest.mark.parametrize(
    ("dates", "now", "found"),
    [
        ({"after": "2027-01-01"}, NOW, ["statement-too-early"]),
        ({"before": "2026-01-01"}, NOW, ["statement-expired"]),
        ({"before": "2026-06-01"}, NOW, ["statement-expired"]),
        ({"after": "2026-06-01"}, NOW, []),
        ({"after": "2027-01-01", "before": "2028-01-01"}, None, []),
    ],
)
def test_dates_of_statements(world, facts, dates, now, found):
    signed = world.statement(**dates)
    at = Facts(facts.documents, {}, {}, now)
    assert names(validate_statement(signed, at)) == found


def resign(world, change, party=None):
    content = world.statement()["content"]
    change(content)
    return (party or world.university).signer.sign_json(content)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda c: c["constraints"].update(after="soon"), ["date-malformed"]),
        (lambda c: c["constraints"].update(before=5), ["date-malformed"]),
        (lambda c: c["constraints"].update(authority=5), ["statement-malformed"]),
        (lambda c: c["constraints"].update(authority="did:x"), ["statement-malformed"]),
        (lambda c: c["constraints"].update(witness="somebody"), ["witness-malformed"]),
        (lambda c: c["constraints"].update(witness=None), ["witness-malformed"]),
        (lambda c: c.update(constraints="cjuX"), ["constraints-hidden"]),
        (lambda c: c.pop("constraints"), ["constraints-hidden"]),
    ],
)
def test_odd_statements_are_issues(world, facts, change, found):
    assert names(validate_statement(resign(world, change), facts)) == found


def test_hidden_statements_are_issues(world, facts):
    signed = world.statement()
    hidden = signed | {"content": compute_content_id(signed["content"])}
    assert names(validate_statement(hidden, facts)) == ["statement-hidden"]


def test_witnesses_are_looked_at(world, facts):
    other = world.statement(witness=f"{world.university.did}#1")
    assert names(validate_statement(other, facts)) == ["witness-mismatch"]
    unknown = world.statement(witness=f"{world.clerk.did}#0")
    verdict = validate_statement(unknown, facts)
    assert names(verdict) == ["witness-unchecked"]
    assert verdict.status == "maybe valid"


def test_strangers_are_named(world, facts):
    assert names(validate_statement(world.statement(signer=world.clerk), facts)) == [
        "key-unknown",
        "witness-mismatch",
    ]


def test_a_broken_history_is_an_issue(world, facts):
    document = world.document(world.university)
    document["rights"]["impersonate"][0]["history"] = []
    verdict = validate_statement(world.statement(), with_document(facts, document))
    assert names(verdict) == ["document-malformed"]


def test_requests(world, facts):
    did = world.graduate.did
    made = build_request("cjuX", f"{did}#0", world.claim(), None, world.draw)
    assert names(validate_request(world.graduate.signer.sign_json(made), facts)) == []
    assert names(validate_request(world.clerk.signer.sign_json(made), facts)) == [
        "claimant-mismatch",
        "key-unknown",
    ]
    nothing = Facts({}, {}, {}, NOW)
    assert names(validate_request(world.graduate.signer.sign_json(made), nothing)) == [
        "claimant-unchecked",
        "document-missing",
    ]
    with pytest.raises(SchemaError):
        validate_request(world.statement(), facts)


# Presentations.


def demand(world, **rest):
    return Demand(**({"recipient": world.employer.did, "purpose": "job"} | rest))


def test_a_good_presentation_is_valid(world, facts, process_id):
    wanted = demand(world, processes=(process_id,))
    assert validate_presentation(world.presentation(), facts, wanted).status == "valid"


def test_no_demand_no_licence(world, facts):
    assert names(validate_presentation(world.presentation(licenses=[]), facts, Demand())) == []


def test_issues_say_where(world, facts):
    revoked = with_document(facts, world.document(world.university, until=50))
    verdict = validate_presentation(world.presentation(), revoked, demand(world))
    assert [(issue.name, issue.where) for issue in verdict.issues] == [
        ("key-expired", "provenClaims.0.statements.0")
    ]


def test_the_presenter_must_speak_for_the_subject(world, facts):
    verdict = validate_presentation(world.presentation(signer=world.employer), facts, demand(world))
    assert names(verdict) == ["key-unknown"]
    revoked = with_document(facts, world.document(world.graduate, until=50))
    assert names(validate_presentation(world.presentation(), revoked, demand(world))) == [
        "key-expired"
    ]


def test_a_hidden_subject_is_an_issue(world, facts):
    verdict = validate_presentation(world.presentation(keep=""), facts, demand(world))
    assert names(verdict) == ["subject-hidden"]


def test_an_open_statement_tells_the_subject(world, facts):
    signed = world.statement()
    content = world.presentation([signed], keep="")["content"]
    content["provenClaims"][0]["statements"] = [signed]
    verdict = validate_presentation(world.graduate.signer.sign_json(content), facts, demand(world))
    assert names(verdict) == []


def test_statements_about_other_claims_are_named(world, facts):
    content = world.presentation()["content"]
    content["provenClaims"][0]["statements"] = world.presentation()["content"]["provenClaims"][0][
        "statements"
    ]
    verdict = validate_presentation(world.graduate.signer.sign_json(content), facts, demand(world))
    assert names(verdict) == ["claim-mismatch"]


def sign_changed(world, change):
    content = copy.deepcopy(world.presentation()["content"])
    change(content)
    return world.graduate.signer.sign_json(content)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda c: c["provenClaims"].clear(), ["claim-missing"]),
        (lambda c: c["provenClaims"][0]["statements"].clear(), ["statement-missing"]),
        (lambda c: c["provenClaims"][0].update(claim=7), ["statement-malformed"]),
        (
            lambda c: c["provenClaims"][0]["statements"][0].update(content={"afterProof": 1}),
            ["statement-malformed", "signature-invalid", "statement-malformed"],
        ),
    ],
)
def test_odd_presentations_are_issues(world, facts, change, found):
    assert names(validate_presentation(sign_changed(world, change), facts, demand(world))) == found


def test_claims_about_two_subjects_are_a_warning(world, facts):
    other = world.university.signer.sign_json(
        world.statement()["content"]
        | {"claim": {"subject": world.university.did, "content": {"x": {"nonce": "u", "value": 1}}}}
    )
    signed = world.presentation([world.statement(), other], keep=".content")
    assert names(validate_presentation(signed, facts, demand(world))) == [
        "subjects-differ",
        "key-unknown",
    ]


def test_other_processes_are_named(world, facts):
    verdict = validate_presentation(world.presentation(), facts, demand(world, processes=("cjuY",)))
    assert names(verdict) == ["process-unexpected"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"recipient": "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"}, "license-missing"),
        ({"purpose": "ads"}, "license-purpose"),
    ],
)
def test_licences_for_others_do_not_serve(world, facts, wanted, found):
    assert names(validate_presentation(world.presentation(), facts, demand(world, **wanted))) == [
        found
    ]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-01-01", "2026-06-01", ["license-expired"]),
        ("2026-06-02", "2026-07-01", ["license-too-early"]),
        ("2026-06-01", "2026-07-01", []),
    ],
)
def test_licences_have_their_time(world, facts, start, end, found):
    license_ = build_license(world.employer.did, "job", start, end)
    signed = world.presentation(licenses=[license_])
    assert names(validate_presentation(signed, facts, demand(world))) == found
    assert names(validate_presentation(signed, facts, Demand())) == found


def test_one_good_licence_is_enough(world, facts):
    dates = (("2025-01-01", "2025-02-01"), ("2026-01-01", "2027-01-01"))
    licenses = [build_license(world.employer.did, "job", *pair) for pair in dates]
    signed = world.presentation(licenses=licenses)
    assert names(validate_presentation(signed, facts, demand(world))) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [({"validFrom": "x"}, "date-malformed"), ({"validUntil": "2025-01-01"}, "license-empty")],
)
def test_odd_licences_do_not_serve(world, facts, change, found):
    license_ = build_license(world.employer.did, "job", "2026-01-01", "2027-01-01") | change
    signed = world.presentation(licenses=[license_])
    assert names(validate_presentation(signed, facts, demand(world))) == [found]


def test_masked_statements_keep_their_signatures(world, facts):
    signed = world.presentation(
        [world.statement(), world.statement()], keep=".content.name,.content.degree"
    )
    assert len(signed["content"]["provenClaims"]) == 2
    assert names(validate_presentation(signed, facts, demand(world))) == []


@pytest.mark.parametrize("record", [None, {}, {"content": 1}])
def test_what_is_not_signed_is_refused(world, facts, record):
    with pytest.raises(DataError):
        validate_presentation(record, facts, Demand())


def test_a_signed_something_else_is_refused(world, facts):
    with pytest.raises(SchemaError):
        validate_presentation(world.statement(), facts, Demand())


# What a verifier has to look up.


def test_what_to_look_up(world):
    statement = world.statement(witness=f"{world.clerk.did}#0")
    signed = world.presentation([statement])
    assert find_dids(statement) == [world.university.did, world.clerk.did]
    assert find_dids(signed) == [world.graduate.did, world.university.did, world.clerk.did]
    assert find_signed(statement) == [statement]
    assert [compute_content_id(s) for s in find_signed(signed)] == [compute_content_id(statement)]
    envelope = world.university.signer.sign_json(
        wrap_after(statement["content"], AfterProof(7, "aa"))
    )
    assert find_proofs(envelope) == [7]
    assert find_proofs(world.presentation([envelope])) == [7]
    assert find_dids(resign(world, lambda c: c.update(constraints=5))) == []


def test_the_newer_document_counts(world):
    old = world.document(world.university, height=10)
    new = world.document(world.university, height=20)
    for pair in ((old, new), (new, old)):
        assert collect_documents(pair)[world.university.did]["queriedAtHeight"] == 20
