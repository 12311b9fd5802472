#include "sha3.h"

#include <string.h>

static const uint64_t ROUND_CONSTANTS[24] = {
    0x0000000000000001u, 0x0000000000008082u, 0x800000000000808au, 0x8000000080008000u,
    0x000000000000808bu, 0x0000000080000001u, 0x8000000080008081u, 0x8000000000008009u,
    0x000000000000008au, 0x0000000000000088u, 0x0000000080008009u, 0x000000008000000au,
    0x000000008000808bu, 0x800000000000008bu, 0x8000000000008089u, 0x8000000000008003u,
    0x8000000000008002u, 0x8000000000000080u, 0x000000000000800au, 0x800000008000000au,
    0x8000000080008081u, 0x8000000000008080u, 0x0000000080000001u, 0x8000000080008008u,
};

static inline uint64_t rotate(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }

/* FIPS 202 3.3. One round from the lanes a to the lanes e: theta, then rho, pi and chi row by row (b0 to b4 are a row after
 * pi), iota on the first lane. Named lanes, because an array would be vectorised into something slower. */
#define ROW(e0, e1, e2, e3, e4, x0, x1, x2, x3, x4) \
    b0 = x0; \
    b1 = x1; \
    b2 = x2; \
    b3 = x3; \
    b4 = x4; \
    e0 = b0 ^ (~b1 & b2); \
    e1 = b1 ^ (~b2 & b3); \
    e2 = b2 ^ (~b3 & b4); \
    e3 = b3 ^ (~b4 & b0); \
    e4 = b4 ^ (~b0 & b1);

#define ROUND(a, e, constant) \
    c0 = a##0 ^ a##5 ^ a##10 ^ a##15 ^ a##20; \
    c1 = a##1 ^ a##6 ^ a##11 ^ a##16 ^ a##21; \
    c2 = a##2 ^ a##7 ^ a##12 ^ a##17 ^ a##22; \
    c3 = a##3 ^ a##8 ^ a##13 ^ a##18 ^ a##23; \
    c4 = a##4 ^ a##9 ^ a##14 ^ a##19 ^ a##24; \
    d0 = c4 ^ rotate(c1, 1); \
    d1 = c0 ^ rotate(c2, 1); \
    d2 = c1 ^ rotate(c3, 1); \
    d3 = c2 ^ rotate(c4, 1); \
    d4 = c3 ^ rotate(c0, 1); \
    ROW(e##0, e##1, e##2, e##3, e##4, a##0 ^ d0, rotate(a##6 ^ d1, 44), rotate(a##12 ^ d2, 43), \
        rotate(a##18 ^ d3, 21), rotate(a##24 ^ d4, 14)) \
    ROW(e##5, e##6, e##7, e##8, e##9, rotate(a##3 ^ d3, 28), rotate(a##9 ^ d4, 20), rotate(a##10 ^ d0, 3), \
        rotate(a##16 ^ d1, 45), rotate(a##22 ^ d2, 61)) \
    ROW(e##10, e##11, e##12, e##13, e##14, rotate(a##1 ^ d1, 1), rotate(a##7 ^ d2, 6), rotate(a##13 ^ d3, 25), \
        rotate(a##19 ^ d4, 8), rotate(a##20 ^ d0, 18)) \
    ROW(e##15, e##16, e##17, e##18, e##19, rotate(a##4 ^ d4, 27), rotate(a##5 ^ d0, 36), rotate(a##11 ^ d1, 10), \
        rotate(a##17 ^ d2, 15), rotate(a##23 ^ d3, 56)) \
    ROW(e##20, e##21, e##22, e##23, e##24, rotate(a##2 ^ d2, 62), rotate(a##8 ^ d3, 55), rotate(a##14 ^ d4, 39), \
        rotate(a##15 ^ d0, 41), rotate(a##21 ^ d1, 2)) \
    e##0 ^= constant;

static void permute(uint64_t s[25])
{
    uint64_t b0, b1, b2, b3, b4, c0, c1, c2, c3, c4, d0, d1, d2, d3, d4;
    uint64_t a0 = s[0], a1 = s[1], a2 = s[2], a3 = s[3], a4 = s[4];
    uint64_t a5 = s[5], a6 = s[6], a7 = s[7], a8 = s[8], a9 = s[9];
    uint64_t a10 = s[10], a11 = s[11], a12 = s[12], a13 = s[13], a14 = s[14];
    uint64_t a15 = s[15], a16 = s[16], a17 = s[17], a18 = s[18], a19 = s[19];
    uint64_t a20 = s[20], a21 = s[21], a22 = s[22], a23 = s[23], a24 = s[24];
    uint64_t e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12;
    uint64_t e13, e14, e15, e16, e17, e18, e19, e20, e21, e22, e23, e24;
    for (int round = 0; round < 24; round += 2) {
        ROUND(a, e, ROUND_CONSTANTS[round])
        ROUND(e, a, ROUND_CONSTANTS[round + 1])
    }
    s[0] = a0; s[1] = a1; s[2] = a2; s[3] = a3; s[4] = a4;
    s[5] = a5; s[6] = a6; s[7] = a7; s[8] = a8; s[9] = a9;
    s[10] = a10; s[11] = a11; s[12] = a12; s[13] = a13; s[14] = a14;
    s[15] = a15; s[16] = a16; s[17] = a17; s[18] = a18; s[19] = a19;
    s[20] = a20; s[21] = a21; s[22] = a22; s[23] = a23; s[24] = a24;
}

static inline uint64_t load(const uint8_t *p)
{
    uint64_t x = 0;
    for (unsigned i = 0; i < 8; i++)
        x |= (uint64_t)p[i] << 8 * i;
    return x;
}

static inline void put(struct iop_sha3 *state, size_t at, uint8_t byte)
{
    state->lanes[at / 8] ^= (uint64_t)byte << 8 * (at % 8);
}

void iop_sha3_start(struct iop_sha3 *state) { memset(state, 0, sizeof *state); }

void iop_sha3_absorb(struct iop_sha3 *state, const uint8_t *data, size_t size)
{
    size_t used = state->used;
    while (size) {
        if (used % 8 == 0 && size >= 8) {
            state->lanes[used / 8] ^= load(data);
            used += 8;
            data += 8;
            size -= 8;
        } else {
            put(state, used++, *data++);
            size--;
        }
        if (used == IOP_SHA3_256_RATE) {
            permute(state->lanes);
            used = 0;
        }
    }
    state->used = used;
}

void iop_sha3_finish(struct iop_sha3 *state, uint8_t digest[IOP_SHA3_256_SIZE])
{
    put(state, state->used, 0x06);
    put(state, IOP_SHA3_256_RATE - 1, 0x80);
    permute(state->lanes);
    for (size_t i = 0; i < IOP_SHA3_256_SIZE; i++)
        digest[i] = (uint8_t)(state->lanes[i / 8] >> 8 * (i % 8));
}
