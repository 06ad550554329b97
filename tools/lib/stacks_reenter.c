/* An estimate enters no function twice on a path, and so what recursive functions did within each other is missing from
 * their cumulative times: where a calls b calls a, the own time of a stands above b alone; and paths that took little
 * are not followed at all.  A path that leads from p to m becomes, for as much of its own time as function f lacks, one
 * that leads from p to f to m: that adds to the cumulative time of f, and to nobody else's.
 *
 * It is put where it is most likely first: where p is known to call f, and f to call m; then where only one of the
 * two is known; in the end at the beginning of a path whose first function has callers.  Own time of those that call
 * f is spared as long as there is other, since they mostly took it before they did. */
#include "stacks_reenter.h"

#include <math.h>

#include "graph.h"
#include "sort.h"

enum { MOST_STEPS = 1 << 25, MOST_GROWTH = 32, LEAST = 10 /* nanoseconds */ };

#define LEAST_SHARE 1e-5

/* Places that are no nodes. */
#define NOWHERE PATHS_NONE
#define RUNNING (PATHS_NONE - 1)

/* What is known of p, f and m. */
enum bond {
    BOND_BOTH,  /* p calls f, and f m */
    BOND_BELOW, /* f calls m */
    BOND_ABOVE, /* p calls f */
    BOND_NONE,  /* m begins the path, although it has callers */
};

struct reentry {
    struct paths *paths;
    const struct profile *profile;
    struct graph graph;
    int64_t *totals;  /* by node: at the beginning */
    int64_t *missing; /* by function */
    uint32_t *calls;  /* by function: the last function that it was found to call, and 1 */
    uint32_t *called; /* by function: the last function that was found to call it, and 1 */
    uint32_t *order;  /* of functions: those with little time first, which others call */
    uint32_t *places; /* by node: above which node the function can be put; NOWHERE, or RUNNING: it is there */
    size_t place_capacity;
    uint32_t *chain; /* of functions, from the leaf upwards */
    size_t chain_capacity;
    bool callers_too; /* also own time of functions that call the one that lacks time */
    uint64_t steps;
    size_t most_nodes;
};

