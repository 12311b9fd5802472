"""Names, operations, assets, rows, schemas, patterns and formats from strangers: accepted or DataError, in counted time."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given, settings

from iop.codec.json import encode_json, parse_json
from iop.conform.coeus import open_names
from iop.daemon.http.dispatch import Request
from iop.errors import DataError, VerifyError
from iop.keys.multicipher import SecretKey
from iop.ledger.coeus.bundle import (
    asset_from_record,
    asset_to_record,
    bundle_to_record,
    compute_fee,
    is_signature_valid,
    parse_asset,
    sign_bundle,
)
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.operation import from_record, to_record
from iop.ledger.coeus.registry import Registry
from iop.ledger.coeus.row import encode_domain, parse_domain
from iop.ledger.coeus_schema.format import FORMATS
from iop.ledger.coeus_schema.metaschema import DRAFT6
from iop.ledger.coeus_schema.pattern import Pattern
from iop.ledger.coeus_schema.schema import Schema
from iop.ledger.coeus_schema.work import Work

SECRET = SecretKey("e", b"\7" * 32)
KEY = str(SECRET.public())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda deeper: (
        st.lists(deeper, max_size=4) | st.dictionaries(st.text(max_size=5), deeper, max_size=4)
    ),
    max_leaves=10,
)
REGISTER = {
    "type": "register",
    "name": ".schema.a",
    "owner": KEY,
    "subtreePolicies": {"expiration": 6_000_000, "schema": {"type": "object"}},
    "registrationPolicy": "any",
    "data": {"x": 1},
    "expiresAtHeight": 69,
}
BUNDLE = bundle_to_record(sign_bundle(SECRET, (from_record(REGISTER),), 1))


def answer(registry: Registry, method: str, path: str):
    reply = open_names(registry).answer(Request(method, path))
    return reply.status, parse_json(reply.body)


@st.composite
def changed(draw: st.DrawFn, good: dict) -> dict:
    """A good record with some members taken out or replaced."""
    made = dict(good)
    for name in draw(st.lists(st.sampled_from(sorted(good)), max_size=2)):
        made.pop(name, None)
        if draw(st.booleans()):
            made[name] = draw(VALUES | st.sampled_from([good[name], {}, [], "", -1, 2**32, 2**64]))
    return made


@given(st.text() | st.text(".ab0A-é", max_size=20))
def test_names(text: str) -> None:
    try:
        assert str(parse_name(text)) == text
    except DataError:
        return


@given(VALUES | changed(REGISTER))
def test_operations(record: object) -> None:
    try:
        operation = from_record(record)
    except DataError:
        return
    assert from_record(to_record(operation)) == operation


@given(VALUES | changed(BUNDLE).map(lambda bundle: {"bundles": [bundle]}))
def test_assets(record: object) -> None:
    try:
        asset = asset_from_record(record)
    except DataError:
        return
    assert asset_from_record(asset_to_record(asset)) == asset
    assert compute_fee(asset) >= 0
    for bundle in asset.bundles:
        is_signature_valid(bundle)
    registry = Registry()
    try:
        registry.apply_transaction("t", asset)
    except VerifyError:
        assert registry.statuses == {"t": (0, False)}


@given(
    st.binary() | st.text().map(str.encode) | VALUES.map(lambda value: encode_json(value).encode())
)
@example(b'{"bundles":[[[[[[')
@example(b"[" * 100_000)
@example(b'{"bundles":[' + b"9" * 5000 + b"]}")
def test_asset_bytes(data: bytes) -> None:
    try:
        parse_asset(data)
    except DataError:
        return


@given(VALUES | st.tuples(*[VALUES | st.integers(-1, 20)] * 6).map(list))
@example([KEY, None, [{"type": "x"}], False, 9, {}])
def test_rows(row: object) -> None:
    try:
        domain = parse_domain(row)
    except DataError:
        return
    again = parse_domain(parse_json(encode_domain(domain)))
    assert encode_domain(again) == encode_domain(domain)


KEYWORD_SCHEMAS = st.recursive(
    VALUES,
    lambda deeper: st.dictionaries(
        st.sampled_from([*DRAFT6["properties"], "if", "then", "else"]), deeper, max_size=4
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(KEYWORD_SCHEMAS, VALUES)
def test_schemas(schema: object, data: object) -> None:
    schema, data = parse_json(encode_json(schema)), parse_json(encode_json(data))
    try:
        Schema(schema, Work(10_000)).is_valid(data, Work(10_000))
        Schema(DRAFT6, Work()).is_valid(schema, Work(10_000))
    except DataError:
        return


@settings(max_examples=200)
@given(
    st.text(max_size=40) | st.text(r"ab01()[]{}|*+?^$.\-,:<>=!&~/PpLdwsbBAzxuU# ", max_size=25),
    st.text(max_size=10),
)
@example("[[:" * 30_000, "")
@example("[" + "[:x]" * 30_000 + "]", "a")
@example("(?i" * 30_000, "")
@example("a" * 100_000, "")
@example("(" * 100_000, "")
@example("a" + "*" * 100_000, "")
@example("((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9}", "a")
@example("(((((){999}){999}){999}){999}){999}", "a")
@example(r"\p{" * 30_000, "")
@example("(?x)" + "#" * 50_000, "")
@example("[" + "a-b" * 50_000 + "]", "\u3042" * 300)
@example("a{" + "9" * 5000 + "}", "")
def test_patterns(text: str, subject: str) -> None:
    try:
        Pattern(text).is_found(subject, Work(100_000))
    except DataError:
        return


@given(st.text() | st.text("0123456789abcxf:./@[]-%#+TZhtps", max_size=40))
@example("0" * 5000)
@example("http://" + "9" * 5000)
@example("http://h:" + "9" * 5000)
@example("%" * 5000)
@example("http://" + "%41" * 3000)
@example("1." * 5000)
@example("9e999")
@example("http://\ud800")
def test_formats(text: str) -> None:
    for has_form in FORMATS.values():
        assert has_form(text) in (True, False)


@given(
    st.text(max_size=30) | st.text("/.%2Eabc", max_size=12),
    st.sampled_from(["resolve", "metadata", "children", "last-nonce", "txn-status"]),
)
def test_answers(text: str, route: str) -> None:
    status, body = answer(Registry(), "GET", f"/coeus/v1/{route}/{text}")
    assert status in (200, 400, 404, 500)
    encode_json(body)
