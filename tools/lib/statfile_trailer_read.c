/* The data of a trailer, inflated.  Its dictionaries may come in any order; a tree is put together when all of it has
 * been read. */
#include "statfile_parts.h"

#include <string.h>

/* Bytes objects may be shared (CPython shares those of one byte), but a large one must not become many columns. */
enum { SHARED_BYTES_FREE = 65536 };
/* What trees and columns take beside their nodes is held against the size of the data, too: empty ones have hardly any
 * bytes.  Real ones have a quarter of it at least. */
enum { STRUCTURE_FACTOR = 4, STRUCTURE_FREE = 8 << 20 };

struct bytes {
    const unsigned char *data;
    size_t size;
};

struct column_parts {
    const struct string *name;
    const struct string *unit;
    struct bytes values;
};

/* A tree as it is read: its keys may come in any order, so it is put together at the end. */
struct tree_parts {
    const struct string *thread;
    int64_t count;
    struct bytes parent;
    struct bytes function;
    struct column_parts *columns;
    size_t column_count;
    size_t column_capacity;
};

/* What decoding the data needs beside the profile. */
struct trailer_decoding {
    struct profile *profile;
    struct marshal_reader reader;
    uint32_t listed_count;
    uint32_t *labels; /* positions in the profile */
    size_t label_count;
    size_t label_capacity;
    size_t column_bytes;      /* of all columns so far */
    uint64_t structure_bytes; /* that trees and columns take in memory, beside their nodes */
    struct tree_parts tree;
};

static int fail(struct trailer_decoding *decoding, const char *reason)
{
    return error_set(decoding->reader.error, ERROR_FORMAT, (int64_t)decoding->reader.at, "%s", reason);
}

static int count_structure(struct trailer_decoding *decoding, size_t bytes)
{
    decoding->structure_bytes += bytes;
    if (decoding->structure_bytes <= (uint64_t)STRUCTURE_FACTOR * decoding->reader.size + STRUCTURE_FREE)
        return 0;
    return fail(decoding, "more call trees and columns than such a file may hold");
}

static int read_kind(struct trailer_decoding *decoding, struct marshal_value *value, enum marshal_kind kind,
                     const char *wanted)
{
    if (marshal_read(&decoding->reader, value))
        return -1;
    return value->kind == kind ? 0 : marshal_mismatch(&decoding->reader, value, wanted);
}

/* A key of one of the trailer's dictionaries, and what reads its value. */
struct trailer_key {
    const char *name;
    int (*read)(struct trailer_decoding *decoding);
};

static int read_keyed(struct trailer_decoding *decoding, const struct string *name, const struct trailer_key *keys)
{
    struct marshal_value unknown;

    for (; keys->name; keys++) {
        if (strlen(keys->name) == name->size && memcmp(keys->name, name->bytes, name->size) == 0)
            return keys->read(decoding);
    }
    return marshal_read(&decoding->reader, &unknown) ? -1 : marshal_skip(&decoding->reader, &unknown);
}

/* `keys` ends with a row without a name. */
static int read_dictionary(struct trailer_decoding *decoding, const struct trailer_key *keys)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value dictionary, key;
    const struct string *name;

    if (read_kind(decoding, &dictionary, MARSHAL_DICTIONARY, "a dictionary"))
        return -1;
    for (;;) {
        if (marshal_read(reader, &key))
            return -1;
        if (key.kind == MARSHAL_END)
            return marshal_leave(reader, &dictionary);
        if (marshal_text(reader, &key, &name, "a key") || read_keyed(decoding, name, keys))
            return -1;
    }
}

static int read_list(struct trailer_decoding *decoding, int (*read_element)(struct trailer_decoding *decoding))
{
    struct marshal_value list;

    if (read_kind(decoding, &list, MARSHAL_LIST, "a list"))
        return -1;
    for (uint32_t i = 0; i < list.as.elements.count; i++) {
        if (read_element(decoding))
            return -1;
    }
    return marshal_leave(&decoding->reader, &list);
}

static int set_fact(struct trailer_decoding *decoding, const struct string *name, const struct marshal_value *value)
{
    struct profile *profile = decoding->profile;
    int status;

    if (value->kind == MARSHAL_INTEGER)
        status = profile_set_integer(profile, name->bytes, value->as.integer);
    else if (value->kind == MARSHAL_REAL)
        status = profile_set_real(profile, name->bytes, value->as.real);
    else if (value->kind == MARSHAL_TEXT)
        status = profile_set_text(profile, name->bytes, value->as.text->bytes, value->as.text->size);
    else
        return marshal_skip(&decoding->reader, value);
    return status ? error_set_memory(decoding->reader.error) : 0;
}

