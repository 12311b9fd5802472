"""edwards25519 with Python integers: slow, from the definition (RFC 8032 5.1), an oracle for tests only."""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P
    return x, y


def negate(point: Point) -> Point:
    return -point[0] % P, point[1]


def multiply(point: Point, scalar: int) -> Point:
    """Double and add; projective (X, Y, Z), so that one inversion at the end is enough."""
    x, y, z = 0, 1, 1
    for bit in f"{scalar:b}":
        x, y, z = _add_projective((x, y, z), (x, y, z))
        if bit == "1":
            x, y, z = _add_projective((x, y, z), (*point, 1))
    inverse = pow(z, -1, P)
    return x * inverse % P, y * inverse % P


def _add_projective(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    (x1, y1, z1), (x2, y2, z2) = one, other
    a = z1 * z2 % P
    c, d = x1 * x2 % P, y1 * y2 % P
    b, e = a * a % P, D * c * d % P
    f, g = b - e, b + e
    x = a * f * ((x1 + y1) * (x2 + y2) - c - d) % P
    return x, a * g * (d + c) % P, f * g % P


def root(square: int) -> int | None:
    x = pow(square, (P + 3) // 8, P)
    for candidate in (x, x * ROOT % P):
        if candidate * candidate % P == square % P:
            return candidate
    return None


def decompress(data: bytes) -> Point | None:
    """As curve25519-dalek 1..3 does: y modulo p, and x = 0 may carry a sign bit."""
    number = int.from_bytes(data, "little")
    y, sign = (number & (2**255 - 1)) % P, number >> 255
    x = root((y * y - 1) * pow(D * y * y + 1, -1, P))
    if x is None:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y


def compress(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE: Point = decompress(bytes([0x58]) + bytes([0x66]) * 31)  # type: ignore[assignment]


def torsion() -> list[Point]:
    """The eight points of small order, as multiples of one of order eight."""
    y = 0
    while True:
        y += 1
        point = decompress(y.to_bytes(32, "little"))
        if point is None:
            continue
        small = multiply(point, L)
        if multiply(small, 4) != IDENTITY:
            return [multiply(small, index) for index in range(8)]


def encodings(point: Point) -> list[bytes]:
    """Every 32 bytes that decompress to the point."""
    x, y = point
    bodies = [y] + ([y + P] if y + P < 2**255 else [])
    signs = (0, 1) if x == 0 else (x & 1,)
    return [(body | sign << 255).to_bytes(32, "little") for body in bodies for sign in signs]


def challenge(nonce: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(nonce + public + message).digest(), "little") % L


def verify_dalek(public: bytes, message: bytes, signature: bytes) -> bool:
    """ed25519-dalek 1.x `verify`: R is recomputed and its encoding compared."""
    point = decompress(public)
    nonce, s = signature[:32], int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = challenge(nonce, public, message)
    return compress(add(multiply(BASE, s), multiply(negate(point), k))) == nonce


def verify_strict(public: bytes, message: bytes, signature: bytes) -> bool:
    """libsodium's policy on top of the same equation: A and R canonical and not of small order."""
    for data in (public, signature[:32]):
        point = decompress(data)
        if point is None or compress(point) != data or multiply(point, 8) == IDENTITY:
            return False
    return verify_dalek(public, message, signature)
