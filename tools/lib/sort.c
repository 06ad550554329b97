/* A merge sort, for qsort neither keeps the order of equal rows nor takes a context. */
#include "sort.h"

#include <string.h>

struct sorter {
    sort_compare *compare;
    const void *context;
    uint32_t *spare; /* room for half of the rows */
};

enum { SMALL = 12 };

static void insertion_sort(const struct sorter *sorter, uint32_t *rows, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t row = rows[i];
        size_t hole = i;
        for (; hole > 0 && sorter->compare(sorter->context, rows[hole - 1], row) > 0; hole--)
            rows[hole] = rows[hole - 1];
        rows[hole] = row;
    }
}

static void merge_sort(const struct sorter *sorter, uint32_t *rows, size_t count)
{
    if (count <= SMALL) {
        insertion_sort(sorter, rows, count);
        return;
    }
    size_t middle = count / 2;
    merge_sort(sorter, rows, middle);
    merge_sort(sorter, rows + middle, count - middle);
    if (sorter->compare(sorter->context, rows[middle - 1], rows[middle]) <= 0)
        return;
    memcpy(sorter->spare, rows, middle * sizeof *rows);
    size_t left = 0, right = middle, out = 0;
    while (left < middle && right < count) {
        if (sorter->compare(sorter->context, sorter->spare[left], rows[right]) <= 0)
            rows[out++] = sorter->spare[left++];
        else
            rows[out++] = rows[right++];
    }
    memcpy(rows + out, sorter->spare + left, (middle - left) * sizeof *rows);
}

int sort_rows(uint32_t *rows, size_t count, sort_compare *compare, const void *context,
              const struct allocator *allocator)
{
    struct sorter sorter = {compare, context, NULL};
    if (count > SMALL) {
        sorter.spare = allocator_resize(allocator, NULL, count / 2, sizeof *rows);
        if (!sorter.spare)
            return -1;
    }
    merge_sort(&sorter, rows, count);
    allocator_free(allocator, sorter.spare);
    return 0;
}
