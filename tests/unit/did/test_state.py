"""The registry's state as records: loading what was exported, and refusing what was not."""

from __future__ import annotations

import pytest

from iop.did.entry import DidState, KeyEntry, count_until
from iop.did.state import load_state
from iop.errors import DataError, SchemaError

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
KEY = {
    "auth": PUBLIC,
    "added": 5,
    "expires": None,
    "revoked": 7,
    "update": [6],
    "impersonate": [],
}
RECORDS = [
    {"table": "head", "height": 9, "corrupted": False},
    {"table": "status", "txid": "t", "confirmed": True},
    {"table": "proof", "contentId": "c", "height": 5, "txid": "t"},
    {"table": "did", "did": DID, "keys": [KEY], "tombstoned": None},
    {"table": "attempt", "did": DID, "place": 0, "txid": "t", "height": 5},
    {"table": "attempt", "did": DID, "place": 1, "txid": "lost", "height": 6},
]


def test_round_trip() -> None:
    state = load_state(RECORDS)
    assert list(state.export()) == RECORDS
    assert state.dids[DID] == DidState((KeyEntry(PUBLIC, OWN, 5, None, 7, (6,), ()),))
    assert state.find_confirmed(DID) == ("t", 5)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"table": "x"},
        {"table": "head", "height": "x", "corrupted": False},
        {"table": "status", "txid": "t"},
        {"table": "proof", "contentId": "c", "height": None, "txid": "t"},
        {"table": "did", "did": DID, "keys": 5, "tombstoned": None},
        {"table": "did", "did": "did:x", "keys": [], "tombstoned": None},
        {"table": "did", "did": DID, "keys": [KEY | {"auth": "x"}], "tombstoned": None},
        {"table": "did", "did": DID, "keys": [{"auth": PUBLIC}], "tombstoned": None},
        {"table": "attempt", "did": DID, "place": 1, "txid": "t", "height": 5},
    ],
)
def test_refusals(record: dict) -> None:
    with pytest.raises(DataError):
        load_state([record])


def test_out_of_order_attempts_name_the_place() -> None:
    with pytest.raises(SchemaError, match="out of order"):
        load_state([RECORDS[-1]])


def test_counting_heights() -> None:
    heights = (3, 5, 8, 13)
    for height in range(16):
        assert count_until(heights, height) == sum(h <= height for h in heights)
    assert count_until((), 5) == 0
