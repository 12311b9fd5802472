from __future__ import annotations

import pytest

from iop.claim.check import check_record, demand_process
from iop.claim.exchange import (
    check_validation_request,
    check_validation_result,
    to_validation_result,
)
from iop.claim.kind import check_kind, check_signable, identify, open_signed
from iop.claim.moment import parse_moment
from iop.claim.presentation import build_license
from iop.claim.process import Process, build_process, check_process, wrap_schema
from iop.claim.scenario import (
    build_licenses,
    check_scenario,
    compute_keep,
    judge_presentation,
)
from iop.claim.schema import Schema
from iop.claim.verdict import Issue, Verdict
from iop.codec.digest import compute_content_id
from iop.errors import DataError, MissingError, SchemaError

SCHEMA = {
    "type": "object",
    "required": ["name", "degree"],
    "properties": {"degree": {"type": "object"}},
}
DEMANDS = {"type": "object", "required": ["room"]}


@pytest.fixture
def document():
    return build_process(
        "Diploma", 1, "", SCHEMA, evidence_schema=SCHEMA, constraints_schema=DEMANDS
    )


# Processes.


def test_a_process_is_content(document):
    assert check_process(document | {"extra": 1}) == document | {"extra": 1}
    assert Process(document).process_id == compute_content_id(document)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": 5}, "expected a string"),
        ({"version": "1"}, "expected u32"),
        ({"version": -1}, "expected u32"),
        ({"version": True}, "expected u32"),
        ({"claimSchema": None}, "expected a map"),
        ({"evidenceSchema": []}, "expected a map"),
        ({"constraintsSchema": 5}, "expected a map"),
    ],
)
def test_shapes_of_processes(document, change, text):
    with pytest.raises(SchemaError, match=text):
        check_process(document | change)


@pytest.mark.parametrize(
    "name", ["name", "version", "description", "claimSchema", "evidenceSchema", "constraintsSchema"]
)
def test_members_of_processes_are_needed(document, name):
    del document[name]
    with pytest.raises(SchemaError, match=f"missing field `{name}`"):
        check_process(document)


def test_schemas_are_tried_when_a_process_is_made():
    with pytest.raises(SchemaError):
        build_process("x", 1, "", {"type": 5})


def test_schemas_may_live_elsewhere(document):
    apart = document | {"claimSchema": compute_content_id(SCHEMA)}
    assert Process(apart, {compute_content_id(SCHEMA): SCHEMA}).find_faults(
        {"subject": "x", "content": {}}
    )
    with pytest.raises(MissingError):
        Process(apart)


def test_records_follow_their_process(world, document):
    process = Process(document)
    claim = world.claim()
    statement = {
        "processId": process.process_id,
        "claim": claim,
        "constraints": {"content": {"room": 1}},
    }
    assert process.find_faults(claim) == []
    assert process.find_faults(statement) == []
    assert (
        process.find_faults(
            {"processId": process.process_id, "claim": claim, "evidence": claim["content"]}
        )
        == []
    )


@pytest.mark.parametrize(
    ("record", "path", "keyword"),
    [
        ({"content": {"name": 1}}, ".content", "required"),
        ({"content": "cjuX"}, ".content", "hidden"),
        ({"claim": "cjuX"}, ".claim.content", "hidden"),
        ({"claim": {"content": {"name": 1, "degree": 1}}}, ".claim.content.degree", "type"),
        (
            {"processId": "cjuX", "claim": {"content": {"name": 1, "degree": {}}}},
            ".processId",
            "processId",
        ),
        ({"claim": {}, "evidence": 5}, ".evidence", "type"),
        ({"claim": {}, "constraints": {"content": {}}}, ".constraints.content", "required"),
        (5, "", "type"),
    ],
)
def test_faults_say_where(document, record, path, keyword):
    found = Process(document).find_faults(record)
    assert (path, keyword) in [(fault.path, fault.keyword) for fault in found]


def test_demands_name_the_faults(document):
    with pytest.raises(SchemaError, match=r"does not follow the process: \.content: required"):
        demand_process({"subject": "x", "content": {}}, Process(document))


# Kinds.


def test_kinds(world, document):
    statement = world.statement()
    assert identify(world.claim()) == "claim"
    assert identify(statement["content"]) == "statement"
    assert identify(world.presentation()["content"]) == "presentation"
    assert identify(document) == "process"
    assert open_signed(statement) == (statement["content"], True)
    assert open_signed(document) == (document, False)
    assert check_signable(statement["content"]) == statement["content"]
    for record in (None, [], {}, {"claim": 1}, "x"):
        with pytest.raises(SchemaError, match="expected a claim"):
            identify(record)
    with pytest.raises(SchemaError, match="got a process"):
        check_signable(document)
    with pytest.raises(SchemaError):
        check_kind("other", {})


def test_checks_of_records(world, document):
    found = check_record(world.statement())
    assert (found["valid"], found["kind"], found["signed"]) == (True, "statement", True)
    assert check_record(document)["contentId"] == compute_content_id(document)
    assert check_record(document, Process(document))["faults"][0]["keyword"] == "kind"
    bad = document | {"claimSchema": {"type": 5}}
    assert check_record(bad)["faults"][0]["path"] == ".claimSchema"
    shape = check_record({"subject": "x", "content": 1})
    assert shape["faults"] == [
        {
            "path": "",
            "keyword": "shape",
            "reason": "x is not a valid DID: must start with did:morpheus:",
        }
    ]
    assert not check_record(world.claim(name=1), Process(document))["valid"]
    assert check_record({"subject": "x", "content": {"é": 1}})["contentId"] is None


