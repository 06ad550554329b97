/* Floor 3.  Which functions were called more often than allowed. */
#ifndef PROFSTAT_BUDGET_H
#define PROFSTAT_BUDGET_H

#include "profiler.h"

/* Profiler._over_budget: a new list, or NULL with an exception. */
PyObject *budget_over(PyObject *profiler, PyObject *budget);

#endif
