/* Floor 1, within statfile: the numbers of functions and edges.
 *
 * `total_calls` adds up all counts of a file: together they fit into 64 bits, so that no report can overflow when it
 * adds some up. */
#ifndef PROFSTAT_STATFILE_NUMBERS_H
#define PROFSTAT_STATFILE_NUMBERS_H

#include <math.h>

#include "marshal_quick.h"
#include "marshal_reader.h"

/* What a function has, and what an edge has, in the order of the file. */
struct numbers {
    int64_t counts[2];
    double times[2];
};

/* Both return 0, or -1 with the reader's error set: the count that this value is; two counts and two times. */
int numbers_take_count(struct marshal_reader *reader, const struct marshal_value *value, int64_t *count,
                       int64_t *total_calls);
int numbers_read(struct marshal_reader *reader, struct numbers *numbers, int64_t *total_calls);

/* The head of a tuple of so many elements and the numbers that come first in it; false when it needs a closer look, and
 * nothing has been read then. */
static inline bool numbers_read_quickly(struct marshal_reader *reader, unsigned elements, struct numbers *numbers,
                                        int64_t *total_calls)
{
    struct marshal_mark start = marshal_mark(reader);
    int64_t total = *total_calls;
    uint32_t reference;

    if (!marshal_quick_tuple(reader, elements, &reference) || !marshal_quick_integer(reader, &numbers->counts[0]) ||
        !marshal_quick_integer(reader, &numbers->counts[1]) || !marshal_quick_real(reader, &numbers->times[0]) ||
        !marshal_quick_real(reader, &numbers->times[1]) || (numbers->counts[0] | numbers->counts[1]) < 0 ||
        __builtin_add_overflow(total, numbers->counts[0], &total) ||
        __builtin_add_overflow(total, numbers->counts[1], &total) || !isfinite(numbers->times[0] + numbers->times[1]))
        return marshal_return(reader, start);
    *total_calls = total;
    return true;
}

#endif
