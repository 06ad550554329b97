/* Floor 3.  The circumstances of a run that go into a file's trailer. */
#ifndef PROFSTAT_FACTS_H
#define PROFSTAT_FACTS_H

#include "pycompat.h"

#include "core/tracer.h"
#include "profile.h"

/* When a tracer was enabled; times of CLOCK_REALTIME and CLOCK_MONOTONIC. */
struct run_times {
    double first_enabled;  /* seconds since the epoch; 0: never */
    int64_t enabled_since; /* ns, meaningful while enabled */
    int64_t enabled_ns;    /* ns enabled in all, up to the last disable */
};

void run_times_enable(struct run_times *times);
void run_times_disable(struct run_times *times);

/* Sets the facts that the extension knows: clock, python, command, pid, started, enabled, paths, dropped.  0, or -1 with an
 * exception. */
int facts_fill(struct profile *profile, const struct tracer *tracer, const struct run_times *times);

/* Adds a dict of str -> str | int | float | bool.  0, or -1 with an exception. */
int facts_add(struct profile *profile, PyObject *facts);

#endif
