from __future__ import annotations

import pytest

from iop.crypto import secp256k1
from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError

N = secp256k1.ORDER
G = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
SECRET = sha256(b"secret")
PUBLIC = secp256k1.compute_public_key(SECRET)
DIGEST = sha256(b"message")
SIGNATURE = secp256k1.sign_ecdsa(SECRET, DIGEST)


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


BAD_SECRETS = [b"", bytes(31), bytes(33), bytes(32), number(N), b"\xff" * 32]
# Right length, no point: 5 is the x of none; 04, 06 and 00 are no compressed forms.
BAD_PUBLICS = [
    b"",
    PUBLIC[:32],
    PUBLIC + b"\0",
    b"\x02" + number(5),
    b"\x04" + PUBLIC[1:],
    b"\x06" + PUBLIC[1:],
    bytes(33),
    b"\x02" + b"\xff" * 32,
]


def test_generator() -> None:
    assert secp256k1.compute_public_key(number(1)) == G
    assert secp256k1.compute_public_key(number(N - 1)) == b"\x03" + G[1:]


@pytest.mark.parametrize("secret", BAD_SECRETS, ids=len)
def test_bad_secrets(secret: bytes) -> None:
    assert not secp256k1.is_secret(secret)
    for call in (
        lambda: secp256k1.compute_public_key(secret),
        lambda: secp256k1.sign_ecdsa(secret, DIGEST),
        lambda: secp256k1.sign_schnorr_ark(secret, DIGEST),
        lambda: secp256k1.sign_bip340(secret, b"", bytes(32)),
        lambda: secp256k1.tweak_secret(secret, number(1)),
        lambda: secp256k1.compute_shared(secret, PUBLIC),
    ):
        with pytest.raises(DataError):
            call()


@pytest.mark.parametrize("public", BAD_PUBLICS, ids=bytes.hex)
def test_bad_public_keys(public: bytes) -> None:
    assert not secp256k1.is_public_key(public)
    assert not secp256k1.is_valid_ecdsa(public, DIGEST, SIGNATURE)
    assert not secp256k1.is_valid_schnorr_ark(
        public, DIGEST, secp256k1.sign_schnorr_ark(SECRET, DIGEST)
    )
    for call in (
        lambda: secp256k1.tweak_public(public, number(1)),
        lambda: secp256k1.compute_shared(SECRET, public),
        lambda: secp256k1.expand_point(public),
        lambda: secp256k1.compress_point(public),
    ):
        with pytest.raises(DataError):
            call()


def test_points_in_both_forms() -> None:
    long = secp256k1.expand_point(PUBLIC)
    assert long[0] == 4 and len(long) == 65
    assert secp256k1.compress_point(long) == PUBLIC == secp256k1.compress_point(PUBLIC)
    hybrid = bytes([6 + (long[64] & 1)]) + long[1:]
    with pytest.raises(DecodeError):
        secp256k1.compress_point(hybrid)
    with pytest.raises(DecodeError):
        secp256k1.compress_point(long[:64] + bytes([long[64] ^ 1]))


def test_ecdsa_of_rfc_6979_on_this_curve() -> None:
    """Key 1, message of Satoshi's: the value every implementation of deterministic nonces agrees on."""
    digest = sha256(b"Satoshi Nakamoto")
    assert secp256k1.sign_ecdsa(number(1), digest).hex() == (
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
    )


def test_ecdsa() -> None:
    assert secp256k1.is_valid_ecdsa(PUBLIC, DIGEST, SIGNATURE)
    assert not secp256k1.is_valid_ecdsa(PUBLIC, sha256(b"other"), SIGNATURE)
    assert not secp256k1.is_valid_ecdsa(G, DIGEST, SIGNATURE)
    assert secp256k1.is_low_s(SIGNATURE)


def test_high_s_is_accepted() -> None:
    high = SIGNATURE[:32] + number(N - int.from_bytes(SIGNATURE[32:], "big"))
    assert not secp256k1.is_low_s(high)
    assert secp256k1.is_valid_ecdsa(PUBLIC, DIGEST, high)


R, S = SIGNATURE[:32], SIGNATURE[32:]


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:63],
        SIGNATURE + b"\0",
        bytes(32) + S,
        R + bytes(32),
        number(N) + S,
        R + number(N),
        b"\xff" * 64,
        S + R,
    ],
    ids=len,
)
def test_bad_ecdsa_signatures(signature: bytes) -> None:
    assert not secp256k1.is_valid_ecdsa(PUBLIC, DIGEST, signature)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_digests_are_32_bytes(size: int) -> None:
    assert not secp256k1.is_valid_ecdsa(PUBLIC, bytes(size), SIGNATURE)
    assert not secp256k1.is_valid_schnorr_ark(PUBLIC, bytes(size), SIGNATURE)
    for call in (secp256k1.sign_ecdsa, secp256k1.sign_schnorr_ark):
        with pytest.raises(DataError):
            call(SECRET, bytes(size))


def test_der() -> None:
    der = secp256k1.encode_der(SIGNATURE)
    assert secp256k1.parse_der(der) == SIGNATURE
    small = number(1) + number(128)
    assert secp256k1.encode_der(small).hex() == "3007020101" + "02020080"
    assert secp256k1.parse_der(bytes.fromhex("300702010102020080")) == small


