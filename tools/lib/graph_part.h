/* Floor 1.  Which functions of a call graph are drawn. */
#ifndef PROFSTAT_GRAPH_PART_H
#define PROFSTAT_GRAPH_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "graph.h"
#include "pattern.h"
#include "profile.h"

struct graph_request {
    const struct pattern *root; /* only what functions that match call, directly or not, and these; NULL: everything */
    const struct pattern *leaf; /* only what calls functions that match, and these */
    double least;               /* seconds of cumulative time that a function must have */
};

/* Owns its array. */
struct graph_part {
    const struct allocator *allocator;
    bool *shown; /* by function */
    size_t count;
};

/* Patterns are held against names as reports print them.  0, or -1 with *error set (ERROR_NOTHING: no function
 * matches a pattern; memory; a pattern that takes too many steps) and nothing to release. */
int graph_part_init(struct graph_part *part, const struct profile *profile, const struct graph *graph,
                    const struct graph_request *request, struct error *error);
void graph_part_release(struct graph_part *part);

#endif
