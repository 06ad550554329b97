/* Core, no Python.h.  Several stacks in one thread: what greenlets have, each its own.  tracer_switch() is declared in
 * tracer.h. */
#ifndef PROFSTAT_CORE_STRANDS_H
#define PROFSTAT_CORE_STRANDS_H

#include "tracer.h"

/* The calls of a strand that does not run. */
struct parked_stack {
    const void *strand;
    bool used; /* false: kept for its memory */
    int64_t since; /* ticks: its calls stand still from here on */
    struct frame *frames;
    struct frame *top;
    size_t frame_capacity;
    struct edge_frame *edge_frames;
    size_t edge_depth;
    size_t edge_capacity;
    struct parked_stack *next;
};

/* Makes the calls of some strand that is parked the running ones; there must be none.  False when all are done. */
bool strands_take_up(struct tracer *tracer);

/* Of the tracer, for the switch: it sets the outermost frame anew, ends the running calls of this strand alone, or lets
 * those of the tree go on as the edge recorder's (0, or -1 when memory is short and nothing was changed). */
void tracer_set_bottom(struct tracer *tracer);
void tracer_end_running(struct tracer *tracer);
int tracer_count_as_edges(struct tracer *tracer);

/* Forgets what is parked. */
void strands_release(struct tracer *tracer);

#endif