# Scenarios.


def make_scenario(world, **change):
    return {
        "name": "Hiring",
        "version": 1,
        "description": "",
        "prerequisites": [
            {"process": "cju" + "A" * 43, "claimFields": [".content.degree", ".subject"]}
        ],
        "requiredLicenses": [{"issuedTo": world.employer.did, "purpose": "job", "expiry": "P6M"}],
        "resultSchema": None,
    } | change


def judge(world, scenario, now=None, **rest):
    presentation = world.presentation(**rest)["content"]
    verdict = judge_presentation(presentation, check_scenario(scenario), now)
    return [(issue.name, issue.where) for issue in verdict.issues]


def test_a_presentation_that_serves(world):
    scenario = make_scenario(world)
    keep = compute_keep(scenario)
    assert keep == ".content.degree,.subject"
    licenses = build_licenses(scenario, "2026-01-01")
    assert licenses[0]["validUntil"] == "2026-07-01T00:00:00Z"
    assert judge(world, scenario, parse_moment("2026-02-01"), keep=keep, licenses=licenses) == []


def test_what_a_presentation_lacks(world, document):
    scenario = make_scenario(world)
    assert judge(world, scenario, keep=".content.name") == [("field-hidden", "prerequisites.0")]
    assert judge(world, scenario, keep=".content") == []
    assert judge(world, scenario, licenses=[]) == [("license-missing", "requiredLicenses.0")]
    short = build_license(world.employer.did, "job", "2026-01-01", "2026-06-30")
    assert judge(world, scenario, licenses=[short]) == [("license-too-short", "requiredLicenses.0")]
    late = parse_moment("2028-01-01")
    assert judge(world, scenario, late) == [("license-expired", "requiredLicenses.0")]
    other = make_scenario(world, prerequisites=[{"process": document, "claimFields": []}])
    assert judge(world, other) == [("prerequisite-missing", "prerequisites.0")]
    signed = world.statement(process=compute_content_id(document))
    assert judge(world, other, statements=[signed]) == []


def test_hidden_statements_follow_nothing(world):
    content = world.presentation()["content"]
    for odd in ("cju" + "A" * 43, {"afterProof": 5}):
        content["provenClaims"][0]["statements"][0]["content"] = odd
        verdict = judge_presentation(content, make_scenario(world))
        assert verdict.issues[0].name == "prerequisite-missing"


@pytest.mark.parametrize(
    "change",
    [
        {"name": 5},
        {"prerequisites": {}},
        {"prerequisites": [{"process": 5, "claimFields": []}]},
        {"prerequisites": [{"process": "cjuX", "claimFields": ["content"]}]},
        {"requiredLicenses": [{"issuedTo": "x", "purpose": "p", "expiry": "P1D"}]},
        {"resultSchema": 5},
    ],
)
def test_shapes_of_scenarios(world, change):
    with pytest.raises(DataError):
        check_scenario(make_scenario(world, **change))


def test_spans_of_scenarios(world):
    odd = [{"issuedTo": world.employer.did, "purpose": "p", "expiry": "6 months"}]
    with pytest.raises(DataError):
        check_scenario(make_scenario(world, requiredLicenses=odd))


# What services exchange.


def test_validation_requests_and_results(world):
    request = {
        "publicKey": "p",
        "contentId": "cjuX",
        "signature": "s",
        "onBehalfOf": world.university.did,
        "afterProof": {"blockHeight": 5, "blockHash": "aa"},
    }
    assert check_validation_request(request) == request
    assert check_validation_request(request | {"afterProof": None})["afterProof"] is None
    for change in ({"onBehalfOf": "x"}, {"afterProof": 5}, {"contentId": None}):
        with pytest.raises(DataError):
            check_validation_request(request | change)
    verdict = Verdict((Issue("warning", "a", "b"), Issue("error", "c", "d")))
    result = to_validation_result(verdict)
    assert check_validation_result(result) == {"errors": ["d"], "warnings": ["b"]}
    with pytest.raises(SchemaError):
        check_validation_result({"errors": [5], "warnings": []})


def test_a_flat_schema_is_wrapped():
    flat = {
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
    }
    wrapped = Schema(wrap_schema(flat))
    assert wrapped.find_faults({"a": {"nonce": "u", "value": "x"}}) == []
    for bad in ({}, {"a": "x"}, {"a": {"value": "x"}}, {"a": {"nonce": "u", "value": 1}}, {"b": 1}):
        assert wrapped.find_faults(bad)
    assert flat["properties"] == {"a": {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"properties": []},
        {"properties": {}, "allOf": []},
        {"properties": {}, "$ref": "#"},
        {"properties": {}, "patternProperties": {}},
        {"properties": {}, "additionalProperties": {"type": "string"}},
    ],
)
def test_a_schema_that_is_not_flat_is_not_wrapped(schema):
    with pytest.raises(SchemaError):
        wrap_schema(schema)


def test_a_fault_of_a_wrapped_value_says_so():
    schema = Schema({"properties": {"a": {"type": "string"}, "b": {"enum": [1]}}})
    pair = {"nonce": "u", "value": "x"}
    told = [fault.reason for fault in schema.find_faults({"a": pair, "b": pair})]
    assert told == [
        'type "string" does not hold for {nonce, value}',
        "enum [1] does not hold for {nonce, value}",
    ]
    assert schema.find_faults({"a": {"nonce": "u"}})[0].reason == 'type "string" does not hold'
