/* What the call paths may have been, where only caller pairs are known.  A call is taken to spend its time on its
 * callees as all calls of its function together did, so a path's time is its caller's times the share of the pair in
 * the caller's cumulative time.  A function that is on the path already is not entered again: pairs do not say how
 * deep recursion went. The paths begin with the functions that were called by no other, or more often than the pairs
 * account for. */
#include "graph.h"
#include "paths.h"

enum { MOST_PATHS = 1 << 20 }; /* of hostile files; the share keeps others below it */

#define NANOSECONDS 1e9

struct estimate {
    struct paths *paths;
    const struct profile *profile;
    struct graph graph;
    int64_t *incoming; /* calls by other functions; by function */
    bool *running;     /* by function: it is on the path */
    size_t *next;      /* by function that is running: the place in the graph's list up to which its callees are done */
    double *scale;     /* by function that is running: what time of a pair becomes in this path */
    double smallest;   /* nanoseconds */
};

/* Files may hold any number. */
static int64_t to_integer(double number)
{
    if (!(number > 0))
        return 0;
    return number < 0x1p63 ? (int64_t)(number + 0.5) : INT64_MAX;
}

static void count_incoming(struct estimate *estimate)
{
    const struct profile *profile = estimate->profile;
    for (uint32_t i = 0; i < profile->function_count; i++)
        for (size_t j = 0; j < profile->functions[i].caller_count; j++) {
            const struct caller *caller = &profile->functions[i].callers[j];
            if (caller->function != i)
                estimate->incoming[i] += caller->ncalls;
        }
}

/* A plain pair has no time, and gets that of its calls. */
static double pair_time(const struct estimate *estimate, uint32_t function, const struct caller *caller)
{
    if (!caller->plain)
        return caller->cumtime * NANOSECONDS;
    int64_t incoming = estimate->incoming[function];
    double cumtime = estimate->profile->functions[function].cumtime * NANOSECONDS;
    return incoming > 0 ? cumtime * (double)caller->ncalls / (double)incoming : 0;
}

/* What the function took when none of the profile called it. */
static double time_from_outside(const struct estimate *estimate, uint32_t i)
{
    const struct function *function = &estimate->profile->functions[i];
    double cumtime = function->cumtime * NANOSECONDS, rest = cumtime;
    int64_t outside = function->ncalls;
    bool called = false;
    for (size_t j = 0; j < function->caller_count; j++) {
        const struct caller *caller = &function->callers[j];
        called |= caller->function != i;
        outside -= caller->ncalls;
        rest -= caller->function != i ? pair_time(estimate, i, caller) : 0;
    }
    if (!called || (outside > 0 && outside >= function->primitive))
        return cumtime;
    return outside > 0 && rest > 0 ? rest : 0;
}

/* Of a callee that can be entered; 0 when it cannot. */
static double callee_time(const struct estimate *estimate, size_t place)
{
    const struct callee *callee = &estimate->graph.list[place];
    return estimate->running[callee->function] ? 0 : pair_time(estimate, callee->function, callee->edge);
}

/* Begins a path's last function.  Its own time is what callees do not take; it grows by theirs where they are too
 * small. */
static uint32_t enter(struct estimate *estimate, uint32_t parent, uint32_t function, double calls, double nanoseconds)
{
    const size_t *first = estimate->graph.first;
    double cumtime = estimate->profile->functions[function].cumtime * NANOSECONDS, below = 0;
    uint32_t node = paths_step(estimate->paths, parent, function, NULL);
    if (node == PATHS_NONE)
        return PATHS_NONE;
    estimate->running[function] = true;
    estimate->next[function] = first[function];
    for (size_t i = first[function]; i < first[function + 1]; i++)
        below += callee_time(estimate, i);
    double whole = cumtime > below ? cumtime : below;
    estimate->scale[function] = whole > 0 ? nanoseconds / whole : 0;
    paths_count(&estimate->paths->nodes[node], to_integer(calls), to_integer(nanoseconds));
    return node;
}

