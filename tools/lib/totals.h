/* Floor 1.  What a profile comes to in all: the line "N function calls (M primitive calls) in S seconds". */
#ifndef PROFSTAT_TOTALS_H
#define PROFSTAT_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "profile.h"

/* A sum of counts, which may exceed 64 bits: high * 10^18 + low. */
struct count_sum {
    uint64_t high;
    uint64_t low;
};

struct totals {
    struct count_sum ncalls;
    struct count_sum primitive;
    double tottime; /* seconds */
};

enum { COUNT_SUM_SIZE = 40 };

struct totals totals_of(const struct profile *profile);
/* Adds the totals of another file; pstats adds the sums of the files, not their functions one by one. */
void totals_add(struct totals *totals, const struct totals *more);
/* Writes the sum in decimal digits and returns `text`. */
char *count_sum_format(const struct count_sum *sum, char text[COUNT_SUM_SIZE]);

#endif
