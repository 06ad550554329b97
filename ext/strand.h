/* Floor 2.  What runs in a thread has a stack of its own: one, or with greenlets each of them. */
#ifndef PROFSTAT_STRAND_H
#define PROFSTAT_STRAND_H

#include "pycompat.h"

/* Looks whether the program has imported greenlet meanwhile; from then on threads are watched.  Quick, and leaves a
 * pending exception as it was. */
void strand_look_for_greenlets(void);

/* The running greenlet's identity; NULL where there are none. */
const void *strand_here(void);

/* If a greenlet has just begun: the context (contextvars) of the one that spawned it, which gevent does not copy.  A
 * new reference; NULL otherwise, without an exception. */
PyObject *strand_spawner_context(void);

/* The calling thread's tracers go on with the calls of what runs now.  No exception may be pending. */
void strand_follow(void);

#endif