static int64_t sum_within(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t nanoseconds(double seconds)
{
    double ns = nearbyint(seconds * 1e9);
    return !(ns > 0) ? 0 : ns < 0x1p62 ? (int64_t)ns : (int64_t)1 << 62;
}

/* A function is on a path once, so that its cumulative time is the sum of its nodes'. */
static void find_missing(struct reentry *reentry)
{
    const struct path *nodes = reentry->paths->nodes;
    const struct profile *profile = reentry->profile;
    for (size_t i = 0; i < profile->function_count; i++)
        reentry->missing[i] = nanoseconds(profile->functions[i].cumtime);
    for (uint32_t i = reentry->paths->count; i-- > 1;) {
        uint32_t parent = nodes[i].parent;
        reentry->totals[i] = sum_within(reentry->totals[i], nodes[i].self);
        reentry->totals[parent] = sum_within(reentry->totals[parent], reentry->totals[i]);
        reentry->missing[nodes[i].function] -= reentry->totals[i]; /* both are 0 to 2^63 - 1 */
        if (reentry->missing[nodes[i].function] < 0)
            reentry->missing[nodes[i].function] = 0;
    }
}

static int by_position(const void *context, uint32_t a, uint32_t b)
{
    return a < b ? -1 : 1;
}

static int find_order(struct reentry *reentry)
{
    const struct profile *profile = reentry->profile;
    size_t count = profile->function_count;
    struct sort_row *rows = allocator_resize(profile->allocator, NULL, count + 1, sizeof *rows);
    if (!rows)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        rows[i] = (struct sort_row){(uint64_t)nanoseconds(profile->functions[i].cumtime), i};
    sort_first(rows, count, count, reentry->order, by_position, NULL);
    allocator_free(profile->allocator, rows);
    return 0;
}

static void mark_neighbours(struct reentry *reentry, uint32_t f)
{
    const struct function *function = &reentry->profile->functions[f];
    for (size_t i = 0; i < function->caller_count; i++)
        reentry->calls[function->callers[i].function] = f + 1;
    for (size_t i = reentry->graph.first[f]; i < reentry->graph.first[f + 1]; i++)
        reentry->called[reentry->graph.list[i].function] = f + 1;
}

/* Above which node of its path the function can be put: the lowest that it calls. */
static uint32_t place_of(const struct reentry *reentry, uint32_t node, uint32_t f, enum bond bond)
{
    const struct path *nodes = reentry->paths->nodes;
    uint32_t parent = nodes[node].parent, above = parent == 0 ? NOWHERE : reentry->places[parent];
    if (nodes[node].function == f || above == RUNNING)
        return RUNNING;
    if (bond == BOND_NONE)
        return parent == 0 && reentry->profile->functions[nodes[node].function].caller_count > 0 ? node : above;
    bool calls = parent != 0 && reentry->calls[nodes[parent].function] == f + 1;
    bool called = reentry->called[nodes[node].function] == f + 1;
    return (called || bond == BOND_ABOVE) && (calls || bond == BOND_BELOW) ? node : above;
}

/* Moves so much own time of the node to the path that has f above `place`. */
static int move(struct reentry *reentry, uint32_t node, uint32_t place, uint32_t f, int64_t amount)
{
    struct paths *paths = reentry->paths;
    size_t count = 0;
    for (uint32_t i = node;; i = paths->nodes[i].parent) {
        if (allocator_reserve(paths->allocator, &reentry->chain, &reentry->chain_capacity, count + 1,
                              sizeof *reentry->chain) < 0)
            return -1;
        reentry->chain[count++] = paths->nodes[i].function;
        if (i == place)
            break;
    }
    reentry->steps += count;
    uint32_t at = paths_step(paths, paths->nodes[place].parent, f, NULL);
    while (at != PATHS_NONE && count > 0)
        at = paths_step(paths, at, reentry->chain[--count], NULL);
    if (at == PATHS_NONE)
        return -1;
    paths->nodes[node].self -= amount;
    paths_count(&paths->nodes[at], 0, amount);
    return 0;
}

static int put(struct reentry *reentry, uint32_t f, enum bond bond)
{
    uint32_t count = reentry->paths->count; /* paths that are made now have f already */
    if (allocator_reserve(reentry->paths->allocator, &reentry->places, &reentry->place_capacity, count,
                          sizeof *reentry->places) < 0)
        return -1;
    reentry->steps += count;
    for (uint32_t i = 1; i < count && reentry->missing[f] > 0 && reentry->steps < MOST_STEPS; i++) {
        uint32_t place = reentry->places[i] = place_of(reentry, i, f, bond);
        int64_t own = reentry->paths->nodes[i].self;
        bool is_caller = reentry->calls[reentry->paths->nodes[i].function] == f + 1;
        if (place == NOWHERE || place == RUNNING || own == 0 || (is_caller && !reentry->callers_too))
            continue;
        int64_t amount = own < reentry->missing[f] ? own : reentry->missing[f];
        if (move(reentry, i, place, f, amount) < 0)
            return -1;
        reentry->missing[f] -= amount;
    }
    return 0;
}

static bool is_worth_it(const struct reentry *reentry, uint32_t f)
{
    int64_t least = (int64_t)(LEAST_SHARE * (double)nanoseconds(reentry->profile->functions[f].cumtime));
    return reentry->missing[f] > (least > LEAST ? least : LEAST) && reentry->steps < MOST_STEPS &&
           reentry->paths->count < reentry->most_nodes;
}

/* What one function gets can be what the next one is put onto; *progress tells whether any did. */
static int put_all(struct reentry *reentry, enum bond bond, bool *progress)
{
    *progress = false;
    for (uint32_t i = 0; i < reentry->profile->function_count; i++) {
        uint32_t f = reentry->order[i];
        int64_t before = reentry->missing[f];
        bool is_leaf = reentry->graph.first[f] == reentry->graph.first[f + 1];
        if (is_leaf || !is_worth_it(reentry, f))
            continue;
        mark_neighbours(reentry, f);
        if (put(reentry, f, bond) < 0)
            return -1;
        *progress |= reentry->missing[f] < before;
    }
    return 0;
}

static int repeat(struct reentry *reentry)
{
    static const struct {
        enum bond bond;
        bool callers_too;
    } ways[] = {{BOND_BOTH, false}, {BOND_BELOW, false}, {BOND_BOTH, true},
                {BOND_BELOW, true}, {BOND_ABOVE, true},  {BOND_NONE, true}};
    find_missing(reentry);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        reentry->callers_too = ways[i].callers_too;
        for (bool progress = true; progress;)
            if (put_all(reentry, ways[i].bond, &progress) < 0)
                return -1;
    }
    return 0;
}

int stacks_reenter(struct paths *paths, const struct profile *profile)
{
    const struct allocator *allocator = paths->allocator;
    struct reentry reentry = {.paths = paths, .profile = profile};
    size_t room = profile->function_count + 1;
    if (graph_init(&reentry.graph, profile, NULL) < 0)
        return -1;
    reentry.most_nodes = MOST_GROWTH * ((size_t)paths->count + 1000);
    reentry.totals = allocator_zeroed(allocator, paths->count, sizeof *reentry.totals);
    reentry.missing = allocator_zeroed(allocator, room, sizeof *reentry.missing);
    reentry.calls = allocator_zeroed(allocator, room, sizeof *reentry.calls);
    reentry.called = allocator_zeroed(allocator, room, sizeof *reentry.called);
    reentry.order = allocator_resize(allocator, NULL, room, sizeof *reentry.order);
    int result = -1;
    if (reentry.totals && reentry.missing && reentry.calls && reentry.called && reentry.order &&
        find_order(&reentry) == 0)
        result = repeat(&reentry);
    allocator_free(allocator, reentry.totals);
    allocator_free(allocator, reentry.missing);
    allocator_free(allocator, reentry.calls);
    allocator_free(allocator, reentry.called);
    allocator_free(allocator, reentry.order);
    allocator_free(allocator, reentry.places);
    allocator_free(allocator, reentry.chain);
    graph_release(&reentry.graph);
    return result;
}
