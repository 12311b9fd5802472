"""The quick parser and click read every command line alike, or the quick one passes."""

from __future__ import annotations

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop_cli._click import build
from iop_cli._command import Command, Noun
from iop_cli._parse import parse
from iop_cli._registry import ENTRIES, load

FORMS: dict[str, Command] = {}
for entry in ENTRIES:
    loaded, _ = load(entry)
    if isinstance(loaded, Noun):
        FORMS |= {f"{entry.name} {name}": verb for name, verb in loaded.verbs.items()}
    else:
        FORMS[entry.name] = loaded

VALUES = st.sampled_from(
    ["", "x", "-", "7", "-3", "1.5", "json", "cbor", "stop", "a=b", "--json", "é", "a b", "0x1"]
)


@st.composite
def lines(draw: st.DrawFn, command: Command) -> list[str]:
    words: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        option = draw(st.sampled_from(command.options))
        name = draw(st.sampled_from(option.names))
        value = draw(VALUES | st.sampled_from(option.choices or ("x",)))
        form = draw(st.integers(0, 5))
        if option.is_positional or form == 0:
            words.append(value)
        elif form == 1 and name.startswith("--"):
            words.append(f"{name}={value}")
        elif option.kind in ("flag", "count") and form < 5:
            words.append(name)
        elif form == 2:
            words.append(name + value)
        else:
            words += [name, value]
    if draw(st.integers(0, 9)) == 0:
        words.insert(
            draw(st.integers(0, len(words))), draw(st.sampled_from(["--", "--nope", "-Z", "-qv"]))
        )
    return words


def by_click(command: Command, name: str, words: list[str]) -> dict[str, object] | None:
    try:
        found = dict(build(command, name, "").make_context(name, list(words)).params)
    except click.UsageError:
        return None
    required = [o for o in command.options if o.required and found[o.dest] in (None, ())]
    return None if required else found


@pytest.mark.parametrize("name", sorted(FORMS))
@settings(max_examples=25)
@given(data=st.data())
def test_quick_parser_equals_click(name: str, data: st.DataObject) -> None:
    command = FORMS[name]
    words = data.draw(lines(command))
    quick = parse(command.options, words)
    if quick is not None:
        assert quick == by_click(command, name, words)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_common_lines_are_quick(name: str) -> None:
    command = FORMS[name]
    words: list[str] = []
    for one in command.options:
        if one.required:
            given = one.choices[0] if one.choices else "7"
            words += [given] if one.is_positional else [one.names[-1], given]
    assert parse(command.options, [*words, "-q"]) is not None
