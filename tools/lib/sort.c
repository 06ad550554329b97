/* A heap: what is not wanted is never brought into order, and no input makes it slow.  A row that is taken out leaves a
 * hole, which sinks to the bottom along the first of the children; the last row fills it there and rises.  That takes
 * half of the comparisons of sinking the last row from the top, for it belongs near the bottom.
 */
#include "sort.h"

#include <stdbool.h>

struct heap {
    struct sort_row *rows;
    size_t count;
    sort_compare *compare;
    const void *context;
};

static bool stands_before(const struct heap *heap, struct sort_row a, struct sort_row b)
{
    return a.rank != b.rank ? a.rank < b.rank : heap->compare(heap->context, a.number, b.number) < 0;
}

/* Moves the hole at `hole` down to where it has no child, and returns its place. */
static size_t sink_hole(struct heap *heap, size_t hole)
{
    size_t child;

    while ((child = 2 * hole + 2) < heap->count) {
        if (stands_before(heap, heap->rows[child - 1], heap->rows[child]))
            child--;
        heap->rows[hole] = heap->rows[child];
        hole = child;
    }
    if (child == heap->count) {
        heap->rows[hole] = heap->rows[child - 1];
        hole = child - 1;
    }
    return hole;
}

/* Puts a row into the hole, or above it, but not above `top`. */
static void lift(struct heap *heap, size_t hole, size_t top, struct sort_row row)
{
    while (hole > top && stands_before(heap, row, heap->rows[(hole - 1) / 2])) {
        heap->rows[hole] = heap->rows[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap->rows[hole] = row;
}

void sort_first(struct sort_row *rows, size_t count, size_t wanted, uint32_t *out, sort_compare *compare,
                const void *context)
{
    struct heap heap = {rows, count, compare, context};

    for (size_t i = count / 2; i-- > 0;) {
        struct sort_row row = rows[i];

        lift(&heap, sink_hole(&heap, i), i, row);
    }
    for (size_t i = 0; i < wanted; i++) {
        out[i] = rows[0].number;
        heap.count--;
        lift(&heap, sink_hole(&heap, 0), 0, rows[heap.count]);
    }
}
