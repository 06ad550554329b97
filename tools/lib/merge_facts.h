/* Floor 1.  The facts of several profiles as facts of their sum.  A part of merge. */
#ifndef PROFSTAT_MERGE_FACTS_H
#define PROFSTAT_MERGE_FACTS_H

#include <stddef.h>

#include "base/error.h"
#include "profile.h"

/* Sets on `sum` the facts of its sources.  0, or -1 with *error set (memory). */
int merge_facts(struct profile *sum, const struct profile *const *sources, size_t count, struct error *error);

#endif
