/* Statistics are decoded in the order of the file, where a caller is often met before its own entry.  So labels are
 * numbered as they are met, functions are made in the order of the dictionary, and edges hold the number of their
 * caller's label until the end.
 *
 * A large file is millions of small values, so each is first tried the short way (marshal_quick.h).  Nothing but speed
 * depends on that.
 */
#include "statfile.h"

#include <math.h>
#include <string.h>

#include "marshal_quick.h"
#include "marshal_reader.h"
#include "statfile_parts.h"

/* A label, of a function or of a caller. */
struct met_label {
    struct label label;
    uint32_t function; /* position in the profile, or PROFILE_NO_FUNCTION */
};

/* Where the entry with this number holds its edge from the caller that owns the mark.  So an equal key of the same
 * dictionary is found without a search. */
struct edge_mark {
    uint32_t entry_number;
    uint32_t edge;
};

/* What decoding the dictionary needs beside the profile. */
struct decoding {
    struct profile *profile;
    unsigned parts;
    struct marshal_reader reader;
    struct met_label *labels;
    size_t label_count;
    size_t label_capacity;
    struct index_map by_label;
    uint32_t entry_point; /* number of the label whose edges mark entry points, or PROFILE_NO_FUNCTION */
    struct edge_mark *marks; /* by number of the caller's label */
    size_t mark_count;
    size_t mark_capacity;
    uint32_t entry_number;
    uint64_t edge_count; /* of all functions */
    int64_t total_calls;
};

/* The memory that edges may take, measured by the input: a dictionary of callers that is named again has no bytes. */
enum { EDGE_FACTOR = 16, EDGE_FREE = 1 << 20 };
/* What a function and its callers usually take of a file at least. */
enum { USUAL_ENTRY_SIZE = 200 };

static int fail(struct decoding *decoding, size_t offset, const char *reason)
{
    return marshal_fail(&decoding->reader, offset, reason);
}

static int add_label(struct decoding *decoding, const struct label *label, uint32_t hash)
{
    size_t number = decoding->label_count;

    if (number >= PROFILE_NO_FUNCTION ||
        allocator_reserve(decoding->profile->allocator, &decoding->labels, &decoding->label_capacity, number + 1,
                          sizeof *decoding->labels) ||
        index_map_add(&decoding->by_label, hash, (uint32_t)number))
        return error_set_memory(decoding->reader.error);
    decoding->labels[number] = (struct met_label){*label, PROFILE_NO_FUNCTION};
    decoding->label_count++;
    if (label_marks_entry_points(label))
        decoding->entry_point = (uint32_t)number;
    return 0;
}

static bool label_matches(const void *labels, uint32_t number, const void *label)
{
    return label_equal(&((const struct met_label *)labels)[number].label, label);
}

/* The number of a label that begins at `offset`. */
static int number_label(struct decoding *decoding, const struct label *label, size_t offset, uint32_t *number)
{
    uint32_t hash = label_hash(label);

    *number = index_map_find(&decoding->by_label, hash, label_matches, decoding->labels, label);
    if (*number != INDEX_MAP_NONE)
        return 0;
    *number = (uint32_t)decoding->label_count;
    return add_label(decoding, label, hash) ? -1 : label_count_text(&decoding->reader, label, offset);
}

/* A label where the end of the dictionary may stand, too: then *number is PROFILE_NO_FUNCTION. */
static int read_label_or_end(struct decoding *decoding, uint32_t *number)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value tuple = {.offset = reader->at};
    struct label label;
    uint32_t reference;

    if (marshal_quick_reference(reader, MARSHAL_TUPLE | MARSHAL_TAGGED, &reference)) {
        *number = reader->objects[reference].place.tag;
        return 0;
    }
    *number = PROFILE_NO_FUNCTION;
    if (marshal_quick_byte(reader, '0'))
        return 0;
    if (!marshal_quick_tuple(reader, 3, &tuple.reference)) {
        if (marshal_read(reader, &tuple))
            return -1;
        if (tuple.kind == MARSHAL_END)
            return 0;
        if (tuple_take(reader, &tuple, 3, "a function (file, line, name)"))
            return -1;
    }
    if (label_decode_fields(reader, &label) || marshal_leave(reader, &tuple) ||
        number_label(decoding, &label, tuple.offset, number))
        return -1;
    marshal_tag(reader, &tuple, *number);
    return 0;
}

/* Counts are whole and not negative, and all of them together fit into 64 bits, so that no report can overflow when it
 * adds some up.  More primitive calls than calls are let pass: pstats prints that, and profiles that were written while
 * functions were running have it. */
