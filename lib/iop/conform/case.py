"""One compared result of a conformance file, and the ways to get one."""

from __future__ import annotations

from iop.errors import DataError, IopError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_LONGEST = 160


@value
class Case:
    """A verdict on one result: `label` names list and index, `detail` says got and expected when not ok."""

    label: str
    ok: bool
    detail: str = ""


def compare(label: str, got: object, expected: object) -> Case:
    """The case that is ok when both are equal (and of the same kind: True is not 1)."""
    if got == expected and isinstance(got, bool) == isinstance(expected, bool):
        return Case(label, True)
    return Case(label, False, f"got {_shorten(got)}, expected {_shorten(expected)}")


def compute_outcome(function: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """What the original's files record of a call: `{"ok": result}`, or `{"error": message}` of an error of ours."""
    try:
        return {"ok": function(*args)}
    except IopError as exc:
        return {"error": exc.message}


def compare_outcome(
    label: str, expected: dict[str, Any], function: Callable[..., Any], *args: Any
) -> Case:
    """The case of a call against a recorded `ok` or `error`.

    Error texts with a line and column come from the original's JSON reader: only the fact is compared (morpheus 19, 12).
    """
    got = compute_outcome(function, *args)
    if set(expected) == {"error"} and " at line " in expected["error"] and "error" in got:
        return Case(label, True)
    return compare(label, got, expected)


def compare_result(label: str, expected: Any, function: Callable[..., Any], *args: Any) -> Case:
    """The case of a call that must give `expected`; an error of ours is a failure with its message."""
    try:
        return compare(label, function(*args), expected)
    except IopError as exc:
        return Case(label, False, f"refused: {exc.message}")


def compare_refusal(label: str, function: Callable[..., Any], *args: Any) -> Case:
    """The case of a call that must refuse its input (DataError)."""
    try:
        got = function(*args)
    except DataError:
        return Case(label, True)
    return Case(label, False, f"got {_shorten(got)}, expected a refusal")


def check_members(label: str, found: dict[str, Any], known: str) -> Iterator[Case]:
    """A failing case for every member that is not in `known` (names with blanks between): nothing passes unread."""
    for name in found:
        if name not in known.split():
            yield Case(f"{label} {name}", False, "no check for this member")


def _shorten(thing: object) -> str:
    shown = repr(thing)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(shown)} characters)"
