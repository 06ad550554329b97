/* marshal.dump writes a reference where one object is met a second time, and decides by reference counts which objects
 * may be met again; so equal values give different bytes, depending on who else holds them.  Here a value is shared
 * when it was written before, whatever object it came from, and the result depends on the values alone.
 *
 * A reference takes five bytes.  Strings that take more are all shared.  Reals repeat nearby above all (a function that
 * calls nobody takes as long in all as by itself, one with a single caller as long as from there): a small table of
 * those written last, each in the place that its bits give it, finds almost all of them without growing with the file.
 * Integers of more than five bytes are rare, and written out.
 *
 * A reading marshal.load numbers the objects whose type byte carries FLAG_REF in the order in which it begins them
 * (tuples before their elements), and so does this writer.
 */
#include "marshal_writer.h"

enum { FLAG_REF = 0x80, FIRST_SLOTS = 64, LONG_DIGIT_BITS = 15 };

void marshal_writer_init(struct marshal_writer *writer, struct buffer *out, size_t expected)
{
    size_t slot_count = FIRST_SLOTS;

    *writer = (struct marshal_writer){.out = out};
    while (slot_count / 2 < expected && slot_count < SIZE_MAX / 2)
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
    return marshal_take_reference(writer);
}

void marshal_write_list(struct marshal_writer *writer, uint32_t count)
{
    write_type_and_u32(writer, '[', count);
}

void marshal_write_reference(struct marshal_writer *writer, uint32_t reference)
{
    write_type_and_u32(writer, 'r', reference);
}

unsigned char *marshal_put_long(unsigned char *at, int64_t value)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    unsigned char *digits = at + 5;
    int32_t count = 0;

    for (; magnitude; magnitude >>= LONG_DIGIT_BITS) {
        uint64_t digit = magnitude & ((1 << LONG_DIGIT_BITS) - 1);

        *digits++ = (unsigned char)digit;
        *digits++ = (unsigned char)(digit >> 8);
        count++;
    }
    *at = 'l';
    marshal_put_u32(at + 1, (uint32_t)(value < 0 ? -count : count));
    return digits;
}

void marshal_write_integer(struct marshal_writer *writer, int64_t value)
{
    unsigned char *at = marshal_room(writer, MARSHAL_INTEGER_SIZE);

    if (at)
        marshal_end(writer, marshal_put_integer(at, value));
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

static struct marshal_shared_text *find_slot(struct marshal_shared_text *slots, size_t slot_count,
                                             const struct string *text)
{
    size_t mask = slot_count - 1, at = text->hash & mask;

    while (slots[at].text && slots[at].text != text)
        at = (at + 1) & mask;
    return &slots[at];
}

static int grow_slots(struct marshal_writer *writer)
{
    size_t slot_count = writer->slot_count * 2;
    struct marshal_shared_text *slots = allocator_zeroed(writer->out->allocator, slot_count, sizeof *slots);

    if (!slots)
        return -1;
    for (size_t i = 0; i < writer->slot_count; i++) {
        if (writer->slots[i].text)
            *find_slot(slots, slot_count, writer->slots[i].text) = writer->slots[i];
    }
    allocator_free(writer->out->allocator, writer->slots);
    writer->slots = slots;
    writer->slot_count = slot_count;
    return 0;
}

static void write_shared_text(struct marshal_writer *writer, const struct string *text)
{
    struct marshal_shared_text *slot;

    if (writer->out->failed)
        return;
    if (writer->text_count >= writer->slot_count / 2 && grow_slots(writer)) {
        writer->out->failed = true;
        return;
    }
    slot = find_slot(writer->slots, writer->slot_count, text);
    if (slot->text) {
        marshal_write_reference(writer, slot->reference);
        return;
    }
    *slot = (struct marshal_shared_text){.text = text, .reference = marshal_take_reference(writer)};
    writer->text_count++;
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
