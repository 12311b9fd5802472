"""Streams of events over a node without sockets: what is told, to whom, from where on, and how a stream ends."""

import asyncio
import json

import pytest

from iop.codec.hex import parse_hex
from iop.crypto.hash import sha256
from iop.daemon.http import streaming
from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.http.reply import Reply, Stream
from iop.daemon.http.streaming import Streaming
from iop.daemon.ledger import event_stream
from iop.daemon.ledger.home import Home, make_home, open_home
from iop.daemon.ledger.node import LedgerNode
from iop.daemon.routes.table import make_router
from iop.did.identifier import compute_did
from iop.did.operation import make_asset, make_signable, sign_signables
from iop.errors import HostError
from iop.io.node_events import parse_events
from iop.keys.multicipher import SecretKey
from iop.ledger.builder import build_coeus, build_morpheus, build_transfer
from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
from iop.ledger.coeus.operation import from_record
from iop.ledger.genesis import TEST_ADDRESS
from iop.ledger.params import NETWORKS
from iop.ledger.record import to_record
from iop.ledger.seal import sign_ecdsa
from iop.ledger.submission import check_body

TESTNET = NETWORKS["testnet"]
RICH = SecretKey(
    "s", sha256(b"scout try doll stuff cake welcome random taste load town clerk ostrich")
)
ALICE, BOB = (SecretKey("e", bytes(31) + bytes([n])) for n in (1, 2))
DID = str(compute_did(ALICE.public()))
KEY = bytes([7]) * 32


def pay(nonce):
    return sign_ecdsa(
        build_transfer(TESTNET, RICH.public().data, nonce, TEST_ADDRESS, 5), RICH.data
    )


def add_key(nonce):
    signable = make_signable("addKey", DID, None, auth=str(BOB.public()))
    attempts = make_asset((sign_signables((signable,), ALICE),))["operationAttempts"]
    return sign_ecdsa(build_morpheus(TESTNET, RICH.public().data, nonce, attempts), RICH.data)


def register(nonce, name):
    operation = from_record(
        {
            "type": "register",
            "name": name,
            "owner": str(RICH.public()),
            "subtreePolicies": {},
            "registrationPolicy": "owner",
            "data": {},
            "expiresAtHeight": 1000,
        }
    )
    bundle = bundle_to_record(sign_bundle(RICH, (operation,), 1))
    return sign_ecdsa(build_coeus(TESTNET, RICH.public().data, nonce, [bundle]), RICH.data)


@pytest.fixture
def run(tmp_path):
    """Runs a coroutine function with a fresh node and closes it."""
    home = Home(str(tmp_path / "home"))
    make_home(home, "testnet", KEY, now=0)

    def outer(work):
        async def main():
            store, genesis = open_home(home)
            node = LedgerNode(store, genesis, KEY, now=lambda: 1_700_000_000.0)
            try:
                await node.recover()
                async with asyncio.timeout(20):
                    return await work(node)
            finally:
                node.close()

        return asyncio.run(main())

    return outer


async def forge(node, *transactions):
    if transactions:
        body = {"transactions": [to_record(tx) for tx in transactions]}
        reply = json.loads((await node.submit(check_body(body, node.state))).body)
        assert len(reply["data"]["accept"]) == len(transactions), reply
    return await node.forge()


async def fill(node):
    """Blocks 2 to 5: a payment; a key, twice; names; nothing."""
    await forge(node, pay(1))
    await forge(node, add_key(2), add_key(3))
    await forge(node, register(4, ".schema.hotel"), register(5, ".schema.hotelier"))
    await forge(node)


def ask(node, query="", last_event=""):
    request = Request("GET", "/iop/v1/events", query=query, last_event=last_event)
    return Interface(make_router(), node).answer(request)


async def collect(node, count, query="", last_event=""):
    """The first records of a stream."""
    stream = ask(node, query, last_event)
    assert isinstance(stream, Stream), stream
    pieces, found = [], []
    async for part in stream.parts:
        pieces.append(part)
        found = [json.loads(data) for _, _, data in parse_events(pieces) if data]
        if len(found) >= count:
            break
    await stream.parts.aclose()
    return found


