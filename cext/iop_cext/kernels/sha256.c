#include "sha256.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_SHA_NI 1
#include <cpuid.h>
#include <immintrin.h>
#endif

const uint32_t IOP_SHA256_START[8] = {
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static const uint32_t CONSTANTS[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static inline uint32_t rotate(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static inline uint32_t load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void store(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 24);
    p[1] = (uint8_t)(x >> 16);
    p[2] = (uint8_t)(x >> 8);
    p[3] = (uint8_t)x;
}

/* FIPS 180-4 6.2.2. The eight words stay in place and their names rotate. */
#define ROUND(a, b, c, d, e, f, g, h, i) \
    t = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + CONSTANTS[i] + w[(i) % 16]; \
    d += t; \
    h = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));

#define EIGHT_ROUNDS(i) \
    ROUND(a, b, c, d, e, f, g, h, (i) + 0) \
    ROUND(h, a, b, c, d, e, f, g, (i) + 1) \
    ROUND(g, h, a, b, c, d, e, f, (i) + 2) \
    ROUND(f, g, h, a, b, c, d, e, (i) + 3) \
    ROUND(e, f, g, h, a, b, c, d, (i) + 4) \
    ROUND(d, e, f, g, h, a, b, c, (i) + 5) \
    ROUND(c, d, e, f, g, h, a, b, (i) + 6) \
    ROUND(b, c, d, e, f, g, h, a, (i) + 7)

