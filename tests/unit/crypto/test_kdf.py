from __future__ import annotations

import pytest

from iop.crypto import kdf
from iop.errors import DataError, LimitError


def test_hkdf_of_rfc_5869_a_1() -> None:
    made = kdf.compute_hkdf("sha256", b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
    assert made.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_hkdf_of_rfc_5869_a_3_without_salt_and_info() -> None:
    made = kdf.compute_hkdf("sha256", b"\x0b" * 22, b"", b"", 42)
    assert made.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


@pytest.mark.parametrize(
    ("name", "size"), [("sha256", 255 * 32), ("sha512", 255 * 64), ("sha256", 0)]
)
def test_hkdf_sizes(name: str, size: int) -> None:
    assert len(kdf.compute_hkdf(name, b"secret", b"", b"", size)) == size


@pytest.mark.parametrize(
    ("name", "size"),
    [("sha256", 255 * 32 + 1), ("sha512", 255 * 64 + 1), ("sha256", -1), ("md5", 16)],
)
def test_hkdf_refuses(name: str, size: int) -> None:
    with pytest.raises(DataError):
        kdf.compute_hkdf(name, b"secret", b"", b"", size)


def test_pbkdf2() -> None:
    made = kdf.compute_pbkdf2_sha512(b"password", b"salt", 1, 64)
    assert made.hex().startswith("867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252")


@pytest.mark.parametrize(
    ("rounds", "size"), [(0, 64), (-1, 64), (kdf.MAX_ROUNDS + 1, 64), (1, 0), (1, 1025)]
)
def test_pbkdf2_refuses(rounds: int, size: int) -> None:
    with pytest.raises(LimitError):
        kdf.compute_pbkdf2_sha512(b"", b"", rounds, size)


def test_argon2_variants() -> None:
    """Recorded from the reference implementation: t = 2, m = 256 KiB, p = 1, password "password", salt "somesalt"."""
    cost = {"passes": 2, "kib": 256, "lanes": 1, "size": 32}
    assert kdf.compute_argon2i(b"password", b"somesalt", **cost).hex() == (
        "89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"
    )
    assert kdf.compute_argon2id(b"password", b"somesalt", **cost).hex() == (
        "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"
    )


def test_both_libraries_agree_on_argon2id() -> None:
    from argon2.low_level import Type, hash_secret_raw

    salt = bytes(range(16))
    for password in (b"", b"p", bytes(100)):
        made = kdf.compute_argon2id(password, salt, passes=3, kib=64, lanes=1, size=32)
        assert made == hash_secret_raw(password, salt, 3, 64, 1, 32, Type.ID)
    assert len(kdf.compute_argon2id(b"p", salt, passes=1, kib=64, lanes=4, size=4)) == 4


def test_argon2i_of_the_original_vault() -> None:
    assert (
        len(kdf.compute_argon2i(b"password", bytes(24), passes=15, kib=1024, lanes=1, size=32))
        == 32
    )


@pytest.mark.parametrize(
    "change",
    [
        {"passes": 0},
        {"passes": kdf.MAX_PASSES + 1},
        {"kib": 0},
        {"kib": kdf.MAX_KIB + 1},
        {"kib": kdf.MAX_KIB, "passes": 9},
        {"lanes": 0},
        {"lanes": 65},
        {"kib": 7},
        {"kib": 31, "lanes": 4},
    ],
    ids=str,
)
@pytest.mark.parametrize("derive", [kdf.compute_argon2i, kdf.compute_argon2id])
def test_argon2_costs_are_bounded(derive: object, change: dict[str, int]) -> None:
    cost = {"passes": 1, "kib": 64, "lanes": 1, "size": 32} | change
    with pytest.raises(LimitError):
        derive(b"password", bytes(16), **cost)


@pytest.mark.parametrize(("salt", "size"), [(7, 32), (1025, 32), (16, 3), (16, 1025), (16, 0)])
def test_argon2_lengths(salt: int, size: int) -> None:
    with pytest.raises(DataError):
        kdf.compute_argon2id(b"password", bytes(salt), passes=1, kib=64, lanes=1, size=size)
