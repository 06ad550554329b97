/* Floor 1.  The facts of several profiles as facts of their sum.  A part of merge. */
#ifndef PROFSTAT_MERGE_FACTS_H
#define PROFSTAT_MERGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strings.h"
#include "profile.h"

/* What is known of one fact. */
struct merged_fact {
    struct fact fact; /* of a text only the name and the kind */
    bool holds;       /* for all profiles so far */
    size_t profiles;  /* that have it as a text */
    const struct string **texts; /* each once */
    size_t text_count;
    size_t text_capacity;
};

/* Owns its list and the strings. */
struct fact_merge {
    const struct allocator *allocator;
    struct string_pool strings;
    struct merged_fact *list; /* in the order in which they were met */
    size_t count;
    size_t capacity;
    size_t profile_count;
};

void fact_merge_init(struct fact_merge *merge, const struct allocator *allocator);
void fact_merge_release(struct fact_merge *merge);
/* Adds the facts of one profile.  0, or -1 when memory is short. */
int fact_merge_add(struct fact_merge *merge, const struct profile *profile);
/* Replaces the facts of a profile by those that hold for all.  0, or -1 when memory is short. */
int fact_merge_finish(struct fact_merge *merge, struct profile *sum);

#endif
