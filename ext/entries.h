/* Floor 3.  The result of Profiler.getstats(): cProfile's struct sequences. */
#ifndef PROFSTAT_ENTRIES_H
#define PROFSTAT_ENTRIES_H

#include "pycompat.h"

#include "core/totals.h"

/* New struct sequence types with the field names of _lsprof.  NULL with an exception. */
PyTypeObject *entries_entry_type(void);
PyTypeObject *entries_subentry_type(void);

/* A new list of entry_type, one for each function with completed calls; `seconds` is what a tick is worth.
 * NULL with an exception.  Making it may run finalizers, and these may change the table: it is read before. */
PyObject *entries_list(const struct totals *totals, const struct function_table *functions, double seconds,
                       PyTypeObject *entry_type, PyTypeObject *subentry_type);

/* A new list in which the entries of each function are one, in the order of the first of each.  Takes the fields over
 * from `entries`, whose items are not to be used after it.  NULL with an exception. */
PyObject *entries_add_up(PyObject *entries);

#endif
