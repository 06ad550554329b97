/* Statistics are decoded in the order of the file, where a caller is often met before its own entry.  So functions get
 * provisional positions as they are met, and are put into the order of the dictionary at the end.
 */
#include "statfile.h"

#include <math.h>
#include <string.h>

#include "marshal_reader.h"
#include "marshal_writer.h"
#include "statfile_parts.h"

/* references[f]: the number of the label of function f plus one, 0 while it is not written. */
static void write_label(struct marshal_writer *writer, const struct profile *profile, uint32_t function,
                        uint32_t *references)
{
    const struct label *label = &profile->functions[function].label;

    if (references[function]) {
        marshal_write_reference(writer, references[function] - 1);
        return;
    }
    references[function] = marshal_write_tuple_once(writer, 3) + 1;
    marshal_write_text(writer, label->file);
    marshal_write_integer(writer, label->line);
    marshal_write_text(writer, label->name);
}

/* The most that a tuple of two counts and two times takes. */
enum { NUMBERS_SIZE = MARSHAL_TUPLE_SIZE + 2 * MARSHAL_INTEGER_SIZE + 2 * MARSHAL_REAL_SIZE };

/* The file has the primitive calls first in a function's entry, and second in a caller's. */
static void write_caller(struct marshal_writer *writer, const struct caller *caller)
{
    unsigned char *at = marshal_room(writer, NUMBERS_SIZE);

    if (!at)
        return;
    if (!caller->plain)
        at = marshal_put_tuple(at, 4);
    at = marshal_put_integer(at, caller->ncalls);
    if (!caller->plain) {
        at = marshal_put_integer(at, caller->primitive);
        at = marshal_put_real(writer, at, caller->tottime);
        at = marshal_put_real(writer, at, caller->cumtime);
    }
    marshal_end(writer, at);
}

static void write_function(struct marshal_writer *writer, const struct profile *profile, uint32_t position,
                           uint32_t *references)
{
    const struct function *function = &profile->functions[position];
    unsigned char *at;

    write_label(writer, profile, position, references);
    at = marshal_room(writer, NUMBERS_SIZE);
    if (!at)
        return;
    at = marshal_put_tuple(at, 5);
    at = marshal_put_integer(at, function->primitive);
    at = marshal_put_integer(at, function->ncalls);
    at = marshal_put_real(writer, at, function->tottime);
    marshal_end(writer, marshal_put_real(writer, at, function->cumtime));
    marshal_open_dictionary(writer);
    for (size_t i = 0; i < function->caller_count; i++) {
        write_label(writer, profile, function->callers[i].function, references);
        write_caller(writer, &function->callers[i]);
    }
    marshal_close_dictionary(writer);
}

/* Room for what a file usually takes, so that large ones are not copied as they grow. */
enum { USUAL_FUNCTION_SIZE = 80, USUAL_CALLER_SIZE = 35 };

static void write_statistics(const struct profile *profile, struct buffer *out)
{
    uint32_t *references = allocator_zeroed(out->allocator, profile->function_count + 1, sizeof *references);
    struct marshal_writer writer;
    size_t edges = 0;

    if (!references) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < profile->function_count; i++)
        edges += profile->functions[i].caller_count;
    buffer_reserve(out, profile->function_count * USUAL_FUNCTION_SIZE + edges * USUAL_CALLER_SIZE);
    marshal_writer_init(&writer, out, profile->function_count);
    marshal_open_dictionary(&writer);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        if (profile->functions[i].listed)
            write_function(&writer, profile, i, references);
    }
    marshal_close_dictionary(&writer);
    marshal_writer_release(&writer);
    allocator_free(out->allocator, references);
}

int statfile_encode(const struct profile *profile, struct buffer *out, struct error *error)
{
    write_statistics(profile, out);
    return out->failed ? error_set_memory(error) : trailer_encode(profile, out, error);
}

/* Where the entry with this number holds its edge from the caller that owns the mark.  So an equal key of the same
 * dictionary is found without a search. */
struct edge_mark {
    uint32_t entry_number;
    uint32_t edge;
};

/* What decoding the dictionary needs beside the profile. */
struct decoding {
    struct profile *profile;
    struct marshal_reader reader;
    uint32_t *order; /* the keys of the dictionary: positions in the profile */
    size_t order_count;
    size_t order_capacity;
    struct edge_mark *marks; /* by position of the caller */
    size_t mark_count;
    size_t mark_capacity;
    uint32_t entry_number;
    uint64_t edge_count; /* of all functions */
    int64_t total_calls;
};

/* The memory that edges may take, measured by the input: a dictionary of callers that is named again has no bytes. */
enum { EDGE_FACTOR = 16, EDGE_FREE = 1 << 20 };

static int fail(struct decoding *decoding, const struct marshal_value *value, const char *reason)
{
    return error_set(decoding->reader.error, ERROR_FORMAT, (int64_t)value->offset, "%s", reason);
}

