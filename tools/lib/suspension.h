/* Floor 1.  What functions did as coroutines, added up over all call paths. */
#ifndef PROFSTAT_SUSPENSION_H
#define PROFSTAT_SUSPENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"

struct suspension {
    int64_t starts;
    int64_t resumes; /* continued where it was suspended before */
    double awaited;  /* seconds suspended */
};

/* By position of the function.  Owns its arrays. */
struct suspensions {
    const struct allocator *allocator;
    struct suspension *list;
    bool *suspended; /* whether it was resumed, or waited at all */
    size_t count;    /* of the functions that were */
};

/* 0, or -1 with *error set (memory; counts that cannot be) and nothing to release. */
int suspensions_init(struct suspensions *suspensions, const struct profile *profile, struct error *error);
void suspensions_release(struct suspensions *suspensions);

#endif
