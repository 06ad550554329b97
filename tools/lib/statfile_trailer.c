/* The trailer's data, inflated, is one marshal dictionary, so that Python reads it with zlib and marshal:
 *
 *   {"facts": {name: value, ...},                 int, float or str
 *    "labels": [(file, line, name), ...],         functions of the trees that the dictionary does not list
 *    "trees": [{"count": n,                       nodes
 *               "parent": bytes,                  n varints: node - parent, 0 for none
 *               "function": bytes,                n varints: index into the dictionary's keys, then into "labels"
 *               "columns": [(name, unit, bytes),  n zigzag varints
 *                           ...]},
 *              ...]}
 *
 * A varint is unsigned LEB128; zigzag maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ...  Keys and kinds of facts that a reader
 * does not know are skipped, columns that it does not know are kept.
 *
 * A tree's node refers to a parent that stands close before it more often than not, and to few functions: as small
 * numbers in columns both compress well, and the cheapest level of zlib takes most of what is to be had.
 */
#include "statfile_trailer.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "marshal_writer.h"
#include "statfile.h"

enum { MAGIC_SIZE = 8, HEADER_SIZE = MAGIC_SIZE + 4 + 8 + 4, VARINT_SIZE = 10 };
/* Inflated.  Some forty times what the tracer's default cap on call paths comes to. */
enum { DATA_LIMIT = 512 << 20 };
enum { DEFLATE_LEVEL = 1, SMALLEST_WINDOW_BITS = 9, DEFAULT_MEMORY_LEVEL = 8 };

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

static uint64_t column_number(const struct column_source *source, uint32_t node)
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

static void write_column(struct marshal_writer *writer, const struct column_source *source, uint32_t count)
{
    size_t opened = marshal_open_bytes(writer);
    unsigned char *start = buffer_extend(writer->out, (size_t)count * VARINT_SIZE), *at = start;

    if (!start)
        return;
    for (uint32_t node = 0; node < count; node++)
        at = put_varint(at, column_number(source, node));
    writer->out->size -= (size_t)count * VARINT_SIZE - (size_t)(at - start);
    marshal_close_bytes(writer, opened);
}

static void write_tree(struct marshal_writer *writer, const struct path_tree *tree, const uint32_t *places)
{
    struct column_source parents = {.kind = COLUMN_PARENT, .nodes = tree->parent};
    struct column_source functions = {.kind = COLUMN_FUNCTION, .nodes = tree->function, .places = places};

    marshal_open_dictionary(writer);
    marshal_write_word(writer, "count");
    marshal_write_integer(writer, tree->count);
    marshal_write_word(writer, "parent");
    write_column(writer, &parents, tree->count);
    marshal_write_word(writer, "function");
    write_column(writer, &functions, tree->count);
    marshal_write_word(writer, "columns");
    marshal_write_list(writer, (uint32_t)tree->column_count);
    for (size_t i = 0; i < tree->column_count; i++) {
        struct column_source numbers = {.kind = COLUMN_NUMBERS, .numbers = tree->columns[i].values};

        marshal_write_tuple(writer, 3);
        marshal_write_text(writer, tree->columns[i].name);
        marshal_write_text(writer, tree->columns[i].unit);
        write_column(writer, &numbers, tree->count);
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

static void *zlib_allocate(void *opaque, uInt count, uInt size)
{
    return allocator_resize(opaque, NULL, count, size);
}

static void zlib_free(void *opaque, void *block)
{
    allocator_free(opaque, block);
}

static void zlib_stream_init(z_stream *stream, const struct allocator *allocator)
{
    /* zlib hands the pointer back and never writes through it. */
    *stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = (void *)(uintptr_t)allocator};
}

/* Small data gets a small window: setting up the tables costs more than compressing a few kilobytes. */
static int deflate_start(z_stream *stream, size_t size)
{
    int window_bits = SMALLEST_WINDOW_BITS;

    while (window_bits < MAX_WBITS && (size_t)1 << window_bits < size)
        window_bits++;
    return deflateInit2(stream, DEFLATE_LEVEL, Z_DEFLATED, window_bits,
                        DEFAULT_MEMORY_LEVEL - (MAX_WBITS - window_bits) / 2, Z_DEFAULT_STRATEGY);
}

/* Appends `data` compressed; failures show in out->failed. */
static void append_compressed(struct buffer *out, const struct buffer *data)
{
    z_stream stream;
    uLong bound;

    zlib_stream_init(&stream, out->allocator);
    if (deflate_start(&stream, data->size) != Z_OK) {
        out->failed = true;
        return;
    }
    bound = deflateBound(&stream, (uLong)data->size);
    stream.next_out = buffer_extend(out, bound);
    if (stream.next_out) {
        stream.avail_out = (uInt)bound;
        stream.next_in = data->data;
        stream.avail_in = (uInt)data->size;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
            out->failed = true;
        out->size -= stream.avail_out;
    }
    deflateEnd(&stream);
}

static void append_trailer(struct buffer *out, const struct buffer *data)
{
    struct buffer header = *out;
    size_t start, size;

    buffer_append(out, STATFILE_MAGIC, MAGIC_SIZE);
    buffer_append_u32le(out, STATFILE_TRAILER_VERSION);
    buffer_append_u64le(out, 0);
    buffer_append_u32le(out, 0);
    start = out->size;
    append_compressed(out, data);
    if (out->failed)
        return;
    /* The size and the checksum are known now: written a second time, over the header. */
    size = out->size - start;
    header = *out;
    header.size = start - HEADER_SIZE + MAGIC_SIZE + 4;
    buffer_append_u64le(&header, size);
    buffer_append_u32le(&header, (uint32_t)crc32_z(0, out->data + start, size));
}

int statfile_trailer_encode(const struct profile *profile, struct buffer *out, struct error *error)
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
    else if (data.size > DATA_LIMIT)
        status = error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "call paths too large for a file");
    else
        append_trailer(out, &data);
    numbering_release(&numbering, profile);
    buffer_release(&data);
    return status;
}
