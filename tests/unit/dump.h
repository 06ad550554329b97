/* A profile as text, for comparison with what Python says about the same file (tests/data/make_profiles.py). */
#ifndef PROFSTAT_TESTS_DUMP_H
#define PROFSTAT_TESTS_DUMP_H

#include "base/buffer.h"
#include "profile.h"

/* Appends a line for each function and for each edge, sorted, then the facts and the call trees. */
void dump_profile(const struct profile *profile, struct buffer *out);

#endif
