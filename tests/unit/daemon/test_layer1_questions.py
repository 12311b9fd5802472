"""What may be asked of layer 1: every recorded question gets the original's refusal, or asks for the original's page."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from iop.conform.core_api import find_route, judge, make_names, run_core_api_questions
from iop.conform.deviations import find_deviation
from iop.daemon.http.parameter import Unfit, check_members
from iop.daemon.layer1.routes import ROUTES
from iop.daemon.layer1.schema import SCHEMAS

FILE = Path(__file__).parents[2] / "vectors/ledger/core_api_questions.json"
DOCUMENT = json.loads(FILE.read_text())


def by_route():
    router, cases = make_names(), defaultdict(list)
    for case in DOCUMENT["cases"]:
        found = find_route(router, case)
        cases[found.handler()].append((found, case))
    return sorted(cases.items())


CASES = by_route()


@pytest.mark.parametrize("route", [route for route, _ in CASES])
def test_as_recorded(route):
    for found, case in dict(CASES)[route]:
        assert judge(found, case) == case.get("refusal", case.get("meta")), case


def test_every_schema_was_asked():
    missing = set(SCHEMAS) - dict(CASES).keys()
    assert missing == set()
    assert set(SCHEMAS) <= set(ROUTES)


def test_every_kind_of_refusal_was_recorded():
    cases = [case.get("refusal", "") for case in DOCUMENT["cases"]]
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


def test_deviations_are_listed():
    failed = [case.label for case in run_core_api_questions(DOCUMENT) if not case.ok]
    assert len(failed) == len(DOCUMENT["javascript"])
    assert all(find_deviation("core_api_questions", label) for label in failed)
