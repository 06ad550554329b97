/* Floor 2.  Profiles of a context (contextvars): of what runs in the context in which it was entered, and in those
 * that are copied from it meanwhile: tasks, asyncio.to_thread(), greenlets of gevent.  A context variable holds the
 * innermost scope; a thread looks at it when another context or greenlet runs than at the event before. */
#ifndef PROFSTAT_SCOPE_H
#define PROFSTAT_SCOPE_H

#include "pycompat.h"

#include <stdbool.h>

#include "attach.h"

/* Owned by its owner.  join() attaches a tracer to the calling thread, with attachment.reached set; it is called
 * with no events, and an exception that it leaves is reported as unraisable. */
struct scope {
    const struct event_source *source;
    PyObject *owner; /* borrowed */
    int (*join)(PyObject *owner);
    bool builtins;
    PyObject *object; /* what the context variable holds, owned; it owns `owner` until it is closed.  NULL: not open */
};

/* Threads give events from now on.  0, or -1 with an exception.  Not for a scope that is open. */
int scope_open(struct scope *scope);
/* It covers nothing any more, in whatever context.  Tracers stay attached where they are.  Does nothing if it is not
 * open. */
void scope_close(struct scope *scope);

/* Of an open scope: threads give other events from now on, and join anew before their next one.  0, or -1 with an
 * exception. */
int scope_renew(struct scope *scope, bool builtins);

/* What runs from now on in the current context is covered.  A new token for scope_leave(), or NULL with an
 * exception. */
PyObject *scope_enter(struct scope *scope);
/* Takes over the token, in the context in which it was made. */
void scope_leave(PyObject *token);

/* Whether an open scope of this owner covers the current context. */
bool scope_covers(PyObject *owner);

#endif
