/* A node's parent stands close before it more often than not, and the functions are few: kept apart in columns, both
 * are small numbers in almost every row, which take a byte each and compress well. */
#include "statfile_parts.h"

#include <string.h>
#include <zlib.h>

#include "compression.h"
#include "marshal_writer.h"
#include "statfile.h"

enum { VARINT_SIZE = 10 };

/* Where each function of the profile stands in the file: `places` for trees, by position in profile.functions;
 * `unlisted` are those that need a label, in the order of their first use. */
struct numbering {
    uint32_t *places;
    uint32_t *unlisted;
    uint32_t listed_count;
    uint32_t unlisted_count;
};

static int numbering_init(struct numbering *numbering, const struct profile *profile)
{
    size_t count = profile->function_count ? profile->function_count : 1;

    *numbering = (struct numbering){0};
    numbering->places = allocator_resize(profile->allocator, NULL, count, sizeof *numbering->places);
    numbering->unlisted = allocator_resize(profile->allocator, NULL, count, sizeof *numbering->unlisted);
    if (!numbering->places || !numbering->unlisted)
        return -1;
    for (size_t i = 0; i < profile->function_count; i++)
        numbering->places[i] = profile->functions[i].listed ? numbering->listed_count++ : PROFILE_NO_FUNCTION;
    for (size_t i = 0; i < profile->tree_count; i++) {
        const struct path_tree *tree = &profile->trees[i];

        for (uint32_t node = 0; node < tree->count; node++) {
            uint32_t function = tree->function[node];

            if (numbering->places[function] != PROFILE_NO_FUNCTION)
                continue;
            numbering->places[function] = numbering->listed_count + numbering->unlisted_count;
            numbering->unlisted[numbering->unlisted_count++] = function;
        }
    }
    return 0;
}

static void numbering_release(struct numbering *numbering, const struct profile *profile)
{
    allocator_free(profile->allocator, numbering->places);
    allocator_free(profile->allocator, numbering->unlisted);
}

