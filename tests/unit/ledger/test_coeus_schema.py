"""Schemas, patterns and formats of domains: what compiles, what conforms, what work is counted."""

from __future__ import annotations

import pytest

from iop.errors import DecodeError, LimitError, SchemaError
from iop.ledger.coeus.domain import create_root
from iop.ledger.coeus_schema.format import FORMATS
from iop.ledger.coeus_schema.metaschema import DRAFT6
from iop.ledger.coeus_schema.pattern import Pattern
from iop.ledger.coeus_schema.schema import Schema
from iop.ledger.coeus_schema.work import Work


def judge(schema: object, data: object) -> bool:
    return Schema(schema, Work(10**6)).is_valid(data, Work(10**6))


STRING = {"type": "string"}
GOOD = [
    (True, None),
    ({}, 1),
    ({"type": "integer"}, 1),
    ({"type": "integer"}, 1.0),
    ({"type": ["null", "array"]}, []),
    ({"type": "number"}, 1),
    ({"enum": [1, "a", {"b": [1]}]}, {"b": [1]}),
    ({"enum": [1]}, 1.0),
    ({"const": 1.0}, 1),
    ({"minimum": 1, "exclusiveMaximum": 2}, 1),
    ({"minimum": 1}, "text"),
    ({"multipleOf": 0.5}, 1.5),
    ({"multipleOf": 3}, -9),
    ({"multipleOf": 0.1}, -0.35),  # the original's slip
    ({"maxLength": 2}, "😀é"),
    ({"minItems": 1.0, "maxItems": 1}, [0]),
    ({"minProperties": 1}, {"a": 1}),
    ({"pattern": "^a+$"}, "aa"),
    ({"uniqueItems": True}, [1, 1.0, True, "1", None, [1], {"a": 1}]),
    ({"uniqueItems": False}, [1, 1]),
    ({"items": STRING}, ["a"]),
    ({"items": [STRING, {}], "additionalItems": False}, ["a", 1]),
    ({"items": [STRING], "additionalItems": {"type": "null"}}, ["a", None]),
    ({"additionalItems": False}, [1]),
    ({"properties": {"a": STRING}, "additionalProperties": {"type": "null"}}, {"a": "", "b": None}),
    ({"patternProperties": {"^x": STRING}, "additionalProperties": False}, {"xa": ""}),
    ({"required": ["a"]}, {"a": 1}),
    ({"required": ["a"]}, "text"),
    ({"propertyNames": {"maxLength": 1}}, {"a": 1}),
    ({"contains": STRING}, [1, "a"]),
    ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1, "b": 1}),
    ({"allOf": [STRING, {"minLength": 1}]}, "a"),
    ({"anyOf": [STRING, {"type": "null"}]}, None),
    ({"oneOf": [STRING, {"maxLength": 3}]}, 5),
    ({"not": STRING}, 5),
    ({"if": STRING, "then": {"minLength": 2}, "else": {"type": "null"}}, None),
    ({"then": False}, 1),
    ({"contentMediaType": "application/json", "contentEncoding": "base64"}, "e30="),
    ({"contentMediaType": "application/json"}, 5),
    ({"format": "no such format"}, "x"),
    ({"title": "t", "description": "d", "default": {"x": 1}, "examples": [1]}, 1),
    ({"definitions": {"a": STRING}, "$ref": "#/definitions/a"}, "x"),
    ({"definitions": {"a/b~c %é": STRING}, "$ref": "#/definitions/a~1b~0c%20%25%C3%A9"}, "x"),
    (
        {"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": STRING}},
        "x",
    ),
    ({"properties": {"a": {"$ref": "#"}}, "additionalProperties": False}, {"a": {"a": {}}}),
    ({"$id": "http://x.y/z#", "properties": {"a": {"$ref": "http://x.y/z"}}}, {"a": 5}),
    ({"definitions": {"n": {"$id": "#n", "type": "null"}}, "items": {"$ref": "#n"}}, [None]),
    ({"$ref": "#/properties", "properties": {"a": False}}, 5),
]
BAD = [
    (False, None),
    ({"type": "integer"}, 1.5),
    ({"type": "integer"}, True),
    ({"type": "number"}, False),
    ({"type": "boolean"}, 1),
    ({"enum": [[1]]}, [1.0]),
    ({"enum": [1]}, True),
    ({"const": {"title": 1}}, {"title": 2}),
    ({"exclusiveMinimum": 1}, 1),
    ({"maximum": 1}, 1.5),
    ({"multipleOf": 2}, 3),
    ({"multipleOf": 1e-300}, 1e300),
    ({"maxLength": 1}, "ab"),
    ({"minItems": 2}, [1]),
    ({"maxProperties": 0}, {"a": 1}),
    ({"pattern": "^a+$"}, "ab"),
    ({"uniqueItems": True}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}]),
    ({"items": STRING}, [1]),
    ({"items": [STRING]}, [1]),
    ({"items": [STRING], "additionalItems": False}, ["a", 1]),
    ({"properties": {"a": STRING}}, {"a": 1}),
    ({"additionalProperties": False}, {"a": 1}),
    ({"patternProperties": {"^x": STRING}}, {"xa": 1}),
    ({"required": ["a"]}, {}),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    ({"contains": STRING}, [1]),
    ({"contains": STRING}, []),
    ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    ({"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}),
    ({"dependencies": {"a": False}}, {"a": 1}),
    ({"allOf": [STRING, {"minLength": 2}]}, "a"),
    ({"anyOf": [STRING, {"type": "null"}]}, 1),
    ({"oneOf": [STRING, {"maxLength": 3}]}, "a"),
    ({"not": {}}, 5),
    ({"if": STRING, "then": {"minLength": 2}}, "a"),
    ({"if": STRING, "else": {"type": "null"}}, 5),
    ({"contentMediaType": "application/json"}, "{"),
    ({"contentEncoding": "base64"}, "e30"),
    ({"contentEncoding": "base64"}, "/w=="),
    ({"format": "ipv4"}, "1.2.3"),
    ({"$ref": "#"}, 1),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}}, 1),
    (
        {
            "$ref": "#/definitions/a",
            "definitions": {"a": {"$ref": "#/items"}},
            "items": {"$ref": "#"},
        },
        1,
    ),
    ({"$ref": "#/title", "title": "t"}, 1),
    ({"$ref": "#/definitions/none"}, 1),
    ({"$ref": "http://example.com/schema"}, 1),
    ({"anyOf": [{"type": "null", "allOf": [{"$ref": "x"}]}, {}]}, 1),
    ({"not": {"$ref": "x"}}, 1),
    ({"properties": {"`": {}}}, {"`": 1}),
    (
        {"properties": {"a": {"$id": "sub", "properties": {"b": {"properties": {"c": {}}}}}}},
        {"a": {"b": {"c": 1}}},
    ),
]
MALFORMED: list[object] = [
    5, None, "text", [],
    {"foo": 1}, {"properties": {"a": {"foo": 1}}}, {"items": [{"foo": 1}]}, {"const": {"foo": 1}},
    {"examples": [{"foo": 1}]}, {"description": {"foo": 1}},
    {"type": 7}, {"type": "bogus"}, {"type": []}, {"type": [1]}, {"type": ["string", "x"]},
    {"enum": []}, {"enum": {}}, {"minimum": "1"}, {"maximum": True}, {"multipleOf": 0}, {"multipleOf": "1"},
    {"maxLength": -1}, {"minItems": 1.5}, {"maxProperties": "1"}, {"minLength": True},
    {"pattern": 5}, {"pattern": "("}, {"pattern": "(?=a)"}, {"pattern": r"(a)\1"}, {"pattern": r"\/"},
    {"uniqueItems": 1}, {"items": 5}, {"items": [5]}, {"additionalItems": 5}, {"properties": []},
    {"properties": {"a": 5}}, {"additionalProperties": []}, {"patternProperties": {"(": {}}},
    {"patternProperties": {"a": 5}}, {"patternProperties": 5}, {"required": "a"}, {"required": [1]},
    {"propertyNames": 5}, {"contains": []}, {"dependencies": []}, {"dependencies": {"a": 5}},
    {"dependencies": {"a": [1]}}, {"allOf": []}, {"anyOf": {}}, {"oneOf": [5]}, {"not": 5}, {"not": []},
    {"format": 5}, {"contentEncoding": "hex"}, {"contentMediaType": 5}, {"$ref": 5}, {"$ref": "http://["},
    {"$id": "relative"}, {"$id": "http://x.y/#a"}, {"$schema": "relative"}, {"items": {"$id": "http://["}},
    {"items": {"$schema": "relative"}},
]  # fmt: skip


