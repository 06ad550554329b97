/* Floor 1.  How the shares of functions went from one profile of a program to the next. */
#ifndef PROFSTAT_TREND_H
#define PROFSTAT_TREND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/index_map.h"
#include "profile.h"

/* Of what a share is one. */
enum trend_measure { TREND_CUMTIME, TREND_TOTTIME, TREND_NCALLS };

struct trend_row {
    uint32_t ordinal; /* among functions of the same file and name, by line */
    uint32_t next;    /* of the first of them: how many the current profile has had */
    size_t profile;   /* the last one that had it, plus one */
    double seen;      /* the time of the latest that had it */
};

struct trend_profile {
    double time;   /* seconds since the epoch */
    size_t number; /* in the order in which they were added */
    float *shares; /* 0 to 1; by row, of those that there were then */
    uint32_t count;
};

/* Owns everything. */
struct trend {
    const struct allocator *allocator;
    enum trend_measure measure;
    /* A function for each row, as it was called in the latest profile that had it.  For orders its cumulative time
     * is by how much its share grew, by a line through all shares; its own time is the last share. */
    struct profile functions;
    struct index_map by_label;
    struct trend_row *rows;
    size_t row_capacity;
    struct trend_profile *profiles;
    size_t profile_count;
    size_t profile_capacity;
};

void trend_init(struct trend *trend, enum trend_measure measure, const struct allocator *allocator);
void trend_release(struct trend *trend);

/* Functions are the same by file and name, and of several such ones the first is the first, so that lines may move.
 * 0, or -1 with *error set (memory). */
int trend_add(struct trend *trend, const struct profile *profile, double time, struct error *error);
/* Puts the profiles in the order of their times and finds out what grew. */
void trend_finish(struct trend *trend);
double trend_share(const struct trend *trend, uint32_t row, size_t profile);

#endif
