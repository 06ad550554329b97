/* Floor 1.  What a person who walks through a profile sees and does, without a terminal: a list of functions, or one
 * function with its callers and callees; a filter, an order, a cursor. */
#ifndef PROFSTAT_BROWSE_H
#define PROFSTAT_BROWSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "graph.h"
#include "names.h"
#include "order.h"
#include "profile.h"

#define BROWSE_ALL UINT32_MAX

/* A line: a function, and in the view of a function the pair that makes it a caller or a callee of that. */
struct browse_row {
    uint32_t function;
    const struct caller *pair; /* NULL: the function itself */
    bool is_caller;
};

/* One view; those that lie under it are where it was entered from. */
struct browse_view {
    uint32_t function; /* BROWSE_ALL: the list of all */
    size_t cursor;     /* a row */
};

/* Borrows the profile; owns the rest. */
struct browse {
    const struct allocator *allocator;
    const struct profile *profile;
    struct graph graph;
    struct names names;
    size_t key; /* of browse_keys */
    bool reverse;
    struct buffer filter; /* UTF-8 */
    bool filter_is_text;  /* it is no pattern (yet) */
    struct browse_view *views;
    size_t view_count; /* 1 or more; the last is shown */
    size_t view_capacity;
    struct browse_row *rows;
    size_t count;
    uint32_t *order; /* scratch */
};

/* The orders that are gone through; ends with NULL. */
extern const char *const browse_keys[];

/* All that follow return 0, or -1 with *error set (memory; a filter that takes too many steps). */
int browse_init(struct browse *browse, const struct profile *profile, struct error *error);
void browse_release(struct browse *browse);

struct browse_view *browse_top(const struct browse *browse);
/* Moves the cursor by so many rows, as far as there are any. */
void browse_move(struct browse *browse, int64_t by);
/* The next order (by 1) or the one before (by -1). */
int browse_sort(struct browse *browse, int by, struct error *error);
int browse_reverse(struct browse *browse, struct error *error);
/* Adds text to the filter of the list, which is a pattern or, where it is none (yet), the text itself; goes back to the
 * list. */
int browse_type(struct browse *browse, const char *bytes, size_t size, struct error *error);
/* Takes the last character of the filter away.  Without one nothing happens. */
int browse_erase(struct browse *browse, struct error *error);
/* Shows the function under the cursor. */
int browse_enter(struct browse *browse, struct error *error);
/* To the view before, or, in the list, away with the filter; *done when there was neither. */
int browse_back(struct browse *browse, bool *done, struct error *error);

#endif
