/* Floor 2.  The only bridge between the tracer's record and the model: one turned into the other. */
#ifndef PROFSTAT_SNAPSHOT_H
#define PROFSTAT_SNAPSHOT_H

#include "pycompat.h"

#include "core/totals.h"
#include "profile.h"

/* Fills an initialised, empty profile with statistics and, if the tracer records them, call paths, which are those
 * of the thread of this name (a str; NULL: not said).  Functions with equal labels are summed.  0, or -1 with a
 * Python exception. */
int snapshot_fill(struct profile *profile, const struct tracer *tracer, const struct totals *totals, PyObject *thread);

/* The statistics as pstats' dictionary: {(file, line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})}, times in
 * seconds.  A new reference, or NULL with an exception. */
PyObject *snapshot_dictionary(const struct profile *profile);

#endif
