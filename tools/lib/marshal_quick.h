/* Floor 1, within statfile: short ways to the values that profiles are full of.
 *
 * Each returns true when it has read and numbered such a value exactly as marshal_read does, and false when it has read
 * nothing, because what comes is something else, or cut off, or takes memory.  Then marshal_read says what it is.
 */
#ifndef PROFSTAT_MARSHAL_QUICK_H
#define PROFSTAT_MARSHAL_QUICK_H

#include <string.h>

#include "marshal_reader.h"
#include "marshal_types.h"

#ifndef MARSHAL_QUICK
#define MARSHAL_QUICK 1
#endif

enum { MARSHAL_ANY_SHORT_TEXT = MARSHAL_FLAG_REF | ('z' ^ 'Z') };
enum { MARSHAL_WORD_SIZE = 5, MARSHAL_DOUBLE_SIZE = 9, MARSHAL_SMALL_TUPLE_SIZE = 2 }; /* with the type byte */

static inline uint32_t marshal_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline double marshal_double(const unsigned char *bytes)
{
    uint64_t bits = marshal_word(bytes) | (uint64_t)marshal_word(bytes + 4) << 32;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whether so many bytes are left.  All short ways ask, so that a test can close them. */
static inline bool marshal_left(const struct marshal_reader *reader, size_t size)
{
    return MARSHAL_QUICK && reader->size - reader->at >= size;
}

/* The next object gets a new number, and there is room for it. */
static inline bool marshal_may_note(const struct marshal_reader *reader)
{
    return reader->next_reference == reader->object_count && reader->object_count < reader->object_capacity;
}

static inline uint32_t marshal_note(struct marshal_reader *reader, enum marshal_kind kind, union marshal_object object)
{
    uint32_t number = reader->next_reference++;

    reader->kinds[number] = (unsigned char)kind;
    reader->objects[number] = object;
    reader->object_count++;
    return number;
}

/* A reference to an object of this kind (with MARSHAL_TAGGED: one that has a tag). */
static inline bool marshal_quick_reference(struct marshal_reader *reader, unsigned kind, uint32_t *number)
{
    const unsigned char *at = reader->data + reader->at;

    if (!marshal_left(reader, MARSHAL_WORD_SIZE) || *at != 'r')
        return false;
    *number = marshal_word(at + 1);
    if (*number >= reader->object_count || reader->kinds[*number] != kind)
        return false;
    reader->at += MARSHAL_WORD_SIZE;
    return true;
}

/* Of 32 bits. */
static inline bool marshal_quick_integer(struct marshal_reader *reader, int64_t *integer)
{
    const unsigned char *at = reader->data + reader->at;
    uint32_t number;

    if (marshal_quick_reference(reader, MARSHAL_INTEGER, &number)) {
        *integer = reader->objects[number].integer;
        return true;
    }
    if (!marshal_left(reader, MARSHAL_WORD_SIZE) || (*at & ~MARSHAL_FLAG_REF) != 'i')
        return false;
    *integer = (int32_t)marshal_word(at + 1);
    if (*at & MARSHAL_FLAG_REF) {
        if (!marshal_may_note(reader))
            return false;
        marshal_note(reader, MARSHAL_INTEGER, (union marshal_object){.integer = *integer});
    }
    reader->at += MARSHAL_WORD_SIZE;
    return true;
}

/* Of eight bytes. */
static inline bool marshal_quick_real(struct marshal_reader *reader, double *real)
{
    const unsigned char *at = reader->data + reader->at;
    uint32_t number;

    if (!marshal_left(reader, MARSHAL_DOUBLE_SIZE))
        return false;
    if ((*at & ~MARSHAL_FLAG_REF) != 'g') {
        if (!marshal_quick_reference(reader, MARSHAL_REAL, &number))
            return false;
        *real = reader->objects[number].real;
        return true;
    }
    *real = marshal_double(at + 1);
    if (*at & MARSHAL_FLAG_REF) {
        if (!marshal_may_note(reader))
            return false;
        marshal_note(reader, MARSHAL_REAL, (union marshal_object){.real = *real});
    }
    reader->at += MARSHAL_DOUBLE_SIZE;
    return true;
}

/* One of the types that consist of this byte, without a number. */
static inline bool marshal_quick_byte(struct marshal_reader *reader, unsigned char type)
{
    if (!marshal_left(reader, 1) || reader->data[reader->at] != type)
        return false;
    reader->at++;
    return true;
}

/* Short ASCII text. */
static inline bool marshal_quick_text(struct marshal_reader *reader, const struct string **text)
{
    const unsigned char *at = reader->data + reader->at;
    uint32_t number;

    if (marshal_quick_reference(reader, MARSHAL_TEXT, &number)) {
        *text = reader->objects[number].text;
        return true;
    }
    if (!marshal_left(reader, 2) || (*at & ~MARSHAL_ANY_SHORT_TEXT) != 'Z' || !marshal_left(reader, 2 + at[1]) ||
        !bytes_are_ascii((const char *)at + 2, at[1]) || (*at & MARSHAL_FLAG_REF && !marshal_may_note(reader)))
        return false;
    *text = string_pool_intern(reader->strings, (const char *)at + 2, at[1]);
    if (!*text)
        return false;
    if (*at & MARSHAL_FLAG_REF)
        marshal_note(reader, MARSHAL_TEXT, (union marshal_object){.text = *text});
    reader->at += 2 + (size_t)at[1];
    return true;
}

/* A tuple of `count` elements, which follow.  *number is the number that it got, or MARSHAL_NO_REFERENCE. */
static inline bool marshal_quick_tuple(struct marshal_reader *reader, unsigned count, uint32_t *number)
{
    const unsigned char *at = reader->data + reader->at;

    if (!marshal_left(reader, MARSHAL_SMALL_TUPLE_SIZE + count) || (*at & ~MARSHAL_FLAG_REF) != ')' || at[1] != count)
        return false;
    *number = MARSHAL_NO_REFERENCE;
    if (*at & MARSHAL_FLAG_REF) {
        if (!marshal_may_note(reader) || reader->at > UINT32_MAX)
            return false;
        *number = marshal_note(reader, MARSHAL_TUPLE, (union marshal_object){.place.offset = (uint32_t)reader->at});
    }
    reader->at += MARSHAL_SMALL_TUPLE_SIZE;
    return true;
}

#endif
