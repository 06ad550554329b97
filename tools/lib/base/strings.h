/* Floor 0 (libc only).  Interned strings: equal bytes have one address, so == compares them. */
#ifndef PROFSTAT_BASE_STRINGS_H
#define PROFSTAT_BASE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "index_map.h"

/* UTF-8, lone surrogates encoded as three bytes as CPython's "surrogatepass" does; so the order of bytes is the
 * order of code points.  Always followed by a NUL that `size` does not count; NULs inside are allowed.
 * The hash differs from one process to the next: use it to find, never to choose what is put out. */
struct string {
    uint32_t size;
    uint32_t hash;
    char bytes[];
};

/* Owns its strings; their addresses stay valid until the release. */
struct string_pool {
    const struct allocator *allocator;
    struct string_chunk *chunks; /* the memory of the strings; newest first */
    struct string **list;        /* in the order in which they came */
    size_t count;
    size_t capacity;
    struct index_map by_bytes;
};

void string_pool_init(struct string_pool *pool, const struct allocator *allocator);
void string_pool_release(struct string_pool *pool);
/* Makes room for about this many strings in all, so that the pool need not grow.  Returns 0, or -1 when memory is
 * short. */
int string_pool_reserve(struct string_pool *pool, size_t count);
/* The one string with these bytes; NULL when memory is short. */
const struct string *string_pool_intern(struct string_pool *pool, const char *bytes, size_t size);
/* The same where hash_bytes of it is known. */
const struct string *string_pool_intern_hashed(struct string_pool *pool, const char *bytes, size_t size, uint32_t hash);
/* The one string that equals this one, which may be of another pool. */
const struct string *string_pool_intern_string(struct string_pool *pool, const struct string *string);
/* For a NUL-terminated string. */
const struct string *string_pool_intern_c(struct string_pool *pool, const char *bytes);

/* <0, 0, >0 in the order of code points. */
int string_compare(const struct string *a, const struct string *b);

bool text_ends_in(const char *text, const char *suffix);

/* No byte is above 127. */
bool bytes_are_ascii(const char *bytes, size_t size);

#endif
