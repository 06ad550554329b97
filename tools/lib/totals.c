#include "totals.h"

#include <inttypes.h>
#include <stdio.h>

static const uint64_t LOW_LIMIT = UINT64_C(1000000000000000000);

static void count_sum_add(struct count_sum *sum, struct count_sum more)
{
    sum->high += more.high;
    sum->low += more.low;
    if (sum->low >= LOW_LIMIT) {
        sum->low -= LOW_LIMIT;
        sum->high++;
    }
}

static struct count_sum count_sum_of(int64_t count)
{
    return (struct count_sum){(uint64_t)count / LOW_LIMIT, (uint64_t)count % LOW_LIMIT};
}

struct totals totals_of(const struct profile *profile)
{
    struct totals totals = {0};
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        if (!function->listed)
            continue;
        count_sum_add(&totals.ncalls, count_sum_of(function->ncalls));
        count_sum_add(&totals.primitive, count_sum_of(function->primitive));
        totals.tottime += function->tottime;
    }
    return totals;
}

void totals_add(struct totals *totals, const struct totals *more)
{
    count_sum_add(&totals->ncalls, more->ncalls);
    count_sum_add(&totals->primitive, more->primitive);
    totals->tottime += more->tottime;
}

char *count_sum_format(const struct count_sum *sum, char text[COUNT_SUM_SIZE])
{
    if (sum->high)
        snprintf(text, COUNT_SUM_SIZE, "%" PRIu64 "%018" PRIu64, sum->high, sum->low);
    else
        snprintf(text, COUNT_SUM_SIZE, "%" PRIu64, sum->low);
    return text;
}
