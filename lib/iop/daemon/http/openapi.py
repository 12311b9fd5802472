"""The OpenAPI 3.1 description of a node's HTTP interface, made from its routes and the descriptions beside their handlers."""

from __future__ import annotations

from iop import __version__
from iop.daemon.http.description import ERROR, JSON_KIND, describe, find_description
from iop.daemon.http.reply import Reply, encode
from iop.errors import MissingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.http.description import Description, Schema
    from iop.daemon.http.router import Handler, Params, Router

    Record = dict[str, Any]

PATH = "/iop/v1/openapi.json"
OPENAPI = "3.1.0"
SOURCES = {
    "/api": (
        "layer 1",
        "Accounts, blocks, transactions: the original's API v2, with or without /v2.",
    ),
    "/morpheus/v1": ("DIDs", "The registry of DIDs and before-proofs, as the original's."),
    "/coeus/v1": ("names", "The registry of names, as the original's."),
    "/iop/v1": ("iop", "What only these nodes tell."),
}
# What every route may say, whoever asks and whatever for.
USUAL = {
    400: "The path has a bad percent escape.",
    429: "The client has asked too often, or for too much at once.",
    503: "The node is starting, or its disk refuses writes.",
}
USUAL_WITH_BODY = {
    408: "The body did not come in time.",
    422: "The body is no JSON, too large, or not what the route takes.",
}
REASONS = {
    404: "There is no such thing.",
    422: "What is asked for does not fit, and why.",
    500: "What is asked for does not fit; the original says no more.",
}


def register(router: Router) -> None:
    """Add the route that answers with the description of all routes of the router."""
    made: list[Reply] = []

    @describe({"type": "object"})
    def get_openapi(_view: object, _params: Params, _body: Json) -> Reply:
        """This description."""
        if not made:
            made.append(encode(make_document(router)))
        return made[0]

    router.add("GET", PATH, get_openapi)


def make_document(router: Router) -> Record:
    """The whole document. Raises MissingError for a route without description."""
    components: dict[str, Schema] = {}
    paths: dict[str, Record] = {}
    for method, template, handler in router.routes:
        description = find_description(handler)
        if description is None:
            raise MissingError(f"route {method} {template} has no description")
        for path in _spread(template):
            operation = _describe(method, path, handler, description)
            paths.setdefault(path, {})[method.lower()] = _name(operation, components)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "iop-node",
            "version": __version__,
            "summary": "Ledger node of the Internet of People.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": words} for name, words in SOURCES.values()],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _spread(template: str) -> list[str]:
    """The paths of a template: two where its last segment may be left out."""
    if not template.endswith("?}"):
        return [template]
    return [template.rpartition("/")[0], f"{template[:-2]}}}"]


def _describe(method: str, path: str, handler: Handler, description: Description) -> Record:
    names = [part[1:-1] for part in path.split("/") if part[:1] == "{"]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": description.params[name]}
        for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in description.query.items()
    ]
    words = " ".join((handler.__doc__ or "").split())
    operation: Record = {
        "operationId": "_".join([method.lower(), *_words(path)]),
        "tags": [next(tag for root, (tag, _) in SOURCES.items() if path.startswith(root))],
        "summary": words.partition(". ")[0].rstrip("."),
        "description": words,
    }
    if parameters:
        operation["parameters"] = parameters
    usual = USUAL | {404: REASONS[404]} if names else USUAL
    if description.body is not None:
        usual = usual | USUAL_WITH_BODY
        content = {"application/json": {"schema": description.body}}
        operation["requestBody"] = {"required": True, "content": content}
    answers = dict.fromkeys(usual, ERROR) | dict(description.answers)
    operation["responses"] = {
        str(status): {
            "description": "The answer." if status == 200 else (usual | REASONS)[status],
            "content": {(description.kind if status == 200 else JSON_KIND): {"schema": schema}},
        }
        for status, schema in sorted(answers.items())
    }
    return operation


def _words(path: str) -> list[str]:
    return [
        part.strip("{}").replace("-", "_").replace(".", "_") for part in path.split("/") if part
    ]


def _name(node: Any, components: dict[str, Schema]) -> Any:
    """The same with every schema that has a title put among the components, and named."""
    if isinstance(node, list):
        return [_name(item, components) for item in node]
    if not isinstance(node, dict):
        return node
    title = node.get("title")
    inner = {name: _name(member, components) for name, member in node.items()}
    if not isinstance(title, str) or "schema" in node:
        return inner
    assert components.setdefault(title, inner) == inner, f"two schemas are called {title}"
    return {"$ref": f"#/components/schemas/{title}"}
