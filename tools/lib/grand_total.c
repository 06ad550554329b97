#include "grand_total.h"

int grand_total_add(struct grand_total *total, const struct profile *profile, struct error *error)
{
    double tottime = 0;
    bool overflow = false;
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        if (!function->listed)
            continue;
        overflow |= __builtin_add_overflow(total->ncalls, function->ncalls, &total->ncalls);
        overflow |= __builtin_add_overflow(total->primitive, function->primitive, &total->primitive);
        tottime += function->tottime;
    }
    total->tottime += tottime;
    if (overflow)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more calls than 64 bits can count");
    return 0;
}
