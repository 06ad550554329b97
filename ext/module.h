/* Floor 3.  The module's state. */
#ifndef PROFSTAT_MODULE_H
#define PROFSTAT_MODULE_H

#include "pycompat.h"

#include "attach.h"
#include "label.h"

/* Owns its references. */
struct module_state {
    struct event_source source;
    struct label_policy labels;
    PyTypeObject *profiler_type;
    PyTypeObject *sum_type;
    PyTypeObject *entry_type;    /* of getstats(): struct sequences, fields as cProfile's */
    PyTypeObject *subentry_type;
};

extern struct PyModuleDef profstat_module;

#endif
