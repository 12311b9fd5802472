from __future__ import annotations

import pytest

from iop.crypto import curve448, ed25519, x25519
from iop.errors import DataError

# RFC 7748 6.1.
ALICE = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
ALICE_PUBLIC = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
BOB = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
BOB_PUBLIC = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
SHARED = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")


def test_rfc_7748() -> None:
    assert x25519.compute_public_key(ALICE) == ALICE_PUBLIC
    assert x25519.compute_public_key(BOB) == BOB_PUBLIC
    assert x25519.compute_shared(ALICE, BOB_PUBLIC) == SHARED
    assert x25519.compute_shared(BOB, ALICE_PUBLIC) == SHARED


def test_the_top_bit_of_a_public_key_is_ignored() -> None:
    flipped = BOB_PUBLIC[:31] + bytes([BOB_PUBLIC[31] | 128])
    assert x25519.compute_shared(ALICE, flipped) == SHARED


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31)])
def test_small_order_is_refused(public: bytes) -> None:
    with pytest.raises(DataError, match="small order"):
        x25519.compute_shared(ALICE, public)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_lengths(size: int) -> None:
    for call in (x25519.compute_public_key, x25519.convert_public_key, x25519.convert_seed):
        with pytest.raises(DataError, match=f"got {size}"):
            call(bytes(size))
    with pytest.raises(DataError):
        x25519.compute_shared(bytes(size), BOB_PUBLIC)
    with pytest.raises(DataError):
        x25519.compute_shared(ALICE, bytes(size))


def test_keys_converted_from_ed25519_belong_together() -> None:
    for number in range(20):
        seed = bytes([number]) * 32
        public = x25519.convert_public_key(ed25519.compute_public_key(seed))
        assert x25519.compute_public_key(x25519.convert_seed(seed)) == public


@pytest.mark.parametrize("public", [b"\x01" + bytes(31), b"\x02" + bytes(31), bytes(32)])
def test_points_without_counterpart(public: bytes) -> None:
    with pytest.raises(DataError):
        x25519.convert_public_key(public)


def test_curve_448() -> None:
    secret = bytes(range(57))
    public = curve448.compute_public_key("Ed448", secret)
    signature = curve448.sign(secret, b"message")
    assert curve448.is_valid(public, b"message", signature)
    assert not curve448.is_valid(public, b"massage", signature)
    assert not curve448.is_valid(public[:56], b"message", signature)
    assert not curve448.is_valid(public, b"message", signature[:100])
    one, other = bytes(range(56)), bytes(range(1, 57))
    shared = curve448.compute_shared(one, curve448.compute_public_key("X448", other))
    assert shared == curve448.compute_shared(other, curve448.compute_public_key("X448", one))


def test_curve_448_refuses() -> None:
    with pytest.raises(DataError):
        curve448.compute_public_key("Ed448", bytes(56))
    with pytest.raises(DataError):
        curve448.compute_public_key("X449", bytes(56))
    with pytest.raises(DataError):
        curve448.sign(bytes(56), b"")
    with pytest.raises(DataError):
        curve448.compute_shared(bytes(56), bytes(55))
    with pytest.raises(DataError, match="small order"):
        curve448.compute_shared(bytes(range(56)), bytes(56))
