/* A table maps the type byte to what reads it.  Objects with FLAG_REF are numbered in the order in which they begin,
 * as marshal.load numbers them, and kept: simple ones as values, containers as the place of their elements.  A
 * reference to a container reads those elements again.  That keeps one way to read a thing, wherever it was first
 * written, and no tree of objects; what it could cost (a large dictionary named from everywhere) is bounded by a
 * budget for bytes read again.
 *
 * When elements are read again, so are the numbers of the objects in them: next_reference goes back with the position,
 * and the objects are stored over themselves.
 */
#include "marshal_reader.h"

#include <string.h>

#include "marshal_types.h"

/* Deeper than anything that a known or a future trailer holds; what is deeper is refused. */
enum { SKIP_DEPTH = 100 };
/* Real files name small things again: labels (which are tagged) and tuples of numbers. */
enum { REPEAT_FACTOR = 16, REPEAT_FREE = 65536 };

void marshal_reader_init(struct marshal_reader *reader, const void *data, size_t size, struct string_pool *strings,
                         struct error *error)
{
    *reader = (struct marshal_reader){
        .allocator = strings->allocator, .strings = strings, .error = error, .data = data, .size = size};
}

void marshal_reader_release(struct marshal_reader *reader)
{
    allocator_free(reader->allocator, reader->kinds);
    allocator_free(reader->allocator, reader->tagged);
    allocator_free(reader->allocator, reader->objects);
    allocator_free(reader->allocator, reader->interned);
    reader->kinds = NULL;
    reader->tagged = NULL;
    reader->objects = NULL;
    reader->interned = NULL;
}

static void store_object(struct marshal_reader *reader, const struct marshal_value *value)
{
    union marshal_object *object = &reader->objects[value->reference];

    reader->kinds[value->reference] = (unsigned char)value->kind;
    reader->tagged[value->reference / 64] &= ~((uint64_t)1 << value->reference % 64);
    if (value->kind == MARSHAL_INTEGER)
        object->integer = value->as.integer;
    else if (value->kind == MARSHAL_REAL)
        object->real = value->as.real;
    else if (value->kind == MARSHAL_TEXT)
        object->text = value->as.text;
    else
        object->place.offset = (uint32_t)value->offset;
}

/* Resizes `array` in place of realloc. */
static int resize_table(const struct marshal_reader *reader, void *array, size_t count, size_t size)
{
    void *block;

    /* The array's own pointer type is unknown here, so it is read and written as bytes. */
    memcpy(&block, array, sizeof block);
    block = allocator_resize(reader->allocator, block, count, size);
    if (!block)
        return -1;
    memcpy(array, &block, sizeof block);
    return 0;
}

int marshal_reserve(struct marshal_reader *reader, size_t count)
{
    size_t had = reader->object_capacity, capacity = count < 2 * had ? 2 * had : count;

    if (count <= had)
        return 0;
    capacity = (capacity + 63) / 64 * 64;
    if (resize_table(reader, &reader->objects, capacity, sizeof *reader->objects) ||
        resize_table(reader, &reader->kinds, capacity, sizeof *reader->kinds) ||
        resize_table(reader, &reader->tagged, capacity / 64, sizeof *reader->tagged))
        return error_set_memory(reader->error);
    memset(reader->tagged + had / 64, 0, (capacity - had) / 64 * sizeof *reader->tagged);
    reader->object_capacity = capacity;
    return 0;
}

/* Stores an object that was just begun (containers, code) or read (all others) under the number that is next. */
static int number_object(struct marshal_reader *reader, struct marshal_value *value)
{
    uint32_t number = reader->next_reference;

    if (value->offset > UINT32_MAX)
        return marshal_fail(reader, value->offset, "an object beyond 4 GiB");
    if (number == reader->object_count) {
        if (marshal_reserve(reader, reader->object_count + 1))
            return -1;
        reader->object_count++;
    }
    reader->next_reference = number + 1;
    value->reference = number;
    if (value->kind >= MARSHAL_TUPLE)
        value->as.elements.start_reference = number + 1;
    store_object(reader, value);
    return 0;
}

