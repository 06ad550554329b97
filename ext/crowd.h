/* Floor 2.  Profiles of all threads.  A crowd has a member in each thread that gave an event while it was gathered:
 * those that ran already and those that started later.  Nobody is called in from outside: a thread joins by itself,
 * before its next event is delivered. */
#ifndef PROFSTAT_CROWD_H
#define PROFSTAT_CROWD_H

#include "pycompat.h"

#include <stdbool.h>

#include "attach.h"

/* Owned by its leader.  join() attaches a member to the calling thread, or does nothing if there is one already; it is
 * called with no exception set and no events, and an exception that it leaves is reported as unraisable. */
struct crowd {
    const struct event_source *source;
    PyObject *leader; /* borrowed */
    int (*join)(PyObject *leader);
    bool builtins;
    bool gathered;
    struct crowd *next;
};

/* Threads join from now on.  0, or -1 with an exception.  Not for a crowd that is gathered. */
int crowd_gather(struct crowd *crowd);
/* No thread joins any more; the members stay what they are.  Does nothing if it is not gathered. */
void crowd_disperse(struct crowd *crowd);

#endif
