/* Profiles for the unit tests. */
#ifndef PROFSTAT_TESTS_PROFILES_H
#define PROFSTAT_TESTS_PROFILES_H

#include "profile.h"

/* The function NAME of the file, found or added.  PROFILE_NO_FUNCTION when memory is short. */
uint32_t profiles_function(struct profile *profile, const char *file, int64_t line, const char *name);

/* Lists a function with its numbers and returns its position. */
uint32_t profiles_list(struct profile *profile, const char *file, int64_t line, const char *name, int64_t ncalls,
                       double tottime, double cumtime);
/* An edge, all of whose calls are primitive. */
struct caller *profiles_call(struct profile *profile, uint32_t function, uint32_t caller, int64_t ncalls,
                             double tottime, double cumtime);

/* Fills an initialised profile with a bit of everything: C functions, names that are not ASCII, an escaped byte, shared
 * times, counts of more than 32 bits, a caller and a call path that are not listed, a plain caller, two call trees and
 * facts of all kinds.  0, or -1 when memory is short. */
int profiles_fill(struct profile *profile);

/* Each fails the test unless the function at this position is listed with these numbers; has an edge from this
 * caller with these; has this label. */
void profiles_assert_numbers(const struct profile *profile, uint32_t position, int64_t ncalls, double tottime,
                             double cumtime);
void profiles_assert_edge(const struct profile *profile, uint32_t function, uint32_t caller, int64_t ncalls,
                          double tottime);
void profiles_assert_label(const struct profile *profile, uint32_t position, const char *file, const char *name);

#endif
