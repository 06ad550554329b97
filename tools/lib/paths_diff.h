/* Floor 1.  The call paths of two profiles as one tree, for pictures of what changed. */
#ifndef PROFSTAT_PATHS_DIFF_H
#define PROFSTAT_PATHS_DIFF_H

#include <stdint.h>

#include "base/error.h"
#include "diff.h"
#include "paths.h"

/* What a call path was before. */
struct path_before {
    int64_t calls;
    int64_t self;  /* nanoseconds */
    int64_t total; /* nanoseconds, self and all below */
};

/* Owns both. */
struct paths_diff {
    struct paths paths;         /* functions by position in diff.changes; numbers of now, 0 where a path is gone */
    struct path_before *before; /* by node; all 0 where a path is new */
};

/* Threads are added up: work goes from one to the other as it comes, and their names change with each run.  Both are
 * estimates if one has to be, so that like is compared with like.  With `fold` recursion is folded (paths_fold).  0, or
 * -1 with *error set (memory; more than 2^32 paths) and nothing to release. */
int paths_diff_init(struct paths_diff *paths, const struct diff *diff, const struct profile *now,
                    const struct profile *before, bool fold, double smallest_share, struct error *error);
void paths_diff_release(struct paths_diff *paths);

bool paths_diff_is_new(const struct paths_diff *paths, uint32_t node);
bool paths_diff_is_gone(const struct paths_diff *paths, uint32_t node);

#endif
