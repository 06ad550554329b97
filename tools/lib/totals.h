/* Floor 1.  What profiles come to in all: the line "N function calls (M primitive calls) in S seconds". */
#ifndef PROFSTAT_TOTALS_H
#define PROFSTAT_TOTALS_H

#include <stdint.h>

#include "base/error.h"
#include "profile.h"

struct totals {
    int64_t ncalls;
    int64_t primitive;
    double tottime; /* seconds */
};

/* Adds what one profile comes to.  pstats adds the sums of the files, not their functions one by one, and rounding
 * shows that.  0, or -1 with *error set (counts beyond 63 bits). */
int totals_add(struct totals *totals, const struct profile *profile, struct error *error);

#endif
