/* Core, no Python.h.  The call tree: one node for each distinct call path, the tracer's one record of a run. */
#ifndef PROFSTAT_CORE_CALL_TREE_H
#define PROFSTAT_CORE_CALL_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

/* Parent numbers of nodes that were entered from outside the profile. */
#define CALL_TREE_ROOT          UINT32_MAX
#define CALL_TREE_ROOT_NO_EDGES (UINT32_MAX - 1)
#define CALL_TREE_NONE          (UINT32_MAX - 2) /* of no node at all, and no node's parent */

/* A function as reached along one path.  48 bytes, so that a large tree stays in the caches as long as may be. */
struct call_node {
    const void *key;         /* the function's identity; NULL in the nodes that stand for no function */
    struct call_node *first; /* the callee that a call of this began with the last time; never NULL: &call_node_none */
    struct call_node *follower; /* the sibling that was entered after this one the last time; never NULL either */
    int64_t calls;              /* completed calls */
    int64_t self;               /* ticks in completed calls, callees excluded */
    uint32_t parent;            /* number of the caller's node, or CALL_TREE_ROOT... */
    uint32_t number;            /* its own, in order of creation; a parent's is smaller than its children's */
};

/* Stands where there is no node yet: its key matches no function, and it follows itself.  Never written. */
extern struct call_node call_node_none;

enum { CALL_TREE_CHUNK = 256 }; /* nodes allocated at a time; they never move */

#define CALL_TREE_SLOT_EMPTY UINT32_MAX

struct call_tree_slot {
    uint32_t hash;
    uint32_t number; /* of the node, or CALL_TREE_SLOT_EMPTY */
};

/* Owns nodes and hash slots; together they never take more than max_bytes. */
struct call_tree {
    const struct allocator *allocator;
    struct call_node **chunks;
    size_t chunk_count;
    size_t chunk_capacity;
    uint32_t count;
    struct call_tree_slot *slots;
    uint32_t slot_count; /* 0 or a power of two */
    size_t bytes;        /* taken by nodes and slots */
    size_t max_bytes;
    struct call_node root;          /* parent of the outermost calls */
    struct call_node root_no_edges; /* the same, for calls whose caller edges are not wanted */
};

void call_tree_init(struct call_tree *tree, const struct allocator *allocator, size_t max_bytes);
void call_tree_release(struct call_tree *tree);
/* Releases every node, keeps the limit. */
void call_tree_clear(struct call_tree *tree);

static inline struct call_node *call_tree_node(const struct call_tree *tree, uint32_t number)
{
    return &tree->chunks[number / CALL_TREE_CHUNK][number % CALL_TREE_CHUNK];
}

/* Keys are addresses: nobody chooses them to collide, and one multiplication spreads them. */
static inline uint32_t call_tree_hash(uint32_t parent, const void *key)
{
    uint64_t pair = (uint64_t)(uintptr_t)key ^ (uint64_t)parent << 40 ^ parent;
    return (uint32_t)(pair * 0x9E3779B97F4A7C15u >> 32);
}

/* The child of `parent` for this key, or NULL. */
static inline struct call_node *call_tree_find(const struct call_tree *tree, const struct call_node *parent,
                                               const void *key)
{
    if (tree->slot_count == 0)
        return NULL;
    uint32_t hash = call_tree_hash(parent->number, key);
    uint32_t mask = tree->slot_count - 1;
    for (uint32_t at = hash & mask; tree->slots[at].number != CALL_TREE_SLOT_EMPTY; at = (at + 1) & mask) {
        if (tree->slots[at].hash != hash)
            continue;
        struct call_node *node = call_tree_node(tree, tree->slots[at].number);
        if (node->key == key && node->parent == parent->number)
            return node;
    }
    return NULL;
}

/* Adds a child that is not there yet.  NULL when that would pass the limit or memory is short; the tree is as before.
 */
struct call_node *call_tree_add(struct call_tree *tree, const struct call_node *parent, const void *key);

#endif