@pytest.mark.parametrize(("schema", "data"), GOOD)
def test_conforming(schema: object, data: object) -> None:
    assert judge(schema, data)


@pytest.mark.parametrize(("schema", "data"), BAD)
def test_not_conforming(schema: object, data: object) -> None:
    assert not judge(schema, data)


@pytest.mark.parametrize("schema", MALFORMED, ids=repr)
def test_malformed(schema: object) -> None:
    with pytest.raises(SchemaError):
        Schema(schema, Work())


def test_too_many_levels() -> None:
    schema: object = {}
    for _ in range(130):
        schema = {"not": schema}
    with pytest.raises(SchemaError, match="at most 127 levels"):
        Schema(schema, Work())


def test_meta_schema() -> None:
    meta = Schema(DRAFT6, Work())
    assert meta.is_valid(DRAFT6, Work())
    for good in (
        True,
        {},
        {"anything": 1},
        {"if": 5},
        {"pattern": r"a\/b"},
        {"$ref": "a b"},
        {"enum": [1]},
    ):
        assert meta.is_valid(good, Work())
    for bad in (
        5, None, "x", [], {"type": "bogus"}, {"pattern": "("}, {"enum": [1, 1]}, {"enum": []}, {"required": ["a", "a"]},
        {"items": {"type": 5}}, {"$schema": "x"}, {"$id": "http://["}, {"minLength": -1}, {"allOf": []}, {"definitions": {"a": 5}},
    ):  # fmt: skip
        assert not meta.is_valid(bad, Work())
    deep: object = {}
    for _ in range(60):
        deep = {"items": deep, "properties": {"a": {}}}
    assert meta.is_valid(deep, Work())


