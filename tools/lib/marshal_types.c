/* One function for each family of type bytes, and the table that says which.  What is common to all, and references,
 * are in marshal_reader.c.
 */
#include "marshal_types.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "utf8.h"

enum { LONG_DIGIT_BITS = 15, LONG_DIGIT_MASK = 0x7fff };

int marshal_fail(struct marshal_reader *reader, size_t offset, const char *reason)
{
    return error_set(reader->error, ERROR_FORMAT, (int64_t)offset, "%s", reason);
}

static int fail_truncated(struct marshal_reader *reader)
{
    return marshal_fail(reader, reader->size, "the file is cut off here");
}

const unsigned char *marshal_take(struct marshal_reader *reader, size_t size)
{
    const unsigned char *taken = reader->data + reader->at;

    if (size > reader->size - reader->at) {
        fail_truncated(reader);
        return NULL;
    }
    reader->at += size;
    return taken;
}

uint64_t marshal_little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;

    while (size > 0)
        value = value << 8 | bytes[--size];
    return value;
}

/* A length or count of four bytes, or of one. */
static int take_length(struct marshal_reader *reader, size_t width, uint32_t *length)
{
    const unsigned char *bytes = marshal_take(reader, width);

    if (!bytes)
        return -1;
    *length = (uint32_t)marshal_little_endian(bytes, width);
    return *length > INT32_MAX ? marshal_fail(reader, reader->at - width, "negative length") : 0;
}

static int read_nothing(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    value->as.integer = 0;
    return marshal_take(reader, type->width) ? 0 : -1;
}

static int read_true(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    value->as.integer = 1;
    return 0;
}

static int read_integer(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    const unsigned char *bytes = marshal_take(reader, type->width);

    if (!bytes)
        return -1;
    if (type->width == 4)
        value->as.integer = (int32_t)(uint32_t)marshal_little_endian(bytes, 4);
    else
        value->as.integer = (int64_t)marshal_little_endian(bytes, 8);
    return 0;
}

/* What is too large for 64 bits is read over, and is of another kind. */
static int read_long(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    const unsigned char *bytes = marshal_take(reader, 4);
    uint64_t magnitude = 0;
    bool negative, fits = true;
    int64_t count;

    if (!bytes)
        return -1;
    count = (int32_t)(uint32_t)marshal_little_endian(bytes, 4);
    negative = count < 0;
    count = negative ? -count : count;
    bytes = marshal_take(reader, (size_t)count * 2);
    if (!bytes)
        return -1;
    while (count-- > 0) {
        uint64_t digit = marshal_little_endian(bytes + 2 * count, 2);

        if (digit > LONG_DIGIT_MASK)
            return marshal_fail(reader, value->offset, "malformed integer");
        fits = fits && magnitude <= UINT64_MAX >> LONG_DIGIT_BITS;
        magnitude = magnitude << LONG_DIGIT_BITS | digit;
    }
    if (!fits || magnitude > (uint64_t)INT64_MAX + negative)
        value->kind = MARSHAL_LARGE_INTEGER;
    else
        value->as.integer = (int64_t)(negative ? -magnitude : magnitude);
    return 0;
}

static int read_real(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    const unsigned char *bytes = marshal_take(reader, type->width);
    uint64_t bits;

    if (!bytes)
        return -1;
    bits = marshal_little_endian(bytes, 8);
    memcpy(&value->as.real, &bits, sizeof bits);
    return 0;
}

/* marshal versions 0 and 1 write repr() with a length of one byte. */
static int read_real_text(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    char text[256], *end;
    const unsigned char *bytes;
    uint32_t size;

    if (take_length(reader, type->width, &size) || !(bytes = marshal_take(reader, size)))
        return -1;
    memcpy(text, bytes, size);
    text[size] = '\0';
    value->as.real = strtod(text, &end);
    return size == 0 || end != text + size ? marshal_fail(reader, value->offset, "malformed number") : 0;
}

/* Two of them. */
static int read_complex_text(struct marshal_reader *reader, struct marshal_value *value,
                             const struct marshal_type *type)
{
    return read_real_text(reader, value, type) ? -1 : read_real_text(reader, value, type);
}

