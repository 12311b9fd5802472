from __future__ import annotations

import hashlib
import hmac

import pytest

from iop.crypto import hash as digests
from iop.crypto.ripemd160 import compute_ripemd160
from iop.errors import DataError

# The examples of the RIPEMD-160 paper.
PAPER = {
    b"": "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    b"a": "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe",
    b"abc": "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
    b"message digest": "5d0689ef49d2fae572b881b123a85ffa21595f36",
    b"abcdefghijklmnopqrstuvwxyz": "f71c27109c692c1b56bbdceb5b9d2865b3708dbc",
    b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": "12a053384a9c0c88e405a06c27dcf49ada62eb2b",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "b0e20b6e3116640286ed3a87a5713079b21f5189",
    b"1234567890" * 8: "9b752e45573d4b39f4dbd3323cab82bf63326bfb",
}


@pytest.mark.parametrize("message", PAPER, ids=repr)
def test_ripemd160_examples(message: bytes) -> None:
    assert digests.ripemd160(message).hex() == PAPER[message]
    assert compute_ripemd160(message).hex() == PAPER[message]


def test_ripemd160_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, _data: bytes = b"") -> None:
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", refuse)
    assert digests.ripemd160(b"abc").hex() == PAPER[b"abc"]
    assert digests.hash160(b"").hex() == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"


def test_plain_digests() -> None:
    assert digests.sha256(b"abc") == hashlib.sha256(b"abc").digest()
    assert digests.sha256d(b"abc") == hashlib.sha256(hashlib.sha256(b"abc").digest()).digest()
    assert digests.sha512(b"abc") == hashlib.sha512(b"abc").digest()
    assert digests.sha3_256(b"").hex().startswith("a7ffc6f8bf1ed766")


def test_blake2b_of_rfc_7693() -> None:
    assert digests.blake2b(b"abc", size=64).hex().startswith("ba80a53f981c4d0d6a2797b69f12f6e9")
    assert (
        digests.blake2b(b"x", key=b"k", size=16)
        == hashlib.blake2b(b"x", key=b"k", digest_size=16).digest()
    )


@pytest.mark.parametrize(("size", "key"), [(0, b""), (65, b""), (-1, b""), (32, bytes(65))])
def test_blake2b_refuses(size: int, key: bytes) -> None:
    with pytest.raises(DataError):
        digests.blake2b(b"", key=key, size=size)


@pytest.mark.parametrize("key", [b"", b"k", bytes(200)])
def test_hmac(key: bytes) -> None:
    assert digests.hmac_sha256(key, b"m") == hmac.digest(key, b"m", "sha256")
    assert digests.hmac_sha512(key, b"m") == hmac.digest(key, b"m", "sha512")


def test_hmac_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "_hashlib", None)
    assert digests.hmac_sha512(b"k", b"m") == hmac.digest(b"k", b"m", "sha512")
