"""Texts in NFKD, and paths that lead nowhere."""

from __future__ import annotations

import pytest

from iop.claim.normal import find_members, find_unnormal, find_unnormal_text, normalize_texts
from iop.codec.json import parse_json
from iop.errors import DataError, SchemaError

COMPOSED, DECOMPOSED = "M\u00fcller", "Mu\u0308ller"


def test_texts_and_names_become_normal_and_the_rest_stays():
    given = {COMPOSED: [COMPOSED, 1, None, True], "n": parse_json("1.50")}
    made = normalize_texts(given)
    assert made == {DECOMPOSED: [DECOMPOSED, 1, None, True], "n": 1.5}
    assert made["n"].text == "1.50"
    assert find_unnormal(made) is None


def test_names_that_become_one_are_refused():
    with pytest.raises(SchemaError, match="two members are named"):
        normalize_texts({COMPOSED: 1, DECOMPOSED: 2})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (COMPOSED, "."),
        ({"a": {"b": [1, COMPOSED]}}, ".a.b.1"),
        ({"a": {COMPOSED: 1}}, f".a.{COMPOSED}"),
        ({"a": DECOMPOSED, "b": "ASCII"}, None),
        ({"a": 1, "b": None}, None),
    ],
)
def test_the_first_odd_place_is_named(value, path):
    assert find_unnormal(value) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a":"plain"}', None),
        ('{"a":"\\u00fc"}', ".a"),
        ('{"a":"\\u0041"}', None),
        ('{"a":"u\u0308"}', None),
        ('{"a":"\u00fc"}', ".a"),
        ('{"a":"\u00fc","b":"\\u0041"}', ".a"),
    ],
)
def test_a_json_text_is_judged_by_what_it_says(text, path):
    assert find_unnormal_text(text.encode()) == path


@pytest.mark.parametrize("data", [b'{"a":"\xff"}', b'{"a":"\\u00', "{ü".encode()])
def test_what_is_no_json_is_refused(data):
    with pytest.raises(DataError):
        find_unnormal_text(data)


@pytest.mark.parametrize(
    ("path", "members"),
    [
        (".a", None),
        (".a.b", None),
        (".id", None),
        (".a.c", ["b"]),
        (".x", ["a", "id", "l"]),
        (".id.x", []),
        (".l.0", []),
        (".", ["a", "id", "l"]),
    ],
)
def test_a_path_leads_to_a_member_or_stops_beside_others(path, members):
    assert find_members({"a": {"b": 1}, "id": "cju" + "A" * 43, "l": [1]}, path) == members
