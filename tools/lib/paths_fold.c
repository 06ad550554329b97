/* One walk over the tree as it is makes the folded tree.  While it is within a call of function f, open[f] is the
 * node of the folded tree that this call was taken into.  A further call of f belongs to that node where it is above
 * the caller in the folded tree.  (It need not be: once f has been folded into a call further up, what lay between
 * does not run as far as the folded tree is concerned.)  Whether it is above is asked by jumping upwards; a node's
 * `jump` leads over as many levels as make that logarithmic. */
#include "paths.h"

struct place {
    uint32_t depth;
    uint32_t jump;
};

struct fold {
    const struct paths *from;
    struct paths *to;
    struct place *places; /* by node of `to` */
    size_t place_capacity;
    uint32_t *open;  /* by function */
    uint32_t *moved; /* by node of `from` */
    uint32_t *saved; /* by node of `from`: open[its function] before it */
};

static void place(struct fold *fold, uint32_t node)
{
    struct place *places = fold->places;
    uint32_t parent = fold->to->nodes[node].parent;
    if (parent == PATHS_NONE) {
        places[node] = (struct place){0, node};
        return;
    }
    uint32_t jump = places[parent].jump, beyond = places[jump].jump;
    bool even = places[parent].depth - places[jump].depth == places[jump].depth - places[beyond].depth;
    places[node] = (struct place){places[parent].depth + 1, even ? beyond : parent};
}

static bool is_above(const struct fold *fold, uint32_t upper, uint32_t node)
{
    const struct place *places = fold->places;
    uint32_t depth = places[upper].depth;
    while (places[node].depth > depth)
        node = places[places[node].jump].depth >= depth ? places[node].jump : fold->to->nodes[node].parent;
    return node == upper;
}

/* The node of the folded tree that takes up the node `at`; PATHS_NONE when memory is short. */
static uint32_t target_of(struct fold *fold, uint32_t at)
{
    const struct path *node = &fold->from->nodes[at];
    uint32_t parent = node->parent == PATHS_NONE ? PATHS_NONE : fold->moved[node->parent];
    uint32_t running = node->function == PATHS_NONE ? PATHS_NONE : fold->open[node->function];
    if (running != PATHS_NONE && is_above(fold, running, parent))
        return running;
    uint32_t known = fold->to->count;
    if (allocator_reserve(fold->to->allocator, &fold->places, &fold->place_capacity, (size_t)known + 1,
                          sizeof *fold->places) < 0)
        return PATHS_NONE;
    uint32_t target = paths_step(fold->to, parent, node->function, node->thread);
    if (target == known)
        place(fold, target);
    return target;
}

static int enter(struct fold *fold, uint32_t at)
{
    const struct path *node = &fold->from->nodes[at];
    uint32_t target = target_of(fold, at);
    if (target == PATHS_NONE)
        return -1;
    fold->moved[at] = target;
    paths_count(&fold->to->nodes[target], node->calls, node->self);
    if (node->function != PATHS_NONE) {
        fold->saved[at] = fold->open[node->function];
        fold->open[node->function] = target;
    }
    return 0;
}

static void leave(struct fold *fold, uint32_t at)
{
    uint32_t function = fold->from->nodes[at].function;
    if (function != PATHS_NONE)
        fold->open[function] = fold->saved[at];
}

static int walk(struct fold *fold)
{
    uint32_t at = 0;
    while (enter(fold, at) == 0) {
        uint32_t next = fold->from->nodes[at].first_child;
        while (next == PATHS_NONE) {
            leave(fold, at);
            if (at == 0)
                return 0;
            next = fold->from->nodes[at].next_sibling;
            if (next == PATHS_NONE)
                at = fold->from->nodes[at].parent;
        }
        at = next;
    }
    return -1;
}

static int fold_into(struct fold *fold)
{
    const struct allocator *allocator = fold->from->allocator;
    fold->moved = allocator_resize(allocator, NULL, fold->from->count, sizeof *fold->moved);
    fold->saved = allocator_resize(allocator, NULL, fold->from->count, sizeof *fold->saved);
    fold->open = allocator_resize(allocator, NULL, fold->from->function_count + 1, sizeof *fold->open);
    if (!fold->moved || !fold->saved || !fold->open)
        return -1;
    for (size_t i = 0; i < fold->from->function_count; i++)
        fold->open[i] = PATHS_NONE;
    return walk(fold);
}

int paths_fold(struct paths *paths, struct error *error)
{
    struct paths folded = {.allocator = paths->allocator,
                           .function_count = paths->function_count,
                           .estimated = paths->estimated,
                           .recorded = paths->recorded};
    struct fold fold = {.from = paths, .to = &folded};
    index_map_init(&folded.by_step, folded.allocator);
    int result = fold_into(&fold);
    allocator_free(paths->allocator, fold.moved);
    allocator_free(paths->allocator, fold.saved);
    allocator_free(paths->allocator, fold.open);
    allocator_free(paths->allocator, fold.places);
    if (result < 0) {
        paths_release(&folded);
        return error_set_memory(error);
    }
    paths_finish(&folded);
    paths_release(paths);
    *paths = folded;
    return 0;
}
