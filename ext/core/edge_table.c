#include "edge_table.h"

#include <string.h>

#include "function_table.h"

void edge_table_init(struct edge_table *table, const struct allocator *allocator)
{
    *table = (struct edge_table){.allocator = allocator};
    index_map_init(&table->by_pair, allocator);
}

void edge_table_release(struct edge_table *table)
{
    index_map_release(&table->by_pair);
    allocator_free(table->allocator, table->edges);
    allocator_free(table->allocator, table->functions);
}

static uint32_t pair_hash(uint32_t caller, uint32_t callee)
{
    return hash_mix((uint64_t)caller << 32 | callee);
}

static bool pair_matches(const void *array, uint32_t position, const void *key)
{
    const struct edge *edge = (const struct edge *)array + position;
    const struct edge *wanted = key;
    return edge->caller == wanted->caller && edge->callee == wanted->callee;
}

static int reserve_function(struct edge_table *table, uint32_t function)
{
    if (function < table->function_count)
        return 0;
    if (allocator_reserve(table->allocator, &table->functions, &table->function_capacity, (size_t)function + 1,
                          sizeof *table->functions) < 0)
        return -1;
    memset(table->functions + table->function_count, 0,
           ((size_t)function + 1 - table->function_count) * sizeof *table->functions);
    table->function_count = (size_t)function + 1;
    return 0;
}

uint32_t edge_table_edge(struct edge_table *table, uint32_t caller, uint32_t callee)
{
    struct edge wanted = {.caller = caller, .callee = callee};
    uint32_t hash = pair_hash(caller, callee);
    uint32_t found = index_map_find(&table->by_pair, hash, pair_matches, table->edges, &wanted);
    if (found != INDEX_MAP_NONE)
        return found;
    if (table->count >= FUNCTION_NONE - 1 || reserve_function(table, callee) < 0 ||
        allocator_reserve(table->allocator, &table->edges, &table->capacity, table->count + 1, sizeof wanted) < 0 ||
        index_map_add(&table->by_pair, hash, (uint32_t)table->count) < 0)
        return FUNCTION_NONE;
    table->edges[table->count] = wanted;
    return (uint32_t)table->count++;
}

void edge_table_enter(struct edge_table *table, uint32_t number)
{
    struct edge *edge = &table->edges[number];
    edge->depth++;
    table->functions[edge->callee].depth++;
}

void edge_table_leave(struct edge_table *table, uint32_t number, int64_t total, int64_t self)
{
    struct edge *edge = &table->edges[number];
    struct edge_function *function = &table->functions[edge->callee];
    edge->calls++;
    edge->self += self;
    if (--edge->depth == 0)
        edge->cumulative += total;
    else
        edge->recursive++;
    if (--function->depth == 0)
        function->cumulative += total;
    else
        function->recursive++;
}
