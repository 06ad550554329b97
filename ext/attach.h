/* Floor 2.  Which tracers a thread has.  A list a thread (thread_tracers) is all that a hook looks at; this module
 * keeps it, and cleans up after threads that end while they are being profiled. */
#ifndef PROFSTAT_ATTACH_H
#define PROFSTAT_ATTACH_H

#include "pycompat.h"

#include <stdbool.h>

#include "core/tracer.h"
#include "hook.h"

/* One thread that has, or had, tracers attached.  Owned by that thread's Python thread state. */
struct thread_record;

/* Where events come from: the hook and what its create() gave. */
struct event_source {
    const struct hook *hook;
    PyObject *state; /* owned by the module */
};

/* A tracer's place in a thread's list.  The object that the tracer belongs to (tracer->client.context) is kept alive
 * while attached.  orphaned() tells it, with the GIL held and detached already, that its thread has ended; `here` in
 * that very thread. */
struct attachment {
    struct tracer *tracer;
    const struct event_source *source;
    void (*orphaned)(PyObject *owner, bool here);
    struct thread_record *thread; /* NULL: not attached */
    bool builtins;                /* what the tracer wanted when it was attached */
    bool reached;                 /* threads give events by reach_threads(): attaching installs no hook of its own */
    struct attachment *next;
};

static inline bool attachment_active(const struct attachment *attachment)
{
    return attachment->thread != NULL;
}

/* Whether it is attached to the calling thread. */
bool attachment_is_here(const struct attachment *attachment);

/* Attaches to the calling thread; it must not be attached.  0, or -1 with an exception. */
int attachment_attach(struct attachment *attachment);
/* Detaches from whatever thread it is attached to; it must be. */
void attachment_detach(struct attachment *attachment);

/* Detaches from the calling thread what is attached with `reached` set; its running calls stand still. */
void attach_detach_reached(void);

/* The calling thread's events are looked at closely, as thread_tracers.watchful says, as long as it has tracers. */
void attach_watch_thread(void);
/* All threads' are, from now on or no longer; each true is paired with one false. */
void attach_watch(bool on);

/* The calling thread's Python state is being cleared: what it runs still, finalizers, cannot be recorded any more. */
bool attach_thread_has_ended(void);

/* Has every thread call hook_settle_thread() before its next event. */
void attach_unsettle_threads(void);
/* What hook_settle_thread() begins with: the calling thread is up to date.  0, or -1 with an exception. */
int attach_settled(void);

/* Detaches from the calling thread what was deleted while enabled: tracers whose owner nobody else refers to. */
void attach_drop_deleted(void);

#endif
