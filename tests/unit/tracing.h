/* A tracer under test: a clock that is advanced by hand, and functions that are mere addresses. */
#ifndef PROFSTAT_TESTS_TRACING_H
#define PROFSTAT_TESTS_TRACING_H

#include "core/tracer.h"

enum { TRACING_FUNCTIONS = 16 };

/* Function i is &keys[i]; its description is the same address.  `hidden` is a bit set of functions. */
struct tracing {
    struct tracer tracer;
    bool hot;
    int64_t now;
    int64_t readings; /* of the clock */
    char keys[TRACING_FUNCTIONS];
    unsigned hidden;
    unsigned c_functions; /* a bit set, too */
    int described; /* descriptions that are not forgotten */
};

/* Starts a tracer; *tracing must stay where it is.  Without paths no tree has room.  0, or -1 when memory is short.
 * The second takes the hot path and real time; it is for counting calls. */
int tracing_init(struct tracing *tracing, const struct allocator *allocator, bool paths, size_t max_path_bytes);
int tracing_init_hot(struct tracing *tracing, const struct allocator *allocator, size_t max_path_bytes);
void tracing_release(struct tracing *tracing);

/* Advances the clock, then enters or leaves function i. */
void tracing_enter(struct tracing *tracing, int function, int64_t ticks);
void tracing_leave(struct tracing *tracing, int function, int64_t ticks);

/* The tracer's number of function i, FUNCTION_NONE if it was never called. */
uint32_t tracing_number(const struct tracing *tracing, int function);

#endif
