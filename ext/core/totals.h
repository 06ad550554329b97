/* Core, no Python.h.  What a tracer has recorded, derived from its tree and edges in one walk. */
#ifndef PROFSTAT_CORE_TOTALS_H
#define PROFSTAT_CORE_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "tracer.h"

/* Completed calls of a function, or along an edge; times in ticks of the tracer's clock. */
struct call_total {
    int64_t calls;
    int64_t recursive;  /* of these, begun while another was running */
    int64_t self;       /* callees excluded */
    int64_t cumulative; /* callees included; recursive calls count only as part of the outermost */
};

struct edge_total {
    uint32_t caller;
    uint32_t callee;
    struct call_total total;
};

/* A call path: parent is an index of totals.paths, smaller than the path's own, or FUNCTION_NONE. */
struct path_total {
    uint32_t parent;
    uint32_t function;
    int64_t calls;
    int64_t self;
};

/* Owns its arrays.  Functions by their number in the tracer's table; paths in order of first call; edges by callee,
 * those to one callee in order of first call.  Hidden functions are in no edge and no path, and their totals are
 * zero. */
struct totals {
    const struct allocator *allocator;
    struct call_total *functions;
    size_t function_count;
    struct edge_total *edges;
    size_t edge_count;
    size_t edge_capacity;
    struct path_total *paths;
    size_t path_count;
    struct wait_total *waits; /* by path; NULL: no coroutine ran */
};

/* 0, or -1 when memory is short; to be released in either case.  The tracer may have running calls: only completed ones
 * count, in callees of running ones too. */
int totals_init(struct totals *totals, const struct tracer *tracer);
void totals_release(struct totals *totals);

#endif
