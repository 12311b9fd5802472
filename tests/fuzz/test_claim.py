"""Any JSON or text either is judged or raises one of our data errors, in bounded time."""

from __future__ import annotations

import contextlib
import copy

from hypothesis import given
from hypothesis import strategies as st

from iop.claim.check import check_record
from iop.claim.exchange import check_validation_request, check_validation_result
from iop.claim.facts import Facts, collect_documents, find_dids, find_proofs, find_signed
from iop.claim.jwt import parse_token
from iop.claim.moment import parse_duration, parse_moment
from iop.claim.pattern import Pattern
from iop.claim.presentation import build_presentation, check_presentation, reveal
from iop.claim.process import Process
from iop.claim.scenario import check_scenario, judge_presentation
from iop.claim.schema import Schema
from iop.claim.signed import Signer, from_record, is_signed_valid, open_envelope
from iop.claim.statement import build_claim, build_statement, check_request, check_statement
from iop.claim.validation import (
    Demand,
    validate_presentation,
    validate_request,
    validate_statement,
)
from iop.claim.verdict import validate_signed
from iop.did.document import implicit_document
from iop.did.identifier import compute_did
from iop.errors import DataError, MissingError, VerifyError
from iop.keys.multicipher import SecretKey

SIGNER = Signer(SecretKey("e", b"\x01" * 32))
DID = str(compute_did(SIGNER.public))
DOCUMENT = implicit_document(compute_did(SIGNER.public), 50)
CLAIM = build_claim(DID, {"a": 1, "b": "x"}, bytes)
STATEMENT = SIGNER.sign_json(build_statement("cjuP", CLAIM, DID, f"{DID}#0", bytes))
PRESENTATION = SIGNER.sign_json(
    build_presentation(
        [STATEMENT],
        ".content.a",
        [{"issuedTo": DID, "purpose": "p", "validFrom": "2020-01-01", "validUntil": "2030-01-01"}],
        bytes,
    )
)
PROCESS = {
    "name": "n",
    "version": 1,
    "description": "",
    "claimSchema": {},
    "evidenceSchema": None,
    "constraintsSchema": None,
}
SCENARIO = {
    "name": "n", "version": 1, "description": "", "prerequisites": [{"process": "cjuP", "claimFields": [".content.a"]}],
    "requiredLicenses": [{"issuedTo": DID, "purpose": "p", "expiry": "P1D"}], "resultSchema": None,
}  # fmt: skip
REQUEST = {
    "processId": "cjuP",
    "claimant": f"{DID}#0",
    "claim": CLAIM,
    "evidence": None,
    "nonce": "u",
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "#0",
            "#" + "0" * 5000,
            DID,
            f"{DID}#0",
            "cju" + "A" * 43,
            "pez1",
            "sez1",
            "2020-01-01T00:00:00Z",
            "P1D",
            "é",
        ]
    )
)
NAMES = st.text(max_size=4) | st.sampled_from(
    [
        "signature",
        "content",
        "publicKey",
        "bytes",
        "nonce",
        "claim",
        "claims",
        "statements",
        "provenClaims",
        "licenses",
        "constraints",
        "authority",
        "witness",
        "subject",
        "afterProof",
        "blockHeight",
        "processId",
        "after",
        "before",
        "keys",
        "rights",
        "impersonate",
        "keyLink",
        "history",
        "height",
        "valid",
        "$ref",
        "$schema",
        "type",
        "pattern",
        "properties",
        "patternProperties",
        "items",
        "allOf",
        "not",
        "enum",
        "uniqueItems",
        "$id",
        "$defs",
    ]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
QUIET = (DataError, VerifyError, MissingError)


def places(value, at=()):
    yield at
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, item in items:
        yield from places(item, (*at, step))


@st.composite
def mangled(draw, record):
    """The record with one to three places replaced by anything."""
    value = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        new = draw(JSON)
        if not path:
            return new
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = new
    return value


def quietly(function, *given_):
    with contextlib.suppress(*QUIET):
        function(*given_)


@given(mangled(STATEMENT) | mangled(PRESENTATION) | JSON)
def test_signed_documents(record):
    facts = Facts(collect_documents([DOCUMENT]), {"cjuX": 5}, {5: "aa"}, 0)
    for function in (
        from_record,
        is_signed_valid,
        find_dids,
        find_signed,
        find_proofs,
        check_record,
    ):
        quietly(function, record)
    quietly(open_envelope, record)
    quietly(validate_signed, record, DOCUMENT)
    quietly(validate_statement, record, facts)
    quietly(validate_request, record, facts)
    quietly(validate_presentation, record, facts, Demand(DID, "p", ("cjuP",)))
    quietly(build_presentation, [record], ".content.a", [], bytes)


@given(mangled(STATEMENT["content"]) | mangled(PRESENTATION["content"]) | mangled(REQUEST))
def test_contents_that_were_signed(content):
    """What a hostile authority or presenter signed: everything but the signature may be wrong."""
    facts = Facts(collect_documents([DOCUMENT]), {}, {}, 0)
    try:
        signed = SIGNER.sign_json(content)
    except DataError:
        return
    assert validate_statement(signed, facts).status
    quietly(validate_request, signed, facts)
    quietly(validate_presentation, signed, facts, Demand(DID, "p"))
    quietly(check_statement, content)
    quietly(check_request, content)
    for presentation in (content,):
        with contextlib.suppress(*QUIET):
            found = check_presentation(presentation)
            judge_presentation(found, SCENARIO, 0)
            quietly(reveal, found)


@given(mangled(DOCUMENT))
def test_did_documents(document):
    quietly(validate_signed, STATEMENT, document)
    with contextlib.suppress(*QUIET):
        facts = Facts(collect_documents([document]), {}, {}, 0)
        assert validate_statement(STATEMENT, facts).status
        assert validate_presentation(PRESENTATION, facts, Demand()).status


@given(mangled(PROCESS), mangled(REQUEST) | JSON)
def test_processes(process, record):
    with contextlib.suppress(*QUIET):
        quietly(check_record, process)
        made = Process(process)
        made.find_faults(record)


@given(mangled(SCENARIO))
def test_scenarios(scenario):
    with contextlib.suppress(*QUIET):
        judge_presentation(PRESENTATION["content"], check_scenario(scenario), 0)


@given(JSON, JSON)
def test_schemas(schema, data):
    quietly(lambda: Schema(schema).find_faults(data))


@given(
    st.text(alphabet=st.sampled_from("ab()[]{}|*+?^$.\\dwspu0123,-<>:=!\x00é"), max_size=30),
    st.text(max_size=20),
)
def test_patterns(pattern, text):
    quietly(lambda: Pattern(pattern).is_found(text))


@given(st.text(max_size=40) | st.text(alphabet="0123456789-:TZPYMWDHS+., ", max_size=40))
def test_moments_and_durations(text):
    quietly(parse_moment, text)
    quietly(parse_duration, text)


@given(st.text(max_size=60) | st.text(alphabet="eyJ.-_=aA9", max_size=60))
def test_tokens(text):
    quietly(parse_token, text, 0)
    quietly(lambda: parse_token(text, 0, old_peer=True))


@given(JSON)
def test_exchanges(record):
    quietly(check_validation_request, record)
    quietly(check_validation_result, record)
