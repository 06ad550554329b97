/* Floor 1.  The call graph read downwards.  A profile holds with each function its callers; this is, for each, its
 * callees. */
#ifndef PROFSTAT_GRAPH_H
#define PROFSTAT_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"

/* One arrow from a caller: the function called, and the numbers that stand at the callee. */
struct callee {
    uint32_t function;
    const struct caller *edge; /* in the profile */
};

/* Borrows from the profile; owns its arrays. */
struct graph {
    const struct allocator *allocator;
    size_t *first; /* callees of function i: list[first[i]] .. list[first[i + 1] - 1], in order of their labels' first
                      appearance in the profile */
    struct callee *list;
};

/* 0, or -1 with *error set (memory) and nothing to release. */
int graph_init(struct graph *graph, const struct profile *profile, struct error *error);
void graph_release(struct graph *graph);

#endif
