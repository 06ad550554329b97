#include "function_table.h"

void function_table_init(struct function_table *table, const struct allocator *allocator)
{
    *table = (struct function_table){.allocator = allocator};
    index_map_init(&table->by_key, allocator);
}

void function_table_release(struct function_table *table)
{
    index_map_release(&table->by_key);
    allocator_free(table->allocator, table->functions);
}

static uint32_t key_hash(const void *key)
{
    return hash_mix((uint64_t)(uintptr_t)key);
}

static bool key_matches(const void *array, uint32_t position, const void *key)
{
    const struct traced_function *functions = array;
    return functions[position].key == key;
}

uint32_t function_table_find(const struct function_table *table, const void *key)
{
    return index_map_find(&table->by_key, key_hash(key), key_matches, table->functions, key);
}

uint32_t function_table_add(struct function_table *table, struct traced_function function)
{
    if (table->count >= FUNCTION_NONE - 1 ||
        allocator_reserve(table->allocator, &table->functions, &table->capacity, table->count + 1,
                          sizeof *table->functions) < 0 ||
        index_map_add(&table->by_key, key_hash(function.key), (uint32_t)table->count) < 0)
        return FUNCTION_NONE;
    table->functions[table->count] = function;
    table->any_hidden |= function.hidden;
    return (uint32_t)table->count++;
}
