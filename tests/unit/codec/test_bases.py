"""Hex, base64, base58, multibase, bech32, varint, multicodec, multihash: examples and every refusal."""

from __future__ import annotations

import pytest

from iop.codec import bech32, emoji, multibase, multicodec, multihash, varint
from iop.codec.base58 import (
    LONGEST,
    encode_base58,
    encode_base58check,
    parse_base58,
    parse_base58check,
)
from iop.codec.base64 import encode_base64, encode_base64url, parse_base64, parse_base64url
from iop.codec.hex import encode_hex, parse_hex
from iop.errors import DataError, DecodeError, LimitError, UsageError


def test_hex() -> None:
    assert parse_hex("00fF") == b"\x00\xff"
    assert encode_hex(b"\x00\xff") == "00ff"
    assert parse_hex("") == b""


@pytest.mark.parametrize("text", ["0", "0g", " 00", "00 ", "0 0", "0x00", "é0", "٠٠", "00\n"])
def test_hex_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_hex(text)


# RFC 4648 10
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (b"\xfb\xff", "+/8="),
    ],
)
def test_base64(data: bytes, text: str) -> None:
    assert encode_base64(data) == text
    assert parse_base64(text) == data
    url = text.rstrip("=").translate(str.maketrans("+/", "-_"))
    assert encode_base64url(data) == url
    assert parse_base64url(url) == data


@pytest.mark.parametrize(
    "text", ["Z", "Zg==", "Zh", "Zm9=", "Z g", "Zm9v\n", "+_8", "Zm9v=", "é", "Zg\x00\x00", "Zg\n"]
)
def test_base64url_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_base64url(text)


@pytest.mark.parametrize(
    "text",
    ["Zg", "Zh==", "Zg=", "=Zg=", "Zg==Zg==", "-_8=", "Zg==\n", "====", "é===", "Z===", "Zm8=Zm8="],
)
def test_base64_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_base64(text)


def test_base58() -> None:
    assert encode_base58(b"\x00\x00abc") == "11ZiCa"
    assert parse_base58("11ZiCa") == b"\x00\x00abc"
    assert parse_base58("") == b""
    assert parse_base58check(encode_base58check(b"\x00payload")) == b"\x00payload"


@pytest.mark.parametrize("text", ["0", "O", "I", "l", " 1", "1 ", "1\n", "é", "+"])
def test_base58_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        parse_base58(text)


def test_base58check_refusals() -> None:
    with pytest.raises(DecodeError, match="Incorrect checksum"):
        parse_base58check("Z9inZq4e2HGQRZQezDjFMmqgUE8NwMRok")
    with pytest.raises(DecodeError):
        parse_base58check("1")
    with pytest.raises(LimitError):
        parse_base58("2" * (LONGEST + 1))
    with pytest.raises(LimitError):
        encode_base58(bytes([1]) * LONGEST)


@pytest.mark.parametrize("base", multibase.BASES)
def test_multibase_every_base(base: str) -> None:
    for data in (
        b"",
        b"\x00",
        b"\x00\x00yes mani !",
        b"a",
        b"ab",
        b"abc",
        b"abcd",
        b"abcde",
        b"\x7f" * 33,
    ):
        text = multibase.encode_multibase(data, base)
        assert text[0] == multibase.BASES[base][0]
        assert multibase.parse_multibase(text) == data


@pytest.mark.parametrize(
    "text",
    ["", "z0", "zl", "f0", "f0g", "u=", "uA", "uAB", "MAA", "MAA=", "mAA==", "b7", "bAAAAAA", "ba", "c", "cme", "01", "0000000000",
     "72", "7778", "9a", "9 1", "9-1", "k!", "h2", "hL", "vw", "uAA\n", "zé", "f٠٠", "cmfrgg", "cmfrgg====", "01111111_"],
)  # fmt: skip
def test_multibase_refusals(text: str) -> None:
    if text == "c":
        assert multibase.parse_multibase(text) == b""
        return
    with pytest.raises(DecodeError, match="Invalid base string"):
        multibase.parse_multibase(text)


def test_multibase_names() -> None:
    for code in "y🚀-x1é":
        with pytest.raises(DecodeError, match=f"Unknown base code: {code}"):
            multibase.parse_multibase(code + "abc")
    with pytest.raises(UsageError):
        multibase.encode_multibase(b"", "base59")
    with pytest.raises(DecodeError):
        multibase.encode_multibase(b"\xff", "identity")
    assert multibase.parse_multibase("kFuVrsIvVnfRbjWaJo") == multibase.parse_multibase(
        "KfUVrSIVVnFRbJWAJo"
    )


