/* Floor 3.  The type _profstat.Profiler: a tracer with the methods of cProfile's. */
#ifndef PROFSTAT_PROFILER_H
#define PROFSTAT_PROFILER_H

#include "pycompat.h"

#include <stdbool.h>

#include "attach.h"
#include "core/tracer.h"
#include "facts.h"
#include "module.h"
#include "pyclock.h"

typedef struct {
    PyObject_HEAD
    PyObject *module;
    struct module_state *state; /* of `module` */
    struct tracer tracer;
    struct attachment attachment;
    struct pyclock timer;
    struct run_times times;
    bool subcalls;
    bool builtins;
    bool describing; /* a repr() is being called from within an event */
    bool ran;        /* what _call() was given last has been called, whatever came of it */
} Profiler;

/* A new heap type that belongs to `module`, or NULL with an exception. */
PyTypeObject *profiler_type_new(PyObject *module);

/* The first methods of the type are hidden from every profile. */
extern PyMethodDef profiler_methods[];
enum { PROFILER_HIDDEN_METHODS = 4 };

/* 0; -1 with a MemoryError, once, if memory ran out while recording. */
int profiler_check_memory(Profiler *self);

/* Methods that tell what is recorded: profiler_results.c. */
PyObject *profiler_getstats(PyObject *object, PyObject *unused);
PyObject *profiler_stats(PyObject *object, PyObject *unused);
PyObject *profiler_encode(PyObject *object, PyObject *arguments);
PyObject *profiler_save(PyObject *object, PyObject *arguments);

#endif
