/* `python -m profile -o FILE SCRIPT` names the script's code object as the function that everything is called from.
 * pstats shows it by repr(), with an address that differs each time; here it reads the same without the address.
 *
 * A code object begins with four numbers (Python 2), five, or six (3.8 to 3.10), and the file does not say how many; a
 * byte string follows, the bytecode.  After that come eight objects, the line, and one table or (from 3.11 on, where
 * the fifth object is a byte string) two.
 */
#include "marshal_types.h"

#include "base/buffer.h"

enum { FEWEST_NUMBERS = 4, MOST_NUMBERS = 6, NUMBER_SIZE = 4, LEAST_BYTECODE = 2 };
enum { OBJECT_COUNT = 8, DISCRIMINATOR = 4 };
/* The compiler itself takes no more than some twenty nested functions. */
enum { DEEPEST_CODE = 50 };

static bool bytecode_follows(const struct marshal_reader *reader, size_t numbers)
{
    size_t skipped = numbers * NUMBER_SIZE, left = reader->size - reader->at;
    const unsigned char *at = reader->data + reader->at + skipped;
    uint64_t size;

    if (left < skipped + 5 || (at[0] & ~MARSHAL_FLAG_REF) != 's')
        return false;
    size = marshal_little_endian(at + 1, 4);
    return size >= LEAST_BYTECODE && size <= left - skipped - 5;
}

/* The outermost code is a module's, whose flags cannot be taken for a type byte; all others are of the same Python. */
static int take_numbers(struct marshal_reader *reader, size_t offset)
{
    if (reader->code_depth == 1) {
        reader->code_numbers = FEWEST_NUMBERS;
        while (reader->code_numbers <= MOST_NUMBERS && !bytecode_follows(reader, reader->code_numbers))
            reader->code_numbers++;
        if (reader->code_numbers > MOST_NUMBERS)
            return marshal_fail(reader, offset, "code of an unknown version of Python");
    }
    return marshal_take(reader, (size_t)reader->code_numbers * NUMBER_SIZE) ? 0 : -1;
}

static int read_over(struct marshal_reader *reader, struct marshal_value *value)
{
    return marshal_read(reader, value) ? -1 : marshal_skip(reader, value);
}

static int make_text(struct marshal_reader *reader, struct marshal_value *value, const struct string *name,
                     const struct string *file, int32_t line)
{
    struct buffer text;
    int status;

    buffer_init(&text, reader->allocator);
    buffer_append_string(&text, "<code object ");
    buffer_append(&text, name->bytes, name->size);
    buffer_append_string(&text, ", file \"");
    buffer_append(&text, file->bytes, file->size);
    buffer_append_format(&text, "\", line %d>", (int)line);
    if (text.failed)
        status = error_set_memory(reader->error);
    else
        status = marshal_intern(reader, (const char *)text.data, text.size, &value->as.text);
    buffer_release(&text);
    value->kind = MARSHAL_TEXT;
    return status;
}

static int read_parts(struct marshal_reader *reader, struct marshal_value *value)
{
    struct marshal_value objects[OBJECT_COUNT], table;
    const struct string *name, *file;
    const unsigned char *line;
    bool has_exception_table;

    if (take_numbers(reader, value->offset))
        return -1;
    for (int i = 0; i < OBJECT_COUNT; i++) {
        if (read_over(reader, &objects[i]))
            return -1;
    }
    has_exception_table = objects[DISCRIMINATOR].kind == MARSHAL_BYTES;
    line = marshal_take(reader, 4);
    if (!line || read_over(reader, &table) || (has_exception_table && read_over(reader, &table)))
        return -1;
    if (reader->code_depth > 1)
        return 0;
    if (marshal_text(reader, &objects[has_exception_table ? 5 : 6], &file, "the file of a code object") ||
        marshal_text(reader, &objects[has_exception_table ? 6 : 7], &name, "the name of a code object"))
        return -1;
    return make_text(reader, value, name, file, (int32_t)(uint32_t)marshal_little_endian(line, 4));
}

int marshal_read_code(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type)
{
    int status;

    if (reader->code_depth == DEEPEST_CODE)
        return marshal_fail(reader, value->offset, "nested too deeply");
    reader->code_depth++;
    status = read_parts(reader, value);
    reader->code_depth--;
    return status;
}
