"""The tables of a registry, and a DID's row."""

from __future__ import annotations

import pytest

from iop.codec.json import parse_json
from iop.did.entry import DidState, KeyEntry, count_until
from iop.did.row import encode_fact, parse_fact
from iop.errors import SchemaError

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
KEY = [PUBLIC, 5, None, 7, [6], []]
ROW = f'[[["{PUBLIC}",5,null,7,[6],[]]],null,"t",5]'


def test_round_trip() -> None:
    fact = (DidState((KeyEntry(PUBLIC, OWN, 5, None, 7, (6,), ()),)), ("t", 5))
    assert encode_fact(fact) == ROW
    assert parse_fact(parse_json(ROW)) == fact


def test_what_was_never_confirmed_has_no_row() -> None:
    assert encode_fact((None, None)) is None


def test_a_confirmed_transaction_may_leave_the_default_key_alone() -> None:
    assert encode_fact((None, ("t", 5))) == '[[],null,"t",5]'
    assert parse_fact([[], None, "t", 5]) == (None, ("t", 5))


def test_a_tombstone_stands_in_the_row() -> None:
    fact = (DidState((KeyEntry(OWN, OWN),), 9), ("t", 9))
    assert parse_fact(parse_json(encode_fact(fact) or "")) == fact


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        [],
        [[KEY], None, "t"],
        [5, None, "t", 5],
        [[KEY], "x", "t", 5],
        [[KEY], None, 5, 5],
        [[KEY], None, "t", -1],
        [[KEY], None, "t", True],
        [[KEY[:5]], None, "t", 5],
        [[["x", *KEY[1:]]], None, "t", 5],
        [[[PUBLIC, 5, None, 7, [6, 6], []]], None, "t", 5],
        [[[PUBLIC, 5, None, 7, ["6"], []]], None, "t", 5],
    ],
)
def test_refusals(row: object) -> None:
    with pytest.raises(SchemaError):
        parse_fact(row)


def test_counting_heights() -> None:
    heights = (3, 5, 8, 13)
    for height in range(16):
        assert count_until(heights, height) == sum(h <= height for h in heights)
    assert count_until((), 5) == 0