static int take_tuple(struct marshal_reader *reader, const struct marshal_value *value, uint32_t count,
                      const char *wanted)
{
    if (value->kind != MARSHAL_TUPLE)
        return marshal_mismatch(reader, value, wanted);
    if (value->as.elements.count != count)
        return error_set(reader->error, ERROR_FORMAT, (int64_t)value->offset, "a tuple of %u where %s should be",
                         (unsigned)value->as.elements.count, wanted);
    return 0;
}

static int read_label_text(struct marshal_reader *reader, const struct string **text, const char *wanted)
{
    struct marshal_value value;

    return marshal_read(reader, &value) ? -1 : marshal_text(reader, &value, text, wanted);
}

static int count_label_text(struct marshal_reader *reader, const struct marshal_value *value, const struct label *label)
{
    uint64_t size = (uint64_t)label->file->size + label->name->size;

    if (size <= reader->label_text) {
        reader->label_text -= size;
        return 0;
    }
    return error_set(reader->error, ERROR_FORMAT, (int64_t)value->offset,
                     "more text in the names of functions than such a file may repeat");
}

int label_decode_value(struct marshal_reader *reader, struct profile *profile, const struct marshal_value *value,
                       uint32_t *function)
{
    const struct string *file, *name;
    struct marshal_value line;
    size_t known = profile->function_count;

    if (take_tuple(reader, value, 3, "a function (file, line, name)"))
        return -1;
    if (value->repeated && value->tag != MARSHAL_NO_TAG) {
        *function = value->tag;
        return marshal_leave(reader, value);
    }
    if (read_label_text(reader, &file, "a file name") || marshal_read(reader, &line))
        return -1;
    if (line.kind != MARSHAL_INTEGER)
        return marshal_mismatch(reader, &line, "a line number");
    if (read_label_text(reader, &name, "a function name") || marshal_leave(reader, value))
        return -1;
    *function = profile_function(profile, file, line.as.integer, name);
    if (*function == PROFILE_NO_FUNCTION)
        return error_set_memory(reader->error);
    marshal_tag(reader, value, *function);
    return profile->function_count == known ? 0 : count_label_text(reader, value, &profile->functions[*function].label);
}

int label_decode(struct marshal_reader *reader, struct profile *profile, uint32_t *function)
{
    struct marshal_value value;

    return marshal_read(reader, &value) ? -1 : label_decode_value(reader, profile, &value, function);
}

/* Counts are whole and not negative, and all of them together fit into 64 bits, so that no report can overflow when it
 * adds some up.  More primitive calls than calls are let pass: pstats prints that, and profiles that were written while
 * functions were running have it. */
static int take_count(struct decoding *decoding, const struct marshal_value *value, int64_t *count)
{
    const double past_largest = 0x1p63;

    if (value->kind == MARSHAL_INTEGER)
        *count = value->as.integer;
    else if (value->kind != MARSHAL_REAL)
        return marshal_mismatch(&decoding->reader, value, "a number of calls");
    else if (fabs(value->as.real) < past_largest && (double)(int64_t)value->as.real == value->as.real)
        *count = (int64_t)value->as.real;
    else
        return fail(decoding, value, "a number of calls that is not whole");
    if (*count < 0)
        return fail(decoding, value, "negative number of calls");
    if (__builtin_add_overflow(decoding->total_calls, *count, &decoding->total_calls))
        return fail(decoding, value, "more calls than 64 bits can count");
    return 0;
}

static int read_count(struct decoding *decoding, int64_t *count)
{
    struct marshal_value value;

    return marshal_read(&decoding->reader, &value) ? -1 : take_count(decoding, &value, count);
}

/* A custom timer may count in integers, and may run backwards. */
static int read_time(struct decoding *decoding, double *seconds)
{
    struct marshal_value value;

    if (marshal_read(&decoding->reader, &value))
        return -1;
    if (value.kind != MARSHAL_REAL && value.kind != MARSHAL_INTEGER)
        return marshal_mismatch(&decoding->reader, &value, "a time");
    *seconds = value.kind == MARSHAL_REAL ? value.as.real : (double)value.as.integer;
    if (isnan(*seconds))
        return fail(decoding, &value, "a time that is not a number");
    return isinf(*seconds) ? fail(decoding, &value, "an infinite time") : 0;
}

/* The old `profile` module stores a count in place of the four numbers. */
static int read_caller_numbers(struct decoding *decoding, struct caller *caller)
{
    struct marshal_value value;

    if (marshal_read(&decoding->reader, &value))
        return -1;
    caller->plain = value.kind == MARSHAL_INTEGER || value.kind == MARSHAL_REAL;
    if (caller->plain)
        return take_count(decoding, &value, &caller->ncalls);
    if (take_tuple(&decoding->reader, &value, 4, "the numbers of a caller (nc, cc, tt, ct)") ||
        read_count(decoding, &caller->ncalls) || read_count(decoding, &caller->primitive) ||
        read_time(decoding, &caller->tottime) || read_time(decoding, &caller->cumtime))
        return -1;
    return marshal_leave(&decoding->reader, &value);
}

