"""DID documents as JSON: their shape, and the two judges of rights."""

from __future__ import annotations

import copy

import pytest

from iop.did.document import (
    check_document,
    find_key,
    has_right_at,
    has_right_at_client,
    implicit_document,
    is_granted_at,
    is_tombstoned_at,
    is_tombstoned_at_client,
    judge_right,
)
from iop.did.identifier import parse_did
from iop.errors import DataError, SchemaError, VerifyError
from iop.keys.multicipher import parse_auth

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
OTHER = "iezj3chiV25iVVhXjv73mqk8Z"


def make_document() -> dict:
    return {
        "did": DID,
        "keys": [
            {"index": 0, "auth": OWN, "validFromHeight": None, "validUntilHeight": 30},
            {"index": 1, "auth": OTHER, "validFromHeight": 10, "validUntilHeight": 20},
            {"index": 2, "auth": OTHER, "validFromHeight": 20, "validUntilHeight": 30},
        ],
        "rights": {
            "update": [
                {"keyLink": "#0", "history": [{"height": None, "valid": True}]},
                {
                    "keyLink": "#1",
                    "history": [{"height": None, "valid": False}, {"height": 12, "valid": True}],
                },
                {"keyLink": "#2", "history": [{"height": None, "valid": False}]},
            ]
        },
        "tombstonedAtHeight": 30,
        "tombstoned": True,
        "queriedAtHeight": 40,
    }


def test_implicit_document() -> None:
    document = implicit_document(parse_did(DID), 126)
    entry = {"keyLink": "#0", "history": [{"height": None, "valid": True}], "valid": True}
    assert document == {
        "did": DID,
        "keys": [
            {
                "index": 0,
                "auth": OWN,
                "validFromHeight": None,
                "validUntilHeight": None,
                "valid": True,
            }
        ],
        "rights": {"update": [entry], "impersonate": [entry]},
        "tombstonedAtHeight": None,
        "tombstoned": False,
        "queriedAtHeight": 126,
    }
    assert check_document(document) == document


@pytest.mark.parametrize(
    ("auth", "height", "granted"),
    [
        (OWN, 0, True),
        (PUBLIC, 29, True),
        (PUBLIC, 30, False),
        (OTHER, 9, False),
        (OTHER, 11, False),
        (OTHER, 12, True),
        (OTHER, 19, True),
        (OTHER, 20, False),  # a new life of the key starts without rights
    ],
)
def test_rights_at_heights(auth: str, height: int, granted: bool) -> None:
    document = check_document(make_document())
    assert has_right_at(document, parse_auth(auth), "update", height) is granted
    assert has_right_at_client(document, parse_auth(auth), "update", height) is granted


def test_unknown_rights_are_not_held() -> None:
    document = check_document(make_document())
    assert not has_right_at(document, parse_auth(OWN), "impersonate", 5)
    del document["rights"]
    assert not has_right_at(document, parse_auth(OWN), "update", 5)
    assert not has_right_at_client(document, parse_auth(OWN), "update", 5)


def test_the_two_judges_differ_when_a_tombstone_did_not_end_the_keys() -> None:
    document = make_document()
    document["keys"][0]["validUntilHeight"] = None
    assert not has_right_at(document, parse_auth(OWN), "update", 35)
    assert has_right_at_client(document, parse_auth(OWN), "update", 35)


def test_a_tombstone_at_height_0_is_none_for_the_client_library() -> None:
    document = make_document() | {"tombstonedAtHeight": 0}
    assert is_tombstoned_at(document, 0)
    assert not is_tombstoned_at_client(document, 0)


def test_tombstone() -> None:
    document = make_document()
    for judge in (is_tombstoned_at, is_tombstoned_at_client):
        assert not judge(document, 29)
        assert judge(document, 30)


def test_heights_after_the_query_are_unknown() -> None:
    document = make_document()
    auth = parse_auth(OWN)
    with pytest.raises(VerifyError, match="^Queried future height 41, present is 40$"):
        has_right_at(document, auth, "update", 41)
    with pytest.raises(VerifyError, match="^Queried future height 41, present is 40$"):
        is_tombstoned_at(document, 41)
    with pytest.raises(VerifyError, match="^Cannot query at 41, latest block seen was 40$"):
        has_right_at_client(document, auth, "update", 41)
    with pytest.raises(VerifyError, match="^Cannot query at 41, latest block seen was 40$"):
        is_tombstoned_at_client(document, 41)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("0", "Key links for remote DIDs are not supported yet"),
        (DID + "#0", "Key links for remote DIDs are not supported yet"),
        ("#", "cannot parse integer from empty string"),
        ("#+", "invalid digit found in string"),
        ("#-1", "invalid digit found in string"),
        ("#1a", "invalid digit found in string"),
        ("#\u0661", "invalid digit found in string"),
        ("#3", "No key found for link #3"),
        ("#" + "9" * 30, "number too large to fit in target type"),
        ("#" + "1" * 5000, "number too large to fit in target type"),
    ],
)
def test_broken_key_links(link: str, message: str) -> None:
    document = make_document()
    document["rights"]["update"][0]["keyLink"] = link
    with pytest.raises(DataError) as caught:
        has_right_at(document, parse_auth(OWN), "update", 5)
    assert caught.value.message == message
    with pytest.raises(DataError, match="keyLink"):
        has_right_at_client(document, parse_auth(OWN), "update", 5)


def test_key_links_with_zeros_and_a_plus() -> None:
    assert find_key(make_document(), "#+001")["auth"] == OTHER


def test_falling_histories_are_refused() -> None:
    entry = {"history": [{"height": 5, "valid": True}, {"height": 4, "valid": False}]}
    with pytest.raises(DataError, match="strictly increasing"):
        is_granted_at(entry, 9)
    assert is_granted_at({"history": []}, 9) is False


def test_judge_right() -> None:
    verdict = judge_right(make_document(), PUBLIC, "update")
    assert verdict["height"] == 40
    assert verdict["granted"] is False
    assert judge_right(make_document(), PUBLIC, "update", 7)["granted"] is True


def set_at(document: dict, path: str, item: object) -> dict:
    changed = copy.deepcopy(document)
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    place = changed
    for part in way:
        place = place[part]
    place[last] = item
    return changed


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("did", None),
        ("did", "did:bad"),
        ("keys", {}),
        ("keys.0", 5),
        ("keys.0.auth", None),
        ("keys.0.auth", "foo"),
        ("keys.0.validFromHeight", "1"),
        ("keys.0.validFromHeight", True),
        ("keys.0.validUntilHeight", -1),
        ("keys.0.validUntilHeight", 1 << 32),
        ("keys.0.validUntilHeight", 1.5),
        ("rights", []),
        ("rights", None),
        ("rights.update", {}),
        ("rights.update.0", None),
        ("rights.update.0.keyLink", 0),
        ("rights.update.0.history", None),
        ("rights.update.0.history.0", 5),
        ("rights.update.0.history.0.height", -1),
        ("rights.update.0.history.0.valid", 1),
        ("tombstonedAtHeight", "30"),
        ("queriedAtHeight", None),
        ("queriedAtHeight", 4.0),
    ],
)
def test_shapes_that_are_no_document(path: str, item: object) -> None:
    with pytest.raises(DataError):
        check_document(set_at(make_document(), path, item))


@pytest.mark.parametrize("item", [None, 5, "x", [], True])
def test_what_is_no_object(item: object) -> None:
    with pytest.raises(SchemaError):
        check_document(item)
