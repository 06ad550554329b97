/* Floor 0 (libc only).  A growing run of bytes with a sticky failure: append freely, look once at the end. */
#ifndef PROFSTAT_BASE_BUFFER_H
#define PROFSTAT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"

/* Owns `data`.  After a failed allocation `failed` is set, and every append does nothing. */
struct buffer {
    const struct allocator *allocator;
    unsigned char *data;
    size_t size;
    size_t capacity;
    bool failed;
};

void buffer_init(struct buffer *buffer, const struct allocator *allocator);
void buffer_release(struct buffer *buffer);
/* Forgets the content and the failure, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Makes room for `size` bytes more without appending them; a failure is sticky. */
void buffer_reserve(struct buffer *buffer, size_t size);
/* Appends `size` bytes and returns where they are to be written, NULL on failure. */
static inline unsigned char *buffer_extend(struct buffer *buffer, size_t size)
{
    unsigned char *end;

    if (buffer->failed || size >= buffer->capacity - buffer->size) {
        buffer_reserve(buffer, size);
        if (buffer->failed)
            return NULL;
    }
    end = buffer->data + buffer->size;
    buffer->size += size;
    return end;
}
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_byte(struct buffer *buffer, unsigned char byte);
void buffer_append_string(struct buffer *buffer, const char *string);
void buffer_append_u32le(struct buffer *buffer, uint32_t value);
void buffer_append_u64le(struct buffer *buffer, uint64_t value);
void buffer_append_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