@pytest.mark.parametrize(
    "der",
    [
        "",
        "30",
        "3006",
        "300602010102",
        "30070201010201",
        "3006020100020101",  # r is 0
        "3006020101020100",  # s is 0
        "3006020181020101",  # r is negative
        "300702020001020101",  # r is padded
        "30080202000102020001",  # both are padded
        "3106020101020101",  # not a sequence
        "3006030101020101",  # not an integer
        "3006020101030101",
        "30060201010201010",
        "300602010102010100",  # something behind
        "3007020101020101",  # length too large
        "3005020101020101",  # length too small
        "308106020101020101",  # long form
        "3080020101020101",  # indefinite
        "30060281010102" + "01" * 2,  # long form inside
        "300502000201" + "01",  # empty integer
        "30060204010201" + "01",  # integer reaches beyond
        "3026022100" + "ff" * 32 + "020101",  # r above the order
    ],
)
def test_bad_der(der: str) -> None:
    data = bytes.fromhex(der + "0" * (len(der) % 2))
    with pytest.raises(DecodeError):
        secp256k1.parse_der(data)


@pytest.mark.parametrize("signature", [b"", bytes(63), number(N) + S, R + number(N)], ids=len)
def test_encode_der_refuses(signature: bytes) -> None:
    with pytest.raises(DataError):
        secp256k1.encode_der(signature)


def test_tweaks() -> None:
    tweak = sha256(b"tweak")
    moved = secp256k1.tweak_secret(SECRET, tweak)
    assert secp256k1.tweak_public(PUBLIC, tweak) == secp256k1.compute_public_key(moved)
    assert secp256k1.tweak_secret(SECRET, bytes(32)) == SECRET
    assert secp256k1.tweak_public(PUBLIC, bytes(32)) == PUBLIC


def test_tweaks_to_nothing() -> None:
    minus = number(N - int.from_bytes(SECRET, "big"))
    for tweak in (minus, number(N), b"\xff" * 32, bytes(31)):
        with pytest.raises(DataError):
            secp256k1.tweak_secret(SECRET, tweak)
        with pytest.raises(DataError):
            secp256k1.tweak_public(PUBLIC, tweak)


def test_shared_secret() -> None:
    other = sha256(b"other")
    assert secp256k1.compute_shared(
        SECRET, secp256k1.compute_public_key(other)
    ) == secp256k1.compute_shared(other, PUBLIC)
    assert secp256k1.compute_shared(number(1), PUBLIC) == PUBLIC[1:]


def test_bip340_vector_0() -> None:
    signature = secp256k1.sign_bip340(number(3), bytes(32), bytes(32))
    public = bytes.fromhex("f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9")
    assert signature.hex() == (
        "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
        "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0"
    )
    assert secp256k1.is_valid_bip340(public, bytes(32), signature)
    assert not secp256k1.is_valid_bip340(public, bytes(31), signature)
    assert not secp256k1.is_valid_bip340(public[:31], bytes(32), signature)
    assert not secp256k1.is_valid_bip340(public, bytes(32), signature[:63])
    assert not secp256k1.is_valid_bip340(b"\xff" * 32, bytes(32), signature)
    with pytest.raises(DataError):
        secp256k1.sign_bip340(number(3), bytes(32), bytes(31))


@pytest.mark.parametrize("message", [b"", b"x", bytes(1000)], ids=len)
def test_bip340_messages_of_any_length(message: bytes) -> None:
    signature = secp256k1.sign_bip340(SECRET, message, bytes(32))
    assert secp256k1.is_valid_bip340(PUBLIC[1:], message, signature)


def test_schnorr_of_the_ark_library() -> None:
    secret = sha256(b"this is a top secret passphrase")
    public = bytes.fromhex("034151a3ec46b5670a682b0a63394f863587d1bc97483b1b6c70eb58e7f0aed192")
    digest = bytes.fromhex("7718699095ca8ca224315ad320cc5e4fef8e86f85a55a4c877a546d86d2147fe")
    signature = secp256k1.sign_schnorr_ark(secret, digest)
    assert secp256k1.compute_public_key(secret) == public
    assert signature.hex() == (
        "d74ef2a8f91538a3d57e11f3d437ddf9e02f58c40cfab48706a4b6b262d5b8dc"
        "c41db036dde40795108eb71e2c8cfa69496dc57bcffdf9de796602da42643eee"
    )
    assert secp256k1.is_valid_schnorr_ark(public, digest, signature)
    assert not secp256k1.is_valid_schnorr_ark(G, digest, signature)
    assert not secp256k1.is_valid_schnorr_ark(public, sha256(b""), signature)
    r, s = signature[:32], signature[32:]
    bad = [
        b"",
        signature[:63],
        s + r,
        r + bytes(32),
        r + number(N),
        b"\xff" * 32 + s,
        bytes(32) + s,
    ]
    minus = number(N - int.from_bytes(s, "big"))
    assert not any(
        secp256k1.is_valid_schnorr_ark(public, digest, data) for data in [*bad, r + minus]
    )


def test_schnorr_where_the_sum_is_infinite() -> None:
    """s = e·x makes R the point at infinity, whatever r says."""
    r = bytes(31) + b"\x07"
    e = int.from_bytes(sha256(r + PUBLIC + DIGEST), "big") % N
    s = e * int.from_bytes(SECRET, "big") % N
    assert not secp256k1.is_valid_schnorr_ark(PUBLIC, DIGEST, r + number(s))


def test_errors_do_not_show_secrets() -> None:
    with pytest.raises(DataError) as caught:
        secp256k1.compute_public_key(b"\xff" * 32)
    assert "ff" not in str(caught.value).replace("offered", "")
