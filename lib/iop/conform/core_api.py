"""Runs the recorded questions to the original's layer-1 interface: its refusals word for word, its pages link by link.

The data behind the recording were only counted, so what is compared of an answer is its page.
"""

from __future__ import annotations

from iop.codec.form import group_form, parse_form
from iop.codec.json import parse_json
from iop.conform.case import Case, compare
from iop.daemon.http.pagination import Rows, get_window, to_page
from iop.daemon.http.parameter import Unfit, check_members, object_of
from iop.daemon.http.router import Match, Router
from iop.daemon.layer1.schema import SCHEMAS
from iop.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Document = dict[str, Any]

# How many rows the recording's lists had.
_ROWS = 250
_ROWS_OF = {"/locks/unlocked": 3, "/peers": 0, "/transactions/unconfirmed": 0}
_META = ("count", "pageCount", "totalCount", "next", "previous", "self", "first", "last")


def run_core_api_questions(document: Document) -> Iterator[Case]:
    """One case a question."""
    router = make_names()
    for part in ("cases", "javascript"):
        for number, case in enumerate(document[part]):
            found = find_route(router, case)
            label = f"{part} {number} {found.handler()}"
            yield compare(label, judge(found, case), case.get("refusal", case.get("meta")))


def make_names() -> Router:
    """A router whose handlers tell the names of their routes."""
    router = Router()
    for route in SCHEMAS:
        method, _, path = route.partition(" ")
        router.add(method, path, lambda route=route: route)
    return router


def find_route(router: Router, case: Document) -> Match:
    """The route of a case."""
    path = case["path"].partition("?")[0].removeprefix("/api").removeprefix("/v2")
    found = router.find(case.get("method", "GET"), path)
    assert found is not None, f"no schema for {case['path']}"
    return found


def judge(found: Match, case: Document) -> str | list[Any] | None:
    """The refusal of a question, or the `meta` of its page, or None where there is no page."""
    schema = SCHEMAS[found.handler()]
    given = group_form(parse_form(case["path"].partition("?")[2]))
    defaults = {"transform": True} if "transform" in (schema.query or ()) else None
    try:
        if schema.params is not None:
            check_members(found.params, schema.params)
        query = given if schema.query is None else check_members(given, schema.query, defaults)
        if schema.body is not None:
            body = parse_json(case["body"]) if case["body"] else None
            check_members(object_of(body, "value"), schema.body)
    except Unfit as unfit:
        return ". ".join(unfit.reasons)
    except DecodeError:
        return "Invalid request payload JSON format"
    if not schema.is_paged:
        return None
    path = found.params.path
    total = _ROWS_OF.get(path, _ROWS)
    offset, limit = get_window(query)
    count = max(0, min(limit, total - offset)) if total == _ROWS else total
    texts = {name: text for name, text in given.items() if isinstance(text, str)}
    page = to_page(Rows([0] * count, total), path, texts, query)
    return [page["meta"][name] for name in _META]
