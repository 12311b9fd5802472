"""Descriptions of routes for the OpenAPI document (3.1): `@describe` puts them beside the handlers.

Schemas are JSON Schema of 2020-12 as plain values. One with a `title` becomes a component of that name, so each is written once
and used by name. A handler's docstring is its summary; what every route may answer is added by `iop.daemon.http.openapi`.
"""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Schema = dict[str, Any]
    F = TypeVar("F", bound=Callable[..., Any])


@value
class Description:
    """One route: schemas of path parameters, query parameters, body (None: there is none) and answers by status.

    kind: content type of the answer with status 200.
    """

    params: Mapping[str, Schema]
    query: Mapping[str, Schema]
    body: Schema | None
    answers: Mapping[int, Schema]
    kind: str


JSON_KIND = "application/json; charset=utf-8"

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NATURAL: Schema = {"type": "integer", "minimum": 0}
BOOLEAN: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
HEX_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
NUMBER_TEXT: Schema = {"type": "string", "pattern": "^-?[0-9]+$"}
NULL: Schema = {"type": "null"}


def describe(
    answer: Schema,
    *,
    params: Mapping[str, Schema] | None = None,
    query: Mapping[str, Schema] | None = None,
    body: Schema | None = None,
    errors: tuple[int, ...] = (),
    kind: str = JSON_KIND,
) -> Callable[[F], F]:
    """Describe a handler: its answer with status 200, and the statuses it refuses with beside those of every route."""

    def decorate(handler: F) -> F:
        refusals = dict.fromkeys(errors, ERROR)
        handler.iop_description = Description(  # type: ignore[attr-defined]
            params or {}, query or {}, body, {200: answer, **refusals}, kind
        )
        return handler

    return decorate


def find_description(handler: object) -> Description | None:
    """The description of a handler, None where there is none."""
    found: Description | None = getattr(handler, "iop_description", None)
    return found


def object_of(
    title: str = "", /, *, optional: Mapping[str, Schema] | None = None, **members: Schema
) -> Schema:
    """An object with these members and no others."""
    made: Schema = {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
        "additionalProperties": False,
    }
    return {"title": title, **made} if title else made


def record_of(
    noun: str, /, *, optional: Mapping[str, Schema] | None = None, **members: Schema
) -> Schema:
    """A record of ours, of the type `iop.noun/1`."""
    title = "".join(word.capitalize() for word in noun.split("-"))
    kind: Schema = {"const": f"iop.{noun}/1"}
    return object_of(title, optional=optional, **{"type": kind, **members})


def list_of(item: Schema) -> Schema:
    """An array."""
    return {"type": "array", "items": item}


def map_of(item: Schema) -> Schema:
    """An object with any names."""
    return {"type": "object", "additionalProperties": item}


def either(*schemas: Schema) -> Schema:
    """One of several."""
    return {"anyOf": list(schemas)}


def text_like(pattern: str, example: str) -> Schema:
    """Text of a form."""
    return {"type": "string", "pattern": pattern, "examples": [example]}


ERROR = object_of("Error", statusCode=INTEGER, error=TEXT, message=TEXT)
