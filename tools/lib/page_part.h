/* Floor 1.  What of a large profile a page shows. */
#ifndef PROFSTAT_PAGE_PART_H
#define PROFSTAT_PAGE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"

/* Owns its array. */
struct page_part {
    const struct allocator *allocator;
    bool *shown; /* by function */
    size_t listed_count;
    size_t functions_left_out;
    size_t pairs_left_out; /* of functions that are shown */
    double least_pair;     /* seconds of cumulative time */
};

struct page_limits {
    size_t functions;
    size_t bytes; /* of their files and names */
    size_t pairs; /* about */
};

/* The listed functions with the largest cumulative times, and the caller pairs among them with the largest; equals stay
 * in the order of the profile.  0, or -1 with *error set (memory) and nothing to release. */
int page_part_init(struct page_part *part, const struct profile *profile, const struct page_limits *most,
                   struct error *error);
void page_part_release(struct page_part *part);

/* Whether this caller of a function is shown. */
bool page_part_has_pair(const struct page_part *part, uint32_t function, const struct caller *caller);

#endif
