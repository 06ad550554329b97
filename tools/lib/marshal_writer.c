/* marshal.dump writes a reference where one object is met a second time, and decides by reference counts which objects
 * may be met again; so equal values give different bytes, depending on who else holds them.  Here a value is shared
 * when it was written before, whatever object it came from.  The result depends on the values alone, and no choice
 * that marshal.dump makes can be shorter: a reference takes five bytes, so all that takes more is shared, and what
 * takes less is written again.
 *
 * Values are found by their product with a number that nobody knows beforehand, so no file can be made whose values
 * fall into one place.
 *
 * A reading marshal.load numbers the objects whose type byte carries FLAG_REF in the order in which it begins them
 * (tuples before their elements), and so does this writer.
 */
#include "marshal_writer.h"

#include <string.h>

#include "base/index_map.h"

enum { FLAG_REF = 0x80, FIRST_SLOTS = 64, LONG_DIGIT_BITS = 15 };
enum shared_kind { SHARED_NONE, SHARED_TEXT, SHARED_REAL, SHARED_INTEGER };

/* Three quarters full at the most: most lookups find what they look for. */
static size_t largest_count(size_t slot_count)
{
    return slot_count - slot_count / 4;
}

void marshal_writer_init(struct marshal_writer *writer, struct buffer *out, size_t expected)
{
    size_t slot_count = FIRST_SLOTS;

    *writer = (struct marshal_writer){.out = out};
    writer->multiplier = (uint64_t)hash_mix(1) << 32 | hash_mix(2) | 1;
    while (largest_count(slot_count) < expected && slot_count < SIZE_MAX / 2)
        slot_count *= 2;
    writer->slots = allocator_zeroed(out->allocator, slot_count, sizeof *writer->slots);
    if (writer->slots)
        writer->slot_count = slot_count;
    else
        out->failed = true;
}

void marshal_writer_release(struct marshal_writer *writer)
{
    allocator_free(writer->out->allocator, writer->slots);
    writer->slots = NULL;
    writer->slot_count = 0;
}

static uint32_t take_reference(struct marshal_writer *writer)
{
    /* marshal's numbers are signed 32-bit values. */
    if (writer->reference_count == INT32_MAX)
        writer->out->failed = true;
    else
        writer->reference_count++;
    return writer->reference_count - 1;
}

static inline struct marshal_shared *find_slot(const struct marshal_writer *writer, struct marshal_shared *slots,
                                               size_t slot_count, uint64_t key, enum shared_kind kind)
{
    /* The product's highest bits: the low ones of many reals are zero, and so are those of their products. */
    size_t mask = slot_count - 1, at = (size_t)(key * writer->multiplier >> (__builtin_clzll(slot_count) + 1));

    while (slots[at].kind != SHARED_NONE && (slots[at].key != key || slots[at].kind != kind))
        at = (at + 1) & mask;
    return &slots[at];
}

static int grow_slots(struct marshal_writer *writer)
{
    size_t slot_count = writer->slot_count * 2;
    struct marshal_shared *slots = allocator_zeroed(writer->out->allocator, slot_count, sizeof *slots);

    if (!slots) {
        writer->out->failed = true;
        return -1;
    }
    for (size_t i = 0; i < writer->slot_count; i++) {
        const struct marshal_shared *old = &writer->slots[i];

        if (old->kind != SHARED_NONE)
            *find_slot(writer, slots, slot_count, old->key, old->kind) = *old;
    }
    allocator_free(writer->out->allocator, writer->slots);
    writer->slots = slots;
    writer->slot_count = slot_count;
    return 0;
}

/* True when the value was written before, with the number of that.  False: it is now to be written with FLAG_REF (or
 * not at all, since the buffer failed). */
static inline bool share(struct marshal_writer *writer, uint64_t key, enum shared_kind kind, uint32_t *reference)
{
    struct marshal_shared *slot;

    if (writer->shared_count >= largest_count(writer->slot_count) && grow_slots(writer))
        return false;
    slot = find_slot(writer, writer->slots, writer->slot_count, key, kind);
    if (slot->kind != SHARED_NONE) {
        *reference = slot->reference;
        return true;
    }
    *slot = (struct marshal_shared){.key = key, .kind = kind, .reference = take_reference(writer)};
    writer->shared_count++;
    return false;
}

static void write_type_and_u32(struct marshal_writer *writer, unsigned char type, uint32_t value)
{
    unsigned char *at = buffer_extend(writer->out, 5);

    if (!at)
        return;
    *at = type;
    marshal_put_u32(at + 1, value);
}

static void write_byte(struct marshal_writer *writer, unsigned char byte)
{
    unsigned char *at = buffer_extend(writer->out, 1);

    if (at)
        *at = byte;
}

