/* Floor 1.  The call trees of several profiles as one: equal paths are one path, their numbers are added. */
#ifndef PROFSTAT_PATH_SUM_H
#define PROFSTAT_PATH_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/index_map.h"
#include "profile.h"

/* Work in progress on the only tree of `sum`, which somebody else owns.  All trees that are added have the same columns
 * in the same order. */
struct path_sum {
    struct profile *sum;
    struct index_map by_path;
    uint32_t *moved; /* nodes of the tree that is being added as nodes of the sum */
    size_t moved_capacity;
    uint32_t capacity; /* of the tree's arrays */
    uint32_t limit;    /* of nodes */
    bool cut;          /* paths were left out since the sum would have had more */
};

void path_sum_init(struct path_sum *paths, struct profile *sum, uint32_t limit);
void path_sum_release(struct path_sum *paths);

/* Adds a tree whose function i is functions[i] of the sum.  0, or -1 with *error set (memory; numbers beyond 63 bits),
 * and the sum is not to be used. */
int path_sum_add(struct path_sum *paths, const struct path_tree *tree, const uint32_t *functions, struct error *error);

#endif
