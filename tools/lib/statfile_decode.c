/* Statistics are decoded in the order of the file, where a caller is often met before its own entry.  So labels are
 * numbered as they are met, functions are made in the order of the dictionary, and edges hold the number of their
 * caller's label until the end.
 *
 * A large file is millions of small values, so each is first tried the short way (marshal_quick.h).  Nothing but speed
 * depends on that.
 */
#include "statfile.h"

#include <string.h>

#include "marshal_quick.h"
#include "marshal_reader.h"
#include "statfile_numbers.h"
#include "statfile_parts.h"

/* References have 31 bits; and PROFILE_NO_FUNCTION is none of these, for objects are fewer than the bytes of a file. */
#define KEY_REFERENCE ((uint32_t)1 << 31)

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
    uint32_t *keys; /* of each function: number of the label, or KEY_REFERENCE and the number of what it refers to */
    size_t key_capacity;
    struct met_label *labels;
    size_t label_count;
    size_t label_capacity;
    struct index_map by_label;
    uint32_t entry_point; /* number of the label whose edges mark entry points, or PROFILE_NO_FUNCTION */
    struct edge_mark *marks; /* by number of the caller's label */
    size_t mark_count;
    size_t mark_capacity;
    uint32_t entry_number;
    uint64_t edges_left; /* that all functions together may still have */
    int64_t total_calls;
};

/* The memory that edges may take, measured by the input: a dictionary of callers that is named again has no bytes. */
enum { EDGE_FACTOR = 16, EDGE_FREE = 1 << 20 };
/* What a function with its callers, and an object that references can name, usually have of a file at least. */
enum { USUAL_ENTRY_SIZE = 200, USUAL_OBJECT_SIZE = 40 };

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

    if (marshal_quick_tagged(reader, &reference)) {
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
    if (label_decode_fields(reader, &decoding->by_label, &label) || marshal_leave(reader, &tuple) ||
        number_label(decoding, &label, tuple.offset, number))
        return -1;
    marshal_tag(reader, &tuple, *number);
    return 0;
}

/* The old `profile` module stores a count in place of the four numbers. */
static int read_caller_numbers(struct decoding *decoding, struct caller *caller)
{
    struct marshal_value value = {.repeated = false};
    struct numbers numbers;

    if (!numbers_read_quickly(&decoding->reader, 4, &numbers, &decoding->total_calls)) {
        if (marshal_read(&decoding->reader, &value))
            return -1;
        caller->plain = value.kind == MARSHAL_INTEGER || value.kind == MARSHAL_REAL;
        if (caller->plain)
            return numbers_take_count(&decoding->reader, &value, &caller->ncalls, &decoding->total_calls);
        if (tuple_take(&decoding->reader, &value, 4, "the numbers of a caller (nc, cc, tt, ct)") ||
            numbers_read(&decoding->reader, &numbers, &decoding->total_calls))
            return -1;
    }
    caller->ncalls = numbers.counts[0];
    caller->primitive = numbers.counts[1];
    caller->tottime = numbers.times[0];
    caller->cumtime = numbers.times[1];
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

static bool are_edges_wanted(const struct decoding *decoding)
{
    return decoding->parts & STATFILE_EDGES;
}

/* Edges that nobody wants are read like all others. */
static int read_edge(struct decoding *decoding, uint32_t function, uint32_t caller)
{
    struct caller unwanted, *edge = &unwanted;

    if (are_edges_wanted(decoding) || caller == decoding->entry_point)
        edge = place_caller(decoding, function, caller);
    return edge ? read_caller_numbers(decoding, edge) : error_set_memory(decoding->reader.error);
}

/* Reads over edges from callers that have been met, as long as that is all there is to be done about them.  Works on a
 * copy whose address nobody else has, so that its fields can stay in registers. */
static void skip_edges(struct decoding *decoding)
{
    struct marshal_reader reader = decoding->reader;
    struct marshal_mark start = marshal_mark(&reader);
    int64_t total_calls = decoding->total_calls;
    uint64_t left = decoding->edges_left;
    struct numbers numbers;
    uint32_t reference;

    while (left > 0 && marshal_quick_tagged(&reader, &reference) &&
           numbers_read_quickly(&reader, 4, &numbers, &total_calls)) {
        left--;
        start = marshal_mark(&reader);
    }
    marshal_return(&reader, start);
    decoding->reader = reader;
    decoding->total_calls = total_calls;
    decoding->edges_left = left;
}

static int read_callers(struct decoding *decoding, uint32_t function)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value callers = {.repeated = false};
    bool skip = !are_edges_wanted(decoding) && decoding->entry_point == PROFILE_NO_FUNCTION;
    uint32_t caller;
    size_t offset;

    if (!marshal_quick_byte(reader, '{')) {
        if (marshal_read(reader, &callers))
            return -1;
        if (callers.kind != MARSHAL_DICTIONARY)
            return marshal_mismatch(reader, &callers, "a dictionary of callers");
    }
    decoding->entry_number++;
    for (;;) {
        if (skip)
            skip_edges(decoding);
        offset = reader->at;
        if (read_label_or_end(decoding, &caller))
            return -1;
        if (caller == PROFILE_NO_FUNCTION)
            return marshal_leave(reader, &callers);
        if (decoding->edges_left-- == 0)
            return fail(decoding, offset, "too much is repeated by reference");
        if (read_edge(decoding, function, caller))
            return -1;
    }
}

