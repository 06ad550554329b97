#include "pcre2_memory.h"

static void *allocate(PCRE2_SIZE size, void *allocator)
{
    return allocator_resize(allocator, NULL, size, 1);
}

static void release(void *block, void *allocator)
{
    allocator_free(allocator, block);
}

pcre2_general_context *pcre2_memory(const struct allocator *allocator)
{
    return pcre2_general_context_create(allocate, release, (void *)allocator);
}
