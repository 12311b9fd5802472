/* SHA3-256 (FIPS 202), incremental. No allocation, no globals; any byte length up to SIZE_MAX in all. */
#ifndef IOP_SHA3_H
#define IOP_SHA3_H

#include <stddef.h>
#include <stdint.h>

#define IOP_SHA3_256_SIZE 32 /* bytes of digest */
#define IOP_SHA3_256_RATE 136 /* bytes absorbed by one permutation */

struct iop_sha3 {
    uint64_t lanes[25];
    size_t used; /* bytes of the rate already filled, always below IOP_SHA3_256_RATE */
};

void iop_sha3_start(struct iop_sha3 *state);

/* `data` may be NULL only when `size` is 0. */
void iop_sha3_absorb(struct iop_sha3 *state, const uint8_t *data, size_t size);

/* Writes the digest; the state is spent afterwards. */
void iop_sha3_finish(struct iop_sha3 *state, uint8_t digest[IOP_SHA3_256_SIZE]);

#endif
