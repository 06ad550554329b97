/* A counting sort of all edges by caller. */
#include "graph.h"

/* first[i + 2] counts the callees of i, so that after the sums first[i + 1] is where its list begins; filling it moves
 * first[i + 1] to its end, which is where the list of i + 1 begins. */
static size_t count_callees(struct graph *graph, const struct profile *profile)
{
    for (size_t i = 0; i < profile->function_count; i++)
        for (size_t j = 0; j < profile->functions[i].caller_count; j++)
            graph->first[profile->functions[i].callers[j].function + 2]++;
    size_t total = 0;
    for (size_t i = 0; i <= profile->function_count; i++)
        graph->first[i + 1] = total += graph->first[i + 1];
    return total;
}

static void fill_callees(struct graph *graph, const struct profile *profile)
{
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        for (size_t j = 0; j < function->caller_count; j++) {
            size_t *end = &graph->first[function->callers[j].function + 1];
            graph->list[(*end)++] = (struct callee){i, &function->callers[j]};
        }
    }
}

int graph_init(struct graph *graph, const struct profile *profile, struct error *error)
{
    *graph = (struct graph){.allocator = profile->allocator};
    graph->first = allocator_zeroed(graph->allocator, profile->function_count + 2, sizeof *graph->first);
    if (!graph->first)
        return error_set_memory(error);
    size_t total = count_callees(graph, profile);
    graph->list = allocator_resize(graph->allocator, NULL, total + 1, sizeof *graph->list);
    if (!graph->list) {
        graph_release(graph);
        return error_set_memory(error);
    }
    fill_callees(graph, profile);
    return 0;
}

void graph_release(struct graph *graph)
{
    allocator_free(graph->allocator, graph->first);
    allocator_free(graph->allocator, graph->list);
    graph->first = NULL;
    graph->list = NULL;
}
