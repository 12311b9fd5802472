"""Both verdicts of iop against arithmetic written from the definition, on every odd kind of key and signature."""

from __future__ import annotations

import importlib.util
import os

import pytest

from iop.crypto import ed25519

_spec = importlib.util.spec_from_file_location(
    "edwards25519", os.path.join(os.path.dirname(__file__), "edwards25519.py")
)
E = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(E)

TORSION = E.torsion()
SMALL = [data for point in TORSION for data in E.encodings(point)]
SECRET = 0x1D2F0B8C9A7E5F43216789ABCDEF0123456789ABCDEF0123456789ABCDEF01 % E.L


def agree(public: bytes, message: bytes, signature: bytes) -> bool:
    dalek = E.verify_dalek(public, message, signature)
    assert ed25519.is_valid_dalek(public, message, signature) is dalek
    strict = E.verify_strict(public, message, signature)
    assert ed25519.is_valid(public, message, signature) is strict
    return dalek


def sign_with(secret: int, public: bytes, nonce_point: object, r: int, message: bytes) -> bytes:
    """R as given, and the S that satisfies sB = rB + k·(secret)B: valid when torsion happens to cancel."""
    nonce = E.compress(nonce_point)
    s = (r + E.challenge(nonce, public, message) * secret) % E.L
    return nonce + s.to_bytes(32, "little")


def test_the_torsion_table_is_the_group_of_order_eight() -> None:
    assert {E.compress(point) for point in TORSION} == set(ed25519._TORSION)
    one = E.decompress(ed25519._TORSION[1])
    assert [E.compress(E.multiply(one, index)) for index in range(8)] == list(ed25519._TORSION)


def test_there_are_fourteen_encodings_of_small_order() -> None:
    assert len(set(SMALL)) == 14


@pytest.mark.parametrize("public", SMALL, ids=bytes.hex)
def test_small_order_keys(public: bytes) -> None:
    """A of small order, with every R of small order: S = 0, S = 1 and S = r, over several messages."""
    seen = set()
    for number in range(3):
        message = f"message {number}".encode()
        for nonce in SMALL:
            seen.add(agree(public, message, nonce + bytes(32)))
            agree(public, message, nonce + (1).to_bytes(32, "little"))
        for shift in TORSION:
            point = E.add(E.multiply(E.BASE, 7), shift)
            signature = E.compress(point) + (7).to_bytes(32, "little")
            seen.add(agree(public, message, signature))
    assert False in seen


def test_small_order_keys_do_verify_sometimes() -> None:
    found = 0
    for number in range(40):
        message = bytes([number])
        for nonce in ed25519._TORSION:
            found += ed25519.is_valid_dalek(ed25519._TORSION[1], message, nonce + bytes(32))
    assert found > 0


@pytest.mark.parametrize("shift", range(8))
def test_keys_with_a_torsion_part(shift: int) -> None:
    """A = aB + T, R = rB + T': valid exactly when kT cancels T'."""
    public = E.compress(E.add(E.multiply(E.BASE, SECRET), TORSION[shift]))
    verdicts = []
    for number in range(4):
        message = f"torsion {number}".encode()
        for twist in TORSION:
            r = 1234567 + number
            point = E.add(E.multiply(E.BASE, r), twist)
            verdicts.append(agree(public, message, sign_with(SECRET, public, point, r, message)))
    assert False in verdicts


@pytest.mark.parametrize("shift", range(8))
def test_nonces_of_small_order_under_any_key(shift: int) -> None:
    """R of small order beside an ordinary or mixed key: S = ka (+ torsion) makes sB − kA land on the torsion."""
    public = E.compress(E.add(E.multiply(E.BASE, SECRET), TORSION[shift]))
    verdicts = []
    for number in range(3):
        message = f"nonce {number}".encode()
        for nonce in SMALL:
            s = E.challenge(nonce, public, message) * SECRET % E.L
            verdicts.append(agree(public, message, nonce + s.to_bytes(32, "little")))
    assert False in verdicts
    if shift == 0:
        assert True in verdicts


@pytest.mark.parametrize("offset", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_keys_that_are_not_canonical(offset: int, sign: int) -> None:
    """y = p + offset: most are points of large order nobody knows the logarithm of; verdicts agree all the same."""
    public = ((E.P + offset) | sign << 255).to_bytes(32, "little")
    assert ed25519.is_point(public) is (E.decompress(public) is not None)
    for nonce in (SMALL[0], SMALL[5], E.compress(E.multiply(E.BASE, 99))):
        for s in (0, 99, E.L - 1):
            agree(public, b"not canonical", nonce + s.to_bytes(32, "little"))
    point = E.decompress(public)
    if point is None:
        return
    if E.multiply(point, 8) == E.IDENTITY:
        # Only these can be seen to verify: of the others nobody knows the logarithm.
        signatures = [nonce + bytes(32) for nonce in ed25519._TORSION]
        messages = [bytes([number]) for number in range(20)]
        assert any(agree(public, m, signature) for m in messages for signature in signatures)


@pytest.mark.parametrize(
    "s", [0, 1, 8, "L-1", "L", "L+1", "2L", "2^252", "2^253-1", "2^255-1", "2^256-1"]
)
def test_scalars_at_the_edges(s: object) -> None:
    number = {
        "L-1": E.L - 1,
        "L": E.L,
        "L+1": E.L + 1,
        "2L": 2 * E.L,
        "2^252": 2**252,
        "2^253-1": 2**253 - 1,
        "2^255-1": 2**255 - 1,
        "2^256-1": 2**256 - 1,
    }.get(s, s)
    for public in (SMALL[0], SMALL[3], E.compress(E.multiply(E.BASE, SECRET))):
        for nonce in (SMALL[0], E.compress(E.multiply(E.BASE, number % E.L))):
            agree(public, b"edge", nonce + number.to_bytes(32, "little"))


def test_what_is_no_point_never_verifies() -> None:
    for y in range(2, 60):
        public = y.to_bytes(32, "little")
        if E.decompress(public) is None:
            assert not ed25519.is_point(public)
            assert not ed25519.is_valid_dalek(public, b"", SMALL[0] + bytes(32))
