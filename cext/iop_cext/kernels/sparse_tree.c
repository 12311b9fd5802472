#include "sparse_tree.h"

#include "sha256.h"

#include <stdlib.h>
#include <string.h>

#define FEW 8 /* changes of one leaf's place that need no memory */
#define FLOCK 16 /* ways followed at once to hide the memory's delay */
#define MOST_WARM 4096 /* changes whose ways fit into a cache */

/* A leaf when `depth` is IOP_TREE_BITS, else the bit at which the two sides part. */
struct iop_tree_node {
    uint32_t references;
    uint32_t depth;
};

struct leaf {
    struct iop_tree_node node;
    uint8_t key[32];
    uint8_t value[32];
};

struct branch {
    struct iop_tree_node node;
    struct iop_tree_node *sides[2];
    uint8_t hashes[2][32]; /* of the sides at depth + 1 */
};

/* A subtree with one reference to it, and its hash at the depth that the context gives; an empty one is all zeros. */
struct edge {
    struct iop_tree_node *node;
    uint8_t hash[32];
};

struct work {
    size_t added;
    size_t removed;
    int failed; /* out of memory: what is made is well-formed, incomplete and to be thrown away */
};

static const uint8_t NOTHING[32];

static inline int is_leaf(const struct iop_tree_node *node) { return node->depth == IOP_TREE_BITS; }

static inline unsigned bit_of(const uint8_t *key, unsigned at) { return key[at / 8] >> (7 - at % 8) & 1; }

/* How many leading bits two keys share. */
static unsigned shared(const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < 32; i++)
        if (a[i] != b[i]) {
            unsigned at = 8 * i;
            for (unsigned differ = a[i] ^ b[i]; !(differ & 0x80); differ <<= 1)
                at++;
            return at;
        }
    return IOP_TREE_BITS;
}

/* Large trees do not fit into a cache: nodes that will be counted soon are asked for early. */
static inline void prefetch(const struct iop_tree_node *node)
{
#ifdef __GNUC__
    __builtin_prefetch(node, 1);
#else
    (void)node;
#endif
}

static inline struct iop_tree_node *retain(struct iop_tree_node *node)
{
    node->references++;
    return node;
}

/* Recursion ends at the depth of the tree: at most 256 calls. */
static void release(struct iop_tree_node *node)
{
    while (node && --node->references == 0) {
        struct iop_tree_node *next = NULL;
        if (!is_leaf(node)) {
            const struct branch *branch = (const struct branch *)node;
            next = branch->sides[1];
            prefetch(next);
            release(branch->sides[0]);
        }
        free(node);
        node = next;
    }
}

/* Any leaf below, for the bits that all of them share. */
static const uint8_t *find_key(const struct iop_tree_node *node)
{
    while (!is_leaf(node))
        node = ((const struct branch *)node)->sides[0];
    return ((const struct leaf *)node)->key;
}

/* The hash of a branch's subtree at depth `from` made into the one at depth `to`: empty sides all the way. */
static void lift(uint8_t hash[32], const struct iop_tree_node *node, unsigned from, unsigned to)
{
    if (from == to)
        return;
    const uint8_t *key = find_key(node);
    while (from-- > to) {
        if (bit_of(key, from))
            iop_sha256_65(1, NOTHING, hash, hash);
        else
            iop_sha256_65(1, hash, NOTHING, hash);
    }
}

/* A subtree's hash at depth `top`, from scratch. */
static void compute_hash(const struct iop_tree_node *node, unsigned top, uint8_t hash[32])
{
    if (is_leaf(node)) {
        const struct leaf *leaf = (const struct leaf *)node;
        iop_sha256_65(0, leaf->key, leaf->value, hash);
    } else {
        const struct branch *branch = (const struct branch *)node;
        iop_sha256_65(1, branch->hashes[0], branch->hashes[1], hash);
        lift(hash, node, node->depth, top);
    }
}

/* Both sides of bit `depth` as one subtree at `top`; takes over their references. */
static struct edge join(struct work *work, unsigned depth, struct edge left, struct edge right, unsigned top)
{
    struct edge made = {0};
    if (!left.node || !right.node) {
        made = left.node ? left : right;
        if (made.node && !is_leaf(made.node))
            lift(made.hash, made.node, depth + 1, top);
        return made;
    }
    struct branch *branch = malloc(sizeof *branch);
    if (!branch) {
        work->failed = 1;
        release(left.node);
        release(right.node);
        return made;
    }
    branch->node.references = 1;
    branch->node.depth = depth;
    branch->sides[0] = left.node;
    branch->sides[1] = right.node;
    memcpy(branch->hashes[0], left.hash, 32);
    memcpy(branch->hashes[1], right.hash, 32);
    made.node = &branch->node;
    compute_hash(made.node, top, made.hash);
    return made;
}

