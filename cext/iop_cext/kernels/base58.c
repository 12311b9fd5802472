#include "base58.h"

#include <string.h>

#ifdef __SIZEOF_INT128__

/* The number is worked on in words of 64 bits and in groups of ten digits, the most that a word holds. */
#define GROUP 10
#define RADIX 430804206899405824u /* 58^10 */
#define HALF_RADIX 656356768u /* 58^5 */
#define GROUPS ((IOP_BASE58_CHARACTERS + GROUP - 1) / GROUP)
#define WORDS (IOP_BASE58_CHARACTERS * 6 / 64 + 1)

__extension__ typedef unsigned __int128 wide;

static const char DIGITS[58] = {"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"};

#define NO 58
static const uint8_t VALUES[128] = {
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, 0,  1,  2,  3,  4,  5,  6,  7,  8,  NO, NO, NO, NO, NO, NO,
    NO, 9,  10, 11, 12, 13, 14, 15, 16, NO, 17, 18, 19, 20, 21, NO,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, NO, NO, NO, NO, NO,
    NO, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, NO, 44, 45, 46,
    47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, NO, NO, NO, NO, NO,
};

static const uint64_t POWERS[GROUP + 1] = {
    1, 58, 3364, 195112, 11316496, HALF_RADIX, 38068692544, 2207984167552, 128063081718016, 7427658739644928, RADIX,
};

/* (high, low) divided by RADIX, for high below RADIX, with a reciprocal in place of a division (Moeller and Granlund, "Improved
 * division by invariant integers", algorithm 4). */
static inline uint64_t divide(uint64_t high, uint64_t low, uint64_t *rest)
{
    enum { SHIFT = 5 };
    const uint64_t divisor = (uint64_t)RADIX << SHIFT; /* its top bit is set */
    const uint64_t reciprocal = 0x568df8b76cbf212c; /* (2^128 - 1) / divisor - 2^64 */
    wide dividend = ((wide)high << 64 | low) << SHIFT;
    uint64_t top = (uint64_t)(dividend >> 64), bottom = (uint64_t)dividend;
    wide estimate = (wide)reciprocal * top + dividend;
    uint64_t quotient = (uint64_t)(estimate >> 64) + 1, remainder = bottom - quotient * divisor;
    if (remainder > (uint64_t)estimate) {
        quotient--;
        remainder += divisor;
    }
    if (remainder >= divisor) {
        quotient++;
        remainder -= divisor;
    }
    *rest = remainder >> SHIFT;
    return quotient;
}

static inline uint64_t load(const uint8_t *p, size_t size)
{
    uint64_t x = 0;
    for (size_t i = 0; i < size; i++)
        x = x << 8 | p[i];
    return x;
}

static inline void put_five(char *text, uint32_t x)
{
    for (unsigned i = 5; i-- > 0; x /= 58)
        text[i] = DIGITS[x % 58];
}

int iop_base58_encode(const uint8_t *data, size_t size, char text[IOP_BASE58_CHARACTERS], size_t *text_size)
{
    uint64_t groups[GROUPS]; /* the lowest first */
    char digits[GROUPS * GROUP];
    size_t zeros = 0, used = 0;
    if (size > IOP_BASE58_BYTES)
        return IOP_BASE58_UNHANDLED;
    while (zeros < size && !data[zeros])
        zeros++;
    for (size_t at = zeros, step = (size - zeros) % 8; at < size; at += step, step = 8) {
        if (!step)
            step = 8;
        uint64_t carry = load(data + at, step);
        for (size_t i = 0; i < used; i++)
            carry = divide(groups[i], carry, &groups[i]);
        for (; carry; carry /= RADIX)
            groups[used++] = carry % RADIX;
    }
    for (size_t i = 0; i < used; i++) {
        char *group = digits + GROUP * (used - 1 - i);
        put_five(group, (uint32_t)(groups[i] / HALF_RADIX));
        put_five(group + 5, (uint32_t)(groups[i] % HALF_RADIX));
    }
    size_t first = 0, count = GROUP * used;
    while (first < count && digits[first] == DIGITS[0])
        first++;
    memset(text, DIGITS[0], zeros);
    memcpy(text + zeros, digits + first, count - first);
    *text_size = zeros + count - first;
    return IOP_BASE58_OK;
}

int iop_base58_parse(const char *text, size_t size, uint8_t data[IOP_BASE58_CHARACTERS], size_t *data_size)
{
    uint64_t words[WORDS]; /* the lowest first */
    size_t zeros = 0, used = 0;
    if (size > IOP_BASE58_CHARACTERS)
        return IOP_BASE58_UNHANDLED;
    while (zeros < size && text[zeros] == DIGITS[0])
        zeros++;
    for (size_t at = zeros, step = (size - zeros) % GROUP; at < size; at += step, step = GROUP) {
        uint64_t carry = 0;
        if (!step)
            step = GROUP;
        for (size_t i = 0; i < step; i++) {
            uint8_t character = (uint8_t)text[at + i];
            uint8_t digit = character < 128 ? VALUES[character] : NO;
            if (digit == NO)
                return IOP_BASE58_UNHANDLED;
            carry = carry * 58 + digit;
        }
        for (size_t i = 0; i < used; i++) {
            wide product = (wide)words[i] * POWERS[step] + carry;
            words[i] = (uint64_t)product;
            carry = (uint64_t)(product >> 64);
        }
        if (carry)
            words[used++] = carry;
    }
    size_t count = 8 * used;
    for (; count && !(words[used - 1] >> 8 * ((count - 1) % 8)); count--)
        ; /* leading zero bytes of the highest word */
    memset(data, 0, zeros);
    for (size_t i = 0; i < count; i++)
        data[zeros + count - 1 - i] = (uint8_t)(words[i / 8] >> 8 * (i % 8));
    *data_size = zeros + count;
    return IOP_BASE58_OK;
}

#else

int iop_base58_encode(const uint8_t *data, size_t size, char text[IOP_BASE58_CHARACTERS], size_t *text_size)
{
    (void)data;
    (void)size;
    (void)text;
    (void)text_size;
    return IOP_BASE58_UNHANDLED;
}

int iop_base58_parse(const char *text, size_t size, uint8_t data[IOP_BASE58_CHARACTERS], size_t *data_size)
{
    (void)text;
    (void)size;
    (void)data;
    (void)data_size;
    return IOP_BASE58_UNHANDLED;
}

#endif
