"""Operations and documents: what is written is read, what is signed is canonical, what is forgotten was not yet known."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from iop.codec.canonical import encode_canonical
from iop.codec.json import encode_json, parse_json
from iop.codec.varint import encode_varint
from iop.did.document import check_document, has_right_at, implicit_document, is_tombstoned_at
from iop.did.entry import DidState, KeyEntry, forget_after, to_document
from iop.did.identifier import compute_did, parse_did
from iop.did.operation import (
    ADD_KEY,
    OPERATIONS,
    BeforeProof,
    Signed,
    encode_signables,
    make_asset,
    make_signable,
    parse_asset,
    signable_to_record,
)
from iop.keys.multicipher import KeyId, SecretKey, compute_key_id, parse_auth

IDS = st.one_of(
    st.binary(min_size=16, max_size=16).map(lambda b: KeyId("e", b)),
    st.binary(min_size=20, max_size=20).map(lambda b: KeyId("s", b)),
)
SECRETS = st.tuples(st.sampled_from("es"), st.integers(1, 99)).map(
    lambda t: SecretKey(t[0], t[1].to_bytes(32, "big"))
)
AUTHS = st.one_of(IDS.map(str), SECRETS.map(lambda s: str(s.public())))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HEIGHTS = st.integers(0, 30)


@st.composite
def signables(draw: st.DrawFn) -> object:
    return make_signable(
        draw(st.sampled_from(OPERATIONS)),
        str(compute_did(draw(IDS))),
        draw(st.one_of(st.none(), TEXTS)),
        auth=draw(AUTHS),
        expires=draw(st.one_of(st.none(), st.integers(0, (1 << 32) - 1))),
        right=draw(TEXTS),
    )


BLOCKS = st.builds(Signed, st.lists(signables(), max_size=3).map(tuple), TEXTS, TEXTS)
ATTEMPTS = st.lists(st.one_of(BLOCKS, TEXTS.map(BeforeProof)), max_size=3).map(tuple)


@given(IDS)
def test_identifiers(key_id: KeyId) -> None:
    assert parse_did(str(compute_did(key_id))).key_id == key_id


@given(ATTEMPTS, st.sampled_from(["wasm", "ts"]))
def test_assets_are_read_as_written(attempts: tuple, order: str) -> None:
    assert parse_asset(parse_json(encode_json(make_asset(attempts, order)))) == attempts


@given(st.lists(signables(), max_size=3).map(tuple), st.sampled_from(["wasm", "ts"]))
def test_signed_bytes_are_framed_canonical_text(items: tuple, order: str) -> None:
    text = encode_canonical([signable_to_record(item, order) for item in items]).encode()
    assert encode_signables(items) == encode_varint(len(text)) + text


@st.composite
def states(draw: st.DrawFn) -> DidState:
    def flips() -> tuple[int, ...]:
        return tuple(sorted(draw(st.sets(HEIGHTS, max_size=4))))

    def key(auth: str, key_id: str, added: int | None) -> KeyEntry:
        ends = [draw(st.one_of(st.none(), HEIGHTS)) for _ in range(2)]
        return KeyEntry(auth, key_id, added, *ends, flips(), flips())

    keys = [key(OWN, OWN, None)]
    for added in sorted(draw(st.lists(HEIGHTS, max_size=3))):
        number = draw(st.integers(1, 3))
        public = SecretKey("e", bytes([number]) * 32).public()
        key_id = str(compute_key_id(public))
        keys.append(key(draw(st.sampled_from([str(public), key_id])), key_id, added))
    return DidState(tuple(keys), draw(st.one_of(st.none(), HEIGHTS)))


OWN = "iezqztJ6XX6GDxdSgdiySiT3J"
DID = "did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J"


@given(states(), HEIGHTS, HEIGHTS)
def test_what_is_forgotten_was_not_known(state: DidState, height: int, later: int) -> None:
    known = forget_after(state, height)
    assert forget_after(known, height + later) == known
    assert forget_after(forget_after(state, height + later), height) == known
    # Judged at that height, the old document and today's say the same.
    old, now = to_document(DID, known, height), to_document(DID, state, height)
    for key, same in zip(old["keys"], now["keys"], strict=True):
        assert key["valid"] == same["valid"]
    for right in ("update", "impersonate"):
        for entry, same in zip(old["rights"][right], now["rights"][right], strict=True):
            assert entry["valid"] == same["valid"]
            assert all(
                point["height"] is None or point["height"] <= height for point in entry["history"]
            )
        for key in state.keys:
            auth = parse_auth(key.auth)
            assert has_right_at(check_document(old), auth, right, height) == has_right_at(
                check_document(now), auth, right, height
            )
    assert is_tombstoned_at(old, height) == is_tombstoned_at(now, height)


@given(states(), HEIGHTS)
def test_flags_of_a_document_are_judgements(state: DidState, height: int) -> None:
    document = check_document(to_document(DID, state, height))
    for key, shown in zip(
        [k for k in state.keys if k.added is None or k.added <= height],
        document["keys"],
        strict=True,
    ):
        assert shown["valid"] == key.is_valid_at(height, state.tombstoned)
    assert parse_json(encode_json(document)) == document


@given(IDS, HEIGHTS)
def test_the_default_key_has_all_rights(key_id: KeyId, height: int) -> None:
    document = implicit_document(compute_did(key_id), height)
    for right in ("update", "impersonate"):
        assert has_right_at(document, key_id, right, height)
    assert make_signable(ADD_KEY, document["did"], None, auth=str(key_id)).key_id == str(key_id)
