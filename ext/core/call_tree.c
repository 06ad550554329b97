/* Nodes live in chunks that never move, so the tracer's stack may hold their addresses.  A child is found by a hash of
 * (parent's number, key) in one open-addressed table for the whole tree: a slot holds the hash beside the number, so a
 * probe touches a node only when it has most likely found it. */
#include "call_tree.h"

#include <stdbool.h>
#include <string.h>

enum { FIRST_SLOTS = 2048 };

struct call_node call_node_none = {
    .key = NULL,
    .first = &call_node_none,
    .follower = &call_node_none,
    .parent = CALL_TREE_NONE,
    .number = CALL_TREE_NONE,
};

static struct call_node root_node(uint32_t number)
{
    return (struct call_node){
        .first = &call_node_none, .follower = &call_node_none, .parent = number, .number = number};
}

void call_tree_init(struct call_tree *tree, const struct allocator *allocator, size_t max_bytes)
{
    *tree = (struct call_tree){.allocator = allocator,
                               .max_bytes = max_bytes,
                               .root = root_node(CALL_TREE_ROOT),
                               .root_no_edges = root_node(CALL_TREE_ROOT_NO_EDGES)};
}

void call_tree_release(struct call_tree *tree)
{
    for (size_t i = 0; i < tree->chunk_count; i++)
        allocator_free(tree->allocator, tree->chunks[i]);
    allocator_free(tree->allocator, tree->chunks);
    allocator_free(tree->allocator, tree->slots);
}

void call_tree_clear(struct call_tree *tree)
{
    call_tree_release(tree);
    call_tree_init(tree, tree->allocator, tree->max_bytes);
}

static struct call_tree_slot *slot_free(struct call_tree_slot *slots, uint32_t slot_count, uint32_t hash)
{
    uint32_t mask = slot_count - 1;
    uint32_t at = hash & mask;
    while (slots[at].number != CALL_TREE_SLOT_EMPTY)
        at = (at + 1) & mask;
    return &slots[at];
}

/* The old table counts against the limit too while both exist. */
static bool fits(const struct call_tree *tree, size_t more)
{
    return more <= tree->max_bytes && tree->bytes <= tree->max_bytes - more;
}

static int grow_slots(struct call_tree *tree)
{
    uint32_t slot_count = tree->slot_count ? tree->slot_count * 2 : FIRST_SLOTS;
    size_t size = (size_t)slot_count * sizeof *tree->slots;
    if (slot_count == 0 || !fits(tree, size))
        return -1;
    struct call_tree_slot *slots = allocator_resize(tree->allocator, NULL, slot_count, sizeof *slots);
    if (slots == NULL)
        return -1;
    memset(slots, 0xff, size);
    for (uint32_t i = 0; i < tree->slot_count; i++)
        if (tree->slots[i].number != CALL_TREE_SLOT_EMPTY)
            *slot_free(slots, slot_count, tree->slots[i].hash) = tree->slots[i];
    allocator_free(tree->allocator, tree->slots);
    tree->bytes += size - (size_t)tree->slot_count * sizeof *slots;
    tree->slots = slots;
    tree->slot_count = slot_count;
    return 0;
}

static int add_chunk(struct call_tree *tree)
{
    size_t size = CALL_TREE_CHUNK * sizeof(struct call_node);
    if (!fits(tree, size) || tree->count >= CALL_TREE_ROOT_NO_EDGES - CALL_TREE_CHUNK)
        return -1;
    if (allocator_reserve(tree->allocator, &tree->chunks, &tree->chunk_capacity, tree->chunk_count + 1,
                          sizeof *tree->chunks) < 0)
        return -1;
    struct call_node *chunk = allocator_resize(tree->allocator, NULL, CALL_TREE_CHUNK, sizeof *chunk);
    if (chunk == NULL)
        return -1;
    tree->chunks[tree->chunk_count++] = chunk;
    tree->bytes += size;
    return 0;
}

struct call_node *call_tree_add(struct call_tree *tree, const struct call_node *parent, const void *key)
{
    if (tree->count >= tree->slot_count / 2 && grow_slots(tree) < 0)
        return NULL;
    if (tree->count == tree->chunk_count * CALL_TREE_CHUNK && add_chunk(tree) < 0)
        return NULL;
    uint32_t hash = call_tree_hash(parent->number, key);
    struct call_node *node = call_tree_node(tree, tree->count);
    *node = (struct call_node){.key = key,
                               .first = &call_node_none,
                               .follower = &call_node_none,
                               .parent = parent->number,
                               .number = tree->count};
    *slot_free(tree->slots, tree->slot_count, hash) = (struct call_tree_slot){hash, tree->count++};
    return node;
}
