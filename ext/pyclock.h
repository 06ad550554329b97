/* Floor 2.  A Python callable as the tracer's clock. */
#ifndef PROFSTAT_PYCLOCK_H
#define PROFSTAT_PYCLOCK_H

#include "pycompat.h"

#include "core/clock.h"

/* Python code that runs in the midst of an event.  Until it is done nobody may change what the event is recorded in. */
struct occupation {
    int depth;            /* a signal handler may bring a second reading of the clock about */
    unsigned long thread; /* where it runs */
};

static inline void occupation_begin(struct occupation *occupation)
{
    occupation->depth++;
    occupation->thread = PyThread_get_thread_ident();
}

static inline void occupation_end(struct occupation *occupation)
{
    occupation->depth--;
}

/* Owns the timer.  With unit > 0 the callable gives integers worth `unit` seconds each, else seconds. */
struct pyclock {
    PyObject *timer; /* NULL: not in use */
    PyObject *owner; /* borrowed: the object that this is a part of, kept alive while the callable is being called */
    double unit;
    struct occupation *occupation; /* of the owner, while the callable is being called */
};

/* A clock over `pyclock`, which has to stay where it is.  What goes wrong in the callable is reported as unraisable,
 * and the reading is 0, as in cProfile. */
struct clock pyclock_clock(struct pyclock *pyclock);

/* The name of the built-in clock that an argument asks for: "wall", also for NULL, or "cpu".  NULL with an exception
 * for what is no clock. */
const char *pyclock_name(PyObject *clock);

#endif