static int read_bytes(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    uint32_t size;

    if (take_length(reader, type->width, &size) || !(value->as.bytes.data = marshal_take(reader, size)))
        return -1;
    value->as.bytes.size = size;
    return 0;
}

int marshal_intern(struct marshal_reader *reader, const char *bytes, size_t size, const struct string **text)
{
    *text = string_pool_intern(reader->strings, bytes, size);
    return *text ? 0 : error_set_memory(reader->error);
}

/* The length of the longest beginning that is UTF-8. */
static size_t valid_prefix(const char *bytes, size_t size, bool surrogates)
{
    uint32_t code;
    size_t at = 0, step;

    while (at < size) {
        step = utf8_decode(bytes + at, size - at, &code);
        if ((step == 1 && (unsigned char)bytes[at] >= 0x80) || (!surrogates && utf8_is_surrogate(code)))
            break;
        at += step;
    }
    return at;
}

int marshal_intern_escaped(struct marshal_reader *reader, const char *bytes, size_t size, const struct string **text)
{
    size_t valid = valid_prefix(bytes, size, false);
    struct buffer escaped;
    int status;

    if (valid == size)
        return marshal_intern(reader, bytes, size, text);
    buffer_init(&escaped, reader->allocator);
    while (size > 0) {
        char escape[4];

        buffer_append(&escaped, bytes, valid);
        bytes += valid;
        size -= valid;
        if (size > 0) {
            buffer_append(&escaped, escape, utf8_encode(0xdc00 + (unsigned char)*bytes, escape));
            bytes++;
            size--;
        }
        valid = valid_prefix(bytes, size, false);
    }
    if (escaped.failed)
        status = error_set_memory(reader->error);
    else
        status = marshal_intern(reader, (const char *)escaped.data, escaped.size, text);
    buffer_release(&escaped);
    return status;
}

static int remember_interned(struct marshal_reader *reader, const struct string *text)
{
    if (allocator_reserve(reader->allocator, &reader->interned, &reader->interned_capacity, reader->interned_count + 1,
                          sizeof *reader->interned))
        return error_set_memory(reader->error);
    reader->interned[reader->interned_count++] = text;
    return 0;
}

static int read_text(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    const char *bytes;
    uint32_t size;
    int status;

    if (take_length(reader, type->width, &size) || !(bytes = (const char *)marshal_take(reader, size)))
        return -1;
    if (bytes_are_ascii(bytes, size))
        status = marshal_intern(reader, bytes, size, &value->as.text);
    else if (type->flags & TYPE_ASCII)
        return marshal_fail(reader, value->offset, "text that is not ASCII");
    else if (valid_prefix(bytes, size, true) == size)
        status = marshal_intern(reader, bytes, size, &value->as.text);
    else if (type->flags & TYPE_INTERNED)
        status = marshal_intern_escaped(reader, bytes, size, &value->as.text);
    else
        return marshal_fail(reader, value->offset, "text that is not UTF-8");
    return status == 0 && type->flags & TYPE_INTERNED ? remember_interned(reader, value->as.text) : status;
}

static int read_interned_again(struct marshal_reader *reader, struct marshal_value *value,
                               const struct marshal_type *type)
{
    uint32_t number;

    if (take_length(reader, type->width, &number))
        return -1;
    if (number >= reader->interned_count)
        return marshal_fail(reader, value->offset, "reference to a string that was not written before");
    value->as.text = reader->interned[number];
    return 0;
}

static int read_container(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    uint32_t count = 0;

    if (type->width > 0 && take_length(reader, type->width, &count))
        return -1;
    /* Every element takes a byte at least. */
    if (count > reader->size - reader->at)
        return fail_truncated(reader);
    value->as.elements.count = count;
    value->as.elements.start = reader->at;
    return 0;
}

static int read_slice(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    value->as.elements.count = 3;
    value->as.elements.start = reader->at;
    return 0;
}

/* What has been read once at this place can be read again. */
static void read_place_again(struct marshal_reader *reader, struct marshal_value *value, size_t place)
{
    const struct marshal_type *type = &marshal_types[reader->data[place] & ~MARSHAL_FLAG_REF];

    value->resume = reader->at;
    value->resume_reference = reader->next_reference;
    reader->at = place + 1;
    type->read(reader, value, type);
    if (value->kind >= MARSHAL_TUPLE)
        reader->next_reference = value->as.elements.start_reference = value->reference + 1;
    else
        reader->at = value->resume;
}

