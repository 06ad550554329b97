/* pprof's profile.proto, compressed by gzip: a sample for each call path, with its calls and its own nanoseconds.
 * The numbers of the fields are those of the proto.  A function has one location, and its number is its position in
 * the profile plus one.  Readers add functions up by name alone, which is why names say where they are; the plain
 * name is the "system name", for equal ones pprof would cut off what stands in parentheses. */
#include "export.h"

#include <string.h>

#include "compression.h"
#include "names.h"
#include "stacks.h"

enum { MOST_FUNCTIONS = 1 << 23 };

/* Fields that hold text or a message have the wire type 2, numbers 0. */
enum { WIRE_NUMBER = 0, WIRE_BYTES = 2 };
enum profile_field {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    PROFILE_TIME = 9,
    PROFILE_DURATION = 10,
    PROFILE_PERIOD_TYPE = 11,
    PROFILE_PERIOD = 12,
    PROFILE_COMMENT = 13,
    PROFILE_DEFAULT_TYPE = 14,
};
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATIONS = 1, SAMPLE_VALUES = 2, SAMPLE_LABEL = 3, LABEL_KEY = 1, LABEL_TEXT = 2 };
enum { LOCATION_ID = 1, LOCATION_LINE = 4, LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4, FUNCTION_LINE = 5 };

/* The first strings of the table. */
enum { TEXT_EMPTY, TEXT_CALLS, TEXT_COUNT, TEXT_TIME, TEXT_NANOSECONDS, TEXT_THREAD, FIXED_TEXTS };
static const char *const fixed_texts[FIXED_TEXTS] = {"", "calls", "count", "time", "nanoseconds", "thread"};

struct pprof {
    const struct profile *profile;
    struct paths paths;
    struct names names;
    struct out proto;   /* in memory: the whole message */
    struct out message; /* in memory: one that is being made */
    struct out packed;  /* in memory: a list of numbers in it */
    struct index_map files;
    uint64_t *file_texts; /* by position of a function: the text of its file */
    uint64_t text_count;
};

static void put_varint(struct out *out, uint64_t value)
{
    unsigned char bytes[10];
    size_t size = 0;
    for (; value > 0x7F; value >>= 7)
        bytes[size++] = (unsigned char)(value | 0x80);
    bytes[size++] = (unsigned char)value;
    out_bytes(out, bytes, size);
}

/* 0 is what a field is that is not there. */
static void put_number(struct out *out, unsigned field, int64_t value)
{
    if (value == 0)
        return;
    put_varint(out, field << 3 | WIRE_NUMBER);
    put_varint(out, (uint64_t)value);
}

/* What was made in `from`, as a field; `from` is empty then. */
static void put_made(struct out *out, unsigned field, struct out *from)
{
    put_varint(out, field << 3 | WIRE_BYTES);
    put_varint(out, from->buffer.size);
    out_bytes(out, from->buffer.data, from->buffer.size);
    buffer_clear(&from->buffer);
}

/* Adds to the table of strings; its number there. */
static int64_t put_text(struct pprof *pprof, const char *bytes, size_t size)
{
    out_line_text(&pprof->packed, bytes, size);
    put_made(&pprof->proto, PROFILE_STRING, &pprof->packed);
    return (int64_t)pprof->text_count++;
}

static void put_type(struct pprof *pprof, unsigned field, int64_t type, int64_t unit)
{
    put_number(&pprof->message, TYPE_TYPE, type);
    put_number(&pprof->message, TYPE_UNIT, unit);
    put_made(&pprof->proto, field, &pprof->message);
}

static double real_fact(const struct pprof *pprof, const char *name)
{
    const struct fact *fact = profile_fact(pprof->profile, name);
    double seconds = fact && fact->kind == FACT_REAL ? fact->real : 0;
    return seconds > 0 && seconds < 9e9 ? seconds : 0;
}

static void put_header(struct pprof *pprof)
{
    struct out *proto = &pprof->proto;
    for (size_t i = 0; i < FIXED_TEXTS; i++)
        put_text(pprof, fixed_texts[i], strlen(fixed_texts[i]));
    put_type(pprof, PROFILE_SAMPLE_TYPE, TEXT_CALLS, TEXT_COUNT);
    put_type(pprof, PROFILE_SAMPLE_TYPE, TEXT_TIME, TEXT_NANOSECONDS);
    put_type(pprof, PROFILE_PERIOD_TYPE, TEXT_TIME, TEXT_NANOSECONDS);
    put_number(proto, PROFILE_PERIOD, 1);
    put_number(proto, PROFILE_DEFAULT_TYPE, TEXT_TIME);
    put_number(proto, PROFILE_TIME, (int64_t)(real_fact(pprof, "started") * 1e9));
    put_number(proto, PROFILE_DURATION, (int64_t)(real_fact(pprof, "enabled") * 1e9));
    if (pprof->paths.estimated) {
        static const char comment[] = "The call paths are an estimate from pairs of caller and callee.";
        int64_t text = put_text(pprof, comment, sizeof comment - 1);
        put_number(proto, PROFILE_COMMENT, text);
    }
}

static bool has_file(const void *functions, uint32_t position, const void *file)
{
    return ((const struct function *)functions)[position].label.file == file;
}

