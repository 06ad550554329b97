#include "statfile_numbers.h"

/* Counts are whole and not negative, and all of them together fit into 64 bits, so that no report can overflow when it
 * adds some up.  More primitive calls than calls are let pass: pstats prints that, and profiles that were written while
 * functions were running have it. */
static int add_count(struct marshal_reader *reader, int64_t *total_calls, int64_t count, size_t offset)
{
    if (count < 0)
        return marshal_fail(reader, offset, "negative number of calls");
    if (__builtin_add_overflow(*total_calls, count, total_calls))
        return marshal_fail(reader, offset, "more calls than 64 bits can count");
    return 0;
}

int numbers_take_count(struct marshal_reader *reader, const struct marshal_value *value, int64_t *count,
                       int64_t *total_calls)
{
    const double past_largest = 0x1p63;

    if (value->kind == MARSHAL_INTEGER)
        *count = value->as.integer;
    else if (value->kind != MARSHAL_REAL)
        return marshal_mismatch(reader, value, "a number of calls");
    else if (fabs(value->as.real) < past_largest && (double)(int64_t)value->as.real == value->as.real)
        *count = (int64_t)value->as.real;
    else
        return marshal_fail(reader, value->offset, "a number of calls that is not whole");
    return add_count(reader, total_calls, *count, value->offset);
}

static int read_count(struct marshal_reader *reader, int64_t *count, int64_t *total_calls)
{
    struct marshal_value value;

    return marshal_read(reader, &value) ? -1 : numbers_take_count(reader, &value, count, total_calls);
}

/* A custom timer may count in integers, and may run backwards. */
static int read_time(struct marshal_reader *reader, double *seconds)
{
    struct marshal_value value;

    if (marshal_read(reader, &value))
        return -1;
    if (value.kind != MARSHAL_REAL && value.kind != MARSHAL_INTEGER)
        return marshal_mismatch(reader, &value, "a time");
    *seconds = value.kind == MARSHAL_REAL ? value.as.real : (double)value.as.integer;
    if (isnan(*seconds))
        return marshal_fail(reader, value.offset, "a time that is not a number");
    return isinf(*seconds) ? marshal_fail(reader, value.offset, "an infinite time") : 0;
}

int numbers_read(struct marshal_reader *reader, struct numbers *numbers, int64_t *total_calls)
{
    if (read_count(reader, &numbers->counts[0], total_calls) || read_count(reader, &numbers->counts[1], total_calls) ||
        read_time(reader, &numbers->times[0]))
        return -1;
    return read_time(reader, &numbers->times[1]);
}
