"""Questions about the board: filters as texts, pages that neither skip nor repeat."""

from __future__ import annotations

import pytest
from board_bench import ANN, BOB, DID, build, say
from ledger_chain import forge, make_chain
from statement_index import StatementIndex, answer

from iop.errors import DataError, MissingError, SchemaError
from iop.ledger import board_query
from iop.ledger.board import encode_id, read_statement
from iop.ledger.board_query import Filter, find_page, find_row, parse_filter, parse_issuer


@pytest.fixture(scope="module")
def index():
    """Four blocks: 2 with five statements in two transactions, 3 empty, 4 with two, 5 with one of another type."""
    state, _, engine = make_chain()
    made = StatementIndex()

    def add(*transactions) -> None:
        made.add(forge(engine, *transactions).block, state.params)

    add(
        build(say(0), say(1, issuer=DID), say(2, BOB)),
        build(say(3), say(4, BOB, issuer=DID), sender=1),
    )
    add()
    add(build(say(5), say(6, issuer=DID), nonce=2))
    add(build(ANN.sign_json({"type": "iop.licence/1", "n": 7}), nonce=3))
    return made


def numbers(rows) -> list[int]:
    from iop.codec.json import parse_json

    return [parse_json(row[-1])["content"]["n"] for row in rows]


def pages(index, **filters) -> list[list[int]]:
    """All pages, the way a client turns them."""
    found, after = [], None
    while True:
        page = answer(find_page(Filter(after=after, **filters)), index.select)
        found.append(numbers(page.rows))
        if not page.more:
            return found
        after = page.rows[-1][0]


def test_everything(index) -> None:
    assert pages(index) == [[0, 1, 2, 3, 4, 5, 6, 7]]


@pytest.mark.parametrize("limit", range(1, 9))
def test_pages_of_any_size(index, limit: int) -> None:
    turned = pages(index, limit=limit)
    assert [n for page in turned for n in page] == list(range(8))
    assert all(len(page) == limit for page in turned[:-1]) and turned[-1]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"type": "iop.licence/1"}, [7]),
        ({"type": "iop.vote/1"}, [0, 1, 2, 3, 4, 5, 6]),
        ({"type": "iop.vote/2"}, []),
        ({"issuer": DID}, [1, 4, 6]),
        ({"issuer": str(BOB.public)}, [2]),
        ({"issuer": str(ANN.public), "type": "iop.vote/1"}, [0, 3, 5]),
        ({"first": 3}, [5, 6, 7]),
        ({"first": 4, "last": 4}, [5, 6]),
        ({"last": 3}, [0, 1, 2, 3, 4]),
        ({"first": 3, "last": 3}, []),
        ({"first": 6}, []),
        ({"issuer": DID, "first": 3, "last": 4}, [6]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_filters(index, filters, expected, limit: int) -> None:
    assert [n for page in pages(index, limit=limit, **filters) for n in page] == expected


def test_after_a_statement_that_the_filter_does_not_name(index) -> None:
    def behind(number: int, **filters) -> list[int]:
        row = next(row for row in index.rows if numbers([row]) == [number])
        return numbers(answer(find_page(Filter(after=row[0], **filters)), index.select).rows)

    assert behind(2, issuer=DID) == [4, 6]
    assert behind(0, first=4) == [5, 6, 7]
    assert behind(7, last=4) == []
    assert behind(5, first=2, last=4) == [6]


def test_a_page_asks_little(index) -> None:
    index.asked = 0
    answer(find_page(Filter(limit=3)), index.select)
    assert index.asked == 1
    pages(index, limit=3)
    assert index.asked <= 1 + 1 + 4 + 4


def test_large_statements_make_short_pages(index, monkeypatch) -> None:
    sizes = [len(row[-1]) for row in index.rows]
    monkeypatch.setattr(board_query, "PAGE_BYTES", sum(sizes[:2]))
    assert [n for page in pages(index) for n in page] == list(range(8))
    assert pages(index)[0] == [0, 1]
    # one statement is a page, however large
    monkeypatch.setattr(board_query, "PAGE_BYTES", 1)
    assert pages(index) == [[n] for n in range(8)]


def test_one_statement(index) -> None:
    id_ = read_statement(say(5)).id
    row = answer(find_row(id_), index.select)
    assert (row[0], row[1:4], numbers([row])) == (id_, (4, 0, 0), [5])
    for work in (find_row(bytes(32)), find_page(Filter(after=bytes(32)))):
        with pytest.raises(MissingError, match="is not on the board"):
            answer(work, index.select)


def test_texts() -> None:
    id_ = encode_id(bytes(32))
    given = {"type": "a", "issuer": DID, "from": "2", "until": "9", "limit": "1", "after": id_}
    assert parse_filter(list(given.items())) == Filter("a", DID, 2, 9, 1, bytes(32))
    assert parse_filter([]) == Filter() == parse_filter([(name, "") for name in given])


def test_issuers_in_any_spelling() -> None:
    from iop.codec.multibase import encode_multibase
    from iop.did.identifier import parse_did

    other = encode_multibase(b"\x01" + parse_did(DID).key_id.data, "base64url")
    assert parse_issuer(f"did:morpheus:e{other}") == DID == parse_issuer(DID)
    assert parse_issuer(str(ANN.public)) == str(ANN.public)
    for text in ("ann", "did:key:z6", "did:morpheus:", DID + "#1", "iezb"):
        with pytest.raises(SchemaError, match="issuer is a DID or a public key"):
            parse_issuer(text)


@pytest.mark.parametrize(
    "pairs",
    [
        [("kind", "a")],
        [("type", "a"), ("type", "a")],
        [("type", "a b")],
        [("type", "1")],
        [("issuer", "x")],
        [("from", "-1")],
        [("from", "1.0")],
        [("from", "9" * 16)],
        [("until", "x")],
        [("from", "5"), ("until", "4")],
        [("limit", "0")],
        [("limit", "101")],
        [("limit", "²")],
        [("after", "cbu")],
        [("", "")],
    ],
)
def test_texts_that_are_refused(pairs) -> None:
    with pytest.raises(DataError):
        parse_filter(pairs)
