/* When a profiler records: its start and its end, in one thread or in all of them.  Neither may come in the midst of an
 * event: a timer written in Python lets other threads run. */
#include <string.h>
#include <time.h>

#include "profiler.h"

/* For a timer that runs in another thread: it may itself wait for the caller. */
enum { LONGEST_WAIT_NS = 1000 * 1000 * 1000 };

Profiler *profiler_part(Profiler *self, Py_ssize_t i)
{
    if (i == 0)
        return self;
    Py_ssize_t members = self->members != NULL ? PyList_GET_SIZE(self->members) : 0;
    return i <= members ? (Profiler *)PyList_GET_ITEM(self->members, i - 1) : NULL;
}

/* ---- timers that run ---- */

static bool is_busy(const Profiler *part)
{
    return part->occupation.depth > 0;
}

static bool is_busy_here(const Profiler *part)
{
    return is_busy(part) && part->occupation.thread == PyThread_get_thread_ident();
}

static bool any_part(Profiler *self, bool (*is_so)(const Profiler *part))
{
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++)
        if (is_so(profiler_part(self, i)))
            return true;
    return false;
}

bool profiler_is_busy(Profiler *self)
{
    return any_part(self, is_busy);
}

static void let_others_run(void)
{
    const struct timespec moment = {.tv_nsec = 100 * 1000};
    Py_BEGIN_ALLOW_THREADS
    nanosleep(&moment, NULL);
    Py_END_ALLOW_THREADS
}

static bool await_until(const Profiler *part, int64_t end_ns)
{
    while (is_busy(part) && !is_busy_here(part)) {
        if (clock_monotonic_ns() > end_ns)
            return false;
        let_others_run();
    }
    return true;
}

void profiler_await(const Profiler *part)
{
    await_until(part, INT64_MAX);
}

int profiler_refuse_if_busy(Profiler *self, const char *verb)
{
    if (!profiler_is_busy(self))
        return 0;
    int64_t end_ns = clock_monotonic_ns() + LONGEST_WAIT_NS;
    bool refused = any_part(self, is_busy_here);
    for (Py_ssize_t i = 0; !refused && profiler_part(self, i) != NULL; i++) {
        Profiler *part = (Profiler *)Py_NewRef((PyObject *)profiler_part(self, i));
        refused = !await_until(part, end_ns);
        Py_DECREF(part);
    }
    if (refused)
        PyErr_Format(PyExc_RuntimeError, "cannot %s a profiler while its timer is running", verb);
    return refused ? -1 : 0;
}

/* ---- its end ---- */

static void complete_calls(Profiler *self, bool here)
{
    if (here || strcmp(self->tracer.clock.name, "cpu") != 0)
        tracer_flush(&self->tracer);
    else
        tracer_flush_at_last_event(&self->tracer);
}

void profiler_complete_running(Profiler *self, bool here)
{
    complete_calls(self, here);
    if (!self->context)
        run_times_disable(&self->times);
}

bool profiler_is_recording(const Profiler *self)
{
    if (self->context)
        return self->scope.object != NULL;
    return self->threads ? self->crowd.gathered : attachment_active(&self->attachment);
}

static void stop_one(Profiler *self)
{
    profiler_await(self);
    if (!attachment_active(&self->attachment)) {
        attach_drop_deleted();
        return;
    }
    bool here = attachment_is_here(&self->attachment);
    attachment_detach(&self->attachment);
    profiler_complete_running(self, here);
}

static bool is_of_this_thread(const Profiler *part)
{
    return part->thread == PyThreadState_GetID(PyThreadState_Get());
}

static void stop_context(Profiler *self)
{
    if (self->scope.object == NULL)
        return;
    scope_close(&self->scope);
    run_times_disable(&self->times);
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++) {
        Profiler *part = (Profiler *)Py_NewRef((PyObject *)profiler_part(self, i));
        profiler_await(part);
        if (attachment_active(&part->attachment))
            attachment_detach(&part->attachment);
        if (part->thread != 0)
            complete_calls(part, is_of_this_thread(part));
        Py_DECREF(part);
    }
}

void profiler_stop(Profiler *self)
{
    if (self->context) {
        stop_context(self);
        return;
    }
    crowd_disperse(&self->crowd);
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++) {
        Profiler *part = (Profiler *)Py_NewRef((PyObject *)profiler_part(self, i));
        stop_one(part);
        Py_DECREF(part);
    }
}

/* ---- its start ---- */

