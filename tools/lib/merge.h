/* Floor 1.  Several profiles as one: the sum of their statistics, and beside it all that they recorded. */
#ifndef PROFSTAT_MERGE_H
#define PROFSTAT_MERGE_H

#include <stddef.h>

#include "base/error.h"
#include "profile.h"

/* Fills an initialised, empty profile with the sum of the sources.  Functions stand in the order of the sources, as in
 * pstats.Stats.add; call trees are kept side by side; facts are kept as far as they hold for the sum (merge_facts.c
 * says how).
 * 0, or -1 with *error set (memory; what summing.h refuses). */
int merge_profiles(struct profile *sum, const struct profile *const *sources, size_t count, struct error *error);

#endif
