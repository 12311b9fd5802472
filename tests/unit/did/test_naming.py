"""What lines and records name."""

from __future__ import annotations

import pytest

from iop.did.naming import find_did, is_content_id, parse_content_id, parse_naming
from iop.errors import DataError

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
DID_KEY = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"


@pytest.mark.parametrize(
    "line",
    [
        DID,
        OWN,
        PUBLIC,
        f'  "{PUBLIC}"\r',
        f'{{"did":"{DID}"}}',
        f'{{"type":"iop.key/1","publicKey":"{PUBLIC}"}}',
        f'{{"keyId":"{OWN}"}}',
    ],
)
def test_identifiers(line: str) -> None:
    assert parse_naming(line.encode()) == DID


def test_did_key_stays_as_it_is() -> None:
    assert parse_naming(DID_KEY.encode()) == DID_KEY


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b"did:web:example.org", b"did:key:x", b"\xff", b"{}", b"[]", b"{", b'{"did":5}'],
)
def test_what_names_nothing(line: bytes) -> None:
    with pytest.raises(DataError):
        parse_naming(line)


def test_the_did_of_a_record_comes_first() -> None:
    assert find_did({"publicKey": "x", "did": DID}) == DID


def test_content_ids() -> None:
    assert parse_content_id(b" cju \n") == "cju"
    assert parse_content_id(b'"a b"') == "a b"
    for line in (b"{}", b"[1]", b'"x', "ö".encode()):
        with pytest.raises(DataError):
            parse_content_id(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cjuIUKWY1zz81PK43Ohl4gMgP0Qi3fhuyiM11vNWmpHdoo", True),
        ("cbu" + "_-" * 21 + "A", True),
        ("cju", False),
        ("nonsense", False),
        ("cju" + "A" * 44, False),
        ("cju" + "A" * 42 + "+", False),
        ("cju" + "A" * 42 + "é", False),
        ("cxu" + "A" * 43, False),
    ],
)
def test_content_ids_by_form(text: str, expected: bool) -> None:
    assert is_content_id(text) is expected
