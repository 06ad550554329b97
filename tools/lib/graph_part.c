#include "graph_part.h"

#include "names.h"

/* Finds functions along arrows: from those in `list` to all that are reached. */
struct search {
    const struct profile *profile;
    const struct graph *graph;
    bool *reached;
    uint32_t *list;
    size_t count;
};

static void reach(struct search *search, uint32_t function)
{
    if (search->reached[function])
        return;
    search->reached[function] = true;
    search->list[search->count++] = function;
}

static void reach_callees(struct search *search, uint32_t function)
{
    for (size_t i = search->graph->first[function]; i < search->graph->first[function + 1]; i++)
        reach(search, search->graph->list[i].function);
}

static void reach_callers(struct search *search, uint32_t function)
{
    const struct function *callee = &search->profile->functions[function];
    for (size_t i = 0; i < callee->caller_count; i++)
        reach(search, callee->callers[i].function);
}

/* Begins with the listed functions that match. */
static int reach_matching(struct search *search, const struct pattern *pattern, struct error *error)
{
    const struct profile *profile = search->profile;
    struct buffer text;
    int found = 0;
    buffer_init(&text, profile->allocator);
    for (uint32_t i = 0; i < profile->function_count && found >= 0; i++) {
        struct name name;
        if (!profile->functions[i].listed)
            continue;
        found = name_make(&name, &profile->functions[i].label, &text) < 0
                    ? error_set_memory(error)
                    : pattern_search(pattern, name.bytes, name.size, error);
        if (found > 0)
            reach(search, i);
    }
    buffer_release(&text);
    if (found >= 0 && search->count == 0)
        return error_set(error, ERROR_NOTHING, ERROR_NO_OFFSET, "nothing matched: no function matches '%.60s'",
                         pattern_text(pattern));
    return found < 0 ? -1 : 0;
}

static int search_from(struct search *search, const struct pattern *pattern,
                       void (*step)(struct search *search, uint32_t function), struct error *error)
{
    const struct allocator *allocator = search->profile->allocator;
    size_t count = search->profile->function_count + 1;
    search->reached = allocator_zeroed(allocator, count, sizeof *search->reached);
    search->list = allocator_resize(allocator, NULL, count, sizeof *search->list);
    if (!search->reached || !search->list)
        return error_set_memory(error);
    if (reach_matching(search, pattern, error) < 0)
        return -1;
    for (size_t i = 0; i < search->count; i++)
        step(search, search->list[i]);
    return 0;
}

/* Hides what cannot be reached from the functions that match. */
static int keep_reached(struct graph_part *part, const struct profile *profile, const struct graph *graph,
                        const struct pattern *pattern, void (*step)(struct search *search, uint32_t function),
                        struct error *error)
{
    struct search search = {.profile = profile, .graph = graph};
    int result = search_from(&search, pattern, step, error);
    for (size_t i = 0; result == 0 && i < part->count; i++)
        part->shown[i] &= search.reached[i];
    allocator_free(profile->allocator, search.reached);
    allocator_free(profile->allocator, search.list);
    return result;
}

int graph_part_init(struct graph_part *part, const struct profile *profile, const struct graph *graph,
                    const struct graph_request *request, struct error *error)
{
    *part = (struct graph_part){.allocator = profile->allocator, .count = profile->function_count};
    part->shown = allocator_zeroed(part->allocator, part->count + 1, sizeof *part->shown);
    if (!part->shown)
        return error_set_memory(error);
    for (size_t i = 0; i < part->count; i++)
        part->shown[i] = profile->functions[i].listed && profile->functions[i].cumtime >= request->least;
    int result = 0;
    if (request->root)
        result = keep_reached(part, profile, graph, request->root, reach_callees, error);
    if (result == 0 && request->leaf)
        result = keep_reached(part, profile, graph, request->leaf, reach_callers, error);
    if (result < 0)
        graph_part_release(part);
    return result;
}

void graph_part_release(struct graph_part *part)
{
    allocator_free(part->allocator, part->shown);
    *part = (struct graph_part){.allocator = part->allocator};
}
