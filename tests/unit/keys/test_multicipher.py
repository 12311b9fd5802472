from __future__ import annotations

import pickle

import pytest

from iop.crypto import secp256k1
from iop.errors import DataError, DecodeError, LimitError
from iop.keys.multicipher import (
    KeyId,
    PublicKey,
    SecretKey,
    Signature,
    compute_key_id,
    is_same_auth,
    is_valid,
    parse_auth,
    parse_key_id,
    parse_public_key,
    parse_signature,
    sign,
)

KEY = "pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6"
KEY_ID = "iezqztJ6XX6GDxdSgdiySiT3J"
SECP = "psz291QGsvwafGPkKMu6MUsXThWRcBRzRf6pcVPM1Pst6WgW"
SECP_ID = "isz7un9h2Ddua9rfHefJMKiPLxSy2pX"


def test_the_check_value_of_the_original() -> None:
    key = parse_public_key(KEY)
    assert str(key) == KEY and key.suite == "e" and len(key.data) == 32
    assert str(compute_key_id(key)) == KEY_ID
    assert str(compute_key_id(parse_public_key(SECP))) == SECP_ID


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        # In checking order (morpheus 1): every text has all the faults of those below it that it can have.
        (parse_key_id, "pgy", "Identifiers must start with 'i'"),
        (parse_key_id, "", "Identifiers must start with 'i'"),
        (parse_public_key, "igy", "Public keys must start with 'p'"),
        (parse_signature, "igy", "Signatures must start with 's'"),
        (parse_key_id, "i", "No crypto suite found"),
        (parse_key_id, "ig", "Invalid base string"),
        (parse_key_id, "igy", "Unknown base code: y"),
        (parse_key_id, "igz0", "Invalid base string"),
        (parse_key_id, "igz2", "Unknown crypto suite 'g'"),
        (parse_public_key, "pgz2", "Unknown crypto suite 'g'"),
        (parse_key_id, "ief00", "Identifier length is not 17"),
        (parse_key_id, "isf00", "Identifier length is not 21"),
        (parse_signature, "sef00", "Signature length is not 65"),
        (parse_signature, "ssf00", "Signature length is not 65"),
        (parse_key_id, "ief" + "02" * 17, "Only identifier version 1 is supported"),
        (parse_signature, "sef" + "02" * 65, "Only identifier version 1 is supported"),
        (parse_signature, "sef01" + "00" * 63 + "20", "signature error"),
        (parse_signature, "ssf01" + "ff" * 64, "Invalid signature"),
        (parse_public_key, "pef00", "signature error: PublicKey must be 32 bytes in length"),
        (parse_public_key, "pef02" + "00" * 31, "signature error: Cannot decompress Edwards point"),
        (parse_public_key, "psf00", "Invalid input length"),
        (parse_public_key, "psf" + "00" * 33, "Invalid public key"),
        (parse_public_key, "psf04" + "00" * 32, "Invalid public key"),
    ],
)
def test_refusals_in_order(parse, text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(text)
    assert caught.value.message == message


def test_every_multibase_is_read_and_base58_is_written() -> None:
    data = parse_key_id(KEY_ID).data
    assert str(parse_key_id("ief" + (b"\x01" + data).hex())) == KEY_ID
    assert str(parse_key_id("ieF" + (b"\x01" + data).hex().upper())) == KEY_ID
    assert str(parse_key_id("ie0" + "".join(f"{byte:08b}" for byte in b"\x01" + data))) == KEY_ID


def test_text_is_bounded() -> None:
    with pytest.raises(LimitError):
        parse_key_id("iez" + "1" * 2000)


def test_odd_points_stay_as_they_are() -> None:
    for data in ("ee" + "ff" * 30 + "7f", "ff" * 32, "00" * 32):
        assert parse_public_key(f"pef{data}").data.hex() == data


def test_authentications() -> None:
    key, secp = parse_public_key(KEY), parse_public_key(SECP)
    assert is_same_auth(key, key) and not is_same_auth(key, secp)
    assert is_same_auth(key, parse_key_id(KEY_ID)) and is_same_auth(parse_key_id(KEY_ID), key)
    assert not is_same_auth(secp, parse_key_id(KEY_ID)) and not is_same_auth(
        key, parse_key_id(SECP_ID)
    )
    assert parse_auth(KEY) == key and parse_auth(KEY_ID) == parse_key_id(KEY_ID)
    for text in ("foo", "iez", "did:morpheus:ez", ""):
        with pytest.raises(DecodeError, match="untagged enum Authentication"):
            parse_auth(text)


@pytest.mark.parametrize("suite", ["e", "s"])
def test_signatures(suite: str) -> None:
    secret = SecretKey(suite, bytes(range(1, 33)))
    public = secret.public()
    signature = sign(secret, b"message")
    assert sign(secret, b"message") == signature
    assert parse_signature(str(signature)) == signature
    for strict in (True, False):
        assert is_valid(public, b"message", signature, strict=strict)
        assert not is_valid(public, b"massage", signature, strict=strict)
    other = SecretKey("s" if suite == "e" else "e", bytes(range(1, 33))).public()
    assert not is_valid(other, b"message", signature)


def test_verdicts_differ_on_small_order_only() -> None:
    key = PublicKey("e", bytes(32))
    found = {is_valid(key, b"x%d" % n, Signature("e", bytes(64)), strict=False) for n in range(40)}
    assert True in found
    assert not any(is_valid(key, b"x%d" % n, Signature("e", bytes(64))) for n in range(40))


def test_high_s_is_accepted() -> None:
    secret = SecretKey("s", bytes(range(1, 33)))
    low = sign(secret, b"m").data
    high = low[:32] + (secp256k1.ORDER - int.from_bytes(low[32:])).to_bytes(32)
    assert is_valid(secret.public(), b"m", Signature("s", high))


def test_secrets_are_not_shown() -> None:
    secret = SecretKey("e", bytes(range(32)))
    assert repr(secret) == str(secret) == "SecretKey(ed25519, 32 bytes)"
    assert pickle.loads(pickle.dumps(secret)) == secret


@pytest.mark.parametrize(
    ("kind", "size"), [(PublicKey, 32), (KeyId, 16), (Signature, 64), (SecretKey, 32)]
)
def test_values_are_well_formed(kind, size: int) -> None:
    with pytest.raises(DataError, match="suite"):
        kind("x", bytes(size))
    with pytest.raises(DataError, match="bytes, got"):
        kind("e", bytes(size + 1))


def test_a_secp_secret_outside_the_order_has_no_public_key() -> None:
    for number in (0, secp256k1.ORDER):
        with pytest.raises(DataError):
            SecretKey("s", number.to_bytes(32)).public()
