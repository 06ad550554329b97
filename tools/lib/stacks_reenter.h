/* Floor 1.  A part of stacks.c. */
#ifndef PROFSTAT_STACKS_REENTER_H
#define PROFSTAT_STACKS_REENTER_H

#include "base/error.h"
#include "paths.h"
#include "profile.h"

/* Puts functions onto paths of an estimate that has not been finished (paths.h) until their cumulative times are
 * those of the statistics, as far as there are paths for them.  Own times and calls of functions remain what they
 * are.  0, or -1 when memory is short. */
int stacks_reenter(struct paths *paths, const struct profile *profile);

#endif