/* The edge from `caller` in the entry of `function` that is being read, zeroed: of two equal keys the last one counts.
 */
static struct caller *place_caller(struct decoding *decoding, uint32_t function, uint32_t caller)
{
    struct profile *profile = decoding->profile;
    struct caller *edge;
    struct edge_mark *mark;

    if (caller >= decoding->mark_count) {
        size_t grown = profile->function_count;

        if (allocator_reserve(profile->allocator, &decoding->marks, &decoding->mark_capacity, grown,
                              sizeof *decoding->marks))
            return NULL;
        memset(decoding->marks + decoding->mark_count, 0, (grown - decoding->mark_count) * sizeof *decoding->marks);
        decoding->mark_count = grown;
    }
    mark = &decoding->marks[caller];
    if (mark->entry_number == decoding->entry_number) {
        edge = &profile->functions[function].callers[mark->edge];
        *edge = (struct caller){.function = caller};
        return edge;
    }
    *mark = (struct edge_mark){decoding->entry_number, (uint32_t)profile->functions[function].caller_count};
    return profile_append_caller(profile, function, caller);
}

static int read_callers(struct decoding *decoding, uint32_t function)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value callers, key;
    struct caller *edge;
    uint32_t caller;

    if (marshal_read(reader, &callers))
        return -1;
    if (callers.kind != MARSHAL_DICTIONARY)
        return marshal_mismatch(reader, &callers, "a dictionary of callers");
    decoding->entry_number++;
    for (;;) {
        if (marshal_read(reader, &key))
            return -1;
        if (key.kind == MARSHAL_END)
            return marshal_leave(reader, &callers);
        if (label_decode_value(reader, decoding->profile, &key, &caller))
            return -1;
        if (++decoding->edge_count * sizeof *edge > (uint64_t)EDGE_FACTOR * reader->size + EDGE_FREE)
            return fail(decoding, &key, "too much is repeated by reference");
        edge = place_caller(decoding, function, caller);
        if (!edge)
            return error_set_memory(reader->error);
        if (read_caller_numbers(decoding, edge))
            return -1;
    }
}

/* Makes an entry for a key; of two equal keys the first gives the place and the last the numbers. */
static int list_function(struct decoding *decoding, uint32_t position)
{
    struct function *function = &decoding->profile->functions[position];

    function->caller_count = 0;
    if (function->listed)
        return 0;
    function->listed = true;
    if (allocator_reserve(decoding->profile->allocator, &decoding->order, &decoding->order_capacity,
                          decoding->order_count + 1, sizeof *decoding->order))
        return error_set_memory(decoding->reader.error);
    decoding->order[decoding->order_count++] = position;
    return 0;
}

static int read_entry(struct decoding *decoding, const struct marshal_value *key)
{
    struct function *function;
    struct marshal_value entry;
    uint32_t position;

    if (label_decode_value(&decoding->reader, decoding->profile, key, &position) || list_function(decoding, position) ||
        marshal_read(&decoding->reader, &entry) ||
        take_tuple(&decoding->reader, &entry, 5, "the numbers of a function (cc, nc, tt, ct, callers)"))
        return -1;
    function = &decoding->profile->functions[position];
    if (read_count(decoding, &function->primitive) || read_count(decoding, &function->ncalls) ||
        read_time(decoding, &function->tottime) || read_time(decoding, &function->cumtime) ||
        read_callers(decoding, position))
        return -1;
    return marshal_leave(&decoding->reader, &entry);
}

static int read_statistics(struct decoding *decoding)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value statistics, key;

    if (marshal_read(reader, &statistics))
        return -1;
    if (statistics.kind != MARSHAL_DICTIONARY)
        return marshal_mismatch(reader, &statistics, "the dictionary of a profile");
    for (;;) {
        if (marshal_read(reader, &key))
            return -1;
        if (key.kind == MARSHAL_END)
            break;
        if (read_entry(decoding, &key))
            return -1;
    }
    if (profile_move_to_front(decoding->profile, decoding->order, decoding->order_count))
        return error_set_memory(reader->error);
    return 0;
}

int statfile_decode(struct profile *profile, const void *data, size_t size, struct error *error)
{
    struct decoding decoding = {.profile = profile};
    int status;

    if (size == 0)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "is empty");
    marshal_reader_init(&decoding.reader, data, size, &profile->strings, error);
    decoding.reader.label_text = LABEL_TEXT_FACTOR * (uint64_t)size + LABEL_TEXT_FREE;
    status = read_statistics(&decoding);
    if (status == 0)
        status = trailer_decode(profile, data, size, decoding.reader.at, error);
    marshal_reader_release(&decoding.reader);
    allocator_free(profile->allocator, decoding.order);
    allocator_free(profile->allocator, decoding.marks);
    return status;
}
