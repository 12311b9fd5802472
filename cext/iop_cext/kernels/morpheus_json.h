/* Morpheus canonical JSON, content ids and masks (morpheus 6) in one pass over JSON text.
 *
 * The kernel covers what needs neither Unicode tables nor floating point: member names and visible strings in ASCII, hidden
 * strings in any valid UTF-8, integers of 64 bits, decimals of up to 15 digits, objects in which no name
 * occurs twice. Everything else, and every text that is not valid JSON, is IOP_UNHANDLED: the caller then asks the reference,
 * which alone words the errors. No globals, no allocation.
 */
#ifndef IOP_MORPHEUS_JSON_H
#define IOP_MORPHEUS_JSON_H

#include <stddef.h>
#include <stdint.h>

#define IOP_OK 0
#define IOP_UNHANDLED 1

#define IOP_CONTENT_ID_SIZE 46 /* "cju" and 43 characters of base64url, no terminator */
#define IOP_DEEPEST 127 /* containers within one another */
#define IOP_LONGEST ((size_t)1 << 22) /* bytes of text; larger ones are IOP_UNHANDLED */

struct iop_entry {
    const uint8_t *name; /* unescaped, in the arena */
    uint32_t name_size;
    uint32_t plain; /* the name needs no escaping */
    const uint8_t *form; /* text of the value, in the arena */
    uint32_t form_size;
};

/* Work space owned by the caller. An arena of IOP_ARENA_SIZE(size) bytes and IOP_ENTRY_COUNT(size) entries always suffice;
 * with less the answer may be IOP_UNHANDLED, never a write outside. */
struct iop_work {
    uint8_t *arena;
    size_t arena_size;
    struct iop_entry *entries;
    size_t entry_count;
};

#define IOP_ARENA_SIZE(size) (24 * (size) + 64)
#define IOP_ENTRY_COUNT(size) ((size) / 5 + 2)

/* Content id of an object or array. `text` needs no terminator. */
int iop_compute_content_id(const uint8_t *text, size_t size, struct iop_work *work,
                           uint8_t id[IOP_CONTENT_ID_SIZE]);

/* Canonical text, left at the start of the arena. */
int iop_encode_canonical(const uint8_t *text, size_t size, struct iop_work *work, size_t *out_size);

/* Masked object in canonical text, or the bare content id, left at the start of the arena. */
int iop_apply_mask(const uint8_t *text, size_t size, const uint8_t *keep, size_t keep_size,
                   struct iop_work *work, size_t *out_size);

#endif