int marshal_read(struct marshal_reader *reader, struct marshal_value *value)
{
    const struct marshal_type *type;
    const unsigned char *byte;
    bool numbered;

    *value = (struct marshal_value){.offset = reader->at, .tag = MARSHAL_NO_TAG, .reference = MARSHAL_NO_REFERENCE};
    byte = marshal_take(reader, 1);
    if (!byte)
        return -1;
    type = &marshal_types[*byte & ~MARSHAL_FLAG_REF];
    numbered = *byte & MARSHAL_FLAG_REF && type->flags & TYPE_NUMBERED;
    if (!type->read)
        return marshal_fail(reader, value->offset, "a type byte that no profile holds");
    value->kind = type->kind;
    if (numbered && type->flags & TYPE_NUMBERED_FIRST && number_object(reader, value))
        return -1;
    if (type->read(reader, value, type))
        return -1;
    if (!numbered)
        return 0;
    if (!(type->flags & TYPE_NUMBERED_FIRST))
        return number_object(reader, value);
    store_object(reader, value);
    return 0;
}

int marshal_leave(struct marshal_reader *reader, const struct marshal_value *container)
{
    if (!container->repeated)
        return 0;
    if (reader->at > container->as.elements.start)
        reader->repeated += reader->at - container->as.elements.start;
    reader->at = container->resume;
    reader->next_reference = container->resume_reference;
    if (reader->repeated / REPEAT_FACTOR > reader->size + REPEAT_FREE)
        return marshal_fail(reader, container->offset, "too much is repeated by reference");
    return 0;
}

void marshal_tag(struct marshal_reader *reader, const struct marshal_value *value, uint32_t tag)
{
    if (value->reference == MARSHAL_NO_REFERENCE)
        return;
    reader->tagged[value->reference / 64] |= (uint64_t)1 << value->reference % 64;
    reader->objects[value->reference].place.tag = tag;
}

int marshal_skip(struct marshal_reader *reader, const struct marshal_value *value)
{
    enum { WITHOUT_END = -1 };
    int64_t pending[SKIP_DEPTH]; /* values still to come in each container that is open */
    struct marshal_value inner = *value;
    size_t depth = 0;

    for (;;) {
        if (inner.kind >= MARSHAL_TUPLE && inner.repeated) {
            if (marshal_leave(reader, &inner))
                return -1;
        } else if (inner.kind >= MARSHAL_TUPLE) {
            if (depth == SKIP_DEPTH)
                return marshal_fail(reader, inner.offset, "nested too deeply");
            pending[depth++] = inner.kind == MARSHAL_DICTIONARY ? WITHOUT_END : (int64_t)inner.as.elements.count;
        } else if (inner.kind == MARSHAL_END) {
            if (depth == 0 || pending[depth - 1] != WITHOUT_END)
                return marshal_mismatch(reader, &inner, "a value");
            depth--;
        }
        while (depth > 0 && pending[depth - 1] == 0)
            depth--;
        if (depth == 0)
            return 0;
        if (pending[depth - 1] > 0)
            pending[depth - 1]--;
        if (marshal_read(reader, &inner))
            return -1;
    }
}

/* A byte string that references name becomes text for good, so that its bytes are looked at once. */
static int text_of_bytes(struct marshal_reader *reader, const struct marshal_value *value, const struct string **text)
{
    if (marshal_intern_escaped(reader, (const char *)value->as.bytes.data, value->as.bytes.size, text))
        return -1;
    if (value->reference != MARSHAL_NO_REFERENCE) {
        reader->kinds[value->reference] = MARSHAL_TEXT;
        reader->objects[value->reference].text = *text;
    }
    return 0;
}

int marshal_text(struct marshal_reader *reader, const struct marshal_value *value, const struct string **text,
                 const char *wanted)
{
    if (value->kind == MARSHAL_BYTES)
        return text_of_bytes(reader, value, text);
    if (value->kind != MARSHAL_TEXT)
        return marshal_mismatch(reader, value, wanted);
    *text = value->as.text;
    return 0;
}

int marshal_mismatch(struct marshal_reader *reader, const struct marshal_value *value, const char *wanted)
{
    static const char *const names[] = {
        [MARSHAL_END] = "nothing",
        [MARSHAL_NONE] = "None",
        [MARSHAL_INTEGER] = "an integer",
        [MARSHAL_REAL] = "a real number",
        [MARSHAL_LARGE_INTEGER] = "an integer of more than 64 bits",
        [MARSHAL_TEXT] = "text",
        [MARSHAL_BYTES] = "a byte string",
        [MARSHAL_TUPLE] = "a tuple",
        [MARSHAL_LIST] = "a list",
        [MARSHAL_DICTIONARY] = "a dictionary",
        [MARSHAL_OTHER] = "another kind of value",
        [MARSHAL_SET] = "a set",
    };

    return error_set(reader->error, ERROR_FORMAT, (int64_t)value->offset, "%s where %s should be", names[value->kind],
                     wanted);
}
