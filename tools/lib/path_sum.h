/* Floor 1.  The call trees of several profiles as one for each thread: equal paths are one path, their numbers are
 * added. */
#ifndef PROFSTAT_PATH_SUM_H
#define PROFSTAT_PATH_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/index_map.h"
#include "profile.h"

/* What belongs to one tree of the sum. */
struct summed_tree {
    struct index_map by_path;
    uint32_t capacity; /* of the tree's arrays */
};

/* Work in progress on the trees of `sum`, which somebody else owns. */
struct path_sum {
    struct profile *sum;
    struct summed_tree *trees; /* one for each of the sum */
    size_t tree_capacity;
    struct index_map by_thread;
    uint32_t *moved; /* nodes of the tree that is being added as nodes of the sum */
    size_t moved_capacity;
    uint32_t count; /* nodes of all trees */
    uint32_t limit;
    bool cut; /* paths were left out since there would have been more nodes */
};

/* Of a sum that has no trees yet. */
void path_sum_init(struct path_sum *paths, struct profile *sum, uint32_t limit);
void path_sum_release(struct path_sum *paths);

/* Makes one of those trees of the sum that are of one thread.  As path_sum_add. */
int path_sum_fold(struct path_sum *paths, struct error *error);

/* Adds a tree whose function i is functions[i] of the sum to that of the thread of the same name.  Columns are added
 * to those of the same name and unit; what a tree has no column for is zero.  0, or -1 with *error set (memory;
 * numbers beyond 63 bits; too many columns), and the sum is not to be used. */
int path_sum_add(struct path_sum *paths, const struct path_tree *tree, const uint32_t *functions, struct error *error);

#endif
