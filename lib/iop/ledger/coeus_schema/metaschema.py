"""The meta-schema of JSON Schema draft 6, which is the subtree schema of `.schema` (morpheus 18).

A value of the state, the same on every node; from http://json-schema.org/draft-06/schema (licence in NOTICE).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ANY: dict[str, Any] = {"$ref": "#"}
_COUNT: dict[str, Any] = {"$ref": "#/definitions/nonNegativeInteger"}
_COUNT0: dict[str, Any] = {"$ref": "#/definitions/nonNegativeIntegerDefault0"}
_SCHEMAS: dict[str, Any] = {"$ref": "#/definitions/schemaArray"}
_NAMES: dict[str, Any] = {"$ref": "#/definitions/stringArray"}
_TYPE: dict[str, Any] = {"$ref": "#/definitions/simpleTypes"}
_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_BY_NAME: dict[str, Any] = {"type": "object", "additionalProperties": _ANY, "default": {}}

DRAFT6: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-06/schema#",
    "$id": "http://json-schema.org/draft-06/schema#",
    "title": "Core schema meta-schema",
    "definitions": {
        "schemaArray": {"type": "array", "minItems": 1, "items": _ANY},
        "nonNegativeInteger": {"type": "integer", "minimum": 0},
        "nonNegativeIntegerDefault0": {"allOf": [_COUNT, {"default": 0}]},
        "simpleTypes": {
            "enum": ["array", "boolean", "integer", "null", "number", "object", "string"]
        },
        "stringArray": {"type": "array", "items": _TEXT, "uniqueItems": True, "default": []},
    },
    "type": ["object", "boolean"],
    "properties": {
        "$id": {"type": "string", "format": "uri-reference"},
        "$schema": {"type": "string", "format": "uri"},
        "$ref": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "description": _TEXT,
        "default": {},
        "examples": {"type": "array", "items": {}},
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        "maximum": _NUMBER,
        "exclusiveMaximum": _NUMBER,
        "minimum": _NUMBER,
        "exclusiveMinimum": _NUMBER,
        "maxLength": _COUNT,
        "minLength": _COUNT0,
        "pattern": {"type": "string", "format": "regex"},
        "additionalItems": _ANY,
        "items": {"anyOf": [_ANY, _SCHEMAS], "default": {}},
        "maxItems": _COUNT,
        "minItems": _COUNT0,
        "uniqueItems": {"type": "boolean", "default": False},
        "contains": _ANY,
        "maxProperties": _COUNT,
        "minProperties": _COUNT0,
        "required": _NAMES,
        "additionalProperties": _ANY,
        "definitions": _BY_NAME,
        "properties": _BY_NAME,
        "patternProperties": _BY_NAME,
        "dependencies": {
            "type": "object",
            "additionalProperties": {"anyOf": [_ANY, _NAMES]},
        },
        "propertyNames": _ANY,
        "const": {},
        "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
        "type": {
            "anyOf": [
                _TYPE,
                {"type": "array", "items": _TYPE, "minItems": 1, "uniqueItems": True},
            ]
        },
        "format": _TEXT,
        "allOf": _SCHEMAS,
        "anyOf": _SCHEMAS,
        "oneOf": _SCHEMAS,
        "not": _ANY,
    },
    "default": {},
}
