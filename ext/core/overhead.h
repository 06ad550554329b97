/* Core, no Python.h.  What tracing itself adds to a traced program, so that it can be taken off again. */
#ifndef PROFSTAT_CORE_OVERHEAD_H
#define PROFSTAT_CORE_OVERHEAD_H

#include <stdint.h>

/* Calls cost differently by what is called. */
enum call_kind {
    CALL_PYTHON,    /* a Python function */
    CALL_RESUMABLE, /* a step of a generator or coroutine */
    CALL_C,         /* a C function */
    CALL_KINDS,
};

/* Ticks that one call adds: `inside` between the callee's two readings of the clock, and so to its own time; `outside`
 * before and after them, and so to the caller's own time.  All zero: nothing is taken off. */
struct overhead {
    int64_t inside[CALL_KINDS];
    int64_t outside[CALL_KINDS];
};

#endif
