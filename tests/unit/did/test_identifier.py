"""Identifiers and key links."""

from __future__ import annotations

import pytest

from iop.did.identifier import compute_did, parse_did, parse_key_link
from iop.errors import DecodeError
from iop.keys.multicipher import parse_public_key

PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


def test_the_key_names_its_did() -> None:
    public = parse_public_key(PUBLIC)
    assert str(compute_did(public)) == DID
    assert compute_did(compute_did(public).key_id) == parse_did(DID)


def test_every_multibase_is_read_and_base58_written() -> None:
    data = parse_did(DID).key_id.data
    assert str(parse_did("did:morpheus:ef" + (b"\x01" + data).hex())) == DID


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " is not a valid DID: must start with did:morpheus:"),
        ("did:bad", "did:bad is not a valid DID: must start with did:morpheus:"),
        ("did:morpheus", "did:morpheus is not a valid DID: must start with did:morpheus:"),
        ("did:morpheus:", "No crypto suite found"),
        ("did:morpheus:e", "Invalid base string"),
        (DID + "#0", "Invalid base string"),
        (DID[:-1], "Identifier length is not 17"),
        (DID.replace(":ez", ":gz"), "Unknown crypto suite 'g'"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_did(text)
    assert caught.value.message == message


def test_key_links() -> None:
    assert parse_key_link("#0") == ("", 0)
    assert parse_key_link(DID + "#12") == (DID, 12)


@pytest.mark.parametrize(
    "text", ["", DID, "#", "#-1", "#x", "#\u0661", "#1#2", "#" + "1" * 11, "did:x#0"]
)
def test_broken_key_links(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_key_link(text)
