/* Floor 1.  What changed from one profile to another, function by function. */
#ifndef PROFSTAT_DIFF_H
#define PROFSTAT_DIFF_H

#include <stdbool.h>

#include "base/error.h"
#include "profile.h"

/* A function of both profiles, or of one. */
struct difference {
    const struct function *now;    /* listed; NULL: it is gone */
    const struct function *before; /* listed; NULL: it is new */
};

/* Borrows from both profiles. */
struct diff {
    /* A function for each difference, with its label and, so that orders and restrictions can be had of them, with how
     * much its calls and times changed, whichever way: those of now in their order, then those that are gone. */
    struct profile changes;
    struct difference *list; /* by position in it */
    /* By position in now and in before: where in `changes` a function is.  Functions that are in call trees alone are
     * there, too, paired in the same way, but not listed and no difference. */
    uint32_t *of_now;
    uint32_t *of_before;
};

/* Pairs listed functions of the same file and name; where there are several of them, those on the same line and then
 * those that are nearest.  With `by_name` what is left is paired by name alone.  0, or -1 with *error set (memory)
 * and nothing to release. */
int diff_init(struct diff *diff, const struct profile *now, const struct profile *before, bool by_name,
              struct error *error);
void diff_release(struct diff *diff);

#endif
