/* Floor 3.  The circumstances of a run that go into a file's trailer. */
#ifndef PROFSTAT_FACTS_H
#define PROFSTAT_FACTS_H

#include "pycompat.h"

#include <stdbool.h>
#include <stdint.h>

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

/* What is missing in a record, of all threads. */
struct losses {
    int64_t dropped; /* calls */
    bool paths_cut;
};

/* Sets the facts that the extension knows: clock, python, command, host, pid, started, enabled, paths, dropped.  0,
 * or -1 with an exception. */
int facts_fill(struct profile *profile, const struct tracer *tracer, const struct losses *losses,
               const struct run_times *times);

/* Adds a dict of str -> str | int | float | bool.  0, or -1 with an exception. */
int facts_add(struct profile *profile, PyObject *facts);

#endif