static struct edge make_leaf(struct work *work, const struct iop_tree_change *change)
{
    struct edge made = {0};
    if (change->leaf) {
        made.node = retain(change->leaf);
    } else {
        struct leaf *leaf = malloc(sizeof *leaf);
        if (!leaf) {
            work->failed = 1;
            return made;
        }
        leaf->node.references = 1;
        leaf->node.depth = IOP_TREE_BITS;
        memcpy(leaf->key, change->key, 32);
        memcpy(leaf->value, change->value, 32);
        made.node = &leaf->node;
    }
    compute_hash(made.node, 0, made.hash);
    return made;
}

/* How many of the sorted changes have a 0 at a bit; they share all bits before it. */
static size_t split(const struct iop_tree_change *changes, size_t count, unsigned depth)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bit_of(changes[middle].key, depth))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* A subtree of these leaves alone. */
static struct edge build(struct work *work, const struct iop_tree_change *leaves, size_t count, unsigned top)
{
    if (!count)
        return (struct edge){0};
    if (count == 1)
        return make_leaf(work, leaves);
    unsigned depth = shared(leaves[0].key, leaves[count - 1].key);
    size_t zeros = split(leaves, count, depth);
    struct edge left = build(work, leaves, zeros, depth + 1);
    struct edge right = build(work, leaves + zeros, count - zeros, depth + 1);
    return join(work, depth, left, right, top);
}

/* The changes where nothing stands yet. */
static struct edge build_new(struct work *work, struct iop_tree_change *changes, size_t count, unsigned top)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (changes[i].value)
            changes[kept++] = changes[i];
    work->added += kept;
    return build(work, changes, kept, top);
}

/* The changes where one leaf stands. */
static struct edge merge_leaf(struct work *work, struct iop_tree_node *node, const struct iop_tree_change *changes, size_t count,
                              unsigned top)
{
    const struct leaf *leaf = (const struct leaf *)node;
    struct iop_tree_change few[FEW + 1], *leaves = few;
    struct iop_tree_change standing = {.key = leaf->key, .value = leaf->value, .leaf = node};
    size_t kept = 0;
    int placed = 0;
    if (count > FEW && !(leaves = malloc((count + 1) * sizeof *leaves))) {
        work->failed = 1;
        return (struct edge){0};
    }
    for (size_t i = 0; i < count; i++) {
        int order = placed ? 1 : memcmp(changes[i].key, leaf->key, 32);
        if (!order) {
            placed = 1;
            if (changes[i].value && !memcmp(changes[i].value, leaf->value, 32)) {
                leaves[kept++] = standing;
                continue;
            }
            work->removed++;
        } else if (order > 0 && !placed) {
            placed = 1;
            leaves[kept++] = standing;
        }
        if (changes[i].value) {
            work->added++;
            leaves[kept++] = changes[i];
        }
    }
    if (!placed)
        leaves[kept++] = standing;
    struct edge made = build(work, leaves, kept, top);
    if (leaves != few)
        free(leaves);
    return made;
}

/* A subtree at depth `top` after the changes of its keys. `hash` is the one at that depth, or NULL when it is not known. */
static struct edge merge(struct work *work, struct iop_tree_node *node, const uint8_t *hash, struct iop_tree_change *changes,
                         size_t count, unsigned top)
{
    if (count && is_leaf(node))
        return merge_leaf(work, node, changes, count, top);
    if (count) {
        struct branch *branch = (struct branch *)node;
        unsigned depth = node->depth;
        if (depth > top) {
            const uint8_t *key = find_key(node);
            unsigned first = shared(key, changes[0].key), last = shared(key, changes[count - 1].key);
            unsigned parting = first < last ? first : last;
            if (parting < depth) {
                size_t zeros = split(changes, count, parting), ones = count - zeros;
                struct edge left, right;
                if (bit_of(key, parting)) {
                    left = build_new(work, changes, zeros, parting + 1);
                    right = merge(work, node, NULL, changes + zeros, ones, parting + 1);
                } else {
                    left = merge(work, node, NULL, changes, zeros, parting + 1);
                    right = build_new(work, changes + zeros, ones, parting + 1);
                }
                return join(work, parting, left, right, top);
            }
        }
        size_t zeros = split(changes, count, depth);
        struct edge left = merge(work, branch->sides[0], branch->hashes[0], changes, zeros, depth + 1);
        struct edge right = merge(work, branch->sides[1], branch->hashes[1], changes + zeros, count - zeros, depth + 1);
        if (left.node != branch->sides[0] || right.node != branch->sides[1])
            return join(work, depth, left, right, top);
        release(left.node);
        release(right.node);
    }
    struct edge same = {.node = retain(node)};
    if (hash)
        memcpy(same.hash, hash, 32);
    else
        compute_hash(node, top, same.hash);
    return same;
}

