/* Floor 1.  What profiles come to in all: the line "N function calls (M primitive calls) in S seconds". */
#ifndef PROFSTAT_GRAND_TOTAL_H
#define PROFSTAT_GRAND_TOTAL_H

#include <stdint.h>

#include "base/error.h"
#include "profile.h"

struct grand_total {
    int64_t ncalls;
    int64_t primitive;
    double tottime; /* seconds */
};

/* Adds what one profile comes to.  pstats adds the sums of the files, not their functions one by one, and rounding
 * shows that.  0, or -1 with *error set (counts beyond 63 bits). */
int grand_total_add(struct grand_total *total, const struct profile *profile, struct error *error);

#endif
