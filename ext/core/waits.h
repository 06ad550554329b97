/* Core, no Python.h.  How long coroutines were suspended, by call path. */
#ifndef PROFSTAT_CORE_WAITS_H
#define PROFSTAT_CORE_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/index_map.h"

/* Of one call path. */
struct wait_total {
    int64_t resumes; /* of its completed calls, those that went on with a suspended coroutine */
    int64_t awaited; /* ticks from a suspension to the resume */
};

enum coroutine_phase {
    COROUTINE_UNKNOWN,  /* between its steps, and nothing is known of the last one */
    COROUTINE_STARTED,  /* its first step runs */
    COROUTINE_RESUMED,  /* a later step runs */
    COROUTINE_SUSPENDED,
};

/* A coroutine, or one that had the same address before. */
struct coroutine {
    const void *address;
    enum coroutine_phase phase;
    uint32_t node;  /* its call path's */
    int64_t since;  /* ticks, of the suspension */
};

/* Owns its arrays. */
struct waits {
    const struct allocator *allocator;
    struct wait_total *totals; /* by number of the call tree's node */
    size_t total_count;
    size_t total_capacity;
    struct coroutine *coroutines;
    size_t count;
    size_t capacity;
    struct index_map by_address;
};

void waits_init(struct waits *waits, const struct allocator *allocator);
void waits_release(struct waits *waits);

/* A step of the coroutine begins, its first or a later one, or ends; the beginning may have been missed.  0, or -1 when
 * memory is short: its waits are lost. */
int waits_begin_step(struct waits *waits, const void *address, uint32_t node, bool resumes, int64_t now);
int waits_end_step(struct waits *waits, const void *address, uint32_t node, bool suspends, int64_t now);

/* Running steps are over, and the time up to now counts for what is suspended. */
void waits_finish(struct waits *waits, int64_t now);

/* What a finish would add, without it: to each path by `sign`, 1 or -1 to take the same back. */
void waits_look_ahead(struct waits *waits, int64_t now, int sign);

/* The node's; zero where nothing is known. */
struct wait_total waits_of(const struct waits *waits, uint32_t node);

#endif
