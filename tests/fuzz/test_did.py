"""Anything at all, read as an identifier, asset, document or proof: it is read, or a DataError says why not."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import example, given

from iop.did.document import check_document, has_right_at_client, judge_right
from iop.did.identifier import parse_did, parse_key_link
from iop.did.naming import parse_content_id, parse_naming
from iop.did.operation import compute_fee, make_asset, parse_asset, parse_attempts
from iop.did.proof import find_after_proof, judge_after, judge_before
from iop.did.registry import Registry
from iop.did.row import parse_fact
from iop.errors import DataError, VerifyError
from iop.keys.multicipher import parse_auth

DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"
OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
PUBLIC = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"

WORDS = st.sampled_from(
    [
        DID,
        OWN,
        PUBLIC,
        "#0",
        "#1",
        "signed",
        "registerBeforeProof",
        "addKey",
        "revokeKey",
        "addRight",
        "revokeRight",
        "tombstoneDid",
        "update",
        "impersonate",
        "did",
        "head",
        "attempt",
        "\ud800",
    ]
)
NAMES = st.sampled_from(
    [
        "operationAttempts",
        "operation",
        "signables",
        "signerPublicKey",
        "signature",
        "contentId",
        "did",
        "lastTxId",
        "auth",
        "expiresAtHeight",
        "right",
        "keys",
        "rights",
        "update",
        "impersonate",
        "keyLink",
        "history",
        "height",
        "valid",
        "validFromHeight",
        "validUntilHeight",
        "tombstonedAtHeight",
        "queriedAtHeight",
        "blockHeight",
        "blockHash",
        "content",
        "afterProof",
        "existsFromHeight",
        "txid",
        "table",
        "place",
        "confirmed",
        "tombstoned",
        "added",
        "expires",
        "revoked",
    ]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), WORDS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, WORDS), inner, max_size=8)
    ),
    max_leaves=20,
)


@st.composite
def attempts(draw: st.DrawFn) -> dict:
    """Something that looks much like an attempt."""
    signable = st.fixed_dictionaries(
        {
            "operation": st.one_of(WORDS, SCALARS),
            "did": st.one_of(st.just(DID), SCALARS),
        },
        optional={
            "lastTxId": st.one_of(st.none(), st.text(max_size=4), SCALARS),
            "auth": st.one_of(st.just(OWN), st.just(PUBLIC), SCALARS),
            "right": st.one_of(WORDS, SCALARS),
            "expiresAtHeight": SCALARS,
        },
    )
    return draw(
        st.fixed_dictionaries(
            {"operation": st.sampled_from(["signed", "signed", "registerBeforeProof", "x"])},
            optional={
                "signables": st.one_of(st.lists(signable, max_size=2), JSON),
                "signerPublicKey": st.one_of(st.just(PUBLIC), SCALARS),
                "signature": st.one_of(st.just("sez11"), SCALARS),
                "contentId": SCALARS,
            },
        )
    )


@given(
    st.one_of(st.text(), st.text().map(lambda t: DID[:15] + t), st.text().map(lambda t: DID + t))
)
@example(DID + "#0")
def test_identifiers(text: str) -> None:
    for parse in (parse_did, parse_key_link):
        try:
            parse(text)
        except DataError:
            continue


@given(st.one_of(st.binary(), st.text().map(str.encode)))
@example(b"9" * 5000)
@example(b"[" * 500)
def test_lines(data: bytes) -> None:
    for parse in (parse_naming, parse_content_id):
        try:
            parse(data)
        except DataError:
            continue


def rows_of(registry: Registry) -> tuple:
    state = registry.state
    logs = {did: list(log) for did, log in state.logs.items()}
    return state.height, dict(state.status), dict(state.proofs), dict(state.dids), logs


@given(
    st.one_of(JSON, st.fixed_dictionaries({"operationAttempts": st.lists(attempts(), max_size=3)}))
)
def test_assets(asset: object) -> None:
    registry = Registry()
    registry.apply_block(5)
    before = rows_of(registry)
    try:
        parsed = parse_asset(asset)
    except DataError:
        parsed = None
    if parsed is not None:
        written = make_asset(parsed)
        assert parse_asset(written) == parsed
        assert compute_fee(written) > compute_fee(written, "ts") - 3000 * 100
        assert len(registry.dry_run(parsed)) <= 1
    assert rows_of(registry) == before
    for call in (registry.apply_transaction, registry.revert_transaction):
        try:
            call("t", asset)
        except DataError:
            assert parsed is None
            assert rows_of(registry) == before
        except VerifyError:
            assert parsed is not None


@given(JSON)
def test_lists_of_attempts(items: object) -> None:
    try:
        parse_attempts(items)
    except DataError:
        return


POINTS = st.lists(
    st.fixed_dictionaries(
        {"height": st.one_of(st.none(), st.integers(0, 9), SCALARS), "valid": st.booleans()}
    ),
    max_size=4,
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "did": st.just(DID),
        "keys": st.lists(
            st.fixed_dictionaries(
                {"auth": st.sampled_from([OWN, PUBLIC])},
                optional={"validFromHeight": SCALARS, "validUntilHeight": st.integers(0, 9)},
            ),
            max_size=2,
        ),
        "rights": st.dictionaries(
            st.sampled_from(["update", "impersonate"]),
            st.lists(
                st.fixed_dictionaries(
                    {
                        "keyLink": st.one_of(st.sampled_from(["#0", "#1", "#", "0"]), st.text()),
                        "history": POINTS,
                    }
                ),
                max_size=3,
            ),
        ),
        "queriedAtHeight": st.integers(0, 9),
    },
    optional={"tombstonedAtHeight": st.one_of(st.none(), st.integers(0, 9))},
)


@given(st.one_of(JSON, DOCUMENTS))
def test_documents(document: object) -> None:
    try:
        verdict = judge_right(document, PUBLIC, "update")
        assert isinstance(verdict["granted"], bool)
        has_right_at_client(check_document(document), parse_auth(PUBLIC), "update", 0)
    except DataError:
        return


@given(JSON)
def test_proofs(record: object) -> None:
    for judge in (
        lambda: judge_before(record, "c"),
        lambda: judge_after(record, 5, "ab"),
        lambda: find_after_proof(record),
        lambda: parse_fact(record),
    ):
        try:
            judge()
        except DataError:
            continue
