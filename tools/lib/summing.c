/* Several functions of the source may go to one of the target, and then callers of theirs meet too.  Their edges are
 * found through an index, for a function may have as many callers as there are functions. */
#include "summing.h"

#include <math.h>

void summing_init(struct summing *summing, struct profile *target)
{
    *summing = (struct summing){.target = target};
    index_map_init(&summing->by_edge, target->allocator);
}

void summing_release(struct summing *summing)
{
    index_map_release(&summing->by_edge);
    allocator_free(summing->target->allocator, summing->edges);
    summing->edges = NULL;
}

static bool edge_matches(const void *array, uint32_t position, const void *key)
{
    const struct summing_edge *edge = (const struct summing_edge *)array + position;
    const struct summing_edge *wanted = key;
    return edge->function == wanted->function && edge->caller == wanted->caller;
}

static int remember_edge(struct summing *summing, struct summing_edge edge, uint32_t hash)
{
    if (allocator_reserve(summing->target->allocator, &summing->edges, &summing->edge_capacity,
                          summing->edge_count + 1, sizeof edge) < 0)
        return -1;
    if (index_map_add(&summing->by_edge, hash, (uint32_t)summing->edge_count) < 0)
        return -1;
    summing->edges[summing->edge_count++] = edge;
    return 0;
}

static uint32_t edge_hash(uint32_t function, uint32_t caller)
{
    return hash_mix((uint64_t)function << 32 | caller);
}

/* The edge of the target, added when it is new; NULL when memory is short. */
static struct caller *find_edge(struct summing *summing, uint32_t function, uint32_t caller, bool *added)
{
    struct function *owner = &summing->target->functions[function];
    struct summing_edge edge = {function, caller, (uint32_t)owner->caller_count};
    uint32_t hash = edge_hash(function, caller);
    uint32_t found = index_map_find(&summing->by_edge, hash, edge_matches, summing->edges, &edge);
    *added = found == INDEX_MAP_NONE;
    if (!*added)
        return &owner->callers[summing->edges[found].place];
    if (remember_edge(summing, edge, hash) < 0)
        return NULL;
    return profile_append_caller(summing->target, function, caller);
}

/* No count can exceed the total, so that one look at it is enough. */
static int add_calls(struct summing *summing, int64_t *sum, int64_t count, struct error *error)
{
    if (__builtin_add_overflow(summing->total_calls, count, &summing->total_calls))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more calls than 64 bits can count");
    *sum += count;
    return 0;
}

static int add_time(double *sum, double seconds, struct error *error)
{
    *sum += seconds;
    return isfinite(*sum) ? 0 : error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "times that add up to infinity");
}

static int resume_function(struct summing *summing, uint32_t position, struct error *error)
{
    const struct function *function = &summing->target->functions[position];
    int64_t counted = 0;
    if (add_calls(summing, &counted, function->primitive, error) < 0 ||
        add_calls(summing, &counted, function->ncalls, error) < 0)
        return -1;
    for (uint32_t i = 0; i < function->caller_count; i++) {
        const struct caller *caller = &function->callers[i];
        if (add_calls(summing, &counted, caller->ncalls, error) < 0 ||
            add_calls(summing, &counted, caller->primitive, error) < 0)
            return -1;
        if (remember_edge(summing, (struct summing_edge){position, caller->function, i},
                          edge_hash(position, caller->function)) < 0)
            return error_set_memory(error);
    }
    return 0;
}

int summing_resume(struct summing *summing, struct error *error)
{
    for (uint32_t i = 0; i < summing->target->function_count; i++)
        if (resume_function(summing, i, error) < 0)
            return -1;
    return 0;
}

/* An edge that holds times in one of its sources holds them in the sum. */
static int add_edge(struct summing *summing, struct caller *sum, const struct caller *caller, bool added,
                    struct error *error)
{
    sum->plain = caller->plain && (added || sum->plain);
    if (added) {
        sum->tottime = caller->tottime;
        sum->cumtime = caller->cumtime;
    } else if (add_time(&sum->tottime, caller->tottime, error) < 0 ||
               add_time(&sum->cumtime, caller->cumtime, error) < 0) {
        return -1;
    }
    if (add_calls(summing, &sum->ncalls, caller->ncalls, error) < 0)
        return -1;
    return add_calls(summing, &sum->primitive, caller->primitive, error);
}

static int add_totals(struct summing *summing, struct function *sum, const struct function *function,
                      struct error *error)
{
    if (!sum->listed && !summing->from_zero) {
        sum->tottime = function->tottime;
        sum->cumtime = function->cumtime;
    } else if (add_time(&sum->tottime, function->tottime, error) < 0 ||
               add_time(&sum->cumtime, function->cumtime, error) < 0) {
        return -1;
    }
    sum->listed = true;
    if (add_calls(summing, &sum->primitive, function->primitive, error) < 0)
        return -1;
    return add_calls(summing, &sum->ncalls, function->ncalls, error);
}

static int add_function(struct summing *summing, uint32_t position, const struct function *function,
                        const uint32_t *target_positions, struct error *error)
{
    if (add_totals(summing, &summing->target->functions[position], function, error) < 0)
        return -1;
    for (size_t i = 0; i < function->caller_count; i++) {
        const struct caller *caller = &function->callers[i];
        bool added;
        struct caller *sum = find_edge(summing, position, target_positions[caller->function], &added);
        if (!sum)
            return error_set_memory(error);
        if (add_edge(summing, sum, caller, added, error) < 0)
            return -1;
    }
    return 0;
}

int summing_add(struct summing *summing, const struct profile *source, const uint32_t *target_positions,
                struct error *error)
{
    for (size_t i = 0; i < source->function_count; i++) {
        const struct function *function = &source->functions[i];
        if (function->listed && add_function(summing, target_positions[i], function, target_positions, error) < 0)
            return -1;
    }
    return 0;
}