/* The position of a new function, whose label is looked up at the end; PROFILE_NO_FUNCTION when memory is short. */
static uint32_t list_function(struct decoding *decoding, uint32_t key)
{
    static const struct label later;
    struct profile *profile = decoding->profile;
    uint32_t position = profile_append_function(profile, &later);

    if (position == PROFILE_NO_FUNCTION || allocator_reserve(profile->allocator, &decoding->keys,
                                                             &decoding->key_capacity, profile->function_count,
                                                             sizeof *decoding->keys))
        return PROFILE_NO_FUNCTION;
    decoding->keys[position] = key;
    profile->functions[position].listed = true;
    return position;
}

static int read_entry(struct decoding *decoding, uint32_t key)
{
    struct marshal_value entry = {.repeated = false};
    struct numbers numbers;
    struct function *function;
    uint32_t position = list_function(decoding, key);

    if (position == PROFILE_NO_FUNCTION)
        return error_set_memory(decoding->reader.error);
    if (!numbers_read_quickly(&decoding->reader, 5, &numbers, &decoding->total_calls) &&
        (tuple_read(&decoding->reader, &entry, 5, "the numbers of a function (cc, nc, tt, ct, callers)") ||
         numbers_read(&decoding->reader, &numbers, &decoding->total_calls)))
        return -1;
    function = &decoding->profile->functions[position];
    function->primitive = numbers.counts[0];
    function->ncalls = numbers.counts[1];
    function->tottime = numbers.times[0];
    function->cumtime = numbers.times[1];
    if (read_callers(decoding, position))
        return -1;
    return marshal_leave(&decoding->reader, &entry);
}

/* Gives each function its label.  Of two equal keys the first gives the place and the last the rest. */
static void label_functions(struct decoding *decoding)
{
    struct profile *profile = decoding->profile;
    uint32_t *keys = decoding->keys, count = 0;

    for (size_t i = 0; i < profile->function_count; i++) {
        if (keys[i] & KEY_REFERENCE)
            keys[i] = decoding->reader.objects[keys[i] & ~KEY_REFERENCE].place.tag;
    }
    for (size_t i = 0; i < profile->function_count; i++) {
        struct met_label *met = &decoding->labels[keys[i]];

        if (met->function == PROFILE_NO_FUNCTION)
            met->function = count++;
        profile->functions[met->function] = profile->functions[i];
        profile->functions[met->function].label = met->label;
    }
    profile->function_count = count;
}

/* Callers that the dictionary does not list become functions, too. */
static int append_others(struct decoding *decoding)
{
    for (size_t i = 0; i < decoding->label_count; i++) {
        struct met_label *met = &decoding->labels[i];

        if (met->function != PROFILE_NO_FUNCTION)
            continue;
        met->function = profile_append_function(decoding->profile, &met->label);
        if (met->function == PROFILE_NO_FUNCTION)
            return error_set_memory(decoding->reader.error);
    }
    return 0;
}

