"""One compared result of a conformance file."""

from __future__ import annotations

from iop.value import value

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


def _shorten(thing: object) -> str:
    shown = repr(thing)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(shown)} characters)"
