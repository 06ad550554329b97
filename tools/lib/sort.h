/* Floor 1.  Sorting rows, or only as many of them as are wanted. */
#ifndef PROFSTAT_SORT_H
#define PROFSTAT_SORT_H

#include <stddef.h>
#include <stdint.h>

/* What is sorted: a number, and a rank that goes before every comparison.  A row of a lower rank stands before one of a
 * higher rank. */
struct sort_row {
    uint64_t rank;
    uint32_t number;
};

/* <0, >0: whether the number a stands before or behind b, where their ranks are equal.  Never 0 for two numbers. */
typedef int sort_compare(const void *context, uint32_t a, uint32_t b);

/* Fills out[0..wanted) with the numbers of the first `wanted` <= `count` rows in order.  Takes O(count + wanted log
 * count) steps and leaves `rows` in any order. */
void sort_first(struct sort_row *rows, size_t count, size_t wanted, uint32_t *out, sort_compare *compare,
                const void *context);

#endif
