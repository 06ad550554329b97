#include "alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *libc_resize(void *context, void *block, size_t size)
{
    (void)context;
    if (size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, size);
}

const struct allocator allocator_libc = {.resize = libc_resize, .context = NULL};

enum { LARGE_PAGE = 2 << 20 };

static void *large_pages_resize(void *context, void *block, size_t size)
{
    size_t had = malloc_usable_size(block);
    void *moved;

    if (size < LARGE_PAGE || size <= had)
        return libc_resize(context, block, size);
    moved = aligned_alloc(LARGE_PAGE, (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
    if (!moved)
        return NULL;
    madvise(moved, size, MADV_HUGEPAGE);
    if (block)
        memcpy(moved, block, had);
    free(block);
    return moved;
}

const struct allocator allocator_large_pages = {.resize = large_pages_resize, .context = NULL};

void *allocator_resize(const struct allocator *allocator, void *block, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total) || total > PTRDIFF_MAX)
        return NULL;
    return allocator->resize(allocator->context, block, total);
}

void *allocator_zeroed(const struct allocator *allocator, size_t count, size_t size)
{
    void *block = allocator_resize(allocator, NULL, count, size);

    if (block)
        memset(block, 0, count * size);
    return block;
}

void allocator_free(const struct allocator *allocator, void *block)
{
    if (block)
        allocator->resize(allocator->context, block, 0);
}

int allocator_reserve(const struct allocator *allocator, void *array, size_t *capacity, size_t wanted, size_t size)
{
    size_t grown = *capacity < SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;
    void *block;

    if (wanted <= *capacity)
        return 0;
    if (grown < 4)
        grown = 4;
    if (grown < wanted)
        grown = wanted;
    /* The array's own pointer type is unknown here, so it is read and written as bytes. */
    memcpy(&block, array, sizeof block);
    block = allocator_resize(allocator, block, grown, size);
    if (!block)
        return -1;
    memcpy(array, &block, sizeof block);
    *capacity = grown;
    return 0;
}
