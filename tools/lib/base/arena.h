/* Floor 0 (libc only).  Memory for many small arrays that go at the same time. */
#ifndef PROFSTAT_BASE_ARENA_H
#define PROFSTAT_BASE_ARENA_H

#include <stddef.h>

#include "alloc.h"

/* Owns all arrays made with it. */
struct arena {
    const struct allocator *allocator;
    struct arena_chunk *chunks; /* newest first */
};

void arena_init(struct arena *arena, const struct allocator *allocator);
void arena_release(struct arena *arena);

/* As allocator_reserve.  The array that was made or grown last grows where it is, by no more than is wanted, while its
 * chunk has room; any other one leaves its old memory unused. */
int arena_reserve(struct arena *arena, void *array, size_t *capacity, size_t wanted, size_t size);

#endif