def test_all_that_happened(run):
    async def work(node):
        await fill(node)
        return await collect(node, 9, last_event="1"), node.state

    told, state = run(work)
    assert [(r["type"], r["height"]) for r in told] == [
        ("iop.tx-event/1", 2),
        ("iop.block-event/1", 2),
        ("iop.tx-event/1", 3),
        ("iop.tx-event/1", 3),
        ("iop.block-event/1", 3),
        ("iop.tx-event/1", 4),
        ("iop.tx-event/1", 4),
        ("iop.block-event/1", 4),
        ("iop.block-event/1", 5),
    ]
    payment, _, added, again, _, hotel, _, _, last = told
    assert (payment["kind"], payment["sender"]) == ("transfer", TEST_ADDRESS)
    assert not payment.keys() & {"confirmed", "dids", "names"}
    assert (added["kind"], added["dids"], added["confirmed"]) == (
        "morpheusTransaction",
        [DID],
        True,
    )
    assert again["confirmed"] is False and "was attempted on" in again["reason"]
    assert (hotel["names"], hotel["confirmed"]) == ([".schema.hotel"], True)
    assert last == {
        "type": "iop.block-event/1",
        "height": 5,
        "id": state.block_id.hex(),
        "stateHash": state.state_hash.hex(),
        "transactions": 0,
    }


def test_live_and_log_tell_the_same(run):
    async def work(node):
        live = asyncio.create_task(collect(node, 9))
        await asyncio.sleep(0)
        await fill(node)
        return await live, await collect(node, 9, "after=1")

    live, log = run(work)
    assert live == log


@pytest.mark.parametrize(
    ("query", "heights"),
    [
        ("kind=transaction", [2, 3, 3, 4, 4]),
        ("kind=transfer&kind=coeusTransaction", [2, 4, 4]),
        ("kind=block&kind=transfer", [2, 2, 3, 4, 5]),
        (f"did={DID}", [3, 3]),
        ("name=.schema.hotel", [4]),
        ("name=.schema", [4, 4]),
        (f"did={DID}&kind=block&kind=transaction", [2, 3, 3, 3, 4, 5]),
    ],
)
def test_wishes(run, query, heights):
    async def work(node):
        await fill(node)
        return await collect(node, len(heights), query, "1")

    assert [record["height"] for record in run(work)] == heights


def test_a_wish_that_fits_nothing_in_a_block_leaves_no_trace_of_it(run):
    async def work(node):
        await fill(node)
        stream = ask(node, f"did={DID}", "1")
        pieces = [await anext(stream.parts) for _ in range(2)]
        await stream.parts.aclose()
        return pieces

    _, part = run(work)
    assert part.endswith(b"\n\nid: 3\n\n") and part.count(b"event: transaction") == 2


def test_heartbeats_carry_the_place(run, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.001)

    async def work(node):
        await fill(node)
        stream = ask(node)
        pieces = [await anext(stream.parts) for _ in range(3)]
        await stream.parts.aclose()
        return pieces

    retry, one, two = run(work)
    assert retry == b"retry: 2000\n\n"
    assert one == two == b":\nid: 5\n\n"


def test_the_end(run):
    async def work(node):
        await fill(node)
        stream = ask(node)
        assert await anext(stream.parts)
        waiting = asyncio.ensure_future(anext(stream.parts))
        await asyncio.sleep(0)
        node.streams.close()
        end = await waiting
        rest = [part async for part in stream.parts]
        late = [part async for part in ask(node).parts]
        return end, rest, late

    end, rest, late = run(work)
    assert end == (
        b'event: end\nid: 5\ndata: {"type":"iop.end-event/1","height":5,"reason":"stopping"}\n\n'
    )
    assert rest == []
    assert late[1:] == [end]


def test_a_slow_reader_is_let_go(run, monkeypatch):
    monkeypatch.setattr(event_stream, "MAX_BEHIND", 2)

    async def work(node):
        stream = ask(node)
        assert await anext(stream.parts)
        waiting = asyncio.ensure_future(anext(stream.parts))
        await asyncio.sleep(0)  # it has been at the head
        await fill(node)
        first = await waiting
        parts = [first] + [part async for part in stream.parts]
        # one that comes back has all the time of the world
        return parts, await collect(node, 9, last_event="1")

    parts, again = run(work)
    assert b'"reason":"slow"' in parts[-1]
    assert len(again) == 9