/* In the calling thread. */
static int start_one(Profiler *self)
{
    if (!attachment_active(&self->attachment))
        attach_drop_deleted(); /* may run anything */
    bool active = attachment_active(&self->attachment);
    if (active && !attachment_is_here(&self->attachment)) {
        PyErr_SetString(PyExc_RuntimeError, "this profiler is enabled in another thread");
        return -1;
    }
    if (tracer_start(&self->tracer, self->subcalls, self->builtins) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    if (active && self->attachment.builtins == self->builtins)
        return 0;
    if (active) {
        attachment_detach(&self->attachment); /* other events are wanted now; what is running goes on */
        int result = attachment_attach(&self->attachment);
        if (result < 0)
            profiler_complete_running(self, true);
        return result;
    }
    if (self->tracer.clock.read == NULL)
        self->tracer.clock.seconds_per_tick = 0.0; /* to be measured again, over a longer time */
    run_times_enable(&self->times);
    return attachment_attach(&self->attachment);
}

static Profiler *add_member(Profiler *leader)
{
    Profiler *member = profiler_new_member(leader);
    if (leader->members == NULL)
        leader->members = PyList_New(0);
    int result = member != NULL && leader->members != NULL ? PyList_Append(leader->members, (PyObject *)member) : -1;
    Py_XDECREF(member);
    return result == 0 ? member : NULL;
}

/* The part that records the calling thread, made if there is none. */
static Profiler *part_for_this_thread(Profiler *leader)
{
    uint64_t thread = PyThreadState_GetID(PyThreadState_Get());
    Profiler *part = leader;
    for (Py_ssize_t i = 0; part != NULL && part->thread != 0 && part->thread != thread; i++)
        part = profiler_part(leader, i);
    if (part == NULL && (part = add_member(leader)) == NULL)
        return NULL;
    part->thread = thread;
    part->subcalls = leader->subcalls;
    part->builtins = leader->builtins;
    return part;
}

/* The profiler may be disabled while this thread is about to join: by a finalizer, or in another thread. */
static int join_by(PyObject *object, int (*start)(Profiler *part))
{
    Profiler *leader = (Profiler *)object;
    Profiler *part = (Profiler *)Py_XNewRef((PyObject *)part_for_this_thread(leader));
    int result = part != NULL ? start(part) : -1;
    if (result == 0 && !profiler_is_recording(leader))
        stop_one(part);
    Py_XDECREF(part);
    return result;
}

static int join(PyObject *object)
{
    return join_by(object, start_one);
}

static int gather(Profiler *self)
{
    if (self->crowd.gathered && self->crowd.builtins == self->builtins)
        return 0;
    crowd_disperse(&self->crowd);
    self->crowd = (struct crowd){
        .source = &self->state->source, .leader = (PyObject *)self, .join = join, .builtins = self->builtins};
    return crowd_gather(&self->crowd);
}

/* ---- in a context ---- */

static int start_covered(Profiler *part)
{
    if (attachment_active(&part->attachment))
        return 0;
    if (tracer_start(&part->tracer, part->subcalls, part->builtins) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return attachment_attach(&part->attachment);
}

static int join_context(PyObject *object)
{
    return join_by(object, start_covered);
}

static bool wants_other_events(const Profiler *self)
{
    return self->scope.builtins != self->builtins || self->tracer.subcalls != self->subcalls;
}

static int open_context(Profiler *self)
{
    if (self->scope.object != NULL)
        return wants_other_events(self) ? scope_renew(&self->scope, self->builtins) : 0;
    self->scope = (struct scope){
        .source = &self->state->source, .owner = (PyObject *)self, .join = join_context, .builtins = self->builtins};
    if (scope_open(&self->scope) < 0)
        return -1;
    if (self->tracer.clock.read == NULL)
        self->tracer.clock.seconds_per_tick = 0.0;
    run_times_enable(&self->times);
    return 0;
}

PyObject *profiler_enter_context(Profiler *self)
{
    if (profiler_refuse_if_busy(self, "enable") < 0 || open_context(self) < 0)
        return NULL;
    return scope_enter(&self->scope);
}

/* What is entered here is left only with the context. */
static int start_context(Profiler *self)
{
    if (self->scope.object != NULL && scope_covers((PyObject *)self))
        return open_context(self);
    PyObject *token = profiler_enter_context(self);
    Py_XDECREF(token);
    return token != NULL ? 0 : -1;
}

/* ---- all of them ---- */

int profiler_start(Profiler *self)
{
    if (profiler_refuse_if_busy(self, "enable") < 0)
        return -1;
    if (self->context)
        return start_context(self);
    if (!self->threads)
        return start_one(self);
    Profiler *part = part_for_this_thread(self);
    if (part == NULL || start_one(part) < 0)
        return -1;
    if (gather(self) == 0)
        return 0;
    stop_one(part);
    return -1;
}
