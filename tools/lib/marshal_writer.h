/* Floor 1.  Puts values down in CPython's marshal format (version 4), for marshal.load of CPython 3.4 and later.
 *
 * Errors are sticky in the buffer: write freely, look at buffer->failed at the end.  Values of a known greatest size can
 * also be put one after the other into room that was made for all of them at once.
 */
#ifndef PROFSTAT_MARSHAL_WRITER_H
#define PROFSTAT_MARSHAL_WRITER_H

#include <string.h>

#include "base/buffer.h"
#include "base/strings.h"

/* A text that was written once and is named by its number from then on; NULL: the slot is empty. */
struct marshal_shared_text {
    const struct string *text;
    uint32_t reference;
};

/* One of the reals written last. */
struct marshal_recent_real {
    uint64_t bits;
    uint32_t reference_plus_one; /* 0: none */
};

enum { MARSHAL_RECENT_BITS = 8, MARSHAL_RECENT_REALS = 1 << MARSHAL_RECENT_BITS };

/* Owns its slots, not the buffer.  One writer writes one top-level object. */
struct marshal_writer {
    struct buffer *out;
    uint32_t reference_count;
    struct marshal_shared_text *slots;
    size_t text_count;
    size_t slot_count; /* 0 or a power of two */
    struct marshal_recent_real recent[MARSHAL_RECENT_REALS];
};

/* Appends to `out` and takes its memory from out->allocator.  `expected` is about how many different strings will be
 * written (0: unknown); it saves growing. */
void marshal_writer_init(struct marshal_writer *writer, struct buffer *out, size_t expected);
void marshal_writer_release(struct marshal_writer *writer);

/* A dictionary is opened, followed by key, value, key, value, ..., and closed. */
void marshal_open_dictionary(struct marshal_writer *writer);
void marshal_close_dictionary(struct marshal_writer *writer);
/* `count` elements follow. */
void marshal_write_tuple(struct marshal_writer *writer, uint8_t count);
void marshal_write_list(struct marshal_writer *writer, uint32_t count);

/* As marshal_write_tuple; the returned number stands for the whole tuple in marshal_write_reference. */
uint32_t marshal_write_tuple_once(struct marshal_writer *writer, uint8_t count);
void marshal_write_reference(struct marshal_writer *writer, uint32_t reference);

void marshal_write_integer(struct marshal_writer *writer, int64_t value);
/* A value that equals one written shortly before (bit for bit) becomes a reference to that. */
void marshal_write_real(struct marshal_writer *writer, double value);
/* The string belongs to a pool that outlives the writer: a string is known by its address. */
void marshal_write_text(struct marshal_writer *writer, const struct string *text);
/* A short ASCII word of this program's own. */
void marshal_write_word(struct marshal_writer *writer, const char *word);

/* Between the two, whatever is appended to the buffer is the content of a bytes object. */
size_t marshal_open_bytes(struct marshal_writer *writer);
void marshal_close_bytes(struct marshal_writer *writer, size_t opened);

/* ---- into room that has been made ----
 *
 * marshal_room makes it, the others put a value at `at` and return its end, marshal_end takes the end of the last. */

/* The most that each of these takes. */
enum { MARSHAL_TUPLE_SIZE = 2, MARSHAL_REFERENCE_SIZE = 5, MARSHAL_REAL_SIZE = 9, MARSHAL_INTEGER_SIZE = 15 };

/* Where to put up to `size` bytes, or NULL. */
static inline unsigned char *marshal_room(struct marshal_writer *writer, size_t size)
{
    unsigned char *at = buffer_extend(writer->out, size);

    if (at)
        writer->out->size -= size;
    return at;
}

static inline void marshal_end(struct marshal_writer *writer, const unsigned char *end)
{
    writer->out->size = (size_t)(end - writer->out->data);
}

static inline unsigned char *marshal_put_u32(unsigned char *at, uint32_t value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
    at[2] = (unsigned char)(value >> 16);
    at[3] = (unsigned char)(value >> 24);
    return at + 4;
}

static inline unsigned char *marshal_put_tuple(unsigned char *at, uint8_t count)
{
    at[0] = ')';
    at[1] = count;
    return at + 2;
}

static inline unsigned char *marshal_put_reference(unsigned char *at, uint32_t reference)
{
    *at = 'r';
    return marshal_put_u32(at + 1, reference);
}

/* The number of a new object that can be referred to. */
static inline uint32_t marshal_take_reference(struct marshal_writer *writer)
{
    /* marshal's numbers are signed 32-bit values. */
    if (writer->reference_count == INT32_MAX)
        writer->out->failed = true;
    else
        writer->reference_count++;
    return writer->reference_count - 1;
}

unsigned char *marshal_put_long(unsigned char *at, int64_t value);

static inline unsigned char *marshal_put_integer(unsigned char *at, int64_t value)
{
    if (value < INT32_MIN || value > INT32_MAX)
        return marshal_put_long(at, value);
    *at = 'i';
    return marshal_put_u32(at + 1, (uint32_t)value);
}

static inline unsigned char *marshal_put_real(struct marshal_writer *writer, unsigned char *at, double value)
{
    enum { FLAGGED_REAL = 'g' | 0x80 };
    struct marshal_recent_real *recent;
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    recent = &writer->recent[bits * 0x9e3779b97f4a7c15u >> (64 - MARSHAL_RECENT_BITS)];
    if (recent->bits == bits && recent->reference_plus_one)
        return marshal_put_reference(at, recent->reference_plus_one - 1);
    recent->bits = bits;
    recent->reference_plus_one = marshal_take_reference(writer) + 1;
    *at = FLAGGED_REAL;
    return marshal_put_u32(marshal_put_u32(at + 1, (uint32_t)bits), (uint32_t)(bits >> 32));
}

#endif
