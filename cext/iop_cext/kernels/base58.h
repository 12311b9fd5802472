/* Base58 with Bitcoin's alphabet: leading zero bytes are leading '1's, the rest is one big number.
 *
 * Whatever is longer than the bounds or not base58 is IOP_BASE58_UNHANDLED, as is everything on targets without 128-bit products: the
 * caller then asks the reference, which alone words the errors. No globals, no allocation.
 */
#ifndef IOP_BASE58_H
#define IOP_BASE58_H

#include <stddef.h>
#include <stdint.h>

#define IOP_BASE58_OK 0
#define IOP_BASE58_UNHANDLED 1

#define IOP_BASE58_BYTES 256 /* at most */
#define IOP_BASE58_CHARACTERS 350 /* at most: what 256 bytes take */

int iop_base58_encode(const uint8_t *data, size_t size, char text[IOP_BASE58_CHARACTERS], size_t *text_size);

int iop_base58_parse(const char *text, size_t size, uint8_t data[IOP_BASE58_CHARACTERS], size_t *data_size);

#endif
