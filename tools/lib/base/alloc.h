/* Floor 0 (libc only).  The seam through which every allocation of the library and the tracer goes. */
#ifndef PROFSTAT_BASE_ALLOC_H
#define PROFSTAT_BASE_ALLOC_H

#include <stddef.h>

/* resize() behaves as realloc: NULL block allocates, size 0 frees and returns NULL, and on failure the
 * block is left as it was and NULL is returned.  An allocator outlives everything made with it. */
struct allocator {
    void *(*resize)(void *context, void *block, size_t size);
    void *context;
};

/* malloc and free of the C library. */
extern const struct allocator allocator_libc;
/* The same, with large pages for large blocks: what a program works on all the time is then cheaper to get and to find,
 * and takes up to a large page (2 MiB) more. */
extern const struct allocator allocator_large_pages;

/* Resizes a block of `count` elements of `size` bytes.  NULL when memory is short or count * size overflows. */
void *allocator_resize(const struct allocator *allocator, void *block, size_t count, size_t size);

/* As allocator_resize from NULL, the memory zeroed. */
void *allocator_zeroed(const struct allocator *allocator, size_t count, size_t size);

/* Frees a block; NULL is allowed. */
void allocator_free(const struct allocator *allocator, void *block);

/* Makes room for at least `wanted` elements in a growing array: *array of *capacity elements.
 * Returns 0, or -1 with array and capacity as they were. */
int allocator_reserve(const struct allocator *allocator, void *array, size_t *capacity, size_t wanted, size_t size);

#endif
