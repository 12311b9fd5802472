"""RIPEMD-160 in Python, for builds of OpenSSL that keep it in a legacy provider nobody loads.

Written from the description of the algorithm by Dobbertin, Bosselaers and Preneel (1996): two lines of five rounds of
sixteen steps over 32-bit little-endian words. About a thousandth of the speed of C; `iop.crypto.hash` prefers OpenSSL.
"""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)

# Message word of each step: the first round reads 0..15, every further round applies the permutation rho once more;
# the right line starts from 9·i + 5 mod 16.
_RHO = (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8)
_FIRST_LEFT = tuple(range(16))
_FIRST_RIGHT = tuple((9 * i + 5) % 16 for i in range(16))

# Rotation of message word w in round r.
_TURNS = (
    (11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8),
    (12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7),
    (13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9),
    (14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6),
    (15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5),
)
# Integer parts of 2^30 times the square and the cube roots of 0, 2, 3, 5, 7.
_ADD_LEFT = (0x00000000, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_ADD_RIGHT = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0x00000000)


def _mix(kind: int, x: int, y: int, z: int) -> int:
    if kind == 0:
        return x ^ y ^ z
    if kind == 1:
        return (x & y) | (~x & z)
    if kind == 2:
        return (x | (~y & _MASK)) ^ z
    if kind == 3:
        return (x & z) | (y & ~z)
    return x ^ (y | (~z & _MASK))


def _schedule(
    first: tuple[int, ...], adds: tuple[int, ...], *, reverse: bool
) -> list[tuple[int, ...]]:
    """The eighty steps of one line as (mixing function, word, rotation, constant)."""
    steps: list[tuple[int, ...]] = []
    order = first
    for number in range(5):
        kind = 4 - number if reverse else number
        steps += [(kind, word, _TURNS[number][word], adds[number]) for word in order]
        order = tuple(_RHO[word] for word in order)
    return steps


_LEFT = _schedule(_FIRST_LEFT, _ADD_LEFT, reverse=False)
_RIGHT = _schedule(_FIRST_RIGHT, _ADD_RIGHT, reverse=True)


def _line(
    state: tuple[int, ...], words: tuple[int, ...], steps: list[tuple[int, ...]]
) -> tuple[int, ...]:
    a, b, c, d, e = state
    for kind, word, turn, add in steps:
        t = (a + _mix(kind, b, c, d) + words[word] + add) & _MASK
        t = (((t << turn) | (t >> (32 - turn))) + e) & _MASK
        a, e, d, c, b = e, d, ((c << 10) | (c >> 22)) & _MASK, b, t
    return a, b, c, d, e


def compute_ripemd160(data: bytes) -> bytes:
    """RIPEMD-160 of `data`, 20 bytes."""
    tail = b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", (8 * len(data)) & (2**64 - 1))
    padded = data + tail
    h0, h1, h2, h3, h4 = _START
    for words in struct.iter_unpack("<16I", padded):
        state = (h0, h1, h2, h3, h4)
        a, b, c, d, e = _line(state, words, _LEFT)
        p, q, r, s, t = _line(state, words, _RIGHT)
        h0, h1, h2, h3, h4 = (
            (h1 + c + s) & _MASK,
            (h2 + d + t) & _MASK,
            (h3 + e + p) & _MASK,
            (h4 + a + q) & _MASK,
            (h0 + b + r) & _MASK,
        )
    return struct.pack("<5I", h0, h1, h2, h3, h4)
