/* Floor 1.  The same statistics without the directories of the files. */
#ifndef PROFSTAT_STRIP_H
#define PROFSTAT_STRIP_H

#include "base/error.h"
#include "profile.h"

/* Fills an initialised, empty profile with the statistics of `profile`, each file name cut down to what stands behind
 * its last slash.  Functions whose labels become equal are summed, and so are callers.  Call paths and facts are not
 * copied.  moved[i], room for profile->function_count entries, becomes the new position of function i.
 * 0, or -1 with *error set (memory; counts beyond 63 bits). */
int strip_directories(struct profile *stripped, const struct profile *profile, uint32_t *moved, struct error *error);

#endif
