from __future__ import annotations

import pytest

from iop.crypto import ed25519
from iop.errors import DataError

# RFC 8032 7.1, tests 1 to 3.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
SEED = bytes(range(32))
PUBLIC = ed25519.compute_public_key(SEED)
SIGNATURE = ed25519.sign(SEED, b"message")


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    data = bytes.fromhex(message)
    assert ed25519.compute_public_key(bytes.fromhex(seed)).hex() == public
    assert ed25519.sign(bytes.fromhex(seed), data).hex() == signature
    assert ed25519.is_valid(bytes.fromhex(public), data, bytes.fromhex(signature))
    assert ed25519.is_valid_dalek(bytes.fromhex(public), data, bytes.fromhex(signature))


def test_an_expanded_seed_signs_the_same() -> None:
    expanded = ed25519.expand_seed(SEED)
    assert expanded == SEED + PUBLIC
    assert ed25519.sign_expanded(expanded, b"message") == SIGNATURE


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_wrong_seed_length(size: int) -> None:
    for call in (ed25519.compute_public_key, ed25519.expand_seed):
        with pytest.raises(DataError, match=f"got {size}"):
            call(bytes(size))
    with pytest.raises(DataError):
        ed25519.sign(bytes(size), b"")


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_wrong_expanded_length(size: int) -> None:
    with pytest.raises(DataError, match=f"got {size}"):
        ed25519.sign_expanded(bytes(size), b"")


@pytest.mark.parametrize("verify", [ed25519.is_valid, ed25519.is_valid_dalek])
@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (PUBLIC, b"massage", SIGNATURE),
        (PUBLIC, b"", SIGNATURE),
        (PUBLIC[:31], b"message", SIGNATURE),
        (PUBLIC + b"\0", b"message", SIGNATURE),
        (b"", b"message", SIGNATURE),
        (PUBLIC, b"message", SIGNATURE[:63]),
        (PUBLIC, b"message", SIGNATURE + b"\0"),
        (PUBLIC, b"message", b""),
        (PUBLIC, b"message", bytes(64)),
        (PUBLIC, b"message", b"\xff" * 64),
        (bytes([2]) + bytes(31), b"message", SIGNATURE),
    ],
)
def test_invalid(verify: object, public: bytes, message: bytes, signature: bytes) -> None:
    assert verify(public, message, signature) is False


def test_s_is_not_reduced() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + ed25519.ORDER
    malleable = SIGNATURE[:32] + s.to_bytes(32, "little")
    assert not ed25519.is_valid(PUBLIC, b"message", malleable)
    assert not ed25519.is_valid_dalek(PUBLIC, b"message", malleable)


def test_points() -> None:
    assert ed25519.is_point(PUBLIC)
    assert ed25519.is_point(b"\x01" + bytes(31))
    assert not ed25519.is_point(b"\x02" + bytes(31))
    assert not ed25519.is_point(PUBLIC[:31])


def test_errors_do_not_show_secrets() -> None:
    with pytest.raises(DataError) as caught:
        ed25519.sign(b"correct horse battery staple", b"")
    assert "horse" not in str(caught.value)
