from __future__ import annotations

import pytest

from iop.crypto import aead
from iop.errors import DataError, VerifyError

KEY = bytes(range(128, 160))
PAIRS = {
    "xchacha": (aead.seal_xchacha, aead.open_xchacha, 24),
    "chacha": (aead.seal_chacha, aead.open_chacha, 12),
    "aes_gcm": (aead.seal_aes_gcm, aead.open_aes_gcm, 12),
}
SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)


def test_rfc_8439_2_8_2() -> None:
    nonce = bytes.fromhex("070000004041424344454647")
    ad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    sealed = aead.seal_chacha(bytes(range(0x80, 0xA0)), nonce, SUNSCREEN, ad)
    assert sealed.hex().startswith("d31a8d34648e60db7b86afbc53ef7ec2")
    assert sealed.hex().endswith("1ae10b594f09e26a7e902ecbd0600691")


def test_xchacha_draft_a_3_1() -> None:
    ad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    sealed = aead.seal_xchacha(bytes(range(0x80, 0xA0)), bytes(range(0x40, 0x58)), SUNSCREEN, ad)
    assert sealed.hex().startswith("bd6d179d3e83d43b9576579493c0e939")
    assert sealed.hex().endswith("c0875924c1c7987947deafd8780acf49")


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("plain", [b"", b"x", bytes(1000)], ids=len)
def test_round_trip(name: str, plain: bytes) -> None:
    seal, unseal, size = PAIRS[name]
    sealed = seal(KEY, bytes(size), plain, b"ad")
    assert len(sealed) == len(plain) + aead.TAG_SIZE
    assert unseal(KEY, bytes(size), sealed, b"ad") == plain


@pytest.mark.parametrize("name", PAIRS)
def test_tampering(name: str) -> None:
    seal, unseal, size = PAIRS[name]
    nonce = bytes(size)
    sealed = seal(KEY, nonce, b"plain", b"ad")
    other = bytes(31) + b"\1"
    for index in range(len(sealed)):
        bent = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(VerifyError):
            unseal(KEY, nonce, bent, b"ad")
    for key, number, data, ad in (
        (other, nonce, sealed, b"ad"),
        (KEY, other[:size], sealed, b"ad")
        if size < 32 and any(other[:size])
        else (KEY, b"\1" * size, sealed, b"ad"),
        (KEY, nonce, sealed[:-1], b"ad"),
        (KEY, nonce, sealed + b"\0", b"ad"),
        (KEY, nonce, sealed, b""),
        (KEY, nonce, sealed, b"bad"),
    ):
        with pytest.raises(VerifyError):
            unseal(key, number, data, ad)


@pytest.mark.parametrize("name", PAIRS)
def test_lengths(name: str) -> None:
    seal, unseal, size = PAIRS[name]
    for key, nonce in (
        (KEY[:31], bytes(size)),
        (KEY + b"\0", bytes(size)),
        (KEY, bytes(size - 1)),
        (KEY, bytes(size + 1)),
        (b"", b""),
    ):
        with pytest.raises(DataError):
            seal(key, nonce, b"plain")
        with pytest.raises(DataError):
            unseal(key, nonce, bytes(20))
    for short in range(16):
        with pytest.raises(DataError, match=f"got {short}"):
            unseal(KEY, bytes(size), bytes(short))
