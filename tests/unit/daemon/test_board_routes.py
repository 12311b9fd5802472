"""The board over HTTP, without a socket."""

from __future__ import annotations

import asyncio
import os
import sys
from types import SimpleNamespace

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../ledger"))

from board_bench import ANN, DID, build, say
from ledger_chain import forge, make_chain
from statement_index import StatementIndex

from iop.codec.json import parse_json
from iop.daemon.http.dispatch import Interface, Request, settle
from iop.daemon.http.router import Router
from iop.daemon.routes import board as board_routes
from iop.errors import BusyError
from iop.ledger.board import encode_id, read_statement
from iop.ledger.wire import compute_id_bytes


class AsyncIndex(StatementIndex):
    """The index as a node asks it."""

    busy = False

    async def select(self, query):
        if self.busy:
            raise BusyError("this takes too long, ask for less")
        return super().select(query)


@pytest.fixture
def node():
    """A board with three statements in blocks 2 and 3."""
    state, _, engine = make_chain()
    listing = AsyncIndex()
    txs = [build(say(0), say(1, issuer=DID)), build(say(2), nonce=2)]
    for tx in txs:
        listing.add(forge(engine, tx).block, state.params)
    router = Router()
    board_routes.register(router)
    view = SimpleNamespace(state=state, listing=listing)
    interface = Interface(router, view)

    def get(path: str, query: str = ""):
        reply = asyncio.run(settle(interface.answer(Request("GET", path, query=query))))
        return reply.status, parse_json(reply.body)

    return SimpleNamespace(get=get, txs=txs, view=view)


def expect(tx, height: int, position: int, statement, issuer=str(ANN.public)):
    return {
        "type": "iop.posting/1",
        "id": encode_id(read_statement(statement).id),
        "height": height,
        "txid": compute_id_bytes(tx).hex(),
        "position": position,
        "issuer": issuer,
        "statement": statement,
    }


def test_all(node) -> None:
    first, second = node.txs
    assert node.get("/iop/v1/board") == (
        200,
        {
            "type": "iop.board/1",
            "first": 1,
            "statements": [
                expect(first, 2, 0, say(0)),
                expect(first, 2, 1, say(1, issuer=DID), DID),
                expect(second, 3, 0, say(2)),
            ],
            "next": None,
        },
    )


def test_pages(node) -> None:
    status, page = node.get("/iop/v1/board", "limit=2")
    assert status == 200 and len(page["statements"]) == 2
    assert page["next"] == page["statements"][1]["id"]
    status, last = node.get("/iop/v1/board", f"limit=2&after={page['next']}")
    assert [each["height"] for each in last["statements"]] == [3] and last["next"] is None
    assert node.get("/iop/v1/board", f"after={last['statements'][0]['id']}")[1]["statements"] == []


def test_filters(node) -> None:
    _, page = node.get("/iop/v1/board", "issuer=" + DID.replace(":", "%3A") + "&type=iop.vote%2F1")
    assert [each["issuer"] for each in page["statements"]] == [DID]
    assert node.get("/iop/v1/board", "type=iop.vote/2")[1]["statements"] == []
    assert len(node.get("/iop/v1/board", "from=3&until=3")[1]["statements"]) == 1


def test_one(node) -> None:
    wanted = expect(node.txs[1], 3, 0, say(2))
    assert node.get("/iop/v1/board/" + wanted["id"]) == (200, wanted)
    status, body = node.get("/iop/v1/board/" + encode_id(bytes(32)))
    assert status == 404 and body["message"].endswith("is not on the board")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/iop/v1/board", "limit=0", 422),
        ("/iop/v1/board", "kind=x", 422),
        ("/iop/v1/board", "type=a&type=b", 422),
        ("/iop/v1/board", "issuer=%ff", 422),
        ("/iop/v1/board", "after=" + "cbu" + "A" * 43, 404),
        ("/iop/v1/board", "after=x", 422),
        ("/iop/v1/board/x", "", 422),
        ("/iop/v1/board/", "", 404),
    ],
)
def test_refusals(node, path: str, query: str, status: int) -> None:
    found, body = node.get(path, query)
    assert found == status == body["statusCode"]


def test_a_node_that_began_with_a_snapshot(node) -> None:
    lost, kept = node.view.listing.rows[:2], node.view.listing.rows[2:]
    node.view.listing.rows = kept
    node.view.listing.blocks = [row for row in node.view.listing.blocks if row[0] > 2]
    page = node.get("/iop/v1/board")[1]
    assert page["first"] == 3 and [each["height"] for each in page["statements"]] == [3]
    status, body = node.get("/iop/v1/board/" + encode_id(lost[0][0]))
    assert status == 404
    assert body["message"].endswith(
        "was posted in block 2, before the first one that this node has"
    )
    node.view.listing.blocks = []
    assert node.get("/iop/v1/board")[1]["first"] == 4


def test_a_board_that_takes_too_long(node) -> None:
    node.view.listing.busy = True
    assert node.get("/iop/v1/board")[0] == 503


def test_a_block_that_is_taken_back_meanwhile(node) -> None:
    node.view.state.revert_block()
    status, page = node.get("/iop/v1/board")
    assert status == 200 and [each["height"] for each in page["statements"]] == [2, 2]
    gone = encode_id(read_statement(say(2)).id)
    assert node.get("/iop/v1/board/" + gone)[0] == 404