static int add_count(struct decoding *decoding, int64_t count, size_t offset)
{
    if (count < 0)
        return fail(decoding, offset, "negative number of calls");
    if (__builtin_add_overflow(decoding->total_calls, count, &decoding->total_calls))
        return fail(decoding, offset, "more calls than 64 bits can count");
    return 0;
}

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
        return fail(decoding, value->offset, "a number of calls that is not whole");
    return add_count(decoding, *count, value->offset);
}

static int read_count(struct decoding *decoding, int64_t *count)
{
    size_t offset = decoding->reader.at;
    struct marshal_value value;

    if (marshal_quick_integer(&decoding->reader, count))
        return add_count(decoding, *count, offset);
    return marshal_read(&decoding->reader, &value) ? -1 : take_count(decoding, &value, count);
}

/* A custom timer may count in integers, and may run backwards. */
static int read_time(struct decoding *decoding, double *seconds)
{
    size_t offset = decoding->reader.at;
    struct marshal_value value;

    if (!marshal_quick_real(&decoding->reader, seconds)) {
        if (marshal_read(&decoding->reader, &value))
            return -1;
        if (value.kind != MARSHAL_REAL && value.kind != MARSHAL_INTEGER)
            return marshal_mismatch(&decoding->reader, &value, "a time");
        *seconds = value.kind == MARSHAL_REAL ? value.as.real : (double)value.as.integer;
    }
    if (isfinite(*seconds))
        return 0;
    return fail(decoding, offset, isnan(*seconds) ? "a time that is not a number" : "an infinite time");
}

/* The old `profile` module stores a count in place of the four numbers. */
static int read_caller_numbers(struct decoding *decoding, struct caller *caller)
{
    struct marshal_value value = {.offset = decoding->reader.at};

    if (!marshal_quick_tuple(&decoding->reader, 4, &value.reference)) {
        if (marshal_read(&decoding->reader, &value))
            return -1;
        caller->plain = value.kind == MARSHAL_INTEGER || value.kind == MARSHAL_REAL;
        if (caller->plain)
            return take_count(decoding, &value, &caller->ncalls);
        if (tuple_take(&decoding->reader, &value, 4, "the numbers of a caller (nc, cc, tt, ct)"))
            return -1;
    }
    if (read_count(decoding, &caller->ncalls) || read_count(decoding, &caller->primitive) ||
        read_time(decoding, &caller->tottime) || read_time(decoding, &caller->cumtime))
        return -1;
    return marshal_leave(&decoding->reader, &value);
}

static struct edge_mark *find_mark(struct decoding *decoding, uint32_t caller)
{
    size_t grown = decoding->label_count;

    if (caller >= decoding->mark_count) {
        if (allocator_reserve(decoding->profile->allocator, &decoding->marks, &decoding->mark_capacity, grown,
                              sizeof *decoding->marks))
            return NULL;
        memset(decoding->marks + decoding->mark_count, 0, (grown - decoding->mark_count) * sizeof *decoding->marks);
        decoding->mark_count = grown;
    }
    return &decoding->marks[caller];
}

/* The edge from `caller` in the entry of `function` that is being read, zeroed: of two equal keys the last one counts.
 */
static struct caller *place_caller(struct decoding *decoding, uint32_t function, uint32_t caller)
{
    struct profile *profile = decoding->profile;
    struct edge_mark *mark = find_mark(decoding, caller);
    struct caller *edge;

    if (!mark)
        return NULL;
    if (mark->entry_number == decoding->entry_number) {
        edge = &profile->functions[function].callers[mark->edge];
        *edge = (struct caller){.function = caller};
        return edge;
    }
    *mark = (struct edge_mark){decoding->entry_number, (uint32_t)profile->functions[function].caller_count};
    return profile_append_caller(profile, function, caller);
}

/* Edges that nobody wants are read like all others. */
static int read_edge(struct decoding *decoding, uint32_t function, uint32_t caller)
{
    struct caller unwanted, *edge = &unwanted;

    if (decoding->parts & STATFILE_EDGES || caller == decoding->entry_point)
        edge = place_caller(decoding, function, caller);
    return edge ? read_caller_numbers(decoding, edge) : error_set_memory(decoding->reader.error);
}

static int read_callers(struct decoding *decoding, uint32_t function)
{
    struct marshal_reader *reader = &decoding->reader;
    uint64_t most_edges = ((uint64_t)EDGE_FACTOR * reader->size + EDGE_FREE) / sizeof(struct caller);
    struct marshal_value callers = {.repeated = false};
    uint32_t caller;

    if (!marshal_quick_byte(reader, '{')) {
        if (marshal_read(reader, &callers))
            return -1;
        if (callers.kind != MARSHAL_DICTIONARY)
            return marshal_mismatch(reader, &callers, "a dictionary of callers");
    }
    decoding->entry_number++;
    for (;;) {
        size_t offset = reader->at;

        if (read_label_or_end(decoding, &caller))
            return -1;
        if (caller == PROFILE_NO_FUNCTION)
            return marshal_leave(reader, &callers);
        if (++decoding->edge_count > most_edges)
            return fail(decoding, offset, "too much is repeated by reference");
        if (read_edge(decoding, function, caller))
            return -1;
    }
}

