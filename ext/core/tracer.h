/* Core, no Python.h.  The tracer: turns enter and leave events of one thread into a call tree.
 *
 * A call is charged when it completes.  tracer_enter and tracer_leave are the hot path and know one case only: the
 * callee that followed the last one the time before follows it again, and what returns is on top of the stack.  All
 * else (new paths, the limit of the tree, calls that began before the profile) fails their one comparison and is
 * handled out of line.  They are for a thread's only tracer, on the processor's counter: thread_tracers says which that
 * is, and everybody else calls tracer_enter_slowly and tracer_leave_slowly.
 */
#ifndef PROFSTAT_CORE_TRACER_H
#define PROFSTAT_CORE_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "call_tree.h"
#include "clock.h"
#include "edge_recorder.h"
#include "function_table.h"
#include "strands.h"
#include "waits.h"

/* What `subject` of an event is; the core only hands it through to its client. */
enum subject_kind {
    SUBJECT_CODE,     /* a code object */
    SUBJECT_CALLABLE, /* a C function object */
    SUBJECT_CALL,     /* an array of arguments: ..., [2] a C function or method descriptor, [3] its first argument */
};

/* Who uses the tracer.  describe() is asked once for each function, at its first call: it fills description and hidden
 * (the key is set) and returns 0, or returns -1 when memory is short.  forget() releases a description. */
struct tracer_client {
    int (*describe)(void *context, enum subject_kind kind, const void *subject, struct traced_function *function);
    void (*forget)(void *context, void *description);
    void *context;
};

/* A running call. */
struct frame {
    struct call_node *node;
    struct call_node **expected; /* where the next callee is expected to stand: node->first, or a callee's follower */
    int64_t entered;             /* ticks */
    int64_t callees;             /* ticks in completed callees */
};

enum tracer_mode {
    TRACER_PATHS,   /* the call tree grows */
    TRACER_EDGES,   /* the edge recorder counts; the tree, if any, is what it was when it reached its limit */
    TRACER_STOPPED, /* no memory for the stack: events are only counted as dropped */
};

/* Ticks that completed callees of a call took which the tree knows only as running. */
struct open_call {
    uint32_t node;
    int64_t callees;
};

struct tracer {
    struct frame *top; /* the innermost running call; frames[0] stands for all that ran before */
    struct frame *end;
    struct clock clock;
    struct tracer *next; /* the next tracer of the same thread */
    bool builtins;       /* C functions are wanted */
    bool subcalls;       /* caller edges are wanted */
    bool paths;          /* call paths are wanted in the results */
    bool out_of_memory;  /* sticky, for the client to report and reset */
    bool paths_cut;      /* the tree reached its limit */
    unsigned pauses;     /* that have not been resumed */
    int64_t paused;      /* ticks, when the first of them began */
    enum tracer_mode mode;
    int64_t dropped; /* calls that could not be recorded */
    struct frame *frames;
    size_t frame_capacity;
    const struct allocator *allocator;
    struct tracer_client client;
    struct function_table functions;
    struct call_tree tree;
    struct edge_recorder edges;
    struct overhead overhead; /* what totals take off */
    struct open_call *open;   /* calls that were running when the tree reached its limit */
    size_t open_count;
    struct strands strands;
    struct waits waits; /* of coroutines */
    int64_t left;       /* ticks, when a call was last left slowly */
    const struct call_node *left_node; /* its node; NULL: what was left is none of the tree's */
};

/* The tracers of a thread. */
struct thread_tracers {
    struct tracer *functions; /* the only one, if events of Python functions may go to it by the hot path; else NULL */
    struct tracer *callables; /* the same for C functions */
    struct tracer *first;     /* all of them, innermost first */
    unsigned generation;      /* of the thread list that this one has been brought up to; see ext/crowd.h */
    bool coroutines;          /* some have run, and their steps are to be told apart */
    bool watchful;            /* events are to be looked at for these and for changes of context: no hot path */
    const uint64_t *context_version; /* changes whenever another context or greenlet runs in the thread */
    uint64_t followed_version;       /* the one that the list is right for */
    uint64_t scope;                  /* number of the scope that the list is right for; 0: of none */
};

/* The calling thread's. */
extern _Thread_local struct thread_tracers thread_tracers __attribute__((tls_model("initial-exec")));

/* To be called after each change of the list. */
void thread_tracers_sort_out(struct thread_tracers *tracers);

struct tracer_options {
    const struct allocator *allocator;
    struct clock clock;
    struct tracer_client client;
    struct overhead overhead;
    bool paths;
    size_t max_path_bytes; /* limit of the call tree */
};

/* Allocates nothing. */
void tracer_init(struct tracer *tracer, const struct tracer_options *options);
void tracer_release(struct tracer *tracer);
/* Forgets everything recorded, running calls included. */
void tracer_clear(struct tracer *tracer);

/* Prepares for events; what runs now is outside the profile, or goes on if calls are running already.
 * 0, or -1 when memory is short. */
int tracer_start(struct tracer *tracer, bool subcalls, bool builtins);
/* Completes every running call now. */
void tracer_flush(struct tracer *tracer);
/* Completes every running call as of the last event in the innermost, without reading the clock. */
void tracer_flush_at_last_event(struct tracer *tracer);

/* What runs from now on is `strand`'s: a greenlet of the thread, say.  The running calls of the one before stand still
 * until it runs again.  Short of memory for that, they end. */
void tracer_switch(struct tracer *tracer, const void *strand);

/* Of the coroutine whose step has just been entered or left (slowly): so that the time in between can be told.
 * `coroutine` tells it from others as long as it lives. */
void tracer_step_begun(struct tracer *tracer, const void *coroutine, bool resumes);
void tracer_step_ended(struct tracer *tracer, const void *coroutine, bool suspends);

/* The time between the two does not count for the running calls.  They nest; no event may come meanwhile.  Resuming
 * what was not paused does nothing. */
void tracer_pause(struct tracer *tracer);
void tracer_resume(struct tracer *tracer);

/* What tracer_enter does when the callee is another than expected.  0 always. */
int tracer_enter_elsewhere(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject);
/* Whatever the tracer, its clock and its state.  0 always. */
int tracer_enter_slowly(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject);
int tracer_leave_slowly(struct tracer *tracer, const void *key);

/* A call of the function `key` (never NULL) begins.  0 always, so that a hook can end with it: without a call in it
 * that returns, it needs no stack.  Nor does it ask for room in the tracer's: a node is always entered at the same
 * depth. */
static inline int tracer_enter(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    struct frame *frame = tracer->top + 1;
    struct call_node *node = *frame[-1].expected;
    if (__builtin_expect(node->key != key, 0))
        return tracer_enter_elsewhere(tracer, key, kind, subject);
    frame[-1].expected = &node->follower;
    frame->node = node;
    frame->expected = &node->first;
    frame->callees = 0;
    tracer->top = frame;
    frame->entered = clock_counter();
    return 0;
}

/* The running call of `key` ends.  0 always. */
static inline int tracer_leave(struct tracer *tracer, const void *key)
{
    struct frame *frame = tracer->top;
    struct call_node *node = frame->node;
    if (__builtin_expect(node->key != key, 0))
        return tracer_leave_slowly(tracer, key);
    int64_t total = clock_counter() - frame->entered;
    node->calls++;
    node->self += total - frame->callees;
    frame[-1].callees += total;
    tracer->top = frame - 1;
    return 0;
}

#endif
