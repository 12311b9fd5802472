from __future__ import annotations

import pytest

from iop.claim.schema import Fault, Schema
from iop.codec.json import parse_json
from iop.errors import LimitError, SchemaError

DRAFTS = [
    "http://json-schema.org/draft-03/schema#",
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
]


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_draft_judges(draft):
    schema = Schema(
        {
            "$schema": draft,
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"pattern": "^x"}},
            "patternProperties": {"^_": {"type": "null"}},
            "additionalProperties": False,
        }
    )
    assert schema.find_faults({"a": 1, "b": "xy", "_c": None}) == []
    found = schema.find_faults({"a": "1", "b": "y", "_c": 5, "d": 1})
    assert {(fault.path, fault.keyword) for fault in found} == {
        ("", "additionalProperties"),
        (".a", "type"),
        ("._c", "type"),
        (".b", "pattern"),
    }


def test_numbers_are_numbers():
    schema = Schema(
        {"properties": {"a": {"type": "integer"}, "b": {"type": "number", "multipleOf": 0.5}}}
    )
    assert schema.find_faults(parse_json('{"a": 1.0, "b": 2.50}')) == []
    assert [f.path for f in schema.find_faults(parse_json('{"a": 1.5, "b": 2.6}'))] == [".a", ".b"]


def test_the_data_is_not_repeated():
    faults = Schema({"properties": {"name": {"type": "integer"}}}).find_faults(
        {"name": "secret person"}
    )
    assert faults == [Fault(".name", "type", 'type "integer" does not hold')]


def test_faults_are_counted():
    assert len(Schema({"items": {"type": "null"}}).find_faults([1] * 100)) == 20
    assert Schema(False).find_faults(1) == [Fault("", "false", "nothing is allowed here")]
    assert Schema(True).find_faults(1) == []


def test_long_demands_are_left_out():
    assert Schema({"enum": ["x" * 100]}).find_faults(1) == [Fault("", "enum", "enum does not hold")]


@pytest.mark.parametrize(
    "schema",
    [
        None,
        5,
        "x",
        [],
        {"type": 5},
        {"$schema": "x"},
        {"$schema": 5},
        {"properties": []},
        {"required": ["a", "a"]},
    ],
)
def test_what_is_no_schema(schema):
    with pytest.raises(SchemaError):
        Schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:1/x"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/$defs/x"},
        {"$ref": "#anchor"},
        {"$id": "http://[", "$ref": "a"},
        {"pattern": "("},
        {"pattern": "(?=a)"},
        {"patternProperties": {"(": True}},
        {"unevaluatedProperties": False},
        {"unevaluatedItems": False},
    ],
)
def test_what_is_not_understood(schema):
    with pytest.raises(SchemaError):
        Schema(schema).find_faults({"a": 1} if "Properties" in str(schema) else "a")


def test_published_meta_schemas_are_at_hand():
    schema = Schema({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    assert schema.find_faults({"type": "string"}) == []
    assert schema.find_faults({"type": 5})


def doubled(depth):
    defs = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(depth)}
    return {"$ref": "#/$defs/d0", "$defs": defs | {f"d{depth}": {}}}


@pytest.mark.parametrize("schema", [{"$ref": "#"}, doubled(40), {"not": {"$ref": "#"}}])
def test_schemas_that_would_not_end(schema):
    with pytest.raises(LimitError):
        Schema(schema).find_faults(1)


def test_a_nested_dialect_does_not_free_the_patterns():
    nested = {"$schema": DRAFTS[3], "pattern": "^(a+)+$"}
    assert Schema({"allOf": [nested]}).find_faults("a" * 40 + "!")
    assert Schema(
        {"$schema": DRAFTS[3], "anyOf": [{"$ref": "#/definitions/x"}], "definitions": {"x": nested}}
    ).find_faults("a" * 40 + "!")


def test_large_data_costs():
    with pytest.raises(LimitError):
        Schema({"anyOf": [{"enum": [i]} for i in range(2000)]}).find_faults("x" * 1_000_000)


@pytest.mark.parametrize(
    ("items", "unique"),
    [
        ([1, True, "1", None, False, 0], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2], "a": 1}], False),
        ([{"a": 1}, {"a": True}], True),
        ([[1], [1, 1], [[1]]], True),
        ([[], {}], True),
    ],
)
def test_uniqueness(items, unique):
    assert (Schema({"uniqueItems": True}).find_faults(items) == []) is unique
    assert Schema({"uniqueItems": False}).find_faults(items) == []


def test_uniqueness_is_not_quadratic():
    assert Schema({"uniqueItems": True}).find_faults([{"a": i} for i in range(20_000)]) == []


def test_other_kinds_of_data_pass_by():
    schema = Schema(
        {
            "pattern": "a",
            "patternProperties": {"a": False},
            "additionalProperties": False,
            "uniqueItems": True,
        }
    )
    assert schema.find_faults(5) == []
    assert Schema({"additionalProperties": {"type": "null"}}).find_faults({"a": 1})[0].path == ".a"


def test_deep_data_is_refused():
    deep = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(LimitError):
        Schema({"type": "object"}).find_faults(deep)
