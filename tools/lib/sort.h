/* Floor 1.  A stable sort of positions. */
#ifndef PROFSTAT_SORT_H
#define PROFSTAT_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

/* <0, 0, >0: whether the row a stands before, beside or behind b. */
typedef int sort_compare(const void *context, uint32_t a, uint32_t b);

/* Sorts `rows` in O(count log count); equal rows keep their order.  0, or -1 when memory is short. */
int sort_rows(uint32_t *rows, size_t count, sort_compare *compare, const void *context,
              const struct allocator *allocator);

#endif