/* Asks for all that merge() will read and count, many ways at a time: waiting for memory is else half of an update's cost. */
static void warm(struct iop_tree_node *top, const struct iop_tree_change *changes, size_t count)
{
    for (size_t from = 0; from < count; from += FLOCK) {
        size_t size = count - from < FLOCK ? count - from : FLOCK, moving = size;
        struct iop_tree_node *nodes[FLOCK];
        for (size_t i = 0; i < size; i++)
            nodes[i] = top;
        while (moving) {
            moving = 0;
            for (size_t i = 0; i < size; i++)
                if (!is_leaf(nodes[i])) {
                    const struct branch *branch = (const struct branch *)nodes[i];
                    unsigned side = bit_of(changes[from + i].key, nodes[i]->depth);
                    prefetch(branch->sides[1 - side]);
                    nodes[i] = branch->sides[side];
                    prefetch(nodes[i]);
                    prefetch((const struct iop_tree_node *)((const char *)nodes[i] + 64));
                    moving++;
                }
        }
    }
}

static int compare(const void *a, const void *b)
{
    const struct iop_tree_change *one = a, *other = b;
    if (one->head != other->head)
        return one->head < other->head ? -1 : 1;
    return memcmp(one->key, other->key, 32);
}

int iop_tree_update(const struct iop_tree *old, struct iop_tree_change *changes, size_t count, struct iop_tree *made)
{
    struct work work = {0};
    struct edge edge;
    for (size_t i = 0; i < count; i++) {
        changes[i].head = 0;
        changes[i].leaf = NULL;
        for (unsigned byte = 0; byte < 8; byte++)
            changes[i].head = changes[i].head << 8 | changes[i].key[byte];
    }
    if (count > 1)
        qsort(changes, count, sizeof *changes, compare);
    if (old->top && count > 1 && count <= MOST_WARM)
        warm(old->top, changes, count);
    edge = old->top ? merge(&work, old->top, old->root, changes, count, 0) : build_new(&work, changes, count, 0);
    if (work.failed) {
        release(edge.node);
        memset(made, 0, sizeof *made);
        return -1;
    }
    made->top = edge.node;
    made->count = old->count + work.added - work.removed;
    memcpy(made->root, edge.hash, 32);
    return 0;
}

void iop_tree_release(struct iop_tree *tree)
{
    release(tree->top);
    memset(tree, 0, sizeof *tree);
}

const uint8_t *iop_tree_get(const struct iop_tree *tree, const uint8_t key[32])
{
    const struct iop_tree_node *node = tree->top;
    if (!node)
        return NULL;
    while (!is_leaf(node))
        node = ((const struct branch *)node)->sides[bit_of(key, node->depth)];
    const struct leaf *leaf = (const struct leaf *)node;
    return memcmp(leaf->key, key, 32) ? NULL : leaf->value;
}

void iop_tree_prove(const struct iop_tree *tree, const uint8_t key[32], struct iop_tree_proof *proof)
{
    const struct iop_tree_node *node = tree->top;
    unsigned top = 0;
    proof->count = 0;
    proof->other_key = proof->other_value = NULL;
    if (!node)
        return;
    while (!is_leaf(node)) {
        const struct branch *branch = (const struct branch *)node;
        unsigned parting = node->depth;
        if (node->depth > top) {
            unsigned common = shared(find_key(node), key);
            parting = common < parting ? common : parting;
        }
        memset(proof->siblings[top], 0, 32 * (size_t)(parting - top));
        proof->count = parting + 1;
        if (parting < node->depth) {
            compute_hash(node, parting + 1, proof->siblings[parting]);
            return;
        }
        unsigned side = bit_of(key, parting);
        memcpy(proof->siblings[parting], branch->hashes[1 - side], 32);
        node = branch->sides[side];
        top = parting + 1;
    }
    const struct leaf *leaf = (const struct leaf *)node;
    if (memcmp(leaf->key, key, 32)) {
        proof->other_key = leaf->key;
        proof->other_value = leaf->value;
    }
}
