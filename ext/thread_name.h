/* Floor 2.  What the calling thread is called. */
#ifndef PROFSTAT_THREAD_NAME_H
#define PROFSTAT_THREAD_NAME_H

#include "pycompat.h"

/* The name that threading has for it: a new reference to a str, or NULL, without an exception, for a thread that
 * threading does not know or not yet.  Runs no Python code. */
PyObject *thread_name_here(void);

#endif
