/* SHA-256 (FIPS 180-4): the bare compression, whole messages, and the two short lengths that trees and proofs of work hash.
 *
 * Two implementations give the same answers: portable C, and the processor's own instructions (SHA-NI). Which one runs is one
 * choice for the process; until it is made, portable C runs. No allocation. Pointers need no alignment.
 */
#ifndef IOP_SHA256_H
#define IOP_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define IOP_SHA256_SIZE 32 /* bytes of digest */
#define IOP_SHA256_BLOCK 64 /* bytes taken in by one compression */

/* The state before the first block. */
extern const uint32_t IOP_SHA256_START[8];

/* Selects "portable" or "sha-ni", or with NULL the best of this machine. Returns the name of what runs from now on, NULL when
 * this machine has no such implementation (the choice is then as before). Not to be called while another thread hashes. */
const char *iop_sha256_choose(const char *name);

/* Takes `count` whole blocks into the state. */
void iop_sha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count);

/* Digest of a whole message; `data` may be NULL only when `size` is 0. */
void iop_sha256(const uint8_t *data, size_t size, uint8_t digest[IOP_SHA256_SIZE]);

/* Digest of 64 bytes. */
void iop_sha256_64(const uint8_t data[64], uint8_t digest[IOP_SHA256_SIZE]);

/* Digest of 65 bytes: tag, left, right. The digest may be written over either half. */
void iop_sha256_65(uint8_t tag, const uint8_t left[32], const uint8_t right[32], uint8_t digest[IOP_SHA256_SIZE]);

#endif
