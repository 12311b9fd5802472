"""Snapshots by somebody who knows the true state, and wants another one, or a crash, out of who reads them."""

import hashlib
import json

import pytest
from ledger_chain import core, forge, make_chain, morpheus, pay

from iop.errors import DataError, SchemaError, VerifyError
from iop.ledger.snapshot import END, read_snapshot, write_snapshot

DID = "did:morpheus:ezbeWGSY2dqcUBqT8K7R14xr"


@pytest.fixture(scope="module")
def chain():
    """The state, and the lines of its snapshot without the last one."""
    state, _, engine = make_chain()
    forge(engine, pay(), core(2, 1, 1, asset={"delegate": {"username": "bob"}}))
    attempt = {"operation": "registerBeforeProof", "contentId": "content"}
    forge(engine, morpheus([attempt], 0, 2), morpheus([attempt], 1, 2), morpheus([attempt], 2, 1))
    return state, list(write_snapshot(state))[:-1]


def seal(lines):
    """The lines with a last one that fits them."""
    items = [json.loads(line) for line in lines[1:]]
    events = [item[2] for item in items if type(item) is list and item and item[0] == "events"]
    end = {
        "type": END,
        "rows": len(items) - len(events),
        "events": sum(len(texts) for texts in events if type(texts) is list),
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(),
    }
    return [*lines, encode(end)]


def encode(item):
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def with_delegate(line, username):
    table, key, row = json.loads(line)
    return encode([table, key, [*row[:4], [username, False, 0, "0", "0", "", 0, 0], *row[5:]]])


def test_what_is_true_is_taken(chain):
    state, lines = chain
    again = read_snapshot(seal(lines), state.genesis)
    assert again.state_hash == state.state_hash
    assert again.registry.state.status == state.registry.state.status


@pytest.mark.parametrize(
    "line",
    [
        [[], "x", []],
        [{}, "x", []],
        [None, "x", []],
        [1.5, "x", []],
        ["events", -1, [["00" * 32, True, None]]],
        ["events", 2**64, [["00" * 32, True, None]]],
        ["events", 1.0, []],
        ["events", 1, {}],
        ["events", 1, [["00" * 31, True, None]]],
        ["events", 1, [["AA" * 32, True, None]]],
        ["events", 1, [['00","\n', True, None]]],
        ["name", ".schema", ["system", None, {"x": 1}, True, 1, {}]],
        ["name", ".schema", ["system", None, {}, True, 1, {}]],
        ["name", ".schema", ["system", None, "a", True, 1, {}]],
        ["name", ".schema", [[], None, [], True, 1, {}]],
        ["did", DID, [[[{}, 1, 1, 1, [], []]], None, None, 0]],
        ["did", DID, [[[[], 1, 1, 1, [], []]], None, None, 0]],
        ["did", DID, [[[1, 1, 1, 1, [], []]], None, None, 0]],
        ["did", DID, [{"a": 1}, None, None, 0]],
        ["did", DID, [[["a", 1, 1, 1, {}, 1]], None, None, 0]],
        ["nonce", "", ["1"]],
        ["account", "0", []],
    ],
    ids=str,
)
def test_lines_that_are_no_rows(chain, line):
    state, lines = chain
    with pytest.raises(DataError):
        read_snapshot(seal([*lines, encode(line)]), state.genesis)


def test_a_row_that_a_later_one_hides(chain):
    state, lines = chain
    at = next(n for n, line in enumerate(lines) if line.startswith(b'["account"'))
    hidden = with_delegate(lines[at], "ghost")
    with pytest.raises(VerifyError, match="twice"):
        read_snapshot(seal([*lines[:at], hidden, *lines[at:]]), state.genesis)
    with pytest.raises(VerifyError, match="twice"):
        read_snapshot(seal([*lines, lines[at]]), state.genesis)


def test_a_row_that_is_none(chain):
    state, lines = chain
    with pytest.raises(VerifyError, match="twice"):
        read_snapshot(seal([*lines, encode(["did", DID, [[], None, None, 0]])]), state.genesis)


def test_two_events_in_one_text(chain):
    state, lines = chain
    at = next(n for n, line in enumerate(lines) if line.startswith(b'["events"'))
    _, height, (first, second, third) = json.loads(lines[at])
    # the text that is hashed stays the same
    joined = encode(second)[2:-1].decode() + "\n" + encode(third)[:-1].decode()
    txid = joined[: joined.rindex('",')]
    forged = [
        *lines[:at],
        encode(["events", height, [first, [txid, *third[1:]]]]),
        *lines[at + 1 :],
    ]
    with pytest.raises(SchemaError, match="event"):
        read_snapshot(seal(forged), state.genesis)


def test_numbers_of_the_first_line(chain):
    state, lines = chain
    for height in ("3", 3.0, True, None, -1):
        first = encode(json.loads(lines[0]) | {"height": height})
        with pytest.raises(SchemaError, match="first line"):
            read_snapshot(seal([first, *lines[1:]]), state.genesis)
