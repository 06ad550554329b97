/* An estimate gives each function about the right time: recursion and paths too small to be followed are missing, and
 * their time stands elsewhere.  Where a function's paths have too much of its own time they are all made shorter by one
 * factor; where they have too little the rest gets a path that begins with it.  Then cumulative times are made true
 * (stacks_reenter.c). */
#include "stacks.h"

#include <math.h>

#include "stacks_reenter.h"

static const double SMALLEST_SHARE = 1e-4;

__extension__ typedef unsigned __int128 wide;

/* What one function has to come to, and has come to. */
struct balance {
    uint64_t wanted;
    uint64_t before; /* of all its paths as estimated */
    uint64_t seen;   /* of those up to now */
};

static uint64_t nanoseconds(double seconds)
{
    double ns = nearbyint(seconds * 1e9);
    return !(ns > 0) ? 0 : ns < 0x1p62 ? (uint64_t)ns : (uint64_t)1 << 62;
}

/* The next path's part of what is wanted, so that the parts add up to it. */
static int64_t part(struct balance *balance, int64_t value)
{
    if (balance->before == 0) {
        uint64_t all = balance->seen++ == 0 ? balance->wanted : 0;
        return (int64_t)all;
    }
    uint64_t done = (uint64_t)((wide)balance->wanted * balance->seen / balance->before);
    balance->seen += (uint64_t)value;
    return (int64_t)((uint64_t)((wide)balance->wanted * balance->seen / balance->before) - done);
}

static uint64_t sum_within(uint64_t a, int64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, (uint64_t)b, &sum) ? UINT64_MAX : sum;
}

static void measure(const struct paths *paths, const struct profile *profile, struct balance *calls,
                    struct balance *times)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        calls[i].wanted = (uint64_t)profile->functions[i].ncalls;
        times[i].wanted = nanoseconds(profile->functions[i].tottime);
    }
    for (uint32_t i = 0; i < paths->count; i++) {
        const struct path *node = &paths->nodes[i];
        if (node->function == PATHS_NONE)
            continue;
        calls[node->function].before = sum_within(calls[node->function].before, node->calls);
        times[node->function].before = sum_within(times[node->function].before, node->self);
    }
}

/* The caller with the most time in this function among those that have a path; NULL: none has. */
static const struct caller *caller_with_path(const struct function *function, const uint32_t *nodes)
{
    const struct caller *best = NULL;
    for (size_t i = 0; i < function->caller_count; i++) {
        const struct caller *caller = &function->callers[i];
        if (nodes[caller->function] != PATHS_NONE && (!best || caller->cumtime > best->cumtime))
            best = caller;
    }
    return best;
}

/* One round, each of which leads a call further from those that have paths; *progress: there was one to add. */
static int add_missing(struct paths *paths, const struct profile *profile, uint32_t *nodes, bool anywhere,
                       bool *progress)
{
    *progress = false;
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        const struct caller *caller = caller_with_path(function, nodes);
        if (nodes[i] != PATHS_NONE || !function->listed || (!caller && !anywhere))
            continue;
        nodes[i] = paths_step(paths, caller ? nodes[caller->function] : 0, i, NULL);
        if (nodes[i] == PATHS_NONE)
            return -1;
        *progress = true;
    }
    return 0;
}

/* nodes[i] becomes the largest node of function i, or PATHS_NONE. */
static void find_nodes(const struct paths *paths, const struct profile *profile, uint32_t *nodes)
{
    for (size_t i = 0; i < profile->function_count; i++)
        nodes[i] = PATHS_NONE;
    for (uint32_t i = 1; i < paths->count; i++) {
        uint32_t *node = &nodes[paths->nodes[i].function];
        if (*node == PATHS_NONE || paths->nodes[i].total > paths->nodes[*node].total)
            *node = i;
    }
}

static int add_all_missing(struct paths *paths, const struct profile *profile, uint32_t *nodes)
{
    enum { MOST_ROUNDS = 50 }; /* of hostile files */
    bool progress = true;
    for (int i = 0; progress && i < MOST_ROUNDS; i++)
        if (add_missing(paths, profile, nodes, false, &progress) < 0)
            return -1;
    return add_missing(paths, profile, nodes, true, &progress);
}

/* What a function lacks begins a path with it, which stacks_reenter leads through its callers. */
static int add_rest(struct paths *paths, const struct profile *profile, struct balance *times)
{
    for (uint32_t i = 0; i < profile->function_count; i++) {
        uint64_t before = times[i].before;
        if (!profile->functions[i].listed || times[i].wanted <= before)
            continue;
        uint32_t node = paths_step(paths, 0, i, NULL);
        if (node == PATHS_NONE)
            return -1;
        paths_count(&paths->nodes[node], 0, (int64_t)(times[i].wanted - before));
        times[i].before = times[i].wanted;
    }
    return 0;
}

static int balance_with(struct paths *paths, const struct profile *profile, struct balance *calls,
                        struct balance *times, uint32_t *nodes)
{
    find_nodes(paths, profile, nodes);
    if (paths_reopen(paths) < 0 || add_all_missing(paths, profile, nodes) < 0)
        return -1;
    measure(paths, profile, calls, times);
    if (add_rest(paths, profile, times) < 0)
        return -1;
    for (uint32_t i = 0; i < paths->count; i++) {
        struct path *node = &paths->nodes[i];
        bool of_all = node->function == PATHS_NONE;
        node->calls = of_all ? 0 : part(&calls[node->function], node->calls);
        node->self = of_all ? 0 : part(&times[node->function], node->self);
    }
    if (stacks_reenter(paths, profile) < 0)
        return -1;
    paths_finish(paths);
    return 0;
}

static int balance(struct paths *paths, const struct profile *profile)
{
    const struct allocator *allocator = profile->allocator;
    size_t room = profile->function_count + 1;
    struct balance *calls = allocator_zeroed(allocator, room, sizeof *calls);
    struct balance *times = allocator_zeroed(allocator, room, sizeof *times);
    uint32_t *nodes = allocator_resize(allocator, NULL, room, sizeof *nodes);
    int result = calls && times && nodes ? balance_with(paths, profile, calls, times, nodes) : -1;
    allocator_free(allocator, calls);
    allocator_free(allocator, times);
    allocator_free(allocator, nodes);
    return result;
}

int stacks_init(struct paths *paths, const struct profile *profile, struct error *error)
{
    if (paths_init(paths, profile, SMALLEST_SHARE, error) < 0)
        return -1;
    if (!paths->estimated || balance(paths, profile) == 0)
        return 0;
    paths_release(paths);
    return error_set_memory(error);
}

int stacks_limit(struct paths *paths, uint64_t most, struct error *error)
{
    uint32_t *depths = allocator_resize(paths->allocator, NULL, paths->count, sizeof *depths);
    uint64_t all = 0;
    if (!depths)
        return error_set_memory(error);
    depths[0] = 0;
    for (uint32_t i = 1; i < paths->count; i++)
        all += depths[i] = depths[paths->nodes[i].parent] + 1;
    allocator_free(paths->allocator, depths);
    return all > most ? paths_fold(paths, error) : 0;
}
