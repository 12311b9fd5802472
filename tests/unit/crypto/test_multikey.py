from __future__ import annotations

import pytest

from iop.codec.base58 import encode_base58
from iop.crypto import jwk, rsa
from iop.crypto.multikey import (
    KINDS,
    LONGEST,
    Multikey,
    encode_secret_multikey,
    parse_multikey,
    parse_secret_multikey,
)
from iop.errors import DataError, LimitError

# Controlled Identifiers 1.0, the example of a Multikey; did:key 0.7, the examples of the other kinds.
TEXTS = {
    "z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu": "Ed25519",
    "z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F": "X25519",
    "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme": "secp256k1",
    "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169": "P-256",
    "z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9": "P-384",
}
SIZES = {"P-384": 48, "P-521": 66, "Ed448": 57, "X448": 56}
SIMPLE = [kind for kind in KINDS if kind != "RSA" and not kind.startswith("BLS")]


@pytest.mark.parametrize("text", TEXTS)
def test_examples(text: str) -> None:
    key = parse_multikey(text)
    assert key.kind == TEXTS[text]
    assert str(key) == text


@pytest.mark.parametrize("kind", SIMPLE)
def test_round_trip(kind: str) -> None:
    secret = bytes(SIZES.get(kind, 32) - 1) + b"\x07"
    key = Multikey(kind, jwk.compute_public_key(kind, secret))
    assert parse_multikey(str(key)) == key
    text = encode_secret_multikey(kind, secret)
    assert parse_secret_multikey(text) == (kind, secret)
    with pytest.raises(DataError, match="secret key"):
        parse_secret_multikey(str(key))
    with pytest.raises(DataError, match="public key"):
        parse_multikey(text)
    with pytest.raises(DataError):
        encode_secret_multikey(kind, secret[:-1])


def test_rsa_and_bls() -> None:
    public = rsa.encode_public_key((1 << 2047) + 1, 65537)
    assert parse_multikey(str(Multikey("RSA", public))).data == public
    for kind, size in (("BLS12381G1", 48), ("BLS12381G2", 96), ("BLS12381G1G2", 144)):
        data = bytearray(size)
        data[0] = data[-96 if kind == "BLS12381G1G2" else 0] = 0x80
        assert parse_multikey(str(Multikey(kind, bytes(data)))).kind == kind
        for first in (0x00, 0xC0, 0x40):
            data[0] = first
            with pytest.raises(DataError):
                Multikey(kind, bytes(data))
    with pytest.raises(DataError):
        encode_secret_multikey("RSA", bytes(32))


def test_secret_numbers_out_of_range() -> None:
    for kind, size in (("secp256k1", 32), ("P-256", 32), ("P-521", 66)):
        for secret in (bytes(size), b"\xff" * size):
            with pytest.raises(DataError):
                encode_secret_multikey(kind, secret)


def text(data: bytes) -> str:
    return "z" + encode_base58(data)


POINT = parse_multikey("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme").data


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "z",
        "6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu",
        "Z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu",
        "uAQ",
        " z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu",
        "z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu\n",
        "z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cx0",
        text(b"\xed"),
        text(b"\xed\x01"),
        text(b"\xed\x01" + bytes(31)),
        text(b"\xed\x01" + bytes(33)),
        text(b"\xed\x81\x00" + bytes(32)),
        text(b"\xed" + bytes(32)),
        text(b"\xed\x01\x02" + bytes(31)),
        text(b"\x12\x20" + bytes(32)),
        text(b"\xff" * 10 + bytes(32)),
        text(b"\xe7\x01" + POINT[:32]),
        text(b"\xe7\x01\x04" + POINT[1:]),
        text(b"\xe7\x01\x02" + bytes(31) + b"\x05"),
        text(b"\x80\x24\x02" + b"\xff" * 32),
        text(b"\x85\x24\x30\x00"),
    ],
    ids=range(22),
)
def test_refusals(bad: str) -> None:
    with pytest.raises(DataError):
        parse_multikey(bad)
    with pytest.raises(DataError):
        parse_secret_multikey(bad)


def test_uncompressed_points_are_refused() -> None:
    from iop.crypto import secp256k1

    with pytest.raises(DataError):
        Multikey("secp256k1", secp256k1.expand_point(POINT))


def test_limit() -> None:
    with pytest.raises(LimitError):
        parse_multikey("z" * (LONGEST + 1))


def test_unknown_kind() -> None:
    for make in (Multikey, encode_secret_multikey):
        with pytest.raises(DataError):
            make("Ed255", bytes(32))
