/* Core, no Python.h.  The tracer's bounded mode: a stack of running calls over an edge table. */
#ifndef PROFSTAT_CORE_EDGE_RECORDER_H
#define PROFSTAT_CORE_EDGE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "clock.h"
#include "edge_table.h"
#include "overhead.h"

/* A running call.  `function` is whom callees take for their caller: for a hidden call its own caller. */
struct edge_frame {
    const void *key;
    uint32_t edge;     /* FUNCTION_NONE: a hidden call, or one that could not be recorded */
    uint32_t function; /* FUNCTION_NONE: outside the profile */
    int64_t entered;   /* ticks */
    int64_t callees;   /* ticks in completed callees */
    int64_t corrected; /* the same without overhead */
    int64_t outside;   /* ticks that tracing the callees added to this call's own time */
    enum call_kind kind;
};

/* Owns table and stack. */
struct edge_recorder {
    const struct allocator *allocator;
    struct overhead overhead; /* taken off each call when it completes */
    struct edge_table table;
    struct edge_frame *frames;
    size_t depth;
    size_t capacity;
};

void edge_recorder_init(struct edge_recorder *recorder, const struct allocator *allocator);
void edge_recorder_release(struct edge_recorder *recorder);

/* What begins; its caller is the innermost frame. */
struct edge_call {
    const void *key;
    uint32_t function;
    enum call_kind kind;
    bool hidden;
    bool edges; /* false: no caller edge is wanted */
};

/* Pushes a call; its times are zero.  NULL when memory is short and nothing was pushed.  *lost is set when the call
 * is on the stack but cannot be counted. */
struct edge_frame *edge_recorder_push(struct edge_recorder *recorder, struct edge_call call, bool *lost);

/* Completes the call of `key` and those above it.  A key that is not on the stack was entered before the profile and is
 * ignored. */
void edge_recorder_leave(struct edge_recorder *recorder, const void *key, const struct clock *clock);
/* Completes the innermost call. */
void edge_recorder_pop(struct edge_recorder *recorder, const struct clock *clock);

#endif
