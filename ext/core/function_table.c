#include "function_table.h"

#include <string.h>

enum { FIRST_SLOTS = 1024 };

void function_table_init(struct function_table *table, const struct allocator *allocator)
{
    *table = (struct function_table){.allocator = allocator};
}

void function_table_release(struct function_table *table)
{
    allocator_free(table->allocator, table->slots);
    allocator_free(table->allocator, table->functions);
}

static void place(uint32_t *slots, uint32_t slot_count, const void *key, uint32_t number)
{
    uint32_t at = function_table_first(slot_count, key);
    while (slots[at] != FUNCTION_NONE)
        at = (at + 1) & (slot_count - 1);
    slots[at] = number;
}

static int grow_slots(struct function_table *table)
{
    uint32_t slot_count = table->slot_count ? table->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = slot_count ? allocator_resize(table->allocator, NULL, slot_count, sizeof *slots) : NULL;
    if (slots == NULL)
        return -1;
    memset(slots, 0xff, (size_t)slot_count * sizeof *slots);
    for (size_t i = 0; i < table->count; i++)
        place(slots, slot_count, table->functions[i].key, (uint32_t)i);
    allocator_free(table->allocator, table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    return 0;
}

uint32_t function_table_add(struct function_table *table, struct traced_function function)
{
    if (table->count >= FUNCTION_NONE - 1 || (table->count >= table->slot_count / 2 && grow_slots(table) < 0) ||
        allocator_reserve(table->allocator, &table->functions, &table->capacity, table->count + 1,
                          sizeof *table->functions) < 0)
        return FUNCTION_NONE;
    uint32_t number = (uint32_t)table->count++;
    table->functions[number] = function;
    table->any_hidden |= function.hidden;
    place(table->slots, table->slot_count, function.key, number);
    return number;
}
