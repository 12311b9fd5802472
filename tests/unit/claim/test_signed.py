from __future__ import annotations

import pytest

from iop.claim.signed import (
    AfterProof,
    Signer,
    from_record,
    is_bytes_valid,
    is_content_id,
    is_signed_valid,
    open_envelope,
    sign_json,
    to_record,
    wrap_after,
)
from iop.codec.digest import compute_content_id
from iop.codec.mask import apply_mask
from iop.errors import DataError, DecodeError, SchemaError
from iop.keys.multicipher import PublicKey, SecretKey, Signature, compute_key_id

CONTENT = {"a": {"b": 1}, "c": [True, None]}
ED = SecretKey("e", b"\x07" * 32)
SECP = SecretKey("s", b"\x07" * 32)


@pytest.mark.parametrize("secret", [ED, SECP], ids=["ed25519", "secp256k1"])
def test_a_signature_covers_the_content_id(secret):
    signed = sign_json(secret, CONTENT)
    assert list(signed) == ["signature", "content"]
    assert is_signed_valid(signed)
    assert is_signed_valid(signed | {"content": compute_content_id(CONTENT)})
    assert is_signed_valid(signed | {"content": apply_mask(CONTENT, ".a")})
    assert not is_signed_valid(signed | {"content": {"a": {"b": 2}, "c": [True, None]}})
    assert is_signed_valid(signed, compute_key_id(secret.public()))
    assert not is_signed_valid(signed, compute_key_id(SecretKey("e", b"\x08" * 32).public()))


def test_the_outer_nonce_is_kept_and_not_signed():
    signed = sign_json(ED, CONTENT, "uX")
    assert signed["nonce"] == "uX"
    assert is_signed_valid(signed | {"nonce": "uY"})
    assert to_record(from_record(signed)) == signed
    assert "nonce" not in to_record(from_record(signed | {"nonce": None}))


def test_unknown_members_are_dropped():
    signed = sign_json(ED, CONTENT)
    more = signed | {"extra": 1, "signature": signed["signature"] | {"x": 2}}
    assert to_record(from_record(more)) == signed


def test_suites_of_key_and_signature_must_agree():
    signed = sign_json(ED, CONTENT)
    other = sign_json(SECP, CONTENT)
    mixed = signed | {"signature": signed["signature"] | {"bytes": other["signature"]["bytes"]}}
    assert not is_signed_valid(mixed)


@pytest.mark.parametrize("content", [None, 5, True, 1.5, {"é": 1}, {"a": {"é": 1}}, "not an id"])
def test_what_has_no_fitting_digest_is_invalid(content):
    assert not is_signed_valid(sign_json(ED, CONTENT) | {"content": content})


@pytest.mark.parametrize("content", [None, 5, True, "", "header.claims", "cju" + "A" * 42 + "="])
def test_scalars_and_free_texts_are_not_signed(content):
    with pytest.raises(DataError):
        sign_json(ED, content)


def test_a_content_id_signs_itself():
    content_id = compute_content_id(CONTENT)
    assert sign_json(ED, content_id)["signature"] == sign_json(ED, CONTENT)["signature"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s: s.pop("signature"), "missing field `signature`"),
        (lambda s: s.pop("content"), "missing field `content`"),
        (lambda s: s["signature"].pop("publicKey"), "missing field `publicKey`"),
        (lambda s: s["signature"].pop("bytes"), "missing field `bytes`"),
        (lambda s: s.update(signature=None), "invalid type: null, expected struct SignatureTuple"),
        (
            lambda s: s.update(signature=[1]),
            "invalid type: sequence, expected struct SignatureTuple",
        ),
        (lambda s: s.update(nonce=5), "invalid type: integer `5`, expected a string"),
        (
            lambda s: s["signature"].update(publicKey=5),
            "invalid type: integer `5`, expected valid regular expression",
        ),
        (
            lambda s: s["signature"].update(bytes={}),
            "invalid type: map, expected valid regular expression",
        ),
        (lambda s: s["signature"].update(publicKey="ie"), "Public keys must start with 'p'"),
        (lambda s: s["signature"].update(bytes="sezX"), "Signature length is not 65"),
    ],
)
def test_refusals_have_the_originals_words(change, text):
    signed = sign_json(ED, CONTENT)
    change(signed)
    with pytest.raises(DataError) as caught:
        from_record(signed)
    assert caught.value.message == text


@pytest.mark.parametrize("record", [None, 5, "x", [], True])
def test_other_records_are_refused(record):
    with pytest.raises(SchemaError, match="expected struct SignatureSerializationFormat"):
        from_record(record)


def test_small_order_keys_verify_with_the_original_only():
    public = PublicKey(
        "e", b"\x01" + bytes(31)
    )  # the neutral element: every signature with R = sB holds
    signature = Signature("e", b"\x01" + bytes(63))
    assert is_bytes_valid(public, b"anything", signature, strict=False)
    assert not is_bytes_valid(public, b"anything", signature)


def test_signed_bytes_cover_the_bytes_and_the_key_id():
    signature = Signer(ED).sign(b"data")
    assert is_bytes_valid(ED.public(), b"data", signature, compute_key_id(ED.public()))
    assert not is_bytes_valid(ED.public(), b"Data", signature)
    assert not is_bytes_valid(ED.public(), b"data", signature, compute_key_id(SECP.public()))


def test_a_wiped_signer_signs_no_more():
    for secret in (ED, SECP):
        signer = Signer(secret)
        assert "Signer(p" in repr(signer)
        signer.wipe()
        with pytest.raises(DataError):
            signer.sign(b"x")


def test_envelopes_open():
    proof = AfterProof(126, "0c4f")
    assert open_envelope(wrap_after(CONTENT, proof)) == (CONTENT, proof)
    assert open_envelope(CONTENT) == (CONTENT, None)
    assert open_envelope("cjuX") == ("cjuX", None)
    assert open_envelope({"content": 1, "afterProof": None}) == (
        {"content": 1, "afterProof": None},
        None,
    )


@pytest.mark.parametrize(
    "envelope",
    [
        {"afterProof": {"blockHeight": 1, "blockHash": "a"}},
        {"content": 1, "afterProof": "x"},
        {"content": 1, "afterProof": {"blockHeight": -1, "blockHash": "a"}},
        {"content": 1, "afterProof": {"blockHeight": 1 << 32, "blockHash": "a"}},
        {"content": 1, "afterProof": {"blockHeight": True, "blockHash": "a"}},
        {"content": 1, "afterProof": {"blockHeight": 1}},
        {"content": 1, "afterProof": {"blockHeight": 1, "blockHash": 5}},
    ],
)
def test_malformed_envelopes_are_refused(envelope):
    with pytest.raises(SchemaError):
        open_envelope(envelope)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("cju" + "A" * 43, True),
        ("cju" + "-_" * 21 + "9", True),
        ("cju" + "A" * 42, False),
        ("cju" + "A" * 44, False),
        ("cbu" + "A" * 43, False),
        ("cju" + "A" * 42 + "+", False),
        ("cju" + "A" * 42 + "é", False),
    ],
)
def test_forms_of_content_ids(text, verdict):
    assert is_content_id(text) is verdict


def test_errors_of_keys_are_decode_errors():
    with pytest.raises(DecodeError):
        from_record(sign_json(ED, CONTENT) | {"signature": {"publicKey": "pezX", "bytes": "sezX"}})
