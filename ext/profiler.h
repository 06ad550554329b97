/* Floor 3.  The type _profstat.Profiler: a tracer with the methods of cProfile's. */
#ifndef PROFSTAT_PROFILER_H
#define PROFSTAT_PROFILER_H

#include "pycompat.h"

/* A new heap type that belongs to `module`, or NULL with an exception. */
PyTypeObject *profiler_type_new(PyObject *module);

/* The first `count` methods of the type are hidden from every profile. */
extern PyMethodDef profiler_methods[];
enum { PROFILER_HIDDEN_METHODS = 4 };

#endif
