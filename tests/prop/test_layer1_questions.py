"""Any question to layer 1 is answered with a page, a refusal or a 404; lists of accounts agree with the slowest way to make them."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit/daemon"))

from layer1_chain import ADDRESSES, KEYS, LOCK, Client, make_node

from iop.codec.form import encode_form, group_form, parse_form
from iop.daemon.layer1.routes import ROUTES
from iop.daemon.layer1.schema import SCHEMAS, WALLET_ORDERS
from iop.ledger.wire import compute_id

NAMES = sorted(
    {name for s in SCHEMAS.values() for rules in (s.query, s.body) for name in rules or ()}
)
PARTS = ["zero", ADDRESSES[0], ADDRESSES[4], KEYS[0].hex(), KEYS[1].hex(), compute_id(LOCK)]
NUMBERS = ["0", "1", "7", "-1", "1.5", "1e2", "007", "2147483648", "9007199254740991", "9" * 30]
ODD = ["", " ", "%", "%00", "\0", "é", "\udc80", "😀", "a" * 300, "true", "false", "[]", "{}"]
orders = st.sampled_from(WALLET_ORDERS).flatmap(
    lambda n: st.sampled_from([f"{n}:asc", f"{n}:desc"])
)
texts = st.one_of(st.sampled_from(PARTS + NUMBERS), orders, st.sampled_from(ODD), st.text())
queries = st.one_of(
    st.lists(st.tuples(st.sampled_from(NAMES), texts), max_size=4).map(
        lambda pairs: "&".join(f"{n}={_escape(t)}" for n, t in pairs)
    ),
    st.binary(max_size=60).map(lambda data: data.decode("latin-1")),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["from", "to", "a"]), inner, max_size=3),
    ),
    max_leaves=6,
)
bodies = st.one_of(values, st.dictionaries(st.sampled_from(NAMES), values, max_size=4))
segments = st.one_of(st.sampled_from(PARTS + NUMBERS[:4]), st.sampled_from(["%", "%ff", "~", "é"]))


def _escape(text):
    return encode_form({"": text.encode(errors="replace").decode()})[1:]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    node = make_node(tmp_path_factory.mktemp("node") / "ledger.db")
    yield Client(node)
    node.close()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_question(ask, data):
    route = data.draw(st.sampled_from(sorted(ROUTES)))
    method, _, path = route.partition(" ")
    for name in ("{id}", "{ip}"):
        if name in path:
            path = path.replace(name, data.draw(segments).replace("é", "%C3%A9"))
    query = data.draw(queries)
    body = None if method == "GET" else data.draw(bodies)
    if method == "POST" and body is None:
        body = {}
    found = ask(f"{path}?{query}", _clean(body))
    assert found.status in (200, 400, 404, 422), (found.body, path, query, body)
    if found.status == 200 and "meta" in found.body and "count" in found.meta:
        assert found.meta["count"] == len(found.data) <= 100
        assert found.meta["totalCount"] >= found.meta["count"]


def _clean(body):
    """Without lone surrogates, which JSON text in UTF-8 cannot carry."""
    if isinstance(body, str):
        return body.encode(errors="replace").decode()
    if isinstance(body, list):
        return [_clean(item) for item in body]
    if isinstance(body, dict):
        return {name: _clean(item) for name, item in body.items()}
    return body


@given(st.text())
def test_form_refuses_nothing(text):
    for name, given_value in parse_form(text):
        assert isinstance(name, str) and isinstance(given_value, str)


@given(st.dictionaries(st.text(), st.text()))
def test_form_round_trip(members):
    clean = {_clean(n): _clean(v) for n, v in members.items()}
    clean = {n: v for n, v in clean.items() if n or v}
    assert group_form(parse_form(encode_form(clean))) == clean


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("&&", []),
        ("a", [("a", "")]),
        ("=", [("", "")]),
        ("a=1=2", [("a", "1=2")]),
        ("a+b=c%20d%2b", [("a b", "c d+")]),
        ("a=%", [("a", "%")]),
        ("a=%4", [("a", "%4")]),
        ("a=%zz%41", [("a", "%zzA")]),
        ("a=%ff%C3%A9", [("a", "\ufffdé")]),
    ],
)
def test_forms(text, pairs):
    assert parse_form(text) == pairs
