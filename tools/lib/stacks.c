/* An estimate gives each function about the right time: recursion and paths too small to be followed are missing, and
 * their time stands elsewhere.  A function's paths are therefore all made longer or shorter by one factor, and what has no
 * path gets one that begins with it. */
#include "stacks.h"

#include <math.h>

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

static int add_missing(struct paths *paths, const struct profile *profile, const bool *found)
{
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (!found[i] && profile->functions[i].listed && paths_step(paths, 0, i, NULL) == PATHS_NONE)
            return -1;
    return 0;
}

static int balance_with(struct paths *paths, const struct profile *profile, struct balance *calls,
                        struct balance *times, bool *found)
{
    for (uint32_t i = 1; i < paths->count; i++)
        found[paths->nodes[i].function] = true;
    if (add_missing(paths, profile, found) < 0)
        return -1;
    measure(paths, profile, calls, times);
    for (uint32_t i = 0; i < paths->count; i++) {
        struct path *node = &paths->nodes[i];
        bool of_all = node->function == PATHS_NONE;
        node->calls = of_all ? 0 : part(&calls[node->function], node->calls);
        node->self = of_all ? 0 : part(&times[node->function], node->self);
        node->total = 0;
        node->first_child = node->next_sibling = PATHS_NONE;
    }
    paths_finish(paths);
    return 0;
}

static int balance(struct paths *paths, const struct profile *profile)
{
    const struct allocator *allocator = profile->allocator;
    size_t room = profile->function_count + 1;
    struct balance *calls = allocator_zeroed(allocator, room, sizeof *calls);
    struct balance *times = allocator_zeroed(allocator, room, sizeof *times);
    bool *found = allocator_zeroed(allocator, room, sizeof *found);
    int result = calls && times && found ? balance_with(paths, profile, calls, times, found) : -1;
    allocator_free(allocator, calls);
    allocator_free(allocator, times);
    allocator_free(allocator, found);
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