/* The next callee that is worth a path, entered; PATHS_NONE when there is none. */
static uint32_t descend(struct estimate *estimate, uint32_t at, bool *failed)
{
    uint32_t function = estimate->paths->nodes[at].function;
    while (estimate->next[function] < estimate->graph.first[function + 1]) {
        size_t place = estimate->next[function]++;
        const struct callee *callee = &estimate->graph.list[place];
        double nanoseconds = callee_time(estimate, place) * estimate->scale[function];
        if (!(nanoseconds >= estimate->smallest) || nanoseconds < 1 || estimate->paths->count >= MOST_PATHS)
            continue;
        double calls = (double)callee->edge->ncalls * estimate->scale[function];
        uint32_t node = enter(estimate, at, callee->function, calls > 1 ? calls : 1, nanoseconds);
        *failed = node == PATHS_NONE;
        int64_t *self = &estimate->paths->nodes[at].self;
        if (!*failed && __builtin_sub_overflow(*self, estimate->paths->nodes[node].self, self))
            *self = INT64_MIN;
        return node;
    }
    return PATHS_NONE;
}

static int grow(struct estimate *estimate, uint32_t root)
{
    bool failed = false;
    for (uint32_t at = root; at != 0;) {
        uint32_t below = descend(estimate, at, &failed);
        if (failed)
            return -1;
        if (below != PATHS_NONE) {
            at = below;
            continue;
        }
        struct path *node = &estimate->paths->nodes[at];
        estimate->running[node->function] = false;
        node->self = node->self > 0 ? node->self : 0; /* rounding */
        at = node->parent;
    }
    return 0;
}

/* The largest function is taken where all of them call each other. */
static uint32_t largest(const struct profile *profile)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < profile->function_count; i++)
        if (profile->functions[i].cumtime > profile->functions[best].cumtime)
            best = i;
    return best;
}

static int grow_all(struct estimate *estimate, double *outside, double share)
{
    const struct profile *profile = estimate->profile;
    double all = 0;
    for (uint32_t i = 0; i < profile->function_count; i++)
        all += outside[i] = time_from_outside(estimate, i);
    if (all <= 0 && profile->function_count > 0) {
        uint32_t i = largest(profile);
        all = outside[i] = profile->functions[i].cumtime * NANOSECONDS;
    }
    estimate->smallest = all * share;
    for (uint32_t i = 0; i < profile->function_count; i++) {
        if (!(outside[i] >= estimate->smallest) || outside[i] < 1) {
            paths_count(&estimate->paths->nodes[0], 0, to_integer(outside[i]));
            continue;
        }
        double calls = (double)(profile->functions[i].ncalls - estimate->incoming[i]);
        uint32_t root = enter(estimate, 0, i, calls > 1 ? calls : 1, outside[i]);
        if (root == PATHS_NONE || grow(estimate, root) < 0)
            return -1;
    }
    return 0;
}

int paths_estimate(struct paths *paths, const struct profile *profile, double smallest_share, struct error *error)
{
    struct estimate estimate = {.paths = paths, .profile = profile};
    size_t count = profile->function_count + 1;
    if (graph_init(&estimate.graph, profile, error) < 0)
        return -1;
    estimate.incoming = allocator_zeroed(profile->allocator, count, sizeof *estimate.incoming);
    estimate.running = allocator_zeroed(profile->allocator, count, sizeof *estimate.running);
    estimate.next = allocator_zeroed(profile->allocator, count, sizeof *estimate.next);
    estimate.scale = allocator_zeroed(profile->allocator, count, sizeof *estimate.scale);
    double *outside = allocator_zeroed(profile->allocator, count, sizeof *outside);
    int result = -1;
    if (estimate.incoming && estimate.running && estimate.next && estimate.scale && outside) {
        count_incoming(&estimate);
        result = grow_all(&estimate, outside, smallest_share);
    }
    allocator_free(profile->allocator, estimate.incoming);
    allocator_free(profile->allocator, estimate.running);
    allocator_free(profile->allocator, estimate.next);
    allocator_free(profile->allocator, estimate.scale);
    allocator_free(profile->allocator, outside);
    graph_release(&estimate.graph);
    return result < 0 ? error_set_memory(error) : 0;
}
