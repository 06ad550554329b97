/* Floor 1.  The model: what a .stat file says, and what every report is made from.
 *
 * A profile is two records of one run.  The statistics are the pstats dictionary: functions with their totals, and
 * for each the callers.  The call paths (optional) are the call tree from which the statistics were derived.  Beside
 * them stand facts about the run.
 */
#ifndef PROFSTAT_PROFILE_H
#define PROFSTAT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/index_map.h"
#include "base/strings.h"

#define PROFILE_NO_FUNCTION UINT32_MAX
#define PROFILE_NO_PARENT   UINT32_MAX

/* (file, line, name) as pstats has it; C functions are ("~", 0, "<built-in ...>").  Strings belong to the
 * profile's pool, so two labels of one profile are equal when their three fields are. */
struct label {
    const struct string *file;
    int64_t line;
    const struct string *name;
};

/* The edge caller -> function, held by the function.  `plain` edges come from the old `profile` module, which
 * stores nothing but a count (in ncalls). */
struct caller {
    uint32_t function; /* position of the caller in profile.functions */
    bool plain;
    int64_t ncalls;    /* calls from this caller, recursive ones included */
    int64_t primitive; /* calls that were not recursive along this edge */
    double tottime;    /* seconds */
    double cumtime;    /* seconds */
};

/* `listed` is false for a function that is only named as a caller or in a call path and has no statistics. */
struct function {
    struct label label;
    bool listed;
    int64_t primitive;
    int64_t ncalls;
    double tottime;         /* seconds */
    double cumtime;         /* seconds */
    struct caller *callers; /* in the order they were added; in profile.edges */
    size_t caller_count;
    size_t caller_capacity;
};

/* A column of numbers, one for each node of a call tree.  Name and unit are pool strings.  Other collectors may add
 * columns to those below. */
struct path_column {
    const struct string *name;
    const struct string *unit;
    int64_t *values; /* owned by the tree */
};

/* The columns that the tracer writes.  The last two are there where coroutines ran: how many of the calls
 * resumed one that was suspended (0 to calls; the others started one), and how long it was suspended on this path. */
#define PATH_CALLS   "calls"   /* unit "calls" */
#define PATH_SELF    "self"    /* unit "ns" */
#define PATH_RESUMES "resumes" /* unit "calls" */
#define PATH_AWAITED "awaited" /* unit "ns" */

/* One call tree, of one thread: node i was reached from parent[i] (PROFILE_NO_PARENT: entered from outside the
 * profile, and always parent[i] < i) and is a call of function[i].  Owns its arrays. */
struct path_tree {
    const struct string *thread; /* its name, a pool string; NULL: not said */
    uint32_t count;
    uint32_t *parent;
    uint32_t *function; /* position in profile.functions */
    struct path_column *columns;
    size_t column_count;
};

enum fact_kind { FACT_INTEGER, FACT_REAL, FACT_TEXT };

/* One measured or configured circumstance of the run: "clock", "python", "command", ... */
struct fact {
    const struct string *name;
    enum fact_kind kind;
    int64_t integer; /* also truth values */
    double real;
    const struct string *text;
};

/* Owns everything in it.  `functions` is in dictionary order (for the tracer: first-call order). */
struct profile {
    const struct allocator *allocator;
    struct string_pool strings;
    struct arena edges;
    struct function *functions;
    size_t function_count;
    size_t function_capacity;
    struct index_map by_label; /* of the first by_label.count functions; the others follow when one is looked for */
    struct path_tree *trees;
    size_t tree_count;
    size_t tree_capacity;
    struct fact *facts;
    size_t fact_count;
    size_t fact_capacity;
};

void profile_init(struct profile *profile, const struct allocator *allocator);
void profile_release(struct profile *profile);

/* The position of the function with this label, added (not listed, all zero) when it is new;
 * PROFILE_NO_FUNCTION when memory is short.  `file` and `name` are strings of this profile's pool. */
uint32_t profile_function(struct profile *profile, const struct string *file, int64_t line, const struct string *name);

/* Makes room for about this many functions in all, so that adding them moves nothing.  0, or -1 when memory is short.
 */
int profile_reserve_functions(struct profile *profile, size_t count);

/* Appends a function with a label that the profile does not have, not listed, all zero; its position, or
 * PROFILE_NO_FUNCTION when memory is short. */
uint32_t profile_append_function(struct profile *profile, const struct label *label);

/* Whether this is the caller by which very old profiles mark the functions that are entry points. */
bool label_marks_entry_points(const struct label *label);
/* Of labels whose strings are of one pool. */
uint32_t label_hash(const struct label *label);
/* The same from the hashes of the strings. */
uint32_t label_hash_parts(uint32_t file_hash, int64_t line, uint32_t name_hash);
static inline bool label_equal(const struct label *a, const struct label *b)
{
    return a->file == b->file && a->line == b->line && a->name == b->name;
}

/* To be called before labels are changed in place. */
void profile_forget_labels(struct profile *profile);
/* Exchanges the functions of two profiles.  The call trees of the first follow: what was function i is at moved[i]. */
void profile_swap_functions(struct profile *profile, struct profile *other, const uint32_t *moved);

/* Moves the functions at these (different) positions to the front, in this order, and leaves the others behind them in
 * theirs; callers and call trees follow.  0, or -1 when memory is short and nothing has moved. */
int profile_move_to_front(struct profile *profile, const uint32_t *positions, size_t count);

/* The edge from `caller` held by `function`, or NULL.  Linear in the function's callers. */
struct caller *function_find_caller(const struct function *function, uint32_t caller);
/* Appends an all-zero edge without looking for an equal one; best all edges of one function in a row.  NULL when memory
 * is short; valid until the next append to this function. */
struct caller *profile_append_caller(struct profile *profile, uint32_t function, uint32_t caller);

/* Appends a tree with `count` nodes and `column_count` columns whose arrays are allocated but not filled; the columns'
 * names and units are NULL.  NULL when memory is short; valid until the next append. */
struct path_tree *profile_append_tree(struct profile *profile, uint32_t count, size_t column_count);

/* The values of the column of that name, NULL when the tree has none. */
const int64_t *path_tree_column(const struct path_tree *tree, const char *name);

/* Releases a tree; those behind it move up. */
void profile_remove_tree(struct profile *profile, size_t tree);

/* Sets a fact, replacing one of the same name.  0, or -1 when memory is short. */
int profile_set_integer(struct profile *profile, const char *name, int64_t value);
int profile_set_real(struct profile *profile, const char *name, double value);
int profile_set_text(struct profile *profile, const char *name, const char *bytes, size_t size);
const struct fact *profile_fact(const struct profile *profile, const char *name);
/* Whether the call paths are not all of those that there were. */
bool profile_paths_are_cut(const struct profile *profile);

#endif
