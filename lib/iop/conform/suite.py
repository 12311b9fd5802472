"""Runs a conformance file: finds its runner, takes every case, tells deviations from failures."""

from __future__ import annotations

import importlib

from iop.conform.case import Case
from iop.conform.catalogue import CATALOGUE
from iop.conform.deviations import find_deviation
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PASSED, FAILED, DEVIATED = "passed", "failed", "deviated"
# What a runner may raise when a file is not shaped as it expects; anything else is a bug of ours.
_SHAPE = (
    IopError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def find_key(document: Any, stem: str, folder: str) -> str | None:
    """The catalogue's key for a decoded file, or None: by `name`, by `area` and stem, or a bare list by its folder.

    Files of one kind that are numbered (`registry_random_7`) share a runner.
    """
    if isinstance(document, dict):
        name, area = document.get("name"), document.get("area")
        key = name if isinstance(name, str) else f"{area}/{stem}"
    else:
        key = f"{folder}/{stem}"
    if key in CATALOGUE:
        return key
    series = _drop_number(key)
    for known in CATALOGUE:
        if series != key and _drop_number(known) == series:
            return known
    return None


def run_document(document: Any, key: str) -> Iterator[tuple[str, Case]]:
    """Every case with its verdict: passed, failed or deviated. A file without a single case is a failure."""
    module, _, name = CATALOGUE[key].partition(":")
    count = 0
    try:
        for case in getattr(importlib.import_module(module), name)(document):
            count += 1
            yield _judge(key, case), case
    except _SHAPE as exc:
        detail = f"the file is not shaped as expected: {type(exc).__name__}: {exc}"
        yield FAILED, Case(f"after {count} cases", False, detail)
        return
    if not count:
        yield FAILED, Case("file", False, "holds no case")


def _judge(key: str, case: Case) -> str:
    if case.ok:
        return PASSED
    return FAILED if find_deviation(key, case.label) is None else DEVIATED


def _drop_number(key: str) -> str:
    head, _, tail = key.rpartition("_")
    return head if tail.isdigit() else key
