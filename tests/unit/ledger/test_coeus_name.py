"""Domain names: the texts that are names, and each refusal in the original's words."""

from __future__ import annotations

import pytest

from iop.errors import DecodeError
from iop.ledger.coeus.name import Name, parse_name

RELATIVE = "DomainName must be absolute and start with '.'"
EMPTY = "Edge name cannot be empty"
FOREIGN = "Edge name must only contain ASCII characters"
WRONG = "Edge name must contain only lowercase alphanumeric ASCII characters"


@pytest.mark.parametrize(
    "text", ["", ".a", ".0", ".r2d2", ".wallet.joe", ".a.b.c.d", "." + "x" * 5000]
)
def test_names(text: str) -> None:
    assert str(parse_name(text)) == text


def test_edges() -> None:
    assert parse_name(".wallet.joe") == Name(("wallet", "joe"))
    assert parse_name("") == Name(())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wallet", RELATIVE),
        ("wallet.joe", RELATIVE),
        ("é", RELATIVE),
        (".", EMPTY),
        ("..", EMPTY),
        (".wallet.", EMPTY),
        (".a..b", EMPTY),
        (".é", FOREIGN),
        (".٣", FOREIGN),
        (".A", WRONG),
        (".a-b", WRONG),
        (".a_b", WRONG),
        (". ", WRONG),
        (".a\n", WRONG),
    ],
)
def test_refusals(text: str, words: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_name(text)
    assert caught.value.message == words
