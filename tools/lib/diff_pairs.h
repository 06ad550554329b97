/* Floor 1.  The caller pairs of two profiles. */
#ifndef PROFSTAT_DIFF_PAIRS_H
#define PROFSTAT_DIFF_PAIRS_H

#include "diff.h"

/* Who called whom, in both profiles or in one. */
struct diff_pair {
    uint32_t caller; /* positions in diff.changes */
    uint32_t function;
    const struct caller *now;    /* NULL: it is gone */
    const struct caller *before; /* NULL: it is new */
};

/* Owns its list, by function and caller. */
struct diff_pairs {
    const struct allocator *allocator;
    struct diff_pair *list;
    size_t count;
    size_t left_out;
};

/* The pairs of functions that are `shown` (by position in diff.changes); of more than `most` those with the largest
 * cumulative times, of now or before.  0, or -1 with *error set (memory) and nothing to release. */
int diff_pairs_init(struct diff_pairs *pairs, const struct diff *diff, const struct profile *now,
                    const struct profile *before, const bool *shown, size_t most, struct error *error);
void diff_pairs_release(struct diff_pairs *pairs);

#endif
