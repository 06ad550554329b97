/* Floor 1.  Binary numbers as decimal ones. */
#ifndef PROFSTAT_DECIMAL_H
#define PROFSTAT_DECIMAL_H

#include <stdint.h>

/* digits * 10 ** exponent; the last digit is not 0. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* Of the numbers with the fewest digits (at most 17) that are read as `value`, finite and above 0, the nearest. */
struct decimal decimal_shortest(double value);

#endif
