/* Floor 1.  Several profiles as one: the sum of their statistics, and beside it all that they recorded. */
#ifndef PROFSTAT_MERGE_H
#define PROFSTAT_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "merge_facts.h"
#include "path_sum.h"
#include "profile.h"
#include "summing.h"

/* Work in progress on `sum`, which somebody else owns.  What it needs grows with the sum, not with what is added. */
struct merge {
    struct profile *sum;
    struct summing summing;
    struct fact_merge facts;
    struct path_sum paths;
    uint32_t *moved; /* functions of what is being added as functions of the sum */
    size_t moved_capacity;
    uint32_t *listed; /* functions of the sum in the order in which they got statistics */
    size_t listed_count;
    size_t listed_capacity;
};

/* Begins with an initialised, empty profile, for a sum that grows and is looked at now and then: its call paths are
 * kept up to so many nodes, and merge_set_facts makes its facts true, as often as is wanted; there is no
 * merge_finish. */
void merge_begin(struct merge *merge, struct profile *sum, uint32_t path_limit);
int merge_set_facts(struct merge *merge, struct error *error);

/* Begins with a profile as it is.  All that follow return 0, or -1 with *error set (memory; what summing.h refuses). */
int merge_init(struct merge *merge, struct profile *sum, struct error *error);
/* Adds a profile as pstats.Stats.add does.  Call trees are summed, one for each thread, facts kept as far as they hold
 * for the sum (merge_facts.c says how). */
int merge_add(struct merge *merge, const struct profile *source, struct error *error);
/* Completes the sum: functions stand in the order of the profiles. */
int merge_finish(struct merge *merge, struct error *error);
/* Also after a failure. */
void merge_release(struct merge *merge);

#endif
