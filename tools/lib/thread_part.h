/* Floor 1.  The part of a profile that one thread did. */
#ifndef PROFSTAT_THREAD_PART_H
#define PROFSTAT_THREAD_PART_H

#include "base/error.h"
#include "profile.h"

/* Replaces the statistics by those of the threads of this name, derived from their call trees, and drops all other
 * trees. Functions stay where they are; those that the thread did not call are listed no more.  0, or -1 with *error
 * set: ERROR_ARGUMENT when the profile has no such thread, or not all of its call paths; memory. */
int thread_part_select(struct profile *profile, const char *thread, struct error *error);

#endif