static int read_reference(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    const union marshal_object *object;
    uint32_t number;

    if (take_length(reader, type->width, &number))
        return -1;
    if (number >= reader->object_count)
        return marshal_fail(reader, value->offset, "reference to an object that was not written before");
    object = &reader->objects[number];
    value->kind = (enum marshal_kind)reader->kinds[number];
    value->reference = number;
    value->repeated = true;
    if (value->kind == MARSHAL_INTEGER)
        value->as.integer = object->integer;
    else if (value->kind == MARSHAL_REAL)
        value->as.real = object->real;
    else if (value->kind == MARSHAL_TEXT)
        value->as.text = object->text;
    else if (value->kind == MARSHAL_BYTES || value->kind >= MARSHAL_TUPLE)
        read_place_again(reader, value, object->place.offset);
    if (reader->tagged[number / 64] >> number % 64 & 1)
        value->tag = object->place.tag;
    return 0;
}

const struct marshal_type marshal_types[MARSHAL_TYPE_COUNT] = {
    ['0'] = {read_nothing, MARSHAL_END, 0, 0},
    ['N'] = {read_nothing, MARSHAL_NONE, 0, 0},
    ['S'] = {read_nothing, MARSHAL_OTHER, 0, 0},
    ['.'] = {read_nothing, MARSHAL_OTHER, 0, 0},
    ['y'] = {read_nothing, MARSHAL_OTHER, 16, TYPE_NUMBERED},
    ['x'] = {read_complex_text, MARSHAL_OTHER, 1, TYPE_NUMBERED},
    ['F'] = {read_nothing, MARSHAL_INTEGER, 0, 0},
    ['T'] = {read_true, MARSHAL_INTEGER, 0, 0},
    ['i'] = {read_integer, MARSHAL_INTEGER, 4, TYPE_NUMBERED},
    ['I'] = {read_integer, MARSHAL_INTEGER, 8, TYPE_NUMBERED},
    ['l'] = {read_long, MARSHAL_INTEGER, 0, TYPE_NUMBERED},
    ['g'] = {read_real, MARSHAL_REAL, 8, TYPE_NUMBERED},
    ['f'] = {read_real_text, MARSHAL_REAL, 1, TYPE_NUMBERED},
    ['s'] = {read_bytes, MARSHAL_BYTES, 4, TYPE_NUMBERED},
    ['u'] = {read_text, MARSHAL_TEXT, 4, TYPE_NUMBERED},
    ['t'] = {read_text, MARSHAL_TEXT, 4, TYPE_NUMBERED | TYPE_INTERNED},
    ['a'] = {read_text, MARSHAL_TEXT, 4, TYPE_NUMBERED | TYPE_ASCII},
    ['A'] = {read_text, MARSHAL_TEXT, 4, TYPE_NUMBERED | TYPE_ASCII},
    ['z'] = {read_text, MARSHAL_TEXT, 1, TYPE_NUMBERED | TYPE_ASCII},
    ['Z'] = {read_text, MARSHAL_TEXT, 1, TYPE_NUMBERED | TYPE_ASCII},
    ['R'] = {read_interned_again, MARSHAL_TEXT, 4, 0},
    ['('] = {read_container, MARSHAL_TUPLE, 4, TYPE_NUMBERED},
    [')'] = {read_container, MARSHAL_TUPLE, 1, TYPE_NUMBERED},
    ['['] = {read_container, MARSHAL_LIST, 4, TYPE_NUMBERED},
    ['<'] = {read_container, MARSHAL_SET, 4, TYPE_NUMBERED},
    ['>'] = {read_container, MARSHAL_SET, 4, TYPE_NUMBERED},
    [':'] = {read_slice, MARSHAL_SET, 0, TYPE_NUMBERED},
    ['{'] = {read_container, MARSHAL_DICTIONARY, 0, TYPE_NUMBERED},
    ['c'] = {marshal_read_code, MARSHAL_OTHER, 0, TYPE_NUMBERED | TYPE_NUMBERED_FIRST},
    ['r'] = {read_reference, MARSHAL_OTHER, 4, 0},
};
