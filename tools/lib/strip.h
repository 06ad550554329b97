/* Floor 1.  Statistics without the directories of the files. */
#ifndef PROFSTAT_STRIP_H
#define PROFSTAT_STRIP_H

#include "base/error.h"
#include "profile.h"

/* Cuts each file name of the profile down to what stands behind its last slash.  Functions whose labels become equal
 * are summed, and so are callers.  moved[i], of as many as there are functions, becomes the new position of function
 * i; moved may be NULL.  0, or -1 with *error set (memory; what summing.h refuses); the profile is then to be
 * released and not to be used. */
int strip_directories(struct profile *profile, uint32_t *moved, struct error *error);

#endif
