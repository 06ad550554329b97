/* Floor 3.  The type _profstat.ProfileSum: what several profilers recorded, as one profile. */
#ifndef PROFSTAT_PROFILE_SUM_H
#define PROFSTAT_PROFILE_SUM_H

#include "pycompat.h"

/* A new heap type that belongs to `module`, or NULL with an exception. */
PyTypeObject *profile_sum_type_new(PyObject *module);

#endif