/* The text of a function's file, which is put when it comes for the first time; -1 when memory is short. */
static int64_t file_text(struct pprof *pprof, uint32_t function)
{
    const struct function *functions = pprof->profile->functions;
    const struct string *file = functions[function].label.file;
    uint32_t found = index_map_find(&pprof->files, file->hash, has_file, functions, file);
    if (found != INDEX_MAP_NONE)
        return (int64_t)pprof->file_texts[found];
    if (index_map_add(&pprof->files, file->hash, function) < 0)
        return -1;
    return (int64_t)(pprof->file_texts[function] = (uint64_t)put_text(pprof, file->bytes, file->size));
}

static int put_function(struct pprof *pprof, uint32_t function)
{
    const struct label *label = &pprof->profile->functions[function].label;
    int64_t name = put_text(pprof, pprof->names.list[function].bytes, pprof->names.list[function].size);
    int64_t system_name = put_text(pprof, label->name->bytes, label->name->size);
    int64_t file = file_text(pprof, function), id = (int64_t)function + 1;
    struct out *message = &pprof->message;
    if (file < 0)
        return -1;
    put_number(message, FUNCTION_ID, id);
    put_number(message, FUNCTION_NAME, name);
    put_number(message, FUNCTION_SYSTEM_NAME, system_name);
    put_number(message, FUNCTION_FILE, file);
    put_number(message, FUNCTION_LINE, label->line);
    put_made(&pprof->proto, PROFILE_FUNCTION, message);
    put_number(&pprof->packed, LINE_FUNCTION, id);
    put_number(&pprof->packed, LINE_LINE, label->line);
    put_number(message, LOCATION_ID, id);
    put_made(message, LOCATION_LINE, &pprof->packed);
    put_made(&pprof->proto, PROFILE_LOCATION, message);
    return 0;
}

static void put_sample(struct pprof *pprof, uint32_t node, const uint64_t *threads)
{
    const struct path *nodes = pprof->paths.nodes;
    uint32_t at = node;
    for (; at != PATHS_NONE && nodes[at].function != PATHS_NONE; at = nodes[at].parent)
        put_varint(&pprof->packed, (uint64_t)nodes[at].function + 1);
    put_made(&pprof->message, SAMPLE_LOCATIONS, &pprof->packed);
    put_varint(&pprof->packed, (uint64_t)nodes[node].calls);
    put_varint(&pprof->packed, (uint64_t)nodes[node].self);
    put_made(&pprof->message, SAMPLE_VALUES, &pprof->packed);
    if (at != PATHS_NONE && nodes[at].thread) {
        put_number(&pprof->packed, LABEL_KEY, TEXT_THREAD);
        put_number(&pprof->packed, LABEL_TEXT, (int64_t)threads[at]);
        put_made(&pprof->message, SAMPLE_LABEL, &pprof->packed);
    }
    put_made(&pprof->proto, PROFILE_SAMPLE, &pprof->message);
}

static int put_samples(struct pprof *pprof)
{
    const struct paths *paths = &pprof->paths;
    uint64_t *threads = allocator_zeroed(paths->allocator, paths->count, sizeof *threads);
    if (!threads)
        return -1;
    for (uint32_t i = 0; i < paths->count; i++) {
        const struct path *node = &paths->nodes[i];
        if (node->thread)
            threads[i] = (uint64_t)put_text(pprof, node->thread->bytes, node->thread->size);
        else if (node->function != PATHS_NONE && (node->calls > 0 || node->self > 0))
            put_sample(pprof, i, threads);
    }
    allocator_free(paths->allocator, threads);
    return 0;
}

static int put_message(struct pprof *pprof, struct error *error)
{
    const struct profile *profile = pprof->profile;
    pprof->file_texts =
        allocator_zeroed(profile->allocator, profile->function_count + 1, sizeof *pprof->file_texts);
    if (!pprof->file_texts)
        return error_set_memory(error);
    put_header(pprof);
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (put_function(pprof, i) < 0)
            return error_set_memory(error);
    return put_samples(pprof) < 0 ? error_set_memory(error) : 0;
}

static int write_packed(struct pprof *pprof, struct out *out, struct error *error)
{
    struct buffer packed;
    if (out_finish(&pprof->packed, error) < 0 || out_finish(&pprof->message, error) < 0 ||
        out_finish(&pprof->proto, error) < 0)
        return -1;
    buffer_init(&packed, pprof->profile->allocator);
    compression_gzip(&packed, pprof->proto.buffer.data, pprof->proto.buffer.size);
    int result = packed.failed ? error_set_memory(error) : 0;
    if (result == 0)
        out_bytes(out, packed.data, packed.size);
    buffer_release(&packed);
    return result;
}

static int write_named(struct pprof *pprof, struct out *out, struct error *error)
{
    if (stacks_limit(&pprof->paths, MOST_FUNCTIONS, error) < 0 ||
        names_init_short(&pprof->names, pprof->profile, error) < 0)
        return -1;
    index_map_init(&pprof->files, pprof->profile->allocator);
    out_init_memory(&pprof->proto);
    out_init_memory(&pprof->message);
    out_init_memory(&pprof->packed);
    int result = put_message(pprof, error);
    if (result == 0)
        result = write_packed(pprof, out, error);
    out_release(&pprof->proto);
    out_release(&pprof->message);
    out_release(&pprof->packed);
    index_map_release(&pprof->files);
    allocator_free(pprof->profile->allocator, pprof->file_texts);
    names_release(&pprof->names);
    return result;
}

int export_pprof(const struct report *report, struct out *out, struct error *error)
{
    struct pprof pprof = {.profile = report->profile};
    if (stacks_init(&pprof.paths, report->profile, error) < 0)
        return -1;
    int result = write_named(&pprof, out, error);
    paths_release(&pprof.paths);
    return result;
}