def test_the_deepest_application_fits_the_interpreter() -> None:
    chain = {str(n): {"allOf": [{"$ref": f"#/definitions/{n + 1}"}]} for n in range(298)}
    data: object = []
    for _ in range(126):
        data = [data]
    schema = {"definitions": {**chain, "298": {"enum": [5]}}, "$ref": "#/definitions/0"}
    assert not judge(schema, data)
    nested: object = {"enum": [5]}
    for _ in range(60):
        nested = {"contains": {"not": nested}}
    assert judge({"not": nested}, data) is not judge(nested, data)


def test_work_is_counted() -> None:
    purse = Work(100)
    schema = Schema({"items": {"type": "string"}}, purse)
    spent = 100 - purse.left
    assert 0 < spent < 10
    with pytest.raises(LimitError, match="too many steps"):
        schema.is_valid(["a"] * 100, purse)
    with pytest.raises(LimitError):
        Schema({"properties": {str(n): {} for n in range(100)}}, Work(50))
    with pytest.raises(LimitError):
        Schema({"enum": ["x" * 1000]}, Work(50))
    with pytest.raises(LimitError):
        Schema({"pattern": "^(a+)+$"}, Work()).is_valid("a" * 10**5 + "b", Work(10**5))
    with pytest.raises(LimitError, match="300 levels"):
        Schema({"allOf": [{"$ref": "#"}]}, Work()).is_valid(1, Work())
    with pytest.raises(LimitError):  # few characters, large programs
        Schema({"allOf": [{"pattern": "(a{999}){4}"}] * 100}, Work(10**5))


def test_the_schema_of_schemas_costs_the_first_user_what_it_costs_the_next() -> None:
    schemas = create_root().child("schema")
    assert schemas is not None
    purse = Work(0)
    assert schemas.schema(purse) is schemas.schema(purse)


@pytest.mark.parametrize(
    ("text", "found", "missed"),
    [
        ("", ["", "a"], []),
        ("a.c", ["xabcx"], ["a\nc", "ac"]),
        ("(?s)a.c", ["a\nc"], []),
        ("^ab?c*d+$", ["abccd", "ad"], ["abc", "xad", "ad\n"]),
        ("(?m)^b$", ["a\nb\nc"], ["ab"]),
        ("a{2}b{1,}c{0,2}$", ["aabcc", "aab"], ["ab", "aabccc"]),
        ("x|yz|", ["q"], []),
        ("^(?:a|b)*?$", ["abba", ""], ["abc"]),
        ("^(?P<name>a)$", ["a"], ["b"]),
        ("(?i)straße", ["STRAßE"], ["STRASSE"]),
        ("(?i:A)b", ["ab", "Ab"], ["aB"]),
        ("(?x) a b # no\n c", ["abc"], ["a b"]),
        (r"^[a-c\d_-]+$", ["a1-_"], ["e"]),
        (r"^[^\sx]$", ["a"], ["x", " ", "\u2003"]),
        (r"^[[:alpha:][:^ascii:]]$", ["a", "é"], ["1"]),
        (r"^[a[bc]]$", ["c"], ["d"]),
        (r"^[]a]$", ["]", "a"], ["b"]),
        (r"^[^]a]$", ["b"], ["]"]),
        (r"\bcat\b", ["a cat!"], ["concat"]),
        (r"\Bcat", ["concat"], ["a cat"]),
        (r"\Aa\z", ["a"], ["ba", "ab"]),
        (r"^\w\W\d\D\s\S$", ["é-٣x\ta"], ["-é٣x\ta"]),
        (r"^\p{Lu}\pL\P{Nd}\p{^L}$", ["ÉéxΩ"[:3] + "1"], ["ééx1"]),
        (r"\x41\u0042\U00000043\x{1F600}\t\.", ["ABC😀\t."], []),
        (r"^(?U)a+?$", ["aa"], []),
        (r"^a}]$", ["a}]"], []),
        (r"^(a|(b|c)){2,3}$", ["abc", "ca"], ["a", "abca"]),
        (r"^(){5}a$", ["a"], ["b"]),
        (r"^a+*$", ["aaa", ""], ["b"]),
    ],
)
def test_patterns(text: str, found: list[str], missed: list[str]) -> None:
    pattern = Pattern(text)
    assert [t for t in found if not pattern.is_found(t, Work())] == []
    assert [t for t in missed if pattern.is_found(t, Work())] == []


