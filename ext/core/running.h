/* Core, no Python.h.  A look at a tracer as if its running calls ended now. */
#ifndef PROFSTAT_CORE_RUNNING_H
#define PROFSTAT_CORE_RUNNING_H

#include <stddef.h>
#include <stdint.h>

#include "tracer.h"

/* What is needed to let the calls go on.  Owns its arrays. */
struct running_calls {
    struct tracer *tracer;
    struct frame *top;
    int64_t now;
    struct edge_frame *frames; /* the edge recorder's stack, and what its calls are counted in */
    struct edge *edges;
    struct edge_function *functions;
    size_t depth;
};

/* Completes every running call as of `now` (ticks), until running_resume(); no event may come meanwhile.  0, or -1 when
 * memory is short and nothing has changed. */
int running_complete(struct running_calls *running, struct tracer *tracer, int64_t now);
/* Has the calls run on as if nothing had happened. */
void running_resume(struct running_calls *running);

#endif
