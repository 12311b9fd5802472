#include "verify.h"

#include "sha256.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SHARE 4 /* checks taken at a time: about 0.1 ms */
#define SHORT_MESSAGE 1024 /* bytes that need no memory */
#define UNCOMPRESSED 2

static const uint8_t FIELD[32] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xfc, 0x2f,
};

struct job {
    const struct iop_libraries *libraries;
    struct iop_check *checks;
    size_t count;
    atomic_size_t next;
    atomic_int failed;
};

static int verify_ed25519(const struct iop_libraries *libraries, const struct iop_check *check)
{
    uint8_t small[64 + SHORT_MESSAGE], *signed_message = small;
    if (check->public_size != 32 || check->signature_size != 64)
        return IOP_BAD;
    if (check->message_size > SHORT_MESSAGE && !(signed_message = malloc(64 + check->message_size)))
        return -1;
    memcpy(signed_message, check->signature, 64);
    if (check->message_size)
        memcpy(signed_message + 64, check->message, check->message_size);
    int status = libraries->crypto_sign_open(NULL, NULL, signed_message, 64 + check->message_size, check->public_key);
    if (signed_message != small)
        free(signed_message);
    return status == 0 ? IOP_GOOD : IOP_BAD;
}

/* A strict DER integer (X.690 8.3) of at most 256 bits at *at; moves behind it. */
static int read_integer(const uint8_t *data, size_t size, size_t *at, uint8_t number[32])
{
    size_t body = *at + 2;
    if (body >= size || data[*at] != 0x02)
        return 0;
    size_t length = data[*at + 1];
    if (!length || length > size - body || data[body] & 0x80)
        return 0;
    *at = body + length;
    if (!data[body] && length > 1) {
        if (!(data[body + 1] & 0x80))
            return 0;
        body++;
        length--;
    }
    if (length > 32)
        return 0;
    memset(number, 0, 32 - length);
    memcpy(number + 32 - length, data + body, length);
    return 1;
}

static int read_der(const uint8_t *data, size_t size, uint8_t compact[64])
{
    size_t at = 2;
    return size >= 8 && size <= 72 && data[0] == 0x30 && data[1] == size - 2 && read_integer(data, size, &at, compact) &&
           read_integer(data, size, &at, compact + 32) && at == size;
}

static int verify_ecdsa(const struct iop_libraries *libraries, const struct iop_check *check)
{
    const void *context = libraries->context;
    const uint8_t *compact = check->signature;
    uint8_t read[64];
    struct iop_secp256k1_signature signature;
    struct iop_secp256k1_pubkey point;
    int is_der = check->rule == IOP_ECDSA_DER;
    if (check->public_size != 33 || check->message_size != 32)
        return IOP_BAD;
    if (is_der) {
        if (!read_der(check->signature, check->signature_size, read))
            return IOP_BAD;
        compact = read;
    } else if (check->signature_size != 64)
        return IOP_BAD;
    if (!libraries->ecdsa_signature_parse_compact(context, &signature, compact) ||
        !libraries->ec_pubkey_parse(context, &point, check->public_key, 33))
        return IOP_BAD;
    /* The library refuses the upper half by itself; both halves satisfy the equation. */
    if (!is_der)
        libraries->ecdsa_signature_normalize(context, &signature, &signature);
    return libraries->ecdsa_verify(context, &signature, check->message, &point) ? IOP_GOOD : IOP_BAD;
}

static int is_below(const uint64_t a[4], const uint64_t b[4])
{
    for (unsigned i = 4; i-- > 0;)
        if (a[i] != b[i])
            return a[i] < b[i];
    return 0;
}

static void load(const uint8_t bytes[32], uint64_t words[4])
{
    for (unsigned i = 0; i < 32; i++)
        words[3 - i / 8] = words[3 - i / 8] << 8 | bytes[i];
}

/* Whether a number is a square modulo the field's prime: the Jacobi symbol, by halving and subtracting (Cohen, "A course in computational
 * algebraic number theory", 1.4). */
