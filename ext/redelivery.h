/* Floor 3.  Signals that come again until Python has answered them, for the module. */
#ifndef PROFSTAT_REDELIVERY_H
#define PROFSTAT_REDELIVERY_H

#include "pycompat.h"

/* redeliver(signal) */
PyObject *redelivery_begin(PyObject *module, PyObject *number);
extern const char redelivery_begin_doc[];

/* answered() */
PyObject *redelivery_answered(PyObject *module, PyObject *unused);
extern const char redelivery_answered_doc[];

#endif
