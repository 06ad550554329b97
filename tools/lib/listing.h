/* Floor 1.  Which functions a report lists: all of them in order, cut down by restrictions one after the other. */
#ifndef PROFSTAT_LISTING_H
#define PROFSTAT_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "order.h"
#include "pattern.h"

enum restriction_kind { RESTRICT_FRACTION, RESTRICT_LIMIT, RESTRICT_PATTERN };

struct restriction {
    enum restriction_kind kind;
    double fraction;               /* of the rows, 0 to 1 */
    int64_t limit;                 /* rows, 0 or more */
    const struct pattern *pattern; /* not owned; what the names of the rows contain */
};

/* A restriction that left fewer rows than there were. */
struct reduction {
    const struct restriction *restriction;
    size_t from;
    size_t to;
};

/* Owns its arrays, not the restrictions. */
struct listing {
    const struct allocator *allocator;
    uint32_t *rows; /* positions of functions, in order */
    size_t count;
    size_t listed_count; /* functions that there are to choose from */
    struct reduction *reductions;
    size_t reduction_count;
};

/* Applies the restrictions in their order to the listed functions of the profile that `order` is of: to all of them,
 * or to those that are `true` in among[], which is not kept.  0, or -1 with *error set (memory; a pattern that takes
 * too many steps) and nothing to release. */
int listing_init(struct listing *listing, const struct order *order, const bool *among,
                 const struct restriction *restrictions, size_t restriction_count, struct error *error);
void listing_release(struct listing *listing);

#endif
