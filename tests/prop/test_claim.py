"""Claims: whatever is changed in a signed presentation is refused; patterns and moments against the standard library."""

from __future__ import annotations

import copy
import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.claim.facts import Facts, collect_documents
from iop.claim.jwt import parse_token, sign_token
from iop.claim.moment import encode_moment, parse_moment
from iop.claim.pattern import Pattern
from iop.claim.presentation import build_license, build_presentation, is_open_at, mask_claim
from iop.claim.schema import Schema
from iop.claim.signed import Signer, from_record, is_signed_valid, to_record
from iop.claim.statement import build_claim, build_statement
from iop.claim.validation import Demand, validate_presentation
from iop.codec.digest import compute_content_id
from iop.did.document import implicit_document
from iop.did.identifier import compute_did
from iop.errors import DataError, LimitError, VerifyError
from iop.keys.multicipher import SecretKey

UNIVERSITY, GRADUATE, EMPLOYER = (Signer(SecretKey("e", bytes([n]) * 32)) for n in (1, 2, 3))
NOW = parse_moment("2026-06-01")


def did_of(signer):
    return str(compute_did(signer.public))


FACTS = Facts(
    collect_documents(
        implicit_document(compute_did(s.public), 100) for s in (UNIVERSITY, GRADUATE)
    ),
    {},
    {},
    NOW,
)
DEMAND = Demand(did_of(EMPLOYER), "job", ("cjuP",))


def make_presentation():
    claim = build_claim(
        did_of(GRADUATE),
        {"name": "Ann", "degree": "MSc", "marks": [5, 4.5, {"x": None}], "ok": True},
        bytes,
    )
    statement = build_statement(
        "cjuP", claim, did_of(UNIVERSITY), f"{did_of(UNIVERSITY)}#0", bytes,
        after="2020-01-01", before="2030-01-01", content={"room": 1},
    )  # fmt: skip
    licenses = [build_license(did_of(EMPLOYER), "job", "2026-01-01", "2027-01-01")]
    keep = ".content.degree,.content.marks,.content.ok"
    made = build_presentation([UNIVERSITY.sign_json(statement)], keep, licenses, bytes)
    return GRADUATE.sign_json(made)


PRESENTATION = make_presentation()


def paths(value, at=()):
    yield at
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*at, index))


PLACES = [path for path in paths(PRESENTATION) if path]


def judge(record):
    """True when the presentation passes; a refusal to read it counts as no."""
    try:
        return validate_presentation(record, FACTS, DEMAND).status == "valid"
    except DataError:
        return False


def find(value, path):
    for step in path:
        value = value[step]
    return value


def test_the_untouched_presentation_passes():
    assert judge(PRESENTATION)
    assert len(PLACES) > 40


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("new", [None, 7, "x", [], {}, True, "cju" + "A" * 43])
def test_any_member_replaced_is_refused(path, new):
    record = copy.deepcopy(PRESENTATION)
    holder = find(record, path[:-1])
    if holder[path[-1]] == new and isinstance(holder[path[-1]], bool) is isinstance(new, bool):
        return
    holder[path[-1]] = new
    assert not judge(record)


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_any_member_removed_is_refused(path):
    record = copy.deepcopy(PRESENTATION)
    del find(record, path[:-1])[path[-1]]
    assert not judge(record)


@pytest.mark.parametrize(
    "path",
    [p for p in [(), *PLACES] if isinstance(find(PRESENTATION, p), dict)],
    ids=lambda path: ".".join(map(str, path)),
)
def test_a_member_added_is_refused_or_dropped(path):
    record = copy.deepcopy(PRESENTATION)
    find(record, path)["zusatz"] = 1
    # Only what the reading drops everywhere may be there: beside and inside the outer signature.
    if path in ((), ("signature",)):
        assert judge(record)
        assert to_record(from_record(record)) == PRESENTATION
    elif judge(record):
        pytest.fail(f"a member was added at {path}")


@given(st.sampled_from([p for p in PLACES if isinstance(find(PRESENTATION, p), str)]), st.data())
def test_any_character_changed_is_refused(path, data):
    record = copy.deepcopy(PRESENTATION)
    text = find(record, path)
    index = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.characters(exclude_characters=text[index], exclude_categories=("Cs",)))
    find(record, path[:-1])[path[-1]] = text[:index] + char + text[index + 1 :]
    assert not judge(record)


