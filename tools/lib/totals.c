#include "totals.h"

int totals_add(struct totals *totals, const struct profile *profile, struct error *error)
{
    double tottime = 0;
    bool overflow = false;
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        if (!function->listed)
            continue;
        overflow |= __builtin_add_overflow(totals->ncalls, function->ncalls, &totals->ncalls);
        overflow |= __builtin_add_overflow(totals->primitive, function->primitive, &totals->primitive);
        tottime += function->tottime;
    }
    totals->tottime += tottime;
    if (overflow)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more calls than 64 bits can count");
    return 0;
}
