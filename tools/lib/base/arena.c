#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIRST_CHUNK = 4 * 1024, LARGEST_CHUNK = 1024 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, const struct allocator *allocator)
{
    *arena = (struct arena){.allocator = allocator};
}

void arena_release(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;

        allocator_free(arena->allocator, arena->chunks);
        arena->chunks = next;
    }
}

static struct arena_chunk *add_chunk(struct arena *arena, size_t needed)
{
    size_t size = arena->chunks ? arena->chunks->size * 2 : FIRST_CHUNK;
    struct arena_chunk *chunk;

    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (size < needed)
        size = needed;
    if (size > SIZE_MAX - sizeof *chunk)
        return NULL;
    chunk = allocator_resize(arena->allocator, NULL, sizeof *chunk + size, 1);
    if (!chunk)
        return NULL;
    *chunk = (struct arena_chunk){.next = arena->chunks, .size = size};
    arena->chunks = chunk;
    return chunk;
}

/* What a block of this many bytes takes; 0 when that is more than there can be. */
static size_t aligned(size_t bytes)
{
    size_t alignment = alignof(max_align_t);

    return bytes > SIZE_MAX - alignment ? 0 : (bytes + alignment - 1) / alignment * alignment;
}

static void *take(struct arena *arena, size_t count, size_t size)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t bytes;
    void *block;

    if (__builtin_mul_overflow(count, size, &bytes) || (bytes = aligned(bytes)) == 0)
        return NULL;
    if (!chunk || bytes > chunk->size - chunk->used)
        chunk = add_chunk(arena, bytes);
    if (!chunk)
        return NULL;
    block = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return block;
}

/* Grows the block that ends where the newest chunk's free memory begins; false when it is another one, or too large. */
static bool extend(struct arena *arena, const unsigned char *block, size_t capacity, size_t wanted, size_t size)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t start, bytes;

    if (!block || !chunk || block + aligned(capacity * size) != chunk->bytes + chunk->used)
        return false;
    start = (size_t)(block - chunk->bytes);
    if (__builtin_mul_overflow(wanted, size, &bytes) || (bytes = aligned(bytes)) == 0 || bytes > chunk->size - start)
        return false;
    chunk->used = start + bytes;
    return true;
}

int arena_reserve(struct arena *arena, void *array, size_t *capacity, size_t wanted, size_t size)
{
    size_t grown = *capacity < SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;
    void *block, *moved;

    if (wanted <= *capacity)
        return 0;
    /* The array's own pointer type is unknown here, so it is read and written as bytes. */
    memcpy(&block, array, sizeof block);
    if (extend(arena, block, *capacity, wanted, size)) {
        *capacity = wanted;
        return 0;
    }
    if (grown < wanted)
        grown = wanted;
    moved = take(arena, grown, size);
    if (!moved)
        return -1;
    if (*capacity)
        memcpy(moved, block, *capacity * size);
    memcpy(array, &moved, sizeof moved);
    *capacity = grown;
    return 0;
}