/* The function of a key; of two equal keys the first gives the place and the last the numbers. */
static uint32_t list_function(struct decoding *decoding, uint32_t number)
{
    struct met_label *met = &decoding->labels[number];

    if (met->function == PROFILE_NO_FUNCTION) {
        met->function = profile_append_function(decoding->profile, &met->label);
        if (met->function == PROFILE_NO_FUNCTION)
            return PROFILE_NO_FUNCTION;
        decoding->profile->functions[met->function].listed = true;
    }
    decoding->profile->functions[met->function].caller_count = 0;
    return met->function;
}

static int read_entry(struct decoding *decoding, uint32_t label)
{
    struct function *function;
    struct marshal_value entry;
    uint32_t position = list_function(decoding, label);

    if (position == PROFILE_NO_FUNCTION)
        return error_set_memory(decoding->reader.error);
    if (tuple_read(&decoding->reader, &entry, 5, "the numbers of a function (cc, nc, tt, ct, callers)"))
        return -1;
    function = &decoding->profile->functions[position];
    if (read_count(decoding, &function->primitive) || read_count(decoding, &function->ncalls) ||
        read_time(decoding, &function->tottime) || read_time(decoding, &function->cumtime) ||
        read_callers(decoding, position))
        return -1;
    return marshal_leave(&decoding->reader, &entry);
}

/* Callers that the dictionary does not list become functions, too, and edges get the positions of their callers. */
static int finish_functions(struct decoding *decoding)
{
    struct profile *profile = decoding->profile;

    for (size_t i = 0; i < decoding->label_count; i++) {
        struct met_label *met = &decoding->labels[i];

        if (met->function != PROFILE_NO_FUNCTION)
            continue;
        met->function = profile_append_function(profile, &met->label);
        if (met->function == PROFILE_NO_FUNCTION)
            return error_set_memory(decoding->reader.error);
    }
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];

        for (size_t j = 0; j < function->caller_count; j++)
            function->callers[j].function = decoding->labels[function->callers[j].function].function;
    }
    return 0;
}

static int read_statistics(struct decoding *decoding)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value statistics;
    uint32_t label;

    if (marshal_read(reader, &statistics))
        return -1;
    if (statistics.kind != MARSHAL_DICTIONARY)
        return marshal_mismatch(reader, &statistics, "the dictionary of a profile");
    for (;;) {
        if (read_label_or_end(decoding, &label))
            return -1;
        if (label == PROFILE_NO_FUNCTION)
            return finish_functions(decoding);
        if (read_entry(decoding, label))
            return -1;
    }
}

/* So that what grows with the file need not be moved as it grows. */
static int reserve(struct decoding *decoding, size_t size)
{
    size_t usual = size / USUAL_ENTRY_SIZE;

    if (index_map_reserve(&decoding->by_label, (uint32_t)usual) ||
        string_pool_reserve(&decoding->profile->strings, decoding->profile->strings.count + usual))
        return error_set_memory(decoding->reader.error);
    return 0;
}

static void decoding_init(struct decoding *decoding, struct profile *profile, const void *data, size_t size,
                          unsigned parts, struct error *error)
{
    *decoding = (struct decoding){.profile = profile, .parts = parts, .entry_point = PROFILE_NO_FUNCTION};
    index_map_init(&decoding->by_label, profile->allocator);
    marshal_reader_init(&decoding->reader, data, size, &profile->strings, error);
    decoding->reader.label_text = LABEL_TEXT_FACTOR * (uint64_t)size + LABEL_TEXT_FREE;
}

static void decoding_release(struct decoding *decoding)
{
    marshal_reader_release(&decoding->reader);
    index_map_release(&decoding->by_label);
    allocator_free(decoding->profile->allocator, decoding->labels);
    allocator_free(decoding->profile->allocator, decoding->marks);
}

int statfile_decode(struct profile *profile, const void *data, size_t size, unsigned parts, struct error *error)
{
    struct decoding decoding;
    size_t end;
    int status;

    if (size == 0)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "is empty");
    decoding_init(&decoding, profile, data, size, parts, error);
    status = reserve(&decoding, size);
    if (status == 0)
        status = read_statistics(&decoding);
    end = decoding.reader.at;
    decoding_release(&decoding);
    return status ? -1 : trailer_decode(profile, data, size, end, parts, error);
}