@pytest.mark.parametrize(
    "text",
    [
        "(", ")", "a)", "[", "[a", "[]", "[^]", "*a", "a|*", "a{", "a{x}", "a{2,1}", "a{1", "a{1001}", "{1}", "\\", r"\q", r"\8", r"\/",
        "(?=a)", "(?!a)", "(?<=a)", "(?<n>a)", "(?P<1>a)", "(?P<n", "(?)", "(?-)", "(?i-)", "(?ii)", "(?-u)", "(?z)", "[b-a]", r"[a-\d]",
        r"\pX", r"\p{Greek}", r"\p{L", r"\x1", r"\x{110000}", r"\uD800", r"\x{}", "[a&&b]", "[a--b]", "[a~~b]", "a" * 5000, "(a{1000}){1000}",
        "(" * 65 + ")" * 65, "[" * 70 + "a" + "]" * 70, "a+*?+*+*", r"[\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d]",
    ],
)  # fmt: skip
def test_refused_patterns(text: str) -> None:
    with pytest.raises(DecodeError, match="pattern: "):
        Pattern(text)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", ["2020-02-29", "1900-02-28"], ["1900-02-29", "2020-13-01", "2020-1-1", "x020-01-01", "2020-01-32", ""]),
        (
            "date-time",
            ["2020-02-29T23:59:60Z", "2020-02-29t00:00:00.123-23:59", "0000-01-01T00:00:00z"],
            ["2020-02-29", "2020-02-30T00:00:00Z", "2020-02-29T24:00:00Z", "2020-02-29T00:00:00", "2020-02-29T00:00:00.Z",
             "2020-02-29T00:00:00+24:00", "2020-02-29T00:00:00+00:60", "2020-02-29 00:00:00Z", "2020-02-29T00:0000:Z"],
        ),
        ("time", ["23:59:60", "1:2:3", "00:00:00.5"], ["24:00:00", "00:00", "00:00:00.", "00:00:00Z", "a:b:c"]),
        ("hostname", ["a", "a-b.c.", "1a", "é.hu"], ["", ".a", "a..b", "-a", "a-", "a_b", "1", "a.1", "a" * 256]),
        ("email", ["a@b", "a.b+c@d.e", '"a b"@c', "é@b", "a@[1.2.3.4]", "a@[IPv6:::1]"], ["a", "@b", "a@", "a b@c", ".a@b", "a..b@c", 'a"@b', '"a"b"@c', "a@[x]"]),
        ("ipv4", ["0.0.0.0", "255.255.255.255"], ["256.0.0.0", "01.0.0.0", "1.2.3", "1.2.3.4.5", "1.2.3.", "1.2.3.+4", ""]),
        ("ipv6", ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1::8"],
         ["", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::8:9", "12345::", "::1%eth0", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "g::"]),
        ("uri", ["http://a", "HTTPS:a/b", "urn:x", "a:", " http://a ", "file:///x", "file://h/x", "foo://h:1/", "http://[::1]:80/", "http://u:p@h:65535",
                 "http://1.2.3.4", "http://0x7f.1", "http://a%41.com", "foo:///", "http://é.hu", "http://4294967295", "http://a.b.c.d.e"],
         ["", "a", "//a", "1a:b", "http://", "http:///", "http://a b", "http://h:65536", "http://h:x", "http://[::1", "http://256.256.256.256", "http://a%", "http://[::1]x",
          "foo://a b", "foo://:1", "http://1.2.3.4.5", "http://4294967296", "http://09", "file://[x]/", "http://%zz", "é:x"]),
        ("uri-reference", ["", "#x", "a b", "/x", "?q", "//h/x", "http:x", "urn:x", "http:", "http://a"], ["//", "//a b", "//[", "https://", "http://", "\\\\"]),
        ("json-pointer", ["", "/", "/a~0~1", "#", "#/a"], ["a", "/~", "/~2", "/a~"]),
        ("regex", ["", "a+", r"a\/b"], ["(", "(?=a)", "*"]),
        ("uuid", ["0" * 32, "00000000-0000-0000-0000-00000000000F", "urn:uuid:" + "a" * 32], ["0" * 31, "g" * 32, "0000000000000-0000-0000-00000000000F", "{" + "0" * 32 + "}", "0" * 36]),
    ],
)  # fmt: skip
def test_formats(name: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not FORMATS[name](text)] == []
    assert [text for text in bad if FORMATS[name](text)] == []