/* Edges get the positions of their callers. */
static void connect_edges(struct decoding *decoding)
{
    const struct profile *profile = decoding->profile;

    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];

        for (size_t j = 0; j < function->caller_count; j++)
            function->callers[j].function = decoding->labels[function->callers[j].function].function;
    }
}

/* The number of its label, if need be as KEY_REFERENCE: at the end all of those are looked up in a row, and waiting for
 * memory overlaps.  PROFILE_NO_FUNCTION at the end of the dictionary. */
static int read_key_or_end(struct decoding *decoding, uint32_t *key)
{
    uint32_t reference;

    if (!marshal_quick_tagged(&decoding->reader, &reference))
        return read_label_or_end(decoding, key);
    *key = KEY_REFERENCE | reference;
    return 0;
}

static int read_statistics(struct decoding *decoding)
{
    struct marshal_reader *reader = &decoding->reader;
    struct marshal_value statistics;
    uint32_t key;

    if (marshal_read(reader, &statistics))
        return -1;
    if (statistics.kind != MARSHAL_DICTIONARY)
        return marshal_mismatch(reader, &statistics, "the dictionary of a profile");
    while (read_key_or_end(decoding, &key) == 0) {
        if (key != PROFILE_NO_FUNCTION) {
            if (read_entry(decoding, key))
                return -1;
            continue;
        }
        label_functions(decoding);
        if (append_others(decoding))
            return -1;
        connect_edges(decoding);
        return 0;
    }
    return -1;
}

/* So that what grows with the file need not be moved as it grows.  Room that is not used takes no memory. */
static int reserve(struct decoding *decoding, size_t size)
{
    struct profile *profile = decoding->profile;
    size_t usual = size / USUAL_ENTRY_SIZE;

    if (index_map_reserve(&decoding->by_label, (uint32_t)usual) ||
        string_pool_reserve(&profile->strings, profile->strings.count + usual) ||
        allocator_reserve(profile->allocator, &decoding->labels, &decoding->label_capacity, usual,
                          sizeof *decoding->labels) ||
        allocator_reserve(profile->allocator, &decoding->keys, &decoding->key_capacity, usual,
                          sizeof *decoding->keys) ||
        allocator_reserve(profile->allocator, &profile->functions, &profile->function_capacity, usual,
                          sizeof *profile->functions))
        return error_set_memory(decoding->reader.error);
    return marshal_reserve(&decoding->reader, size / USUAL_OBJECT_SIZE);
}

static void decoding_init(struct decoding *decoding, struct profile *profile, const void *data, size_t size,
                          unsigned parts, struct error *error)
{
    *decoding = (struct decoding){.profile = profile, .parts = parts, .entry_point = PROFILE_NO_FUNCTION};
    index_map_init(&decoding->by_label, profile->allocator);
    marshal_reader_init(&decoding->reader, data, size, &profile->strings, error);
    decoding->edges_left = ((uint64_t)EDGE_FACTOR * size + EDGE_FREE) / sizeof(struct caller);
    decoding->reader.label_text = LABEL_TEXT_FACTOR * (uint64_t)size + LABEL_TEXT_FREE;
}

static void decoding_release(struct decoding *decoding)
{
    marshal_reader_release(&decoding->reader);
    index_map_release(&decoding->by_label);
    allocator_free(decoding->profile->allocator, decoding->keys);
    allocator_free(decoding->profile->allocator, decoding->labels);
    allocator_free(decoding->profile->allocator, decoding->marks);
}

/* Of what does not even begin as a dictionary, written as an object to refer to or not, the reason says so. */
static void explain_start(const unsigned char *data, struct error *error)
{
    struct error reason;

    if (!error || error->code != ERROR_FORMAT || (data[0] & 0x7f) == '{')
        return;
    reason = *error;
    error_set(error, ERROR_FORMAT, reason.offset, "not a profile: %s", reason.reason);
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
    if (status)
        explain_start(data, error);
    return status ? -1 : trailer_decode(profile, data, size, end, parts, error);
}
