/* Floor 3.  The type _profstat.Profiler: a tracer with the methods of cProfile's. */
#ifndef PROFSTAT_PROFILER_H
#define PROFSTAT_PROFILER_H

#include "pycompat.h"

#include <stdbool.h>

#include "attach.h"
#include "base/buffer.h"
#include "base/error.h"
#include "core/tracer.h"
#include "crowd.h"
#include "facts.h"
#include "module.h"
#include "profile.h"
#include "pyclock.h"
#include "scope.h"

/* A profiler of all threads is the leader of a crowd: it records one thread itself, the first, and has a member for
 * each other one.  So has a profiler of a context for the threads in which that runs. */
typedef struct profiler {
    PyObject_HEAD
    struct profiler *next; /* of all profilers that there are */
    struct profiler **link; /* what points at this one */
    PyObject *module;
    struct module_state *state; /* of `module` */
    struct tracer tracer;
    struct attachment attachment;
    struct pyclock timer;
    struct run_times times;
    bool subcalls;
    bool builtins;
    struct occupation occupation; /* by its timer, or a repr() */
    struct crowd crowd;
    struct scope scope;
    bool threads;            /* all of them are wanted */
    bool context;            /* what runs in a context is wanted, in whatever thread */
    PyObject *members;       /* a list of Profiler; NULL: none yet */
    uint64_t thread;         /* id of the thread state that it records; 0: of none yet */
    PyObject *thread_name;   /* str; NULL: not known yet */
    bool ran;        /* what _call() was given last has been called, whatever came of it */
} Profiler;

/* A new profiler of another thread with the options of its leader, or NULL with an exception. */
Profiler *profiler_new_member(Profiler *leader);

/* 0; -1 with a RuntimeError, "cannot `verb` ...", from within its own timer.  One that runs in another thread is
 * waited for, a second at most. */
int profiler_refuse_if_busy(Profiler *self, const char *verb);
/* Waits until no timer of this part runs in another thread; the caller holds a reference. */
void profiler_await(const Profiler *part);
/* Whether a timer of any part runs, in whatever thread. */
bool profiler_is_busy(Profiler *self);

/* When it records: profiler_recording.c.  Starting and stopping go for the calling thread, or for all if `threads`
 * is set; 0, or -1 with an exception. */
int profiler_start(Profiler *self);
void profiler_stop(Profiler *self);
bool profiler_is_recording(const Profiler *self);
/* The profiler of a context covers the current one from here on, and is started if it was not: a new token for
 * scope_leave(), or NULL with an exception. */
PyObject *profiler_enter_context(Profiler *self);
/* Calls that are running end now; `here` in their thread, since no other can read its CPU clock. */
void profiler_complete_running(Profiler *self, bool here);
/* Itself and its members: the i-th, NULL behind the last. */
Profiler *profiler_part(Profiler *self, Py_ssize_t i);

/* begin_in_child() */
PyObject *profiler_begin_in_child(PyObject *module, PyObject *unused);
extern const char profiler_begin_in_child_doc[];

/* A new heap type that belongs to `module`, or NULL with an exception. */
PyTypeObject *profiler_type_new(PyObject *module);

/* The first methods of the type are hidden from every profile. */
extern PyMethodDef profiler_methods[];
enum { PROFILER_HIDDEN_METHODS = 4 };

/* 0; -1 with a MemoryError, once, if memory ran out while recording. */
int profiler_check_memory(Profiler *self);

/* Fills an uninitialised profile, to be released in either case, with what is recorded (with if_ended as if running
 * calls ended now) and the facts.  0, or -1 with an exception. */
int profiler_take_profile(Profiler *self, struct profile *profile, bool if_ended);
/* Writes a .stat file, the interpreter's lock released; `path` is what os.fspath takes.  0, or -1 with an exception. */
int profiler_store(PyObject *path, const struct buffer *bytes);
/* The exception for an error of the library, `path` the file that was written or NULL.  NULL always. */
PyObject *profiler_raise_error(const struct error *error, PyObject *path);

/* Methods that tell what is recorded: profiler_results.c. */
PyObject *profiler_getstats(PyObject *object, PyObject *unused);
PyObject *profiler_stats(PyObject *object, PyObject *unused);
PyObject *profiler_encode(PyObject *object, PyObject *arguments);
PyObject *profiler_save(PyObject *object, PyObject *arguments);

#endif
