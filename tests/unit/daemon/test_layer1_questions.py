"""What may be asked of layer 1: every recorded question gets the original's refusal, or asks for the original's page."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from iop.codec.form import group_form, parse_form
from iop.codec.json import parse_json
from iop.daemon.layer1_routes import ROUTES
from iop.daemon.layer1_schema import SCHEMAS
from iop.daemon.pagination import Rows, get_window, to_page
from iop.daemon.parameter import Unfit, check_members, object_of
from iop.daemon.router import Router
from iop.errors import DecodeError

FILE = Path(__file__).parents[2] / "vectors/ledger/core_api_questions.json"
TOTALS = {"/locks/unlocked": 3, "/peers": 0, "/transactions/unconfirmed": 0}
META = ("count", "pageCount", "totalCount", "next", "previous", "self", "first", "last")


def make_names():
    router = Router()
    for route in SCHEMAS:
        method, _, path = route.partition(" ")
        router.add(method, path, route)
    return router


ROUTER = make_names()


def find_route(case):
    path = case["path"].partition("?")[0].removeprefix("/api").removeprefix("/v2")
    return ROUTER.find(case.get("method", "GET"), path)


def by_route():
    cases = defaultdict(list)
    for case in json.loads(FILE.read_text())["cases"]:
        cases[find_route(case).handler].append(case)
    return sorted(cases.items())


CASES = by_route()


def judge(case):
    """The refusal, or the page's meta, or None where there is no page."""
    found = find_route(case)
    schema = SCHEMAS[found.handler]
    try:
        if schema.params:
            check_members(found.params, schema.params)
        given = group_form(parse_form(case["path"].partition("?")[2]))
        defaults = {"transform": True} if "transform" in (schema.query or ()) else None
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
    total = TOTALS.get(found.params.path, 250)
    offset, limit = get_window(query)
    count = max(0, min(limit, total - offset)) if total == 250 else total
    page = to_page(Rows([0] * count, total), found.params.path, given, query)
    return [page["meta"][name] for name in META]


@pytest.mark.parametrize("route", [route for route, _ in CASES])
def test_as_recorded(route):
    for case in dict(CASES)[route]:
        assert judge(case) == case.get("refusal", case.get("meta")), case


def test_every_schema_was_asked():
    missing = set(SCHEMAS) - dict(CASES).keys()
    assert missing == set()
    assert set(SCHEMAS) <= set(ROUTES)


def test_every_kind_of_refusal_was_recorded():
    cases = [case.get("refusal", "") for _, listed in CASES for case in listed]
    for words in (
        "must be a number",
        "must be a safe number",
        "must be an integer",
        "must be a positive number",
        "must be larger than or equal to 0",
        "must be less than or equal to 100",
        "must be a string",
        "is not allowed to be empty",
        "must only contain hexadecimal characters",
        "must only contain alpha-numeric characters",
        "length must be 64 characters long",
        "length must be less than or equal to 20 characters long",
        "fails to match the decimal non-negative integer pattern",
        "fails to match the required pattern",
        "must be a boolean",
        "must be one of [resigned, never-forged]",
        "must be one of [EpochTimestamp, BlockHeight, 1, 2]",
        "needs to match format <iteratee>:<direction>",
        "needs to have a direction",
        "needs to have an iteratee included in",
        "must be a valid ip address",
        "must be an object",
        "must be an array",
        "contains a duplicate value",
        "must contain at least 1 items",
        "must contain less than or equal to 25 items",
        "at position 0 fails because",
        "is not allowed",
        "Invalid request payload JSON format",
    ):
        assert any(words in refusal for refusal in cases), words


@pytest.mark.parametrize("given", [None, 1, True, ["height:asc"], {}])
def test_an_order_that_is_no_text(given):
    """The original's own code fails here and tells JavaScript's words."""
    with pytest.raises(Unfit, match=re.escape("needs to match format <iteratee>:<direction>")):
        check_members({"orderBy": given}, SCHEMAS["POST /blocks/search"].body)
