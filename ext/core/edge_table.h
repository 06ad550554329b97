/* Core, no Python.h.  The bounded record: calls by (caller, function) instead of by call path.
 *
 * Used when the call tree has reached its limit.  What a walk over the tree derives from
 * the path, recursion above all, is counted live here by depths.
 */
#ifndef PROFSTAT_CORE_EDGE_TABLE_H
#define PROFSTAT_CORE_EDGE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/index_map.h"

/* caller FUNCTION_NONE: entered from outside the profile, or caller edges are not wanted. */
struct edge {
    uint32_t caller;
    uint32_t callee;
    int64_t depth;      /* calls along this edge that are running */
    int64_t calls;      /* completed */
    int64_t recursive;  /* completed while another along this edge was running */
    int64_t self;       /* ticks, callees excluded */
    int64_t cumulative; /* ticks in calls that were not recursive */
};

/* What a function's totals need beyond the sum over its edges. */
struct edge_function {
    int64_t depth;
    int64_t recursive;
    int64_t cumulative;
};

/* Owns its arrays. */
struct edge_table {
    const struct allocator *allocator;
    struct edge *edges;
    size_t count;
    size_t capacity;
    struct index_map by_pair;
    struct edge_function *functions; /* by function number */
    size_t function_count;
    size_t function_capacity;
};

void edge_table_init(struct edge_table *table, const struct allocator *allocator);
void edge_table_release(struct edge_table *table);

/* The number of the edge, added when it is new; FUNCTION_NONE when memory is short. */
uint32_t edge_table_edge(struct edge_table *table, uint32_t caller, uint32_t callee);

/* Counts a call along an edge as running. */
void edge_table_enter(struct edge_table *table, uint32_t edge);
/* Counts it as completed: `total` ticks in all, `self` of them not in callees. */
void edge_table_leave(struct edge_table *table, uint32_t edge, int64_t total, int64_t self);

#endif
