"""Whom a signed document names, and whose word a verifier takes."""

from __future__ import annotations

import pytest

from iop.claim.facts import Facts, collect_documents, find_dids
from iop.claim.parties import Parties, find_parties
from iop.claim.signed import AfterProof, wrap_after
from iop.claim.statement import build_request
from iop.claim.validation import (
    Demand,
    demand_claimant,
    validate_presentation,
    validate_request,
    validate_statement,
)
from iop.codec.digest import compute_content_id
from iop.errors import VerifyError


@pytest.fixture
def facts(world):
    documents = [world.document(party) for party in (world.university, world.graduate, world.clerk)]
    return Facts(collect_documents(documents), {}, {}, None)


def request(world, process_id, signer, claimant=None):
    made = build_request(
        process_id, f"{(claimant or world.graduate).did}#0", world.claim(), None, world.draw
    )
    return signer.signer.sign_json(made)


def test_a_statement_names_its_parties(world, process_id):
    university = (world.university.did,)
    wanted = Parties((world.graduate.did,), university, (process_id,), university)
    content = world.statement()["content"]
    assert find_parties(content) == wanted
    assert find_parties(wrap_after(content, AfterProof(5, "00"))) == wanted


def test_a_presentation_names_the_parties_of_all_its_statements(world, process_id):
    record = world.presentation([world.statement(), world.statement()])
    graduate, university = (world.graduate.did,), (world.university.did,)
    assert find_parties(record["content"]) == Parties(
        graduate, university, (process_id,), graduate + university
    )


def test_a_request_names_no_authority(world, process_id):
    record = request(world, process_id, world.graduate)
    graduate = (world.graduate.did,)
    assert find_parties(record["content"]) == Parties(graduate, (), (process_id,), graduate)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "cju",
        [],
        {"claim": "cju" + "A" * 43, "constraints": {"authority": 7, "witness": []}, "processId": 1},
        {"afterProof": {"blockHeight": -1}, "content": {"processId": "cju"}},
        {"provenClaims": [1, {"claim": [], "statements": {}}, {"statements": [2, {"content": 3}]}]},
        {"provenClaims": {}},
    ],
)
def test_what_is_hidden_or_malformed_is_left_out(content):
    assert find_parties(content) == Parties((), (), (), ())


@pytest.mark.parametrize("kind", ["statement", "presentation", "request"])
def test_the_documents_relied_on_are_those_that_are_asked_for(world, process_id, kind):
    made = request(world, process_id, world.clerk) if kind == "request" else getattr(world, kind)()
    assert sorted(find_parties(made["content"]).relied) == sorted(find_dids(made))


def names(verdict):
    return [(part.name, part.where) for part in verdict.issues]


def test_another_authority_than_asked_for_is_an_issue(world, facts):
    record = world.statement()
    asked = (world.graduate.did, world.university.did)
    assert validate_statement(record, facts, authorities=asked).status == "valid"
    verdict = validate_statement(record, facts, authorities=(world.graduate.did,))
    assert names(verdict) == [("authority-unexpected", "constraints.authority")]
    assert verdict.status == "invalid"


def test_a_presentation_is_held_to_the_authorities(world, facts):
    record = world.presentation(licenses=[])
    good = Demand(authorities=(world.university.did,))
    assert validate_presentation(record, facts, good).status == "valid"
    verdict = validate_presentation(record, facts, Demand(authorities=(world.employer.did,)))
    assert names(verdict) == [
        ("authority-unexpected", "provenClaims.0.statements.0.constraints.authority")
    ]


def test_a_statement_that_hides_its_authority_serves_no_demand(world, facts):
    statement = world.statement()
    statement["content"]["constraints"] = compute_content_id(statement["content"]["constraints"])
    verdict = validate_statement(statement, facts, authorities=(world.university.did,))
    assert verdict.status == "invalid"


def test_a_request_serves_no_demand_for_an_authority(world, facts, process_id):
    record = request(world, process_id, world.graduate)
    assert validate_request(record, facts).status == "valid"
    verdict = validate_request(record, facts, authorities=(world.graduate.did,))
    assert names(verdict) == [("authority-unexpected", "")]


def test_the_presenters_issues_stand_at_the_signature(world, facts):
    record = world.presentation(licenses=[], signer=world.employer)
    assert names(validate_presentation(record, facts, Demand())) == [("key-unknown", "signature")]
    verdict = validate_presentation(record, Facts({}, {}, {}, None), Demand())
    assert names(verdict) == [
        ("document-missing", "provenClaims.0.statements.0.constraints.authority"),
        ("document-missing", "provenClaims.0.claim.subject"),
    ]
    broken = record | {
        "signature": record["signature"] | {"publicKey": str(world.graduate.signer.public)}
    }
    assert names(validate_presentation(broken, facts, Demand())) == [
        ("signature-invalid", "signature")
    ]


def test_a_claimants_first_key_needs_no_document(world, process_id):
    demand_claimant(request(world, process_id, world.graduate), Facts({}, {}, {}, None))


def test_a_strangers_request_is_refused(world, process_id):
    record = request(world, process_id, world.clerk)
    with pytest.raises(VerifyError, match="another key signed it"):
        demand_claimant(record, Facts({}, {}, {}, None))


def test_a_document_decides_whose_request_it_is(world, facts, process_id):
    record = request(world, process_id, world.clerk)
    with pytest.raises(VerifyError, match="No matching authentication"):
        demand_claimant(record, facts)
    keys = ((world.clerk.key_id, 10, None, ((10, True),)),)
    lent = Facts(collect_documents([world.document(world.graduate, keys=keys)]), {}, {}, None)
    demand_claimant(record, lent)
    revoked = collect_documents([world.document(world.graduate, until=50)])
    with pytest.raises(VerifyError, match="expired"):
        demand_claimant(request(world, process_id, world.graduate), Facts(revoked, {}, {}, None))
