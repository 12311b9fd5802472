/* A persistent sparse Merkle tree: keys of 32 bytes to values of 32 bytes (hashes, to the caller).
 *
 * Hashes are those of a binary tree over the bits of the key, the most significant first: a leaf stands at the shallowest place
 * where no other key shares its prefix, SHA-256(0 || key || value); a node is SHA-256(1 || left || right); an empty side is 32
 * zero bytes, and so is the root of the empty tree.
 *
 * In memory a run of nodes with one empty side is left out: a node stands only where both sides hold something and knows at which
 * bit that is. It keeps the hashes of its sides as they stand just below it, so an update reads only the nodes on its way.
 * Trees share nodes by reference counts. Neither they nor the counts are guarded: one thread at a time over all trees.
 */
#ifndef IOP_SPARSE_TREE_H
#define IOP_SPARSE_TREE_H

#include <stddef.h>
#include <stdint.h>

#define IOP_TREE_BITS 256 /* of a key: the deepest a leaf can stand */

struct iop_tree_node;

/* All zeros is the empty tree. */
struct iop_tree {
    struct iop_tree_node *top;
    size_t count; /* of leaves */
    uint8_t root[32];
};

struct iop_tree_change {
    const uint8_t *key; /* 32 bytes */
    const uint8_t *value; /* 32 bytes, or NULL to remove */
    uint64_t head; /* for the kernel */
    struct iop_tree_node *leaf; /* for the kernel */
};

struct iop_tree_proof {
    size_t count; /* of siblings, from the root down */
    uint8_t siblings[IOP_TREE_BITS][32];
    const uint8_t *other_key; /* of another leaf at the end of the way, else NULL; in the tree */
    const uint8_t *other_value;
};

/* The tree after all changes at once. Their keys must differ; their order is lost. 0, or -1 when memory ran out: `made` is then the
 * empty tree. `made` holds references of its own; `old` stays as it is. */
int iop_tree_update(const struct iop_tree *old, struct iop_tree_change *changes, size_t count, struct iop_tree *made);

/* Gives the references up; the tree is empty then. */
void iop_tree_release(struct iop_tree *tree);

/* The value of a key within the tree, or NULL. */
const uint8_t *iop_tree_get(const struct iop_tree *tree, const uint8_t key[32]);

/* The way to a key's place: presence when iop_tree_get finds it, else absence. */
void iop_tree_prove(const struct iop_tree *tree, const uint8_t key[32], struct iop_tree_proof *proof);

#endif