static void write_two_bytes(struct marshal_writer *writer, unsigned char first, unsigned char second)
{
    unsigned char *at = buffer_extend(writer->out, 2);

    if (!at)
        return;
    at[0] = first;
    at[1] = second;
}

void marshal_open_dictionary(struct marshal_writer *writer)
{
    write_byte(writer, '{');
}

void marshal_close_dictionary(struct marshal_writer *writer)
{
    write_byte(writer, '0');
}

void marshal_write_tuple(struct marshal_writer *writer, uint8_t count)
{
    write_two_bytes(writer, ')', count);
}

uint32_t marshal_write_tuple_once(struct marshal_writer *writer, uint8_t count)
{
    write_two_bytes(writer, ')' | FLAG_REF, count);
    return take_reference(writer);
}

void marshal_write_list(struct marshal_writer *writer, uint32_t count)
{
    write_type_and_u32(writer, '[', count);
}

void marshal_write_reference(struct marshal_writer *writer, uint32_t reference)
{
    write_type_and_u32(writer, 'r', reference);
}

unsigned char *marshal_put_long(struct marshal_writer *writer, unsigned char *at, int64_t value)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    unsigned char *digits = at + 5;
    int32_t count = 0;
    uint32_t reference;

    if (share(writer, (uint64_t)value, SHARED_INTEGER, &reference))
        return marshal_put_reference(at, reference);
    for (; magnitude; magnitude >>= LONG_DIGIT_BITS) {
        uint64_t digit = magnitude & ((1 << LONG_DIGIT_BITS) - 1);

        *digits++ = (unsigned char)digit;
        *digits++ = (unsigned char)(digit >> 8);
        count++;
    }
    *at = 'l' | FLAG_REF;
    marshal_put_u32(at + 1, (uint32_t)(value < 0 ? -count : count));
    return digits;
}

unsigned char *marshal_put_real(struct marshal_writer *writer, unsigned char *at, double value)
{
    uint32_t reference;
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    if (share(writer, bits, SHARED_REAL, &reference))
        return marshal_put_reference(at, reference);
    *at = 'g' | FLAG_REF;
    return marshal_put_u32(marshal_put_u32(at + 1, (uint32_t)bits), (uint32_t)(bits >> 32));
}

void marshal_write_integer(struct marshal_writer *writer, int64_t value)
{
    unsigned char *at = marshal_room(writer, MARSHAL_INTEGER_SIZE);

    if (at)
        marshal_end(writer, marshal_put_integer(writer, at, value));
}

void marshal_write_real(struct marshal_writer *writer, double value)
{
    unsigned char *at = marshal_room(writer, MARSHAL_REAL_SIZE);

    if (at)
        marshal_end(writer, marshal_put_real(writer, at, value));
}

/* 'z' and 'a' are ASCII with a length of one byte or four, 'u' is UTF-8.  The interned kinds 'Z' and 'A' take the same
 * room and more time to load. */
static void write_text_bytes(struct marshal_writer *writer, const char *bytes, size_t size, unsigned char flag)
{
    if (size > INT32_MAX) {
        writer->out->failed = true;
        return;
    }
    if (!bytes_are_ascii(bytes, size))
        write_type_and_u32(writer, 'u' | flag, (uint32_t)size);
    else if (size < 256)
        write_two_bytes(writer, 'z' | flag, (unsigned char)size);
    else
        write_type_and_u32(writer, 'a' | flag, (uint32_t)size);
    buffer_append(writer->out, bytes, size);
}

static void write_shared_text(struct marshal_writer *writer, const struct string *text)
{
    uint32_t reference;

    if (writer->out->failed)
        return;
    if (share(writer, (uint64_t)(uintptr_t)text, SHARED_TEXT, &reference))
        marshal_write_reference(writer, reference);
    else
        write_text_bytes(writer, text->bytes, text->size, FLAG_REF);
}

void marshal_write_text(struct marshal_writer *writer, const struct string *text)
{
    if (text->size + 2 < MARSHAL_REFERENCE_SIZE && bytes_are_ascii(text->bytes, text->size))
        write_text_bytes(writer, text->bytes, text->size, 0);
    else
        write_shared_text(writer, text);
}

void marshal_write_word(struct marshal_writer *writer, const char *word)
{
    write_text_bytes(writer, word, strlen(word), 0);
}

size_t marshal_open_bytes(struct marshal_writer *writer)
{
    write_type_and_u32(writer, 's', 0);
    return writer->out->size;
}

void marshal_close_bytes(struct marshal_writer *writer, size_t opened)
{
    size_t size = writer->out->size - opened;

    if (size > INT32_MAX)
        writer->out->failed = true;
    if (!writer->out->failed)
        marshal_put_u32(writer->out->data + opened - 4, (uint32_t)size);
}
