/* Floor 1.  Puts values down in CPython's marshal format (version 4), for marshal.load of CPython 3.4 and later.
 *
 * Errors are sticky in the buffer: write freely, look at buffer->failed at the end.  Values of a known greatest size
 * can also be put one after the other into room that was made for all of them at once.
 */
#ifndef PROFSTAT_MARSHAL_WRITER_H
#define PROFSTAT_MARSHAL_WRITER_H

#include "base/buffer.h"
#include "base/strings.h"

/* A value that was written once and is named by its number from then on. */
struct marshal_shared {
    uint64_t key;
    uint32_t reference;
    uint32_t kind; /* 0: the slot is empty */
};

/* Owns its slots, not the buffer.  One writer writes one top-level object. */
struct marshal_writer {
    struct buffer *out;
    uint32_t reference_count;
    struct marshal_shared *slots;
    size_t shared_count;
    size_t slot_count; /* 0 or a power of two */
    uint64_t multiplier;
};

/* Appends to `out` and takes its memory from out->allocator.  `expected` is about how many different strings and reals
 * will be written (0: unknown); it saves growing. */
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
/* Equal values (bit for bit) become one shared float. */
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

unsigned char *marshal_put_long(struct marshal_writer *writer, unsigned char *at, int64_t value);

static inline unsigned char *marshal_put_integer(struct marshal_writer *writer, unsigned char *at, int64_t value)
{
    if (value < INT32_MIN || value > INT32_MAX)
        return marshal_put_long(writer, at, value);
    *at = 'i';
    return marshal_put_u32(at + 1, (uint32_t)value);
}

unsigned char *marshal_put_real(struct marshal_writer *writer, unsigned char *at, double value);

#endif