def test_emoji() -> None:
    data = bytes(range(256))
    assert emoji.parse_emoji(emoji.encode_emoji(data)) == data
    assert emoji.encode_emoji(b"yes mani !") == "🚀🏃✋🌈😅🌷🤤😻🌟😅👏"
    for text in ("", "z", "🚀a"):
        with pytest.raises(DecodeError):
            emoji.parse_emoji(text)


def test_varint() -> None:
    assert varint.encode_varint(300) == b"\xac\x02"
    assert varint.parse_varint(b"xx\xac\x02yy", 2) == (300, 4)
    assert varint.parse_varint(varint.encode_varint(2**63 - 1)) == (2**63 - 1, 9)
    for number in (-1, 2**63, 2**5000):
        with pytest.raises(DataError):
            varint.encode_varint(number)
    for data in (b"", b"\x80", b"\x80\x00", b"\xff" * 9 + b"\x01", b"\x81\x80\x00"):
        with pytest.raises(DecodeError):
            varint.parse_varint(data)


def test_multicodec() -> None:
    data = multicodec.encode_multicodec("ed25519-pub", bytes(32))
    assert data[:2] == b"\xed\x01"
    assert multicodec.parse_multicodec(data) == ("ed25519-pub", bytes(32))
    assert multicodec.CODES["blake2b-256"] == 0xB220
    assert multicodec.CODES["skein1024-1024"] == 0xB3E0
    with pytest.raises(UsageError):
        multicodec.encode_multicodec("rot13", b"")
    for bad in (b"", b"\x80", b"\xff\xff\x7f"):
        with pytest.raises(DecodeError):
            multicodec.parse_multicodec(bad)


def test_multihash() -> None:
    for name in ("sha1", "sha2-256", "sha3-512", "blake2b-256", "blake2s-128"):
        found, digest = multihash.parse_multihash(multihash.compute_multihash(name, b"abc"))
        assert found == name
        assert multihash.encode_multihash(name, digest) == multihash.compute_multihash(name, b"abc")
    for bad in (
        b"",
        b"\x12",
        b"\x12\x20" + bytes(31),
        b"\x12\x20" + bytes(33),
        b"\xff\xff\x7f\x00",
    ):
        with pytest.raises(DecodeError):
            multihash.parse_multihash(bad)
    for name in ("md4", "blake2b-999", "skein256-8"):
        with pytest.raises(UsageError):
            multihash.compute_multihash(name, b"")
    with pytest.raises(UsageError):
        multihash.encode_multihash("none", b"")


def test_bech32() -> None:
    text = bech32.encode_bech32("iop", b"\x00\x01\xff")
    assert bech32.parse_bech32(text) == ("iop", b"\x00\x01\xff")
    assert bech32.parse_bech32(text.upper()) == ("iop", b"\x00\x01\xff")
    # BIP 173 and BIP 350
    assert bech32.encode_words("a", [], "bech32") == "a12uel5l"
    assert bech32.encode_words("a", [], "bech32m") == "a1lqfn3a"
    assert bech32.parse_segwit("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc")[0] == 0


@pytest.mark.parametrize(
    "text",
    ["", "a", "1", "1qqqqqq", "a1qqqqq", "A1lqfn3a", "a1lqfn3b", "a12uel5l", "\x7f1lqfn3a", " 1lqfn3a", "a1lqfn3é", "a1bqfn3a",
     "a" * 84 + "1lqfn3a", "M1VUXWEZ", "aqqqqqqqq"],
)  # fmt: skip
def test_bech32_refusals(text: str) -> None:
    with pytest.raises(DecodeError):
        bech32.parse_bech32(text)


def test_bech32_writer_refusals() -> None:
    for prefix in ("", "A", "é", " ", "a" * 84):
        with pytest.raises(DataError):
            bech32.encode_bech32(prefix, b"")
    with pytest.raises(DataError):
        bech32.encode_bech32("a", bytes(60))
    for version, program in (
        (17, bytes(20)),
        (-1, bytes(20)),
        (0, bytes(21)),
        (1, bytes(1)),
        (1, bytes(41)),
    ):
        with pytest.raises(DataError):
            bech32.encode_segwit("bc", version, program)


def test_bech32_padding() -> None:
    words = [0, 1]  # ten bits: eight and two that are not zero
    with pytest.raises(DecodeError):
        bech32.parse_bech32(bech32.encode_words("a", words, "bech32m"))
    with pytest.raises(DecodeError):
        bech32.parse_bech32(bech32.encode_words("a", [0], "bech32m"))
