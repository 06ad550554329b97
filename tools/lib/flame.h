/* Floor 1.  Which call paths a flame graph shows, and where. */
#ifndef PROFSTAT_FLAME_H
#define PROFSTAT_FLAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "paths.h"

/* A path that is wide enough to be seen. */
struct frame {
    uint32_t path;
    uint32_t level; /* 0: everything */
    int64_t left;   /* nanoseconds from the left edge */
};

/* Owns its frames, in the order of the paths: each comes before those below it. */
struct flame {
    const struct allocator *allocator;
    struct frame *frames;
    uint32_t count;
    uint32_t levels;   /* that the frames take */
    uint32_t left_out; /* paths that are narrower, or deeper */
};

/* At most about `most` frames, none narrower than `share` of everything, none on a level of `most_levels` or
 * above.  0, or -1 with *error set (memory) and nothing to release. */
int flame_init(struct flame *flame, const struct paths *paths, double share, uint32_t most, uint32_t most_levels,
               struct error *error);
void flame_release(struct flame *flame);

#endif