static void compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count)
{
    for (; count; count--, blocks += IOP_SHA256_BLOCK) {
        uint32_t w[16], t;
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (unsigned i = 0; i < 16; i++)
            w[i] = load(blocks + 4 * i);
        EIGHT_ROUNDS(0)
        EIGHT_ROUNDS(8)
        for (unsigned from = 16; from < 64; from += 16) {
            for (unsigned i = 0; i < 16; i++) {
                uint32_t x = w[(i + 1) % 16], y = w[(i + 14) % 16];
                w[i] += (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[(i + 9) % 16] + (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
            }
            EIGHT_ROUNDS(from)
            EIGHT_ROUNDS(from + 8)
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

#ifdef HAVE_SHA_NI

/* Four rounds on the words in w0; then w0 becomes the words of the group four further on. */
#define FOUR_ROUNDS(w0, i) \
    sum = _mm_add_epi32(w0, _mm_loadu_si128((const __m128i *)(CONSTANTS + 4 * (i)))); \
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum); \
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));

#define FOUR_ROUNDS_AND_WORDS(w0, w1, w2, w3, i) \
    FOUR_ROUNDS(w0, i) \
    w0 = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);

#define SIXTEEN_ROUNDS_AND_WORDS(i) \
    FOUR_ROUNDS_AND_WORDS(w0, w1, w2, w3, (i) + 0) \
    FOUR_ROUNDS_AND_WORDS(w1, w2, w3, w0, (i) + 1) \
    FOUR_ROUNDS_AND_WORDS(w2, w3, w0, w1, (i) + 2) \
    FOUR_ROUNDS_AND_WORDS(w3, w0, w1, w2, (i) + 3)

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

/* The instructions want the words a b e f and c d g h, from the top down. */
struct halves {
    __m128i abef, cdgh;
};

SHA_NI static inline struct halves open_halves(const uint32_t state[8])
{
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    return (struct halves){_mm_alignr_epi8(low, high, 8), _mm_blend_epi16(high, low, 0xf0)};
}

SHA_NI static inline void close_halves(struct halves halves, __m128i *first, __m128i *second)
{
    __m128i low = _mm_shuffle_epi32(halves.abef, 0x1b), high = _mm_shuffle_epi32(halves.cdgh, 0xb1);
    *first = _mm_blend_epi16(low, high, 0xf0);
    *second = _mm_alignr_epi8(high, low, 8);
}

/* Turns the bytes of each word about, in memory order or out of it. */
SHA_NI static inline __m128i swap(__m128i bytes)
{
    return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

/* One block, given as its bytes in memory order. */
SHA_NI static inline struct halves compress_block(struct halves before, __m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i sum, abef = before.abef, cdgh = before.cdgh;
    w0 = swap(w0);
    w1 = swap(w1);
    w2 = swap(w2);
    w3 = swap(w3);
    SIXTEEN_ROUNDS_AND_WORDS(0)
    SIXTEEN_ROUNDS_AND_WORDS(4)
    SIXTEEN_ROUNDS_AND_WORDS(8)
    FOUR_ROUNDS(w0, 12)
    FOUR_ROUNDS(w1, 13)
    FOUR_ROUNDS(w2, 14)
    FOUR_ROUNDS(w3, 15)
    return (struct halves){_mm_add_epi32(abef, before.abef), _mm_add_epi32(cdgh, before.cdgh)};
}

SHA_NI static void compress_sha_ni(uint32_t state[8], const uint8_t *blocks, size_t count)
{
    struct halves halves = open_halves(state);
    for (; count; count--, blocks += IOP_SHA256_BLOCK) {
        const __m128i *words = (const __m128i *)blocks;
        halves = compress_block(halves, _mm_loadu_si128(words), _mm_loadu_si128(words + 1), _mm_loadu_si128(words + 2),
                                _mm_loadu_si128(words + 3));
    }
    __m128i first, second;
    close_halves(halves, &first, &second);
    _mm_storeu_si128((__m128i *)state, first);
    _mm_storeu_si128((__m128i *)(state + 4), second);
}

/* Shifts by one byte in registers: stores that straddle the loads after them would cost as much as a third of the work. */
SHA_NI static void hash_65_sha_ni(uint8_t tag, const uint8_t left[32], const uint8_t right[32], uint8_t digest[32])
{
    const __m128i zero = _mm_setzero_si128();
    __m128i l0 = _mm_loadu_si128((const __m128i *)left), l1 = _mm_loadu_si128((const __m128i *)(left + 16));
    __m128i r0 = _mm_loadu_si128((const __m128i *)right), r1 = _mm_loadu_si128((const __m128i *)(right + 16));
    __m128i tagged = _mm_or_si128(_mm_slli_si128(l0, 1), _mm_cvtsi32_si128(tag));
    __m128i ended = _mm_or_si128(_mm_srli_si128(r1, 15), _mm_cvtsi32_si128(0x8000));
    __m128i size = _mm_insert_epi16(zero, 0x0802, 7); /* 520 bits */
    struct halves halves = open_halves(IOP_SHA256_START);
    halves = compress_block(halves, tagged, _mm_alignr_epi8(l1, l0, 15), _mm_alignr_epi8(r0, l1, 15), _mm_alignr_epi8(r1, r0, 15));
    halves = compress_block(halves, ended, zero, zero, size);
    close_halves(halves, &l0, &l1);
    _mm_storeu_si128((__m128i *)digest, swap(l0));
    _mm_storeu_si128((__m128i *)(digest + 16), swap(l1));
}

static int has_sha_ni(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & 1u << 29;
}

#endif

static inline void put(const uint32_t state[8], uint8_t digest[IOP_SHA256_SIZE])
{
    for (unsigned i = 0; i < 8; i++)
        store(digest + 4 * i, state[i]);
}

static void hash_65_portable(uint8_t tag, const uint8_t left[32], const uint8_t right[32], uint8_t digest[32])
{
    uint32_t state[8];
    uint8_t blocks[2 * IOP_SHA256_BLOCK] = {0};
    blocks[0] = tag;
    memcpy(blocks + 1, left, 32);
    memcpy(blocks + 33, right, 32);
    blocks[65] = 0x80;
    blocks[126] = 520 >> 8; /* the length in bits */
    blocks[127] = 520 & 255;
    memcpy(state, IOP_SHA256_START, sizeof state);
    compress_portable(state, blocks, 2);
    put(state, digest);
}

static void (*compress)(uint32_t[8], const uint8_t *, size_t) = compress_portable;
static void (*hash_65)(uint8_t, const uint8_t[32], const uint8_t[32], uint8_t[32]) = hash_65_portable;

const char *iop_sha256_choose(const char *name)
{
#ifdef HAVE_SHA_NI
    if ((name == NULL || !strcmp(name, "sha-ni")) && has_sha_ni()) {
        compress = compress_sha_ni;
        hash_65 = hash_65_sha_ni;
        return "sha-ni";
    }
#endif
    if (name == NULL || !strcmp(name, "portable")) {
        compress = compress_portable;
        hash_65 = hash_65_portable;
        return "portable";
    }
    return NULL;
}

void iop_sha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count) { compress(state, blocks, count); }

void iop_sha256(const uint8_t *data, size_t size, uint8_t digest[IOP_SHA256_SIZE])
{
    uint32_t state[8];
    uint8_t last[2 * IOP_SHA256_BLOCK] = {0};
    size_t whole = size / IOP_SHA256_BLOCK, rest = size % IOP_SHA256_BLOCK;
    size_t padded = rest < IOP_SHA256_BLOCK - 8 ? IOP_SHA256_BLOCK : 2 * IOP_SHA256_BLOCK;
    memcpy(state, IOP_SHA256_START, sizeof state);
    compress(state, data, whole);
    if (rest)
        memcpy(last, data + whole * IOP_SHA256_BLOCK, rest);
    last[rest] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        last[padded - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
    compress(state, last, padded / IOP_SHA256_BLOCK);
    put(state, digest);
}

void iop_sha256_64(const uint8_t data[64], uint8_t digest[IOP_SHA256_SIZE])
{
    static const uint8_t LAST[IOP_SHA256_BLOCK] = {[0] = 0x80, [62] = 512 >> 8};
    uint32_t state[8];
    memcpy(state, IOP_SHA256_START, sizeof state);
    compress(state, data, 1);
    compress(state, LAST, 1);
    put(state, digest);
}

void iop_sha256_65(uint8_t tag, const uint8_t left[32], const uint8_t right[32], uint8_t digest[IOP_SHA256_SIZE])
{
    hash_65(tag, left, right, digest);
}