static int is_square(const uint8_t number[32])
{
    uint64_t a[4] = {0}, n[4] = {0}, swap[4];
    int symbol = 1;
    load(number, a);
    load(FIELD, n);
    while (a[0] | a[1] | a[2] | a[3]) {
        while (!(a[0] & 1)) {
            unsigned zeros = 1;
            while (zeros < 63 && !(a[0] >> zeros & 1))
                zeros++;
            for (unsigned i = 0; i < 3; i++)
                a[i] = a[i] >> zeros | a[i + 1] << (64 - zeros);
            a[3] >>= zeros;
            if (zeros & 1 && ((n[0] & 7) == 3 || (n[0] & 7) == 5))
                symbol = -symbol;
        }
        if (is_below(a, n)) {
            memcpy(swap, a, sizeof swap);
            memcpy(a, n, sizeof swap);
            memcpy(n, swap, sizeof swap);
            if ((a[0] & n[0] & 3) == 3)
                symbol = -symbol;
        }
        uint64_t borrow = 0;
        for (unsigned i = 0; i < 4; i++) {
            uint64_t before = a[i], less = before - n[i];
            a[i] = less - borrow;
            borrow = before < n[i] || less < borrow;
        }
    }
    return symbol > 0; /* n is 1: the modulus is prime and the number below it is not 0 */
}

/* R = sG - eP has to be finite, its x equal to r, its y a square. */
static int verify_schnorr_ark(const struct iop_libraries *libraries, const struct iop_check *check)
{
    const void *context = libraries->context;
    const uint8_t *r = check->signature, *s = check->signature + 32;
    uint8_t hashed[32 + 33 + 32], minus_e[32], encoded[65];
    size_t size = sizeof encoded;
    struct iop_secp256k1_pubkey point;
    if (check->public_size != 33 || check->message_size != 32 || check->signature_size != 64)
        return IOP_BAD;
    if (!libraries->ec_pubkey_parse(context, &point, check->public_key, 33))
        return IOP_BAD;
    memcpy(hashed, r, 32);
    memcpy(hashed + 32, check->public_key, 33);
    memcpy(hashed + 65, check->message, 32);
    iop_sha256(hashed, sizeof hashed, minus_e);
    if (!libraries->ec_seckey_negate(context, minus_e) || !libraries->ec_pubkey_tweak_mul(context, &point, minus_e))
        return IOP_UNHANDLED; /* e is 0 or not below the order */
    if (!libraries->ec_pubkey_tweak_add(context, &point, s))
        return IOP_BAD; /* s is not below the order, or the sum infinite */
    if (!libraries->ec_pubkey_serialize(context, encoded, &size, &point, UNCOMPRESSED))
        return IOP_UNHANDLED;
    return !memcmp(encoded + 1, r, 32) && is_square(encoded + 33) ? IOP_GOOD : IOP_BAD;
}

static void *work(void *argument)
{
    struct job *job = argument;
    for (;;) {
        size_t at = atomic_fetch_add(&job->next, SHARE);
        if (at >= job->count)
            return NULL;
        size_t end = job->count - at < SHARE ? job->count : at + SHARE;
        for (; at < end; at++) {
            struct iop_check *check = job->checks + at;
            int verdict = check->rule == IOP_ED25519       ? verify_ed25519(job->libraries, check)
                          : check->rule == IOP_SCHNORR_ARK ? verify_schnorr_ark(job->libraries, check)
                                                           : verify_ecdsa(job->libraries, check);
            if (verdict < 0) {
                atomic_store(&job->failed, 1);
                verdict = IOP_UNHANDLED;
            }
            check->verdict = (uint8_t)verdict;
        }
    }
}

int iop_verify_many(const struct iop_libraries *libraries, struct iop_check *checks, size_t count, unsigned threads)
{
    struct job job = {.libraries = libraries, .checks = checks, .count = count};
    pthread_t others[IOP_VERIFY_THREADS];
    unsigned started = 0;
    atomic_init(&job.next, 0);
    atomic_init(&job.failed, 0);
    if (threads > IOP_VERIFY_THREADS)
        threads = IOP_VERIFY_THREADS;
    /* No thread without a share of its own. */
    while (started + 1 < threads && (started + 1) * SHARE < count && !pthread_create(&others[started], NULL, work, &job))
        started++;
    work(&job);
    while (started)
        pthread_join(others[--started], NULL);
    return atomic_load(&job.failed) ? -1 : 0;
}
