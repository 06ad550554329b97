/* Tuples and labels, which the dictionary and the trailer both have. */
#include "marshal_quick.h"
#include "statfile_parts.h"

int tuple_take(struct marshal_reader *reader, const struct marshal_value *value, uint32_t count,
               const char *wanted)
{
    if (value->kind != MARSHAL_TUPLE)
        return marshal_mismatch(reader, value, wanted);
    if (value->as.elements.count != count)
        return error_set(reader->error, ERROR_FORMAT, (int64_t)value->offset, "a tuple of %u where %s should be",
                         (unsigned)value->as.elements.count, wanted);
    return 0;
}

int tuple_read(struct marshal_reader *reader, struct marshal_value *tuple, uint32_t count, const char *wanted)
{
    *tuple = (struct marshal_value){.kind = MARSHAL_TUPLE, .tag = MARSHAL_NO_TAG, .offset = reader->at};
    if (marshal_quick_tuple(reader, count, &tuple->reference))
        return 0;
    return marshal_read(reader, tuple) ? -1 : tuple_take(reader, tuple, count, wanted);
}

static int read_text(struct marshal_reader *reader, const struct string **text, const char *wanted)
{
    struct marshal_value value;

    return marshal_read(reader, &value) ? -1 : marshal_text(reader, &value, text, wanted);
}

static int read_line(struct marshal_reader *reader, int64_t *line)
{
    struct marshal_value value;

    if (marshal_read(reader, &value))
        return -1;
    *line = value.as.integer;
    return value.kind == MARSHAL_INTEGER ? 0 : marshal_mismatch(reader, &value, "a line number");
}

/* What the hashes lead to lies anywhere in memory, and is fetched before it is needed. */
static bool decode_quickly(struct marshal_reader *reader, const struct index_map *by_label, struct label *label)
{
    struct marshal_mark start = marshal_mark(reader);
    struct marshal_chars file, name;

    if (!marshal_quick_chars(reader, &file) || !marshal_quick_integer(reader, &label->line) ||
        !marshal_quick_chars(reader, &name))
        return marshal_return(reader, start);
    index_map_prefetch(&reader->strings->by_bytes, file.hash);
    index_map_prefetch(&reader->strings->by_bytes, name.hash);
    index_map_prefetch(by_label, label_hash_parts(file.hash, label->line, name.hash));
    label->file = marshal_intern_chars(reader, &file);
    label->name = label->file ? marshal_intern_chars(reader, &name) : NULL;
    return label->name ? true : marshal_return(reader, start);
}

int label_decode_fields(struct marshal_reader *reader, const struct index_map *by_label, struct label *label)
{
    if (decode_quickly(reader, by_label, label))
        return 0;
    if (read_text(reader, &label->file, "a file name") || read_line(reader, &label->line))
        return -1;
    return read_text(reader, &label->name, "a function name");
}

int label_count_text(struct marshal_reader *reader, const struct label *label, size_t offset)
{
    uint64_t size = (uint64_t)label->file->size + label->name->size;

    if (size > reader->label_text)
        return marshal_fail(reader, offset, "more text in the names of functions than such a file may repeat");
    reader->label_text -= size;
    return 0;
}
