/* The strings lie one behind the other in chunks: a profile has thousands of short ones, and all of them go at the same
 * time. */
#include "strings.h"

#include <string.h>

enum { POOL_FIRST_COUNT = 32, POOL_FIRST_CHUNK = 1024, POOL_LARGEST_CHUNK = 64 * 1024 };

struct string_chunk {
    struct string_chunk *next;
    size_t used;
    size_t size;
    _Alignas(struct string) char bytes[];
};

void string_pool_init(struct string_pool *pool, const struct allocator *allocator)
{
    *pool = (struct string_pool){.allocator = allocator};
    index_map_init(&pool->by_bytes, allocator);
}

void string_pool_release(struct string_pool *pool)
{
    while (pool->chunks) {
        struct string_chunk *next = pool->chunks->next;

        allocator_free(pool->allocator, pool->chunks);
        pool->chunks = next;
    }
    allocator_free(pool->allocator, pool->list);
    index_map_release(&pool->by_bytes);
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

int string_pool_reserve(struct string_pool *pool, size_t count)
{
    if (count >= INDEX_MAP_NONE || index_map_reserve(&pool->by_bytes, (uint32_t)count))
        return -1;
    return allocator_reserve(pool->allocator, &pool->list, &pool->capacity, count, sizeof *pool->list);
}

struct string_bytes {
    const char *bytes;
    size_t size;
};

static bool string_matches(const void *list, uint32_t position, const void *key)
{
    const struct string *string = ((const struct string *const *)list)[position];
    const struct string_bytes *wanted = key;

    if (string->size != wanted->size)
        return false;
    return wanted->size == 0 || memcmp(string->bytes, wanted->bytes, wanted->size) == 0;
}

static const struct string *string_pool_add(struct string_pool *pool, const char *bytes, size_t size, uint32_t hash)
{
    struct string *string;

    if (size >= UINT32_MAX - sizeof(struct string) - 8)
        return NULL;
    if (pool->capacity == 0 && string_pool_reserve(pool, POOL_FIRST_COUNT))
        return NULL;
    if (allocator_reserve(pool->allocator, &pool->list, &pool->capacity, pool->count + 1, sizeof *pool->list))
        return NULL;
    string = string_pool_make(pool, bytes, size, hash);
    if (!string || index_map_add(&pool->by_bytes, hash, (uint32_t)pool->count))
        return NULL;
    pool->list[pool->count++] = string;
    return string;
}

const struct string *string_pool_intern_hashed(struct string_pool *pool, const char *bytes, size_t size, uint32_t hash)
{
    const struct string_bytes wanted = {bytes, size};
    uint32_t found = index_map_find(&pool->by_bytes, hash, string_matches, pool->list, &wanted);

    return found == INDEX_MAP_NONE ? string_pool_add(pool, bytes, size, hash) : pool->list[found];
}

const struct string *string_pool_intern(struct string_pool *pool, const char *bytes, size_t size)
{
    return string_pool_intern_hashed(pool, bytes, size, hash_bytes(bytes, size));
}

const struct string *string_pool_intern_string(struct string_pool *pool, const struct string *string)
{
    return string_pool_intern_hashed(pool, string->bytes, string->size, string->hash);
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