static unsigned char *put_varint(unsigned char *at, uint64_t value)
{
    while (value > 0x7f) {
        *at++ = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    *at++ = (unsigned char)value;
    return at;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

enum column_kind { COLUMN_PARENT, COLUMN_FUNCTION, COLUMN_NUMBERS };

/* A column's source: what its kind needs of these. */
struct column_source {
    enum column_kind kind;
    const uint32_t *nodes;  /* parents or functions */
    const uint32_t *places; /* of functions */
    const int64_t *numbers;
};

static inline uint64_t column_number(const struct column_source *source, uint32_t node)
{
    switch (source->kind) {
    case COLUMN_PARENT:
        return source->nodes[node] == PROFILE_NO_PARENT ? 0 : node - source->nodes[node];
    case COLUMN_FUNCTION:
        return source->places[source->nodes[node]];
    default:
        return zigzag(source->numbers[node]);
    }
}

/* The source comes by value, lest the compiler take what is written for a part of it. */
static void write_column(struct marshal_writer *writer, struct column_source source, uint32_t count)
{
    size_t opened = marshal_open_bytes(writer);
    unsigned char *start = buffer_extend(writer->out, (size_t)count * VARINT_SIZE), *at = start;

    if (!start)
        return;
    for (uint32_t node = 0; node < count; node++)
        at = put_varint(at, column_number(&source, node));
    writer->out->size -= (size_t)count * VARINT_SIZE - (size_t)(at - start);
    marshal_close_bytes(writer, opened);
}

static void write_tree(struct marshal_writer *writer, const struct path_tree *tree, const uint32_t *places)
{
    struct column_source parents = {.kind = COLUMN_PARENT, .nodes = tree->parent};
    struct column_source functions = {.kind = COLUMN_FUNCTION, .nodes = tree->function, .places = places};

    marshal_open_dictionary(writer);
    if (tree->thread) {
        marshal_write_word(writer, "thread");
        marshal_write_text(writer, tree->thread);
    }
    marshal_write_word(writer, "count");
    marshal_write_integer(writer, tree->count);
    marshal_write_word(writer, "parent");
    write_column(writer, parents, tree->count);
    marshal_write_word(writer, "function");
    write_column(writer, functions, tree->count);
    marshal_write_word(writer, "columns");
    marshal_write_list(writer, (uint32_t)tree->column_count);
    for (size_t i = 0; i < tree->column_count; i++) {
        struct column_source numbers = {.kind = COLUMN_NUMBERS, .numbers = tree->columns[i].values};

        marshal_write_tuple(writer, 3);
        marshal_write_text(writer, tree->columns[i].name);
        marshal_write_text(writer, tree->columns[i].unit);
        write_column(writer, numbers, tree->count);
    }
    marshal_close_dictionary(writer);
}

static void write_facts(struct marshal_writer *writer, const struct profile *profile)
{
    marshal_open_dictionary(writer);
    for (size_t i = 0; i < profile->fact_count; i++) {
        const struct fact *fact = &profile->facts[i];

        marshal_write_text(writer, fact->name);
        if (fact->kind == FACT_TEXT)
            marshal_write_text(writer, fact->text);
        else if (fact->kind == FACT_REAL)
            marshal_write_real(writer, fact->real);
        else
            marshal_write_integer(writer, fact->integer);
    }
    marshal_close_dictionary(writer);
}

static void write_labels(struct marshal_writer *writer, const struct profile *profile,
                         const struct numbering *numbering)
{
    marshal_write_list(writer, numbering->unlisted_count);
    for (uint32_t i = 0; i < numbering->unlisted_count; i++) {
        const struct label *label = &profile->functions[numbering->unlisted[i]].label;

        marshal_write_tuple(writer, 3);
        marshal_write_text(writer, label->file);
        marshal_write_integer(writer, label->line);
        marshal_write_text(writer, label->name);
    }
}

static void write_data(const struct profile *profile, const struct numbering *numbering, struct buffer *data)
{
    struct marshal_writer writer;

    marshal_writer_init(&writer, data, 0);
    marshal_open_dictionary(&writer);
    marshal_write_word(&writer, "facts");
    write_facts(&writer, profile);
    marshal_write_word(&writer, "labels");
    write_labels(&writer, profile, numbering);
    marshal_write_word(&writer, "trees");
    marshal_write_list(&writer, (uint32_t)profile->tree_count);
    for (size_t i = 0; i < profile->tree_count; i++)
        write_tree(&writer, &profile->trees[i], numbering->places);
    marshal_close_dictionary(&writer);
    marshal_writer_release(&writer);
}

/* Size and checksum are known only when the data is in place, so the header goes in last. */
static void append_trailer(struct buffer *out, const struct buffer *data)
{
    size_t start = out->size;
    struct buffer header;
    size_t size;

    buffer_extend(out, TRAILER_HEADER_SIZE);
    compression_deflate(out, data->data, data->size);
    if (out->failed)
        return;
    size = out->size - start - TRAILER_HEADER_SIZE;
    header = *out;
    header.size = start;
    buffer_append(&header, STATFILE_MAGIC, TRAILER_MAGIC_SIZE);
    buffer_append_u32le(&header, STATFILE_TRAILER_VERSION);
    buffer_append_u64le(&header, size);
    buffer_append_u32le(&header, (uint32_t)crc32_z(0, header.data + header.size + 4, size));
}

int trailer_encode(const struct profile *profile, struct buffer *out, struct error *error)
{
    struct numbering numbering;
    struct buffer data;
    int status = 0;

    if (profile->tree_count == 0 && profile->fact_count == 0)
        return 0;
    buffer_init(&data, out->allocator);
    if (numbering_init(&numbering, profile))
        data.failed = true;
    else
        write_data(profile, &numbering, &data);
    if (data.failed)
        status = error_set_memory(error);
    else if (profile->tree_count > TRAILER_TREE_LIMIT || profile->fact_count > TRAILER_FACT_LIMIT)
        status = error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more facts or call trees than a file can hold");
    else
        append_trailer(out, &data);
    if (status == 0 && out->failed)
        status = error_set_memory(error);
    numbering_release(&numbering, profile);
    buffer_release(&data);
    return status;
}
