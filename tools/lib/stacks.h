/* Floor 1.  All call paths of a profile, for formats of stacks: those that were recorded, or an estimate that is
 * true for each function. */
#ifndef PROFSTAT_STACKS_H
#define PROFSTAT_STACKS_H

#include <stdint.h>

#include "base/error.h"
#include "paths.h"
#include "profile.h"

/* Of recorded paths each function's calls, own and cumulative times add up to what the statistics say, but for the
 * rounding of each path to nanoseconds; an estimate is corrected until they do.  0, or -1 with *error set (memory) and
 * nothing to release. */
int stacks_init(struct paths *paths, const struct profile *profile, struct error *error);

/* For formats that write every path from its beginning: folds recursion (paths.h) where otherwise all paths together
 * had more than `most` functions.  0, or -1 with *error set (memory). */
int stacks_limit(struct paths *paths, uint64_t most, struct error *error);

#endif
