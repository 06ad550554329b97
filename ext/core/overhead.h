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
 * before and after them, and so to the caller's own time.  What is left of a Python function's own time took 1 + slower
 * times as long as it would have, by the interpreter's slower way of running code that is traced.  All zero: nothing is
 * taken off. */
struct overhead {
    int64_t inside[CALL_KINDS];
    int64_t outside[CALL_KINDS];
    double slower;
};

/* The own time of a function, where `added` of the ticks measured are calls' overhead. */
static inline int64_t overhead_take_off(const struct overhead *overhead, enum call_kind kind, int64_t measured,
                                        int64_t added)
{
    int64_t left = measured - added;
    return overhead->slower > 0 && kind != CALL_C ? (int64_t)((double)left / (1 + overhead->slower)) : left;
}

#endif