static int read_facts(struct trailer_decoding *decoding)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value facts, key, value;
    const struct string *name;

    if (read_kind(decoding, &facts, MARSHAL_DICTIONARY, "a dictionary of facts"))
        return -1;
    for (;;) {
        if (marshal_read(reader, &key))
            return -1;
        if (key.kind == MARSHAL_END)
            return marshal_leave(reader, &facts);
        if (marshal_text(reader, &key, &name, "the name of a fact") || marshal_read(reader, &value))
            return -1;
        if (memchr(name->bytes, '\0', name->size))
            return fail(decoding, "a NUL in the name of a fact");
        if (decoding->profile->fact_count >= TRAILER_FACT_LIMIT)
            return fail(decoding, "too many facts");
        if (set_fact(decoding, name, &value))
            return -1;
    }
}

/* Finds or adds the function of a label. */
static int read_function(struct trailer_decoding *decoding, uint32_t *function)
{
    struct marshal_reader *reader = &decoding->reader;
    size_t known = decoding->profile->function_count;
    struct marshal_value tuple;
    struct label label;

    if (tuple_read(reader, &tuple, 3, "a function (file, line, name)"))
        return -1;
    if (tuple.repeated && tuple.tag != MARSHAL_NO_TAG) {
        *function = tuple.tag;
        return marshal_leave(reader, &tuple);
    }
    if (label_decode_fields(reader, &decoding->profile->by_label, &label) || marshal_leave(reader, &tuple))
        return -1;
    *function = profile_function(decoding->profile, label.file, label.line, label.name);
    if (*function == PROFILE_NO_FUNCTION)
        return error_set_memory(reader->error);
    marshal_tag(reader, &tuple, *function);
    return decoding->profile->function_count == known ? 0 : label_count_text(reader, &label, tuple.offset);
}

static int read_label(struct trailer_decoding *decoding)
{
    uint32_t function;

    if (read_function(decoding, &function))
        return -1;
    if (allocator_reserve(decoding->profile->allocator, &decoding->labels, &decoding->label_capacity,
                          decoding->label_count + 1, sizeof *decoding->labels))
        return error_set_memory(decoding->reader.error);
    decoding->labels[decoding->label_count++] = function;
    return 0;
}

static int read_labels(struct trailer_decoding *decoding)
{
    return read_list(decoding, read_label);
}

static int read_bytes(struct trailer_decoding *decoding, struct bytes *bytes)
{
    struct marshal_value value;

    if (read_kind(decoding, &value, MARSHAL_BYTES, "a column of bytes"))
        return -1;
    *bytes = (struct bytes){value.as.bytes.data, value.as.bytes.size};
    decoding->column_bytes += bytes->size;
    if (decoding->column_bytes > decoding->reader.size + SHARED_BYTES_FREE)
        return fail(decoding, "too much is repeated by reference");
    return 0;
}

static int read_node_count(struct trailer_decoding *decoding)
{
    struct marshal_value value;

    if (read_kind(decoding, &value, MARSHAL_INTEGER, "a number of call paths"))
        return -1;
    decoding->tree.count = value.as.integer;
    return 0;
}

static int read_thread(struct trailer_decoding *decoding)
{
    struct marshal_value value;

    if (marshal_read(&decoding->reader, &value))
        return -1;
    return marshal_text(&decoding->reader, &value, &decoding->tree.thread, "the name of a thread");
}

static int read_parents(struct trailer_decoding *decoding)
{
    return read_bytes(decoding, &decoding->tree.parent);
}

static int read_functions(struct trailer_decoding *decoding)
{
    return read_bytes(decoding, &decoding->tree.function);
}

static int read_column(struct trailer_decoding *decoding)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value tuple, name, unit;
    struct column_parts column;

    if (read_kind(decoding, &tuple, MARSHAL_TUPLE, "a column (name, unit, values)"))
        return -1;
    if (tuple.as.elements.count != 3)
        return fail(decoding, "a column that is not (name, unit, values)");
    if (marshal_read(reader, &name) || marshal_text(reader, &name, &column.name, "the name of a column") ||
        marshal_read(reader, &unit) || marshal_text(reader, &unit, &column.unit, "the unit of a column") ||
        read_bytes(decoding, &column.values) || marshal_leave(reader, &tuple) ||
        count_structure(decoding, sizeof(struct path_column) + sizeof(int64_t) + column.name->size + column.unit->size))
        return -1;
    if (allocator_reserve(decoding->profile->allocator, &decoding->tree.columns, &decoding->tree.column_capacity,
                          decoding->tree.column_count + 1, sizeof *decoding->tree.columns))
        return error_set_memory(reader->error);
    decoding->tree.columns[decoding->tree.column_count++] = column;
    return 0;
}

static int read_columns(struct trailer_decoding *decoding)
{
    return read_list(decoding, read_column);
}

/* Unsigned LEB128 of 64 bits at most; 0, or -1 where it is cut off or too long. */
static int take_varint(struct bytes *bytes, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && bytes->size > 0; shift += 7) {
        unsigned char byte = *bytes->data++;

        bytes->size--;
        if (shift == 63 && byte > 1)
            return -1;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return 0;
    }
    return -1;
}

