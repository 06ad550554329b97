/* Core, no Python.h.  Several stacks in one thread: what greenlets have, each its own.  tracer_switch() is declared in
 * tracer.h. */
#ifndef PROFSTAT_CORE_STRANDS_H
#define PROFSTAT_CORE_STRANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/index_map.h"

struct edge_frame;
struct frame;
struct tracer;

/* The calls of a strand that does not run; none if it has gone on or ended since. */
struct parked_stack {
    const void *strand;
    bool used;
    int64_t since; /* ticks: its calls stand still from here on */
    struct frame *frames;
    struct frame *top;
    size_t frame_capacity;
    struct edge_frame *edge_frames;
    size_t edge_depth;
    size_t edge_capacity;
};

/* A tracer's.  Owns its stacks and what they own. */
struct strands {
    const struct allocator *allocator;
    const void *running; /* whose calls are on the tracer's stack: NULL, or what tracer_switch() was given */
    struct parked_stack *stacks;
    size_t count;
    size_t capacity;
    struct index_map by_strand;
};

/* Forgets nothing of which strand runs. */
void strands_init(struct strands *strands, const struct allocator *allocator);
void strands_release(struct strands *strands);

/* Makes the calls of the next strand from number *at on that is parked the running ones; there must be none.  False
 * when there is no further one. */
bool strands_take_up(struct tracer *tracer, size_t *at);

/* Of the tracer, for the switch: it sets the outermost frame anew, ends the running calls of this strand alone, or lets
 * those of the tree go on as the edge recorder's (0, or -1 when memory is short and nothing was changed). */
void tracer_set_bottom(struct tracer *tracer);
void tracer_end_running(struct tracer *tracer);
int tracer_count_as_edges(struct tracer *tracer);

#endif
