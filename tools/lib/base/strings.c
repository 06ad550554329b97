/* A hash set with linear probing, at most half full.  The strings lie one behind the other in chunks: a profile has
 * thousands of short ones, and all of them go at the same time. */
#include "strings.h"

#include <string.h>

#include "index_map.h"

enum { POOL_FIRST_SLOTS = 64, POOL_FIRST_CHUNK = 1024, POOL_LARGEST_CHUNK = 64 * 1024 };

struct string_chunk {
    struct string_chunk *next;
    size_t used;
    size_t size;
    _Alignas(struct string) char bytes[];
};

void string_pool_init(struct string_pool *pool, const struct allocator *allocator)
{
    *pool = (struct string_pool){.allocator = allocator};
}

void string_pool_release(struct string_pool *pool)
{
    while (pool->chunks) {
        struct string_chunk *next = pool->chunks->next;

        allocator_free(pool->allocator, pool->chunks);
        pool->chunks = next;
    }
    allocator_free(pool->allocator, pool->slots);
    string_pool_init(pool, pool->allocator);
}

static struct string_chunk *string_pool_add_chunk(struct string_pool *pool, size_t needed)
{
    size_t size = pool->chunks ? pool->chunks->size * 2 : POOL_FIRST_CHUNK;
    struct string_chunk *chunk;

    if (size > POOL_LARGEST_CHUNK)
        size = POOL_LARGEST_CHUNK;
    if (size < needed)
        size = needed;
    chunk = allocator_resize(pool->allocator, NULL, sizeof *chunk + size, 1);
    if (!chunk)
        return NULL;
    chunk->next = pool->chunks;
    chunk->used = 0;
    chunk->size = size;
    pool->chunks = chunk;
    return chunk;
}

static struct string *string_pool_make(struct string_pool *pool, const char *bytes, size_t size, uint32_t hash)
{
    size_t alignment = _Alignof(struct string);
    size_t needed = (sizeof(struct string) + size + 1 + alignment - 1) / alignment * alignment;
    struct string_chunk *chunk = pool->chunks;
    struct string *string;

    if (!chunk || needed > chunk->size - chunk->used)
        chunk = string_pool_add_chunk(pool, needed);
    if (!chunk)
        return NULL;
    string = (struct string *)(void *)(chunk->bytes + chunk->used);
    chunk->used += needed;
    string->size = (uint32_t)size;
    string->hash = hash;
    if (size)
        memcpy(string->bytes, bytes, size);
    string->bytes[size] = '\0';
    return string;
}

static int string_pool_grow(struct string_pool *pool)
{
    size_t slot_count = pool->slot_count ? pool->slot_count * 2 : POOL_FIRST_SLOTS;
    struct string **slots = allocator_zeroed(pool->allocator, slot_count, sizeof *slots);

    if (!slots)
        return -1;
    for (size_t i = 0; i < pool->slot_count; i++) {
        size_t at;

        if (!pool->slots[i])
            continue;
        at = pool->slots[i]->hash & (slot_count - 1);
        while (slots[at])
            at = (at + 1) & (slot_count - 1);
        slots[at] = pool->slots[i];
    }
    allocator_free(pool->allocator, pool->slots);
    pool->slots = slots;
    pool->slot_count = slot_count;
    return 0;
}

const struct string *string_pool_intern(struct string_pool *pool, const char *bytes, size_t size)
{
    uint32_t hash = hash_bytes(bytes, size);
    struct string *string;
    size_t at;

    if (size >= UINT32_MAX - sizeof(struct string) - 8)
        return NULL;
    if (pool->count >= pool->slot_count / 2 && string_pool_grow(pool))
        return NULL;
    for (at = hash & (pool->slot_count - 1); pool->slots[at]; at = (at + 1) & (pool->slot_count - 1)) {
        string = pool->slots[at];
        if (string->hash == hash && string->size == size && (size == 0 || memcmp(string->bytes, bytes, size) == 0))
            return string;
    }
    string = string_pool_make(pool, bytes, size, hash);
    if (!string)
        return NULL;
    pool->slots[at] = string;
    pool->count++;
    return string;
}

const struct string *string_pool_intern_c(struct string_pool *pool, const char *bytes)
{
    return string_pool_intern(pool, bytes, strlen(bytes));
}

int string_compare(const struct string *a, const struct string *b)
{
    uint32_t shared = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->bytes, b->bytes, shared);

    if (order)
        return order;
    return (a->size > b->size) - (a->size < b->size);
}

bool text_ends_in(const char *text, const char *suffix)
{
    size_t size = strlen(text), tail = strlen(suffix);

    return size >= tail && memcmp(text + size - tail, suffix, tail) == 0;
}

bool bytes_are_ascii(const char *bytes, size_t size)
{
    uint64_t word = 0, seen = 0;
    size_t i;

    for (i = 0; i + 8 <= size; i += 8) {
        memcpy(&word, bytes + i, 8);
        seen |= word;
    }
    word = 0;
    if (i < size)
        memcpy(&word, bytes + i, size - i);
    return ((seen | word) & 0x8080808080808080u) == 0;
}
