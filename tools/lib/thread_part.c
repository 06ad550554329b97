/* Statistics from a call tree.  One pass backwards sums cumulative times, since a child comes after its parent; then
 * one walk down the tree counts, for each function and each edge, how deep it is in calls of the same: only the
 * outermost ones are primitive calls and have a cumulative time. */
#include "thread_part.h"

#include <stdio.h>
#include <string.h>

#include "base/index_map.h"
#include "utf8.h"

#define NONE UINT32_MAX

struct edge {
    uint32_t function;
    uint32_t caller;
    uint32_t depth;
    struct caller total;
};

struct walk {
    struct profile *profile;
    const struct path_tree *tree;
    const int64_t *calls;
    const int64_t *self;    /* nanoseconds */
    int64_t total_calls;    /* of all trees up to now */
    double *cumulative;     /* nanoseconds; by node, as all that follow */
    uint32_t *edge_of;    /* NONE: called from outside the profile */
    uint32_t *first_child;
    uint32_t *next_sibling;
    uint32_t *function_depth; /* by function */
    struct index_map by_pair;
    struct edge *edges;
    size_t edge_count;
    size_t edge_capacity;
};

static bool is_text(const char *bytes, size_t size, const char *name)
{
    return size == strlen(name) && memcmp(bytes, name, size) == 0;
}

/* In the sum of several processes a thread is called PID/NAME: either half will do. */
static bool has_name(const struct string *string, const char *name)
{
    if (!string || is_text(string->bytes, string->size, name))
        return string != NULL;
    size_t digits = strspn(string->bytes, "0123456789");
    if (digits == 0 || string->bytes[digits] != '/')
        return false;
    return is_text(string->bytes, digits, name) ||
           is_text(string->bytes + digits + 1, string->size - digits - 1, name);
}

static bool is_edge(const void *array, uint32_t position, const void *key)
{
    const struct edge *edge = (const struct edge *)array + position, *wanted = key;
    return edge->function == wanted->function && edge->caller == wanted->caller;
}

static int find_edge(struct walk *walk, uint32_t function, uint32_t caller, uint32_t *number)
{
    struct edge wanted = {.function = function, .caller = caller, .total = {.function = caller}};
    uint32_t hash = hash_mix((uint64_t)function << 32 | caller);
    *number = index_map_find(&walk->by_pair, hash, is_edge, walk->edges, &wanted);
    if (*number != INDEX_MAP_NONE)
        return 0;
    *number = (uint32_t)walk->edge_count;
    if (allocator_reserve(walk->profile->allocator, &walk->edges, &walk->edge_capacity, walk->edge_count + 1,
                          sizeof *walk->edges) < 0 ||
        index_map_add(&walk->by_pair, hash, *number) < 0)
        return -1;
    walk->edges[walk->edge_count++] = wanted;
    return 0;
}

static int find_edges(struct walk *walk)
{
    const struct path_tree *tree = walk->tree;
    for (uint32_t i = 0; i < tree->count; i++) {
        walk->edge_of[i] = NONE;
        if (tree->parent[i] != PROFILE_NO_PARENT &&
            find_edge(walk, tree->function[i], tree->function[tree->parent[i]], &walk->edge_of[i]) < 0)
            return -1;
    }
    return 0;
}

static void link_and_accumulate(struct walk *walk)
{
    for (uint32_t i = walk->tree->count; i-- > 0;) {
        uint32_t parent = walk->tree->parent[i];
        walk->cumulative[i] += (double)walk->self[i];
        if (parent == PROFILE_NO_PARENT)
            continue;
        walk->next_sibling[i] = walk->first_child[parent];
        walk->first_child[parent] = i;
        walk->cumulative[parent] += walk->cumulative[i];
    }
}

static void enter(struct walk *walk, uint32_t node)
{
    struct function *function = &walk->profile->functions[walk->tree->function[node]];
    struct edge *edge = walk->edge_of[node] != NONE ? &walk->edges[walk->edge_of[node]] : NULL;
    bool outermost = walk->function_depth[walk->tree->function[node]]++ == 0;
    bool first = edge && edge->depth++ == 0;
    int64_t calls = walk->calls[node];
    double self = (double)walk->self[node] * 1e-9, cumulative = walk->cumulative[node] * 1e-9;
    function->listed |= calls > 0;
    function->ncalls += calls;
    function->tottime += self;
    function->primitive += outermost ? calls : 0;
    function->cumtime += outermost ? cumulative : 0;
    if (!edge)
        return;
    edge->total.ncalls += calls;
    edge->total.tottime += self;
    edge->total.primitive += first ? calls : 0;
    edge->total.cumtime += first ? cumulative : 0;
}

static void leave(struct walk *walk, uint32_t node)
{
    walk->function_depth[walk->tree->function[node]]--;
    if (walk->edge_of[node] != NONE)
        walk->edges[walk->edge_of[node]].depth--;
}

/* Down to the first child, else on to the next sibling of the nearest node that has one. */
static void walk_down(struct walk *walk, uint32_t root)
{
    uint32_t at = root;
    enter(walk, at);
    for (;;) {
        uint32_t next = walk->first_child[at];
        while (next == NONE) {
            leave(walk, at);
            if (at == root)
                return;
            next = walk->next_sibling[at];
            if (next == NONE)
                at = walk->tree->parent[at];
        }
        at = next;
        enter(walk, at);
    }
}

/* No sum of calls can pass what their sum over all nodes does not. */
static int find_columns(struct walk *walk, struct error *error)
{
    walk->calls = path_tree_column(walk->tree, PATH_CALLS);
    walk->self = path_tree_column(walk->tree, PATH_SELF);
    if (!walk->calls || !walk->self)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "its call paths have no calls and times");
    for (uint32_t i = 0; i < walk->tree->count; i++)
        if (walk->calls[i] < 0 || walk->calls[i] > INT64_MAX - walk->total_calls)
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "numbers of calls that cannot be");
        else
            walk->total_calls += walk->calls[i];
    return 0;
}

