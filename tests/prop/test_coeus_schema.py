"""Schemas and patterns of domains against general engines, where those judge alike."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import jsonschema
from hypothesis import assume, given, settings

from iop.codec.json import encode_json, parse_json
from iop.errors import LimitError, SchemaError
from iop.ledger.coeus_schema.likeness import compute_likeness
from iop.ledger.coeus_schema.metaschema import DRAFT6
from iop.ledger.coeus_schema.pattern import Pattern
from iop.ledger.coeus_schema.schema import Schema
from iop.ledger.coeus_schema.work import Work

NAMES = st.sampled_from(["a", "b", "c", "ab", "a/b", "~é %"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "a", "ab", "b"])
)
VALUES = st.recursive(
    SCALARS,
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(NAMES, deeper, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])
COUNTS = st.integers(0, 3)
LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda kind: {"type": kind}, KINDS | st.lists(KINDS, min_size=1, unique=True)),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(lambda value: {"const": value}, SCALARS),
    st.builds(lambda keyword, n: {keyword: n}, st.sampled_from(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), st.integers(-2, 2)),
    st.builds(lambda keyword, n: {keyword: n}, st.sampled_from(
        ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]), COUNTS),
    st.builds(lambda n: {"multipleOf": n}, st.integers(1, 3)),
    st.builds(lambda text: {"pattern": text}, st.sampled_from(["a", "^a", "b$", "^(a|b)*$"])),
    st.builds(lambda names: {"required": names}, st.lists(NAMES, max_size=2, unique=True)),
    st.just({"uniqueItems": True}),
    st.sampled_from([{"$ref": "#/definitions/x"}, {"$ref": "#/definitions/y"}]),
)  # fmt: skip


def applied(deeper: st.SearchStrategy) -> st.SearchStrategy:
    one = st.builds(
        lambda keyword, schema: {keyword: schema},
        st.sampled_from(
            ["not", "items", "contains", "additionalProperties", "propertyNames", "additionalItems"]
        ),
        deeper,
    )
    many = st.builds(
        lambda keyword, schemas: {keyword: schemas},
        st.sampled_from(["allOf", "anyOf", "oneOf", "items"]),
        st.lists(deeper, min_size=1, max_size=3),
    )
    named = st.builds(
        lambda keyword, schemas: {keyword: schemas},
        st.sampled_from(["properties", "dependencies"]),
        st.dictionaries(NAMES, deeper, max_size=3),
    )
    matched = st.builds(
        lambda schemas: {"patternProperties": schemas},
        st.dictionaries(st.sampled_from(["a", "^b", "b$"]), deeper, max_size=2),
    )
    both = st.builds(
        lambda left, right: (
            left | right if isinstance(left, dict) and isinstance(right, dict) else left
        ),
        deeper,
        deeper,
    )
    return one | many | named | matched | both


SCHEMAS = st.recursive(LEAVES, applied, max_leaves=8)


def is_reference(schema: object) -> bool:
    """True if a `$ref` has neighbours somewhere; drafts and validators differ on those."""
    if isinstance(schema, dict):
        return ("$ref" in schema and len(schema) > 1) or any(map(is_reference, schema.values()))
    return isinstance(schema, list) and any(map(is_reference, schema))


@settings(max_examples=300)
@given(SCHEMAS, SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=4))
def test_schemas_judge_as_the_standard_has_it(schema, x, y, values) -> None:
    if not isinstance(schema, dict):
        schema = {"allOf": [schema]}
    schema = {**schema, "definitions": {"x": x, "y": y}}
    if "$ref" in schema:
        schema = {"allOf": [{"$ref": schema.pop("$ref")}], **schema}
    assume(not is_reference(schema))
    try:
        ours = Schema(schema, Work())
        found = [ours.is_valid(value, Work(20_000)) for value in values]
    except LimitError:
        return
    except SchemaError:
        assume(False)
    theirs = jsonschema.Draft6Validator(schema)
    try:
        wanted = [theirs.is_valid(value) for value in values]
    except RecursionError:
        return
    assert found == wanted


SUBSCHEMA_PLACES = [
    "items",
    "not",
    "contains",
    "additionalItems",
    "additionalProperties",
    "propertyNames",
]
ODD = st.one_of(
    SCHEMAS,
    st.builds(
        lambda key, value: {key: value}, st.sampled_from(sorted(DRAFT6["properties"])), VALUES
    ),
    st.builds(
        lambda place, key, value: {place: {key: value}},
        st.sampled_from(SUBSCHEMA_PLACES),
        st.sampled_from(sorted(DRAFT6["properties"])),
        VALUES,
    ),
)
META = Schema(DRAFT6, Work())
CHECKER = jsonschema.FormatChecker(formats=["regex"])
THEIRS = jsonschema.Draft6Validator(DRAFT6, format_checker=CHECKER)


@settings(max_examples=300)
@given(ODD)
def test_meta_schema_judges_as_the_standard_has_it(data) -> None:
    if isinstance(data, dict) and isinstance(data.get("$schema"), str):
        return  # the format `uri` is ours to judge
    assume('"$schema"' not in encode_json(data))
    assert META.is_valid(data, Work()) == THEIRS.is_valid(data)


ATOMS = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^b]",
        r"\d",
        r"\w",
        r"\s",
        "1",
        "^",
        "$",
        r"\b",
        r"\B",
        "(?:a|b)",
        "(ab|)",
    ]
)
TAILS = st.sampled_from(["", "", "", "*", "+", "?", "{1,2}", "{2}", "*?", "{0,1}"])
PIECES = st.lists(
    st.builds(
        lambda atom, tail: atom + (tail if atom not in ("^", "$", r"\b", r"\B") else ""),
        ATOMS,
        TAILS,
    ),
    max_size=5,
)
EXPRESSIONS = st.recursive(
    PIECES.map("".join),
    lambda deeper: (
        st.builds(lambda a, b, tail: f"({a}|{b}){tail}", deeper, deeper, TAILS)
        | st.builds(lambda a, b: a + b, deeper, deeper)
    ),
    max_leaves=4,
)


@settings(max_examples=300)
@given(EXPRESSIONS, st.lists(st.text("ab1 ", min_size=1, max_size=8), min_size=1, max_size=5))
def test_patterns_find_what_a_backtracking_engine_finds(text, subjects) -> None:
    # Empty subjects are left out: `re` alone holds that `\\B` is not found in them.
    assume(len(text) < 60)
    engine = re.compile(text, re.ASCII)
    pattern = Pattern(text)
    for subject in subjects:
        assert pattern.is_found(subject, Work()) == bool(engine.search(subject))


@given(VALUES, VALUES)
def test_likeness(one, other) -> None:
    again = parse_json(encode_json(one))
    assert compute_likeness(one) == compute_likeness(again)
    alike = compute_likeness(one) == compute_likeness(other)
    assert alike == (encode_sorted(one) == encode_sorted(other))


def encode_sorted(value) -> str:
    if isinstance(value, dict):
        return encode_json({name: encode_sorted(value[name]) for name in sorted(value)})
    return encode_json(
        [encode_sorted(item) for item in value] if isinstance(value, list) else [[value]]
    )
