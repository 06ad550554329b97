#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER_FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, const struct allocator *allocator)
{
    *buffer = (struct buffer){.allocator = allocator};
}

void buffer_release(struct buffer *buffer)
{
    allocator_free(buffer->allocator, buffer->data);
    buffer_init(buffer, buffer->allocator);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

void buffer_reserve(struct buffer *buffer, size_t size)
{
    size_t wanted;

    if (buffer->failed)
        return;
    if (__builtin_add_overflow(buffer->size, size, &wanted) || wanted == SIZE_MAX) {
        buffer->failed = true;
        return;
    }
    /* One byte at least stays free, so that an empty buffer has memory, too. */
    wanted = wanted < BUFFER_FIRST_CAPACITY ? BUFFER_FIRST_CAPACITY : wanted + 1;
    if (allocator_reserve(buffer->allocator, &buffer->data, &buffer->capacity, wanted, 1))
        buffer->failed = true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    unsigned char *end = buffer_extend(buffer, size);

    if (end && size)
        memcpy(end, data, size);
}

void buffer_append_byte(struct buffer *buffer, unsigned char byte)
{
    unsigned char *end = buffer_extend(buffer, 1);

    if (end)
        *end = byte;
}

void buffer_append_string(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

void buffer_append_u32le(struct buffer *buffer, uint32_t value)
{
    unsigned char *end = buffer_extend(buffer, 4);

    for (int i = 0; end && i < 4; i++)
        end[i] = (unsigned char)(value >> (8 * i));
}

void buffer_append_u64le(struct buffer *buffer, uint64_t value)
{
    unsigned char *end = buffer_extend(buffer, 8);

    for (int i = 0; end && i < 8; i++)
        end[i] = (unsigned char)(value >> (8 * i));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    char text[256];
    va_list arguments, again;
    unsigned char *end;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(text, sizeof text, format, arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if ((size_t)size < sizeof text) {
        buffer_append(buffer, text, (size_t)size);
    } else {
        /* vsnprintf needs a byte more than the text, for its NUL. */
        end = buffer_extend(buffer, (size_t)size + 1);
        if (end) {
            vsnprintf((char *)end, (size_t)size + 1, format, again);
            buffer->size--;
        }
    }
    va_end(again);
    va_end(arguments);
}