def is_small(value):
    """No integer in it that other clients would round."""
    if isinstance(value, dict | list):
        return all(map(is_small, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int) or abs(value) < 2**53


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.text(alphabet="abé ", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet="abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.text(alphabet="abc", min_size=1, max_size=3), JSON.filter(is_small), max_size=5
    ),
    st.data(),
)
def test_masks_open_what_was_asked_and_keep_the_digest(items, data):
    claim = build_claim(did_of(GRADUATE), items, bytes)
    chosen = data.draw(st.lists(st.sampled_from(sorted(items)), unique=True)) if items else []
    masked = mask_claim(claim, ",".join(f".content.{name}" for name in chosen))
    assert compute_content_id(masked) == compute_content_id(claim)
    for name in items:
        assert is_open_at(masked, f".content.{name}") is (name in chosen)


@given(JSON.filter(lambda value: isinstance(value, dict | list)))
def test_signed_documents_round_trip(content):
    signed = UNIVERSITY.sign_json(content)
    assert to_record(from_record(signed)) == signed
    assert is_signed_valid(signed)
    assert is_signed_valid(signed, strict=False)


@given(st.integers(0, 253402300799999), st.integers(1, 10**6), st.none() | st.text(max_size=40))
def test_tokens_round_trip(now, life, content_id):
    token = sign_token(UNIVERSITY, now, content_id, life)
    found = parse_token(token, now)
    assert (found.created_at, found.time_to_live, found.content_id) == (
        now // 1000,
        life,
        content_id,
    )
    with pytest.raises(VerifyError):
        parse_token(token, (now // 1000 + life) * 1000 + 1)


@given(st.sampled_from(range(300)), st.characters(exclude_categories=("Cs",)))
def test_changed_tokens_are_refused(index, char):
    token = sign_token(UNIVERSITY, NOW, "cjuX")
    if token[index : index + 1] in ("", char):
        return
    with pytest.raises((DataError, VerifyError)):
        parse_token(token[:index] + char + token[index + 1 :], NOW)


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_moments_against_the_standard_library(when):
    moment = (when - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
    assert parse_moment(when.isoformat().replace("+00:00", "Z")) == moment
    assert (
        parse_moment(when.strftime("%Y").zfill(4) + when.strftime("%m%dT%H%M%SZ"))
        == moment // 1000 * 1000
    )
    assert parse_moment(encode_moment(moment)) == moment


ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\w", r"\S", "0", "^", "$", "()"]
)
QUANTIFIERS = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
        | st.tuples(inner, QUANTIFIERS).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    ),
    max_leaves=12,
)


@given(PATTERNS, st.lists(st.text(alphabet="abc0\n", max_size=8), max_size=6))
def test_patterns_against_re(pattern, texts):
    try:
        ours = Pattern(pattern)
    except LimitError:
        return
    theirs = re.compile(pattern.replace("$", r"\Z").replace(".", r"[^\n\r]"), re.ASCII)
    for text in texts:
        assert ours.is_found(text) is (theirs.search(text) is not None)


SCHEMAS = st.recursive(
    st.sampled_from(
        [{}, True, False, {"type": "object"}, {"type": ["string", "null"]}, {"minimum": 0}, {"maxLength": 2}, {"pattern": "^a*$"},
         {"required": ["a"]}, {"uniqueItems": True}, {"enum": [1, "a", None]}, {"const": {"a": 1}}, {"minItems": 1}]
    ),
    lambda inner: st.builds(lambda s: {"properties": {"a": s}, "additionalProperties": False}, inner)
    | st.builds(lambda s: {"items": s}, inner)
    | st.builds(lambda s, t: {"anyOf": [s, t]}, inner, inner)
    | st.builds(lambda s: {"not": s}, inner)
    | st.builds(lambda s: {"patternProperties": {"^[ab]": s}, "additionalProperties": {"type": "integer"}}, inner),
    max_leaves=6,
)  # fmt: skip


@given(SCHEMAS, JSON)
def test_bounded_schemas_agree_with_the_package(schema, data):
    from jsonschema import Draft202012Validator

    assert (Schema(schema).find_faults(data) == []) is Draft202012Validator(schema).is_valid(data)
