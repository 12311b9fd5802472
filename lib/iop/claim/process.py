"""Processes: what an authority attests, and the schemas that claims, evidence and constraints must follow (morpheus 8).

A process is content: its id is the digest of the whole document, so nothing is dropped from it. Its three schemas stand in
it or are content ids of documents that live elsewhere.
"""

from __future__ import annotations

from iop.claim.schema import Fault, Schema
from iop.claim.shape import (
    DROPPED,
    Member,
    Shape,
    content_of,
    optional,
    read_integer,
    read_object,
    read_record,
    read_text,
)
from iop.codec.digest import compute_content_id
from iop.errors import MissingError, SchemaError
from iop.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

PROCESS = Shape(
    "Process",
    (
        Member("name", read_text),
        Member("version", read_integer),
        Member("description", read_text),
        Member("claimSchema", content_of(read_object)),
        Member("evidenceSchema", optional(content_of(read_object))),
        Member("constraintsSchema", optional(content_of(read_object))),
        Member("nonce", read_text, DROPPED),
    ),
)
# Keywords that describe members beside `properties`, and would go on describing them unwrapped.
_NOT_FLAT = (
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
    "const",
    "enum",
    "extends",
    "disallow",
)
SCHEMAS = ("claimSchema", "evidenceSchema", "constraintsSchema")


def check_process(record: Json) -> dict[str, Json]:
    """The process of a record, unchanged: its id covers every member. Raises SchemaError for a wrong shape."""
    read_record(PROCESS, record)
    assert isinstance(record, dict)
    return record


def build_process(
    name: str,
    version: int,
    description: str,
    claim_schema: Json,
    *,
    evidence_schema: Json = None,
    constraints_schema: Json = None,
) -> dict[str, Json]:
    """A process document; schemas that are given as objects are tried first. Raises SchemaError or LimitError."""
    process = {
        "name": name,
        "version": version,
        "description": description,
        "claimSchema": claim_schema,
        "evidenceSchema": evidence_schema,
        "constraintsSchema": constraints_schema,
    }
    for schema in (claim_schema, evidence_schema, constraints_schema):
        if isinstance(schema, dict):
            Schema(schema)
    return check_process(process)


def wrap_schema(schema: Json) -> Json:
    """The schema of `iop.claim.statement.build_claim`'s contents, from a schema of flat records.

    Each property becomes an object that requires `nonce`, a text, and `value`, which follows the property's schema; the rest is
    kept. Raises SchemaError for a schema that describes no properties, or that names some by other means than `properties`.
    """
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        raise SchemaError("a schema to be wrapped has an object of `properties`")
    odd = [name for name in _NOT_FLAT if name in schema]
    if isinstance(schema.get("additionalProperties"), dict):
        odd.append("additionalProperties")
    if odd:
        raise SchemaError(
            f"a schema with {odd[0]!r} cannot be wrapped: describe {{nonce, value}} in it"
        )
    wrapped = {
        name: {
            "type": "object",
            "required": ["nonce", "value"],
            "properties": {"nonce": {"type": "string"}, "value": item},
            "additionalProperties": False,
        }
        for name, item in schema["properties"].items()
    }
    return schema | {"properties": wrapped}


class Process:
    """A process made ready to judge records: its id, its document and its compiled schemas."""

    __slots__ = ("_schemas", "document", "process_id")

    def __init__(self, document: Json, blobs: dict[str, Json] | None = None) -> None:
        """blobs: documents by content id, for schemas that are named by their id.

        Raises SchemaError or LimitError for a malformed process or schema, MissingError for a schema that is not at hand.
        """
        self.document = check_process(document)
        self.process_id = compute_content_id(self.document)
        self._schemas = {name: _find_schema(self.document[name], blobs or {}) for name in SCHEMAS}

    def find_faults(self, record: Json) -> list[Fault]:
        """What a claim, witness request or witness statement breaks: shape, process id, schemas. Paths start at the record.

        The record must have the shape of one of the three (`iop.claim.statement`); hidden parts are faults.
        """
        if not isinstance(record, dict):
            return [Fault("", "type", "the record is no object")]
        if "claim" not in record:
            return self._judge("claimSchema", record.get("content"), ".content")
        faults = []
        if record.get("processId") != self.process_id:
            faults.append(Fault(".processId", "processId", f"the process is {self.process_id}"))
        claim = record["claim"]
        content = claim.get("content") if isinstance(claim, dict) else claim
        faults += self._judge("claimSchema", content, ".claim.content")
        if "evidence" in record:
            faults += self._judge("evidenceSchema", record["evidence"], ".evidence")
        constraints = record.get("constraints")
        if isinstance(constraints, dict):
            faults += self._judge(
                "constraintsSchema", constraints.get("content"), ".constraints.content"
            )
        return faults

    def _judge(self, name: str, data: Json, path: str) -> list[Fault]:
        schema = self._schemas[name]
        if schema is None:
            return []
        if isinstance(data, str):
            return [Fault(path, "hidden", f"only a content id is shown where {name} applies")]
        return [replace(fault, path=path + fault.path) for fault in schema.find_faults(data)]


def _find_schema(given: Json, blobs: dict[str, Json]) -> Schema | None:
    if given is None:
        return None
    if isinstance(given, str):
        if given not in blobs:
            raise MissingError(
                f"no document with the content id {given[:80]}", hint="name it with --blob"
            )
        given = blobs[given]
    return Schema(given)
