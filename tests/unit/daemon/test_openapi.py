"""The OpenAPI document: whole, well-formed, and true to the routes."""

import json

import jsonschema
import pytest

from iop.conform.node_transcript import ChainView
from iop.daemon.http.description import describe, find_description, object_of
from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.http.openapi import PATH, SOURCES, make_document
from iop.daemon.http.router import Router
from iop.daemon.routes.table import make_router
from iop.errors import MissingError
from iop.ledger.genesis import make_genesis

ROUTER = make_router()
DOCUMENT = make_document(ROUTER)
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def nothing(_view, _params, _body):
    """Nothing."""


@pytest.mark.parametrize(
    ("method", "template", "handler"),
    ROUTER.routes,
    ids=[f"{method} {template}" for method, template, _ in ROUTER.routes],
)
def test_every_route_is_described(method, template, handler):
    description = find_description(handler)
    assert description is not None
    names = {part.strip("{}?") for part in template.split("/") if part[:1] == "{"}
    assert names <= set(description.params)
    assert (description.body is not None) == (method == "POST")
    assert (handler.__doc__ or "").strip()
    assert any(template.startswith(f"{root}/") for root in SOURCES)


def test_a_route_without_description_is_told():
    router = Router()
    router.add("GET", "/iop/v1/x", nothing)
    with pytest.raises(MissingError, match="GET /iop/v1/x has no description"):
        make_document(router)


def test_two_schemas_of_one_name_are_told():
    router = Router()
    for name, member in (("a", {"type": "string"}), ("b", {"type": "null"})):
        described = describe(object_of("Same", member=member))(lambda *_: None)
        router.add("GET", f"/iop/v1/{name}", described)
    with pytest.raises(AssertionError, match="two schemas are called Same"):
        make_document(router)


def test_schemas_are_schemas():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert name == name.strip() and name.isalnum()
    for _, _, operation in OPERATIONS:
        for parameter in operation.get("parameters", ()):
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])


def test_names_lead_somewhere_and_are_all_used():
    text = json.dumps(DOCUMENT)
    for name in DOCUMENT["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in DOCUMENT["components"]["schemas"]


def test_operations():
    assert len({operation["operationId"] for _, _, operation in OPERATIONS}) == len(OPERATIONS)
    assert "/morpheus/v1/did/{did}/document" in DOCUMENT["paths"]
    assert "/morpheus/v1/did/{did}/document/{height}" in DOCUMENT["paths"]
    for method, path, operation in OPERATIONS:
        assert operation["summary"], path
        assert {"200", "400", "429", "503"} <= set(operation["responses"])
        assert ("requestBody" in operation) == (method == "post")


def test_it_is_served():
    view = ChainView(make_genesis("testnet"))
    reply = Interface(ROUTER, view).answer(Request("GET", PATH))
    assert (reply.status, json.loads(reply.body)) == (200, json.loads(json.dumps(DOCUMENT)))
    assert Interface(ROUTER, view).answer(Request("GET", PATH)) is reply