def test_pruned_blocks(run):
    async def work(node):
        await fill(node)
        real = node.chain.block_at
        node.chain.block_at = lambda height: None if height == 3 else real(height)
        refused = ask(node, "", "2")
        stream = ask(node, "", "1")
        return refused, [part async for part in stream.parts]

    refused, parts = run(work)
    assert isinstance(refused, Reply) and refused.status == 404
    assert b'"height":2,"reason":"pruned"' in parts[-1]


def test_a_place_ahead_of_the_chain_waits(run):
    async def work(node):
        stream = ask(node, "", "3")
        assert await anext(stream.parts)
        waiting = asyncio.ensure_future(anext(stream.parts))
        await fill(node)
        part = await waiting
        await stream.parts.aclose()
        return part

    assert b"id: 4\n" in run(work)


@pytest.mark.parametrize(
    ("query", "last_event", "words"),
    [
        ("kind=x", "", "no kind 'x'"),
        ("what=x", "", "no parameter 'what'"),
        ("did=x", "", "not a valid DID"),
        ("name=x", "", "must be absolute"),
        ("after=x", "", "height 'x' is no whole number"),
        ("after=-1", "", "no whole number"),
        ("after=1&after=2", "", "after is given twice"),
        ("", "yesterday", "no whole number"),
        ("", "9" * 16, "no whole number"),
    ],
)
def test_refusals(run, query, last_event, words):
    async def work(node):
        return ask(node, query, last_event)

    reply = run(work)
    assert reply.status == 422 and words in json.loads(reply.body)["message"]


def test_streams_are_bounded(monkeypatch):
    streams = Streaming()
    for _ in range(streaming.MAX_OF_CLIENT):
        assert streams.enter("a") is None
    assert streams.enter("a").status == 429
    assert streams.enter("b") is None
    streams.leave("a")
    assert streams.enter("a") is None
    monkeypatch.setattr(streaming, "MAX_STREAMS", streams.open)
    assert streams.enter("c").status == 503


def test_a_client_that_leaves_ends_its_stream():
    ended = []

    async def parts():
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main():
        sent, gone = [], asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message.get("body"))
            if message.get("body") == b"one":
                gone.set()

        await Streaming().run(Stream(parts()), "GET", [], receive, send)
        return sent

    assert asyncio.run(main()) == [None, b"one", b""]
    assert ended == [True]


@pytest.mark.parametrize(
    ("error", "level"), [(HostError("disk is gone"), "warning"), (ZeroDivisionError(), "bug")]
)
def test_a_stream_that_breaks_off(monkeypatch, error, level):
    told = []
    for name in ("warning", "bug"):
        monkeypatch.setattr(streaming.log, name, lambda *_, found=name, **__: told.append(found))

    async def parts():
        yield b"one"
        raise error

    async def main():
        sent = []

        async def send(message):
            sent.append(message.get("body"))

        async def receive():
            await asyncio.Event().wait()

        await Streaming().run(Stream(parts()), "GET", [], receive, send)
        return sent

    assert asyncio.run(main()) == [None, b"one", b""]
    assert told == [level]


def test_head_gets_no_events():
    async def main():
        sent = []

        async def send(message):
            sent.append(message)

        await Streaming().run(Stream(iter(())), "HEAD", [], None, send)
        return sent

    head, body = asyncio.run(main())
    assert head["status"] == 200 and body["body"] == b""
    assert dict(head["headers"])[b"content-type"] == b"text/event-stream"


def test_ids_are_those_of_the_chain(run):
    async def work(node):
        changes = await forge(node, pay(1))
        (tx, block) = await collect(node, 2, last_event="1")
        return changes, tx, block

    changes, tx, block = run(work)
    assert parse_hex(tx["id"]) == changes.txids[0]
    assert parse_hex(block["id"]) == changes.block_id
    assert parse_hex(block["stateHash"]) == changes.state_hash
