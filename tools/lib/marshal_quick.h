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

/* A reference with the number of an object. */
static inline bool marshal_peek_reference(const struct marshal_reader *reader, uint32_t *number)
{
    const unsigned char *at = reader->data + reader->at;

    if (!marshal_left(reader, MARSHAL_WORD_SIZE) || *at != 'r')
        return false;
    *number = marshal_word(at + 1);
    return *number < reader->object_count;
}

/* A reference to an object of this kind. */
static inline bool marshal_quick_reference(struct marshal_reader *reader, enum marshal_kind kind, uint32_t *number)
{
    if (!marshal_peek_reference(reader, number) || reader->kinds[*number] != kind)
        return false;
    reader->at += MARSHAL_WORD_SIZE;
    return true;
}

/* A reference to an object that has a tag. */
static inline bool marshal_quick_tagged(struct marshal_reader *reader, uint32_t *number)
{
    if (!marshal_peek_reference(reader, number) || !(reader->tagged[*number / 64] >> *number % 64 & 1))
        return false;
    reader->at += MARSHAL_WORD_SIZE;
    return true;
}

/* Of 32 bits. */
static inline bool marshal_quick_integer(struct marshal_reader *reader, int64_t *integer)
{
    const unsigned char *at = reader->data + reader->at;
    uint32_t word;

    if (!marshal_left(reader, MARSHAL_WORD_SIZE))
        return false;
    word = marshal_word(at + 1);
    if (*at == 'r') {
        if (word >= reader->object_count || reader->kinds[word] != MARSHAL_INTEGER)
            return false;
        *integer = reader->objects[word].integer;
    } else {
        if ((*at & ~MARSHAL_FLAG_REF) != 'i' || (*at & MARSHAL_FLAG_REF && !marshal_may_note(reader)))
            return false;
        *integer = (int32_t)word;
        if (*at & MARSHAL_FLAG_REF)
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
    if (*at == 'g') {
        *real = marshal_double(at + 1);
        reader->at += MARSHAL_DOUBLE_SIZE;
        return true;
    }
    if (marshal_quick_reference(reader, MARSHAL_REAL, &number)) {
        *real = reader->objects[number].real;
        return true;
    }
    if (*at != ('g' | MARSHAL_FLAG_REF) || !marshal_may_note(reader))
        return false;
    *real = marshal_double(at + 1);
    marshal_note(reader, MARSHAL_REAL, (union marshal_object){.real = *real});
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

/* A text that was read and is not interned yet. */
struct marshal_chars {
    const struct string *text; /* where a reference says which string it is, else NULL */
    const char *bytes;
    size_t size;
    uint32_t hash;
    uint32_t number; /* of the object, or MARSHAL_NO_REFERENCE */
};

/* Short ASCII text.  Its object holds no string before marshal_intern_chars; until then a reference to it is false. */
static inline bool marshal_quick_chars(struct marshal_reader *reader, struct marshal_chars *chars)
{
    const unsigned char *at = reader->data + reader->at;
    uint32_t number;

    if (marshal_quick_reference(reader, MARSHAL_TEXT, &number)) {
        *chars = (struct marshal_chars){.text = reader->objects[number].text};
        chars->hash = chars->text ? chars->text->hash : 0;
        return chars->text;
    }
    if (!marshal_left(reader, 2) || (*at & ~MARSHAL_ANY_SHORT_TEXT) != 'Z' || !marshal_left(reader, 2 + at[1]) ||
        !bytes_are_ascii((const char *)at + 2, at[1]) || (*at & MARSHAL_FLAG_REF && !marshal_may_note(reader)))
        return false;
    *chars = (struct marshal_chars){.bytes = (const char *)at + 2, .size = at[1], .number = MARSHAL_NO_REFERENCE};
    chars->hash = hash_bytes(chars->bytes, chars->size);
    if (*at & MARSHAL_FLAG_REF)
        chars->number = marshal_note(reader, MARSHAL_TEXT, (union marshal_object){.text = NULL});
    reader->at += 2 + chars->size;
    return true;
}

/* NULL when memory is short. */
static inline const struct string *marshal_intern_chars(struct marshal_reader *reader,
                                                        const struct marshal_chars *chars)
{
    const struct string *text = chars->text;

    if (text)
        return text;
    text = string_pool_intern_hashed(reader->strings, chars->bytes, chars->size, chars->hash);
    if (chars->number != MARSHAL_NO_REFERENCE)
        reader->objects[chars->number].text = text;
    return text;
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

/* A place to which reading can return that has gone short ways only, and gave no number before them back. */
struct marshal_mark {
    size_t at;
    size_t object_count;
};

static inline struct marshal_mark marshal_mark(const struct marshal_reader *reader)
{
    return (struct marshal_mark){reader->at, reader->object_count};
}

static inline bool marshal_return(struct marshal_reader *reader, struct marshal_mark mark)
{
    reader->at = mark.at;
    reader->next_reference -= (uint32_t)(reader->object_count - mark.object_count);
    reader->object_count = mark.object_count;
    return false;
}

#endif
