/* Floor 1.  All call paths of a profile as one tree, for pictures and for formats of stacks: what the threads
 * recorded, or, where a profile has no call paths or not all of them, an estimate from its caller pairs. */
#ifndef PROFSTAT_PATHS_H
#define PROFSTAT_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/index_map.h"
#include "profile.h"

#define PATHS_NONE UINT32_MAX

/* A call path: what was called by the path of the parent. */
struct path {
    uint32_t parent;             /* PATHS_NONE: this is node 0, everything */
    uint32_t first_child;        /* or PATHS_NONE */
    uint32_t next_sibling;       /* or PATHS_NONE */
    uint32_t function;           /* position in profile.functions; PATHS_NONE: everything, or a thread */
    const struct string *thread; /* the name of a thread; of several threads each has a node below node 0 */
    int64_t calls;
    int64_t self;  /* nanoseconds */
    int64_t total; /* nanoseconds, self and all below */
};

/* Owns its nodes.  A parent stands before its children, and siblings in the order in which they came. */
struct paths {
    const struct allocator *allocator;
    size_t function_count; /* of the profile */
    struct path *nodes;
    uint32_t count; /* 1 or more */
    size_t capacity;
    struct index_map by_step; /* while they are made */
    bool estimated;           /* from caller pairs */
    bool recorded;            /* call paths were recorded, if not all */
};

/* An estimate leaves out what took less than this share (0 to 1) of all time, and counts it to the caller.  0, or -1
 * with *error set (memory; more than 2^32 paths) and nothing to release. */
int paths_init(struct paths *paths, const struct profile *profile, double smallest_share, struct error *error);
/* The same of all threads together; an estimate if that is wanted, or nothing else is possible. */
int paths_init_added(struct paths *paths, const struct profile *profile, bool estimated, double smallest_share,
                     struct error *error);
void paths_release(struct paths *paths);

/* Whether the profile has all its call paths. */
bool paths_are_recorded(const struct profile *profile);

/* A call of a function within a call of the same, on whatever way, becomes a part of that call; no path has a function
 * twice then.  An estimate is so from the beginning.  0, or -1 with *error set (memory) and the tree as it was. */
int paths_fold(struct paths *paths, struct error *error);

/* Puts siblings into the order of their totals, the largest first. */
void paths_sort(struct paths *paths);

/* What follows makes trees; for paths*.c. */

void paths_begin(struct paths *paths, const struct profile *profile);
/* The child of `parent` that is this function or this thread, found or added; PATHS_NONE when memory is short. */
uint32_t paths_step(struct paths *paths, uint32_t parent, uint32_t function, const struct string *thread);
/* Adds to a node's own numbers; beyond 63 bits they stay at the largest. */
void paths_count(struct path *node, int64_t calls, int64_t self);
/* Lets a tree that is finished be stepped through again; it has to be finished anew then, its links and totals having
 * been taken off.  0, or -1 when memory is short. */
int paths_reopen(struct paths *paths);
/* Links the children and sums the totals. */
void paths_finish(struct paths *paths);
/* Fills a tree that has begun with an estimate. */
int paths_estimate(struct paths *paths, const struct profile *profile, double smallest_share, struct error *error);

#endif
