/* Floor 3.  Several .stat files as one, for the module. */
#ifndef PROFSTAT_MERGING_H
#define PROFSTAT_MERGING_H

#include "pycompat.h"

/* merge(paths, path, facts=None) */
PyObject *merging_merge(PyObject *module, PyObject *arguments);
extern const char merging_doc[];

#endif
