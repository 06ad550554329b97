/* Core, no Python.h.  The functions seen by one tracer, numbered in first-call order. */
#ifndef PROFSTAT_CORE_FUNCTION_TABLE_H
#define PROFSTAT_CORE_FUNCTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "overhead.h"

#define FUNCTION_NONE UINT32_MAX

/* `description` is what the tracer's client made of the function at its first call, and owns.  A `hidden` function
 * leaves no trace in the results: its own time and its callees count as its caller's. */
struct traced_function {
    const void *key;
    void *description;
    enum call_kind kind;
    bool hidden;
};

/* Owns the arrays, not the descriptions. */
struct function_table {
    const struct allocator *allocator;
    struct traced_function *functions;
    size_t count;
    size_t capacity;
    uint32_t *slots;     /* numbers by hash of the key, FUNCTION_NONE: empty; less than half of them are taken */
    uint32_t slot_count; /* 0 or a power of two */
    bool any_hidden;
};

void function_table_init(struct function_table *table, const struct allocator *allocator);
void function_table_release(struct function_table *table);

/* Where a key is looked for first.  Keys are addresses: one multiplication spreads them. */
static inline uint32_t function_table_first(uint32_t slot_count, const void *key)
{
    return (uint32_t)((uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15u >> 32) & (slot_count - 1);
}

/* The function's number, or FUNCTION_NONE. */
static inline uint32_t function_table_find(const struct function_table *table, const void *key)
{
    if (table->slot_count == 0)
        return FUNCTION_NONE;
    uint32_t at = function_table_first(table->slot_count, key);
    while (table->slots[at] != FUNCTION_NONE && table->functions[table->slots[at]].key != key)
        at = (at + 1) & (table->slot_count - 1);
    return table->slots[at];
}

/* Adds a function whose key is not in the table.  Its number, or FUNCTION_NONE when memory is short. */
uint32_t function_table_add(struct function_table *table, struct traced_function function);

#endif
