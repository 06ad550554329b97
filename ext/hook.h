/* Floor 2.  How events reach the tracers of a thread: one of two ways into the interpreter, behind one interface. */
#ifndef PROFSTAT_HOOK_H
#define PROFSTAT_HOOK_H

#include "pycompat.h"

#include <stdbool.h>

#include "core/tracer.h"

/* Whose list a tracer has left. */
enum hook_place {
    HOOK_HERE,      /* the calling thread's */
    HOOK_ENDING,    /* the calling thread's, whose Python state is being cleared: no more calls into it */
    HOOK_ELSEWHERE, /* another thread's */
};

/* A number that changes whenever threads are to join a profile of all threads, or no longer.  A hook calls
 * hook_settle_thread() before it delivers an event in a thread whose thread_tracers.generation is another; it attaches
 * and detaches tracers of the calling thread, and leaves a pending exception as it was. */
extern unsigned hook_generation;
void hook_settle_thread(void);

/* The same for a thread in which another context or greenlet runs than at the event before, as
 * thread_tracers.context_version tells where events are watched. */
void hook_follow_context(void);

/* To be called before an event is delivered outside the hot path. */
static inline void hook_bring_up_to_date(void)
{
    if (thread_tracers.generation != hook_generation)
        hook_settle_thread();
    if (thread_tracers.watchful && *thread_tracers.context_version != thread_tracers.followed_version)
        hook_follow_context();
}

/* What is called in steps by an event loop. */
static inline bool hook_is_coroutine(const PyCodeObject *code)
{
    return (code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR)) != 0;
}

/* A way to receive events.  Installing is a transaction: on failure nothing stays behind, and each success is paired
 * with one remove.  All of it is called with the GIL held.
 *
 * A hook delivers every event of a thread to all tracers in that thread's list (thread_tracers). */
struct hook {
    const char *name; /* as PROFSTAT_HOOK has it */

    /* Makes what the hook needs once for a module.  A new object, or NULL with an exception. */
    PyObject *(*create)(void);

    /* To be called before a tracer joins the calling thread's list; `profiler` is what sys.getprofile() is to show, and
     * `builtins` says whether the tracer wants calls of C functions.  0, or -1 with an exception. */
    int (*install)(PyObject *state, PyObject *profiler, bool builtins);

    /* To be called after a tracer has left a thread's list, with the `builtins` of its install.  Never fails: an
     * error of the interpreter is reported as unraisable. */
    void (*remove)(PyObject *state, enum hook_place place, bool builtins);

    /* From now on all threads give events, those that start later included, though they have no tracer yet.  0, or
     * -1 with an exception.  Each success is paired with one leave_threads. */
    int (*reach_threads)(PyObject *state, bool builtins);
    void (*leave_threads)(PyObject *state, bool builtins);
};

extern const struct hook hook_setprofile;
#if PYCOMPAT_HAS_MONITORING
extern const struct hook hook_monitoring;
#endif

/* The hook by name, the fastest of this interpreter for NULL or "".  NULL with a ValueError that lists the choices. */
const struct hook *hook_choose(const char *name);

#endif