static int fill_parents(struct trailer_decoding *decoding, struct path_tree *tree)
{
    struct bytes bytes = decoding->tree.parent;
    uint64_t distance;

    for (uint32_t node = 0; node < tree->count; node++) {
        if (take_varint(&bytes, &distance) || distance > node)
            return fail(decoding, "a call path without a parent before it");
        tree->parent[node] = distance ? node - (uint32_t)distance : PROFILE_NO_PARENT;
    }
    return bytes.size ? fail(decoding, "more parents than call paths") : 0;
}

static int fill_functions(struct trailer_decoding *decoding, struct path_tree *tree)
{
    struct bytes bytes = decoding->tree.function;
    uint64_t place;

    for (uint32_t node = 0; node < tree->count; node++) {
        if (take_varint(&bytes, &place) || place >= decoding->listed_count + decoding->label_count)
            return fail(decoding, "a call path of an unknown function");
        tree->function[node] =
            place < decoding->listed_count ? (uint32_t)place : decoding->labels[place - decoding->listed_count];
    }
    return bytes.size ? fail(decoding, "more functions than call paths") : 0;
}

static int fill_column(struct trailer_decoding *decoding, struct bytes bytes, uint32_t count, int64_t *values)
{
    uint64_t zigzag;

    for (uint32_t node = 0; node < count; node++) {
        if (take_varint(&bytes, &zigzag))
            return fail(decoding, "a column that is shorter than its call tree");
        values[node] = (int64_t)(zigzag >> 1 ^ -(zigzag & 1));
    }
    return bytes.size ? fail(decoding, "a column that is longer than its call tree") : 0;
}

/* Every node takes a byte in every column, so a count that passes is no larger than the input. */
static int check_node_count(struct trailer_decoding *decoding)
{
    const struct tree_parts *parts = &decoding->tree;
    int64_t most = UINT32_MAX - 1;
    bool fits = parts->count >= 0 && parts->count <= most && (uint64_t)parts->count <= parts->parent.size &&
                (uint64_t)parts->count <= parts->function.size;

    for (size_t i = 0; i < parts->column_count; i++)
        fits = fits && (uint64_t)parts->count <= parts->columns[i].values.size;
    return fits ? 0 : fail(decoding, "fewer call paths than the call tree says");
}

static int build_tree(struct trailer_decoding *decoding)
{
    const struct tree_parts *parts = &decoding->tree;
    struct path_tree *tree;

    if (decoding->profile->tree_count >= TRAILER_TREE_LIMIT)
        return fail(decoding, "too many call trees");
    if (check_node_count(decoding) || count_structure(decoding, sizeof *tree + sizeof(int64_t)))
        return -1;
    tree = profile_append_tree(decoding->profile, (uint32_t)parts->count, parts->column_count);
    if (!tree)
        return error_set_memory(decoding->reader.error);
    tree->thread = parts->thread;
    if (fill_parents(decoding, tree) || fill_functions(decoding, tree))
        return -1;
    for (size_t i = 0; i < parts->column_count; i++) {
        tree->columns[i].name = parts->columns[i].name;
        tree->columns[i].unit = parts->columns[i].unit;
        if (fill_column(decoding, parts->columns[i].values, tree->count, tree->columns[i].values))
            return -1;
    }
    return 0;
}

static int read_tree(struct trailer_decoding *decoding)
{
    static const struct trailer_key keys[] = {{"thread", read_thread},
                                              {"count", read_node_count},
                                              {"parent", read_parents},
                                              {"function", read_functions},
                                              {"columns", read_columns},
                                              {NULL, NULL}};
    struct tree_parts *parts = &decoding->tree;

    *parts = (struct tree_parts){.columns = parts->columns, .column_capacity = parts->column_capacity};
    return read_dictionary(decoding, keys) ? -1 : build_tree(decoding);
}

static int read_trees(struct trailer_decoding *decoding)
{
    return read_list(decoding, read_tree);
}

int trailer_read_data(struct profile *profile, const struct buffer *data, size_t file_size, struct error *error)
{
    static const struct trailer_key keys[] = {
        {"facts", read_facts}, {"labels", read_labels}, {"trees", read_trees}, {NULL, NULL}};
    struct trailer_decoding decoding = {.profile = profile};
    int status;

    while (decoding.listed_count < profile->function_count && profile->functions[decoding.listed_count].listed)
        decoding.listed_count++;
    marshal_reader_init(&decoding.reader, data->data, data->size, &profile->strings, error);
    decoding.reader.label_text = LABEL_TEXT_FACTOR * (uint64_t)file_size + LABEL_TEXT_FREE;
    status = read_dictionary(&decoding, keys);
    marshal_reader_release(&decoding.reader);
    allocator_free(profile->allocator, decoding.labels);
    allocator_free(profile->allocator, decoding.tree.columns);
    return status;
}
