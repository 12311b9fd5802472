/* Many signatures at once, over as many threads as asked for.
 *
 * The curves' arithmetic is that of libsodium and libsecp256k1 as they stand in PyNaCl and coincurve: the caller hands over the
 * addresses of their functions. The kernel puts arguments together, tells the rules apart and shares out the work.
 */
#ifndef IOP_VERIFY_H
#define IOP_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#define IOP_VERIFY_THREADS 64 /* at most */

enum iop_rule {
    IOP_ED25519, /* libsodium's verdict; message of any length */
    IOP_ECDSA, /* r, s of 64 bytes over a digest, any half of s */
    IOP_ECDSA_DER, /* strict DER over a digest, the lower half of s */
    IOP_SCHNORR_ARK, /* the draft before BIP 340 over a digest */
};

enum iop_verdict { IOP_BAD, IOP_GOOD, IOP_UNHANDLED /* left to the reference: numbers that never come up */ };

struct iop_check {
    const uint8_t *public_key, *message, *signature;
    size_t public_size, message_size, signature_size;
    uint8_t rule;
    uint8_t verdict; /* the answer */
};

struct iop_secp256k1_pubkey {
    uint8_t data[64];
};

struct iop_secp256k1_signature {
    uint8_t data[64];
};

/* Functions of the libraries, under their names there. Those of a library that no check needs may be NULL. */
struct iop_libraries {
    int (*crypto_sign_open)(uint8_t *, unsigned long long *, const uint8_t *, unsigned long long, const uint8_t *);
    const void *context;
    int (*ec_pubkey_parse)(const void *, struct iop_secp256k1_pubkey *, const uint8_t *, size_t);
    int (*ec_pubkey_serialize)(const void *, uint8_t *, size_t *, const struct iop_secp256k1_pubkey *, unsigned);
    int (*ec_pubkey_tweak_mul)(const void *, struct iop_secp256k1_pubkey *, const uint8_t *);
    int (*ec_pubkey_tweak_add)(const void *, struct iop_secp256k1_pubkey *, const uint8_t *);
    int (*ec_seckey_negate)(const void *, uint8_t *);
    int (*ecdsa_signature_parse_compact)(const void *, struct iop_secp256k1_signature *, const uint8_t *);
    int (*ecdsa_signature_normalize)(const void *, struct iop_secp256k1_signature *, const struct iop_secp256k1_signature *);
    int (*ecdsa_verify)(const void *, const struct iop_secp256k1_signature *, const uint8_t *, const struct iop_secp256k1_pubkey *);
};

/* Writes every check's verdict. 0, or -1 when memory ran out. Threads that cannot be had are done without. */
int iop_verify_many(const struct iop_libraries *libraries, struct iop_check *checks, size_t count, unsigned threads);

#endif
