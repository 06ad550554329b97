/* Core, no Python.h.  The functions seen by one tracer, numbered in first-call order. */
#ifndef PROFSTAT_CORE_FUNCTION_TABLE_H
#define PROFSTAT_CORE_FUNCTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/index_map.h"
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

/* Owns the array, not the descriptions. */
struct function_table {
    const struct allocator *allocator;
    struct traced_function *functions;
    size_t count;
    size_t capacity;
    struct index_map by_key;
    bool any_hidden;
};

void function_table_init(struct function_table *table, const struct allocator *allocator);
void function_table_release(struct function_table *table);

/* The function's number, or FUNCTION_NONE. */
uint32_t function_table_find(const struct function_table *table, const void *key);
/* Adds a function whose key is not in the table.  Its number, or FUNCTION_NONE when memory is short. */
uint32_t function_table_add(struct function_table *table, struct traced_function function);

#endif
