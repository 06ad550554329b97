/* Floor 1.  Adding statistics of profiles to one profile; merge and strip are made of it. */
#ifndef PROFSTAT_SUMMING_H
#define PROFSTAT_SUMMING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/index_map.h"
#include "profile.h"

struct summing_edge {
    uint32_t function;
    uint32_t caller;
    uint32_t place; /* in the callers of the function */
};

/* Work in progress on `target`, which somebody else owns. */
struct summing {
    struct profile *target;
    struct index_map by_edge;
    struct summing_edge *edges;
    size_t edge_count;
    size_t edge_capacity;
    int64_t total_calls; /* all counts, of functions and of edges, as the reader of a file adds them up */
    bool from_zero;      /* new functions are added to 0, as in pstats those of all files but the first: -0.0 is 0 */
};

void summing_init(struct summing *summing, struct profile *target);
/* Takes up what the target holds already.  0, or -1 with *error set as by summing_add. */
int summing_resume(struct summing *summing, struct error *error);
void summing_release(struct summing *summing);

/* Adds the numbers of every listed function of `source` to the function target_positions[i] of the target, and their
 * callers to its callers.  A function that the target has not listed yet becomes so.
 * What the reader of a file would refuse is refused here: 0, or -1 with *error set (memory; counts that together take
 * more than 63 bits; an infinite time). */
int summing_add(struct summing *summing, const struct profile *source, const uint32_t *target_positions,
                struct error *error);

#endif