static int walk_tree(struct walk *walk, struct error *error)
{
    const struct allocator *allocator = walk->profile->allocator;
    size_t count = walk->tree->count;
    if (find_columns(walk, error) < 0)
        return -1;
    walk->cumulative = allocator_zeroed(allocator, count + 1, sizeof *walk->cumulative);
    walk->edge_of = allocator_resize(allocator, NULL, count + 1, sizeof *walk->edge_of);
    walk->first_child = allocator_resize(allocator, NULL, count + 1, sizeof *walk->first_child);
    walk->next_sibling = allocator_resize(allocator, NULL, count + 1, sizeof *walk->next_sibling);
    walk->function_depth = allocator_zeroed(allocator, walk->profile->function_count + 1, sizeof *walk->function_depth);
    if (!walk->cumulative || !walk->edge_of || !walk->first_child || !walk->next_sibling || !walk->function_depth ||
        find_edges(walk) < 0)
        return error_set_memory(error);
    memset(walk->first_child, 0xff, count * sizeof *walk->first_child);
    memset(walk->next_sibling, 0xff, count * sizeof *walk->next_sibling);
    link_and_accumulate(walk);
    for (uint32_t i = 0; i < count; i++)
        if (walk->tree->parent[i] == PROFILE_NO_PARENT)
            walk_down(walk, i);
    return 0;
}

static void release_nodes(struct walk *walk)
{
    const struct allocator *allocator = walk->profile->allocator;
    allocator_free(allocator, walk->cumulative);
    allocator_free(allocator, walk->edge_of);
    allocator_free(allocator, walk->first_child);
    allocator_free(allocator, walk->next_sibling);
    allocator_free(allocator, walk->function_depth);
    walk->cumulative = NULL;
    walk->edge_of = walk->first_child = walk->next_sibling = walk->function_depth = NULL;
}

/* Edges of what was called without returning are left out, as by cProfile. */
static int keep_edges(struct walk *walk, struct error *error)
{
    for (size_t i = 0; i < walk->edge_count; i++) {
        const struct edge *edge = &walk->edges[i];
        if (edge->total.ncalls == 0)
            continue;
        struct caller *caller = profile_append_caller(walk->profile, edge->function, edge->caller);
        if (!caller)
            return error_set_memory(error);
        *caller = edge->total;
    }
    return 0;
}

static void forget_statistics(struct profile *profile)
{
    for (size_t i = 0; i < profile->function_count; i++)
        profile->functions[i] = (struct function){.label = profile->functions[i].label};
}

enum { MOST_NAMES = 10, QUOTED_SIZE = 40, NAMES_SIZE = 200 };

/* Names of threads for a message, each once, as far as there is room. */
struct thread_names {
    const struct string *listed[MOST_NAMES];
    size_t count;
    size_t left_out; /* threads */
    char text[NAMES_SIZE];
};

static bool is_listed(const struct thread_names *names, const struct string *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->listed[i] == name)
            return true;
    return false;
}

static void list_name(struct thread_names *names, const struct string *name)
{
    char quoted[QUOTED_SIZE + 8];
    size_t used = strlen(names->text);
    if (is_listed(names, name))
        return;
    int size = snprintf(quoted, sizeof quoted, "%s'%.*s'", names->count ? ", " : "",
                        utf8_fitting(name->bytes, QUOTED_SIZE), name->bytes);
    if (names->left_out > 0 || names->count == MOST_NAMES || used + (size_t)size >= sizeof names->text) {
        names->left_out++;
        return;
    }
    memcpy(names->text + used, quoted, (size_t)size + 1);
    names->listed[names->count++] = name;
}

static int refuse(const struct profile *profile, const char *thread, struct error *error)
{
    struct thread_names names = {.count = 0};
    char more[32] = "";
    size_t named = 0;
    for (size_t i = 0; i < profile->tree_count; i++) {
        if (!profile->trees[i].thread)
            continue;
        named++;
        list_name(&names, profile->trees[i].thread);
    }
    if (named == 0)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "no threads are told apart in it");
    if (names.left_out > 0)
        snprintf(more, sizeof more, " and %zu more", names.left_out);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "no thread '%.*s' among %zu: %s%s",
                     utf8_fitting(thread, QUOTED_SIZE), thread, named, names.text, more);
}

int thread_part_select(struct profile *profile, const char *thread, struct error *error)
{
    struct walk walk = {.profile = profile};
    size_t kept = 0;
    if (profile_paths_are_cut(profile))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "its call paths are cut, and threads with them");
    for (size_t i = 0; i < profile->tree_count; i++)
        kept += has_name(profile->trees[i].thread, thread);
    if (kept == 0)
        return refuse(profile, thread, error);
    index_map_init(&walk.by_pair, profile->allocator);
    forget_statistics(profile);
    int result = 0;
    for (size_t i = 0; i < profile->tree_count && result == 0; i++) {
        walk.tree = &profile->trees[i];
        if (!has_name(walk.tree->thread, thread))
            continue;
        result = walk_tree(&walk, error);
        release_nodes(&walk);
    }
    if (result == 0)
        result = keep_edges(&walk, error);
    for (size_t i = profile->tree_count; i-- > 0;)
        if (!has_name(profile->trees[i].thread, thread))
            profile_remove_tree(profile, i);
    index_map_release(&walk.by_pair);
    allocator_free(profile->allocator, walk.edges);
    return result;
}
