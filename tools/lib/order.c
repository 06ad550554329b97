#include "order.h"

#include <string.h>

#include "sort.h"

/* What is compared: the profile and the names beside it. */
struct order_subject {
    const struct function *functions;
    const struct name *names;
};

struct order_field {
    int (*compare)(const struct order_subject *subject, uint32_t a, uint32_t b);
    int direction; /* 1 ascending, -1 descending */
};

#define THREE_WAY(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_primitive(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return THREE_WAY(subject->functions[a].primitive, subject->functions[b].primitive);
}

static int compare_ncalls(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return THREE_WAY(subject->functions[a].ncalls, subject->functions[b].ncalls);
}

static int compare_tottime(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return THREE_WAY(subject->functions[a].tottime, subject->functions[b].tottime);
}

static int compare_cumtime(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return THREE_WAY(subject->functions[a].cumtime, subject->functions[b].cumtime);
}

static int compare_strings(const struct string *a, const struct string *b)
{
    return a == b ? 0 : string_compare(a, b);
}

static int compare_file(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return compare_strings(subject->functions[a].label.file, subject->functions[b].label.file);
}

static int compare_line(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return THREE_WAY(subject->functions[a].label.line, subject->functions[b].label.line);
}

static int compare_name(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    return compare_strings(subject->functions[a].label.name, subject->functions[b].label.name);
}

static int compare_stdname(const struct order_subject *subject, uint32_t a, uint32_t b)
{
    const struct name *left = &subject->names[a], *right = &subject->names[b];
    int order = memcmp(left->bytes, right->bytes, left->size < right->size ? left->size : right->size);
    return order ? order : THREE_WAY(left->size, right->size);
}

static const struct order_field by_primitive = {compare_primitive, -1};
static const struct order_field by_ncalls = {compare_ncalls, -1};
static const struct order_field by_tottime = {compare_tottime, -1};
static const struct order_field by_cumtime = {compare_cumtime, -1};
static const struct order_field by_file = {compare_file, 1};
static const struct order_field by_line = {compare_line, 1};
static const struct order_field by_name = {compare_name, 1};
static const struct order_field by_stdname = {compare_stdname, 1};

#define FIELDS(...) ((const struct order_field *const[]){__VA_ARGS__, NULL})

const struct order_key order_keys[] = {
    {"calls", "call count", FIELDS(&by_ncalls)},
    {"cumtime", "cumulative time", FIELDS(&by_cumtime)},
    {"cumulative", "cumulative time", FIELDS(&by_cumtime)},
    {"filename", "file name", FIELDS(&by_file)},
    {"line", "line number", FIELDS(&by_line)},
    {"module", "file name", FIELDS(&by_file)},
    {"name", "function name", FIELDS(&by_name)},
    {"ncalls", "call count", FIELDS(&by_ncalls)},
    {"nfl", "name/file/line", FIELDS(&by_name, &by_file, &by_line)},
    {"pcalls", "primitive call count", FIELDS(&by_primitive)},
    {"stdname", "standard name", FIELDS(&by_stdname)},
    {"time", "internal time", FIELDS(&by_tottime)},
    {"tottime", "internal time", FIELDS(&by_tottime)},
    {NULL, NULL, NULL},
};

/* The numbers of the profiler that pstats replaced. */
static const struct {
    const char *word;
    const char *name;
} old_numbers[] = {{"-1", "stdname"}, {"0", "calls"}, {"1", "time"}, {"2", "cumulative"}};

static void refuse_key(const char *what, const char *word, struct error *error)
{
    char valid[ERROR_REASON_SIZE] = "";
    for (const struct order_key *key = order_keys; key->name; key++) {
        strncat(valid, key->name, sizeof valid - strlen(valid) - 1);
        strncat(valid, ", ", sizeof valid - strlen(valid) - 1);
    }
    error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%s sort key '%.40s'; valid are %s-1, 0, 1, 2", what, word,
              valid);
}

const struct order_key *order_key_find(const char *word, struct error *error)
{
    for (size_t i = 0; i < sizeof old_numbers / sizeof *old_numbers; i++)
        if (strcmp(word, old_numbers[i].word) == 0)
            word = old_numbers[i].name;
    const struct order_key *found = NULL;
    bool ambiguous = false;
    for (const struct order_key *key = order_keys; key->name && *word; key++) {
        if (strcmp(word, key->name) == 0)
            return key;
        if (strncmp(word, key->name, strlen(word)) != 0)
            continue;
        ambiguous = ambiguous || (found && strcmp(found->title, key->title) != 0);
        found = key;
    }
    if (found && !ambiguous)
        return found;
    refuse_key(ambiguous ? "ambiguous" : "unknown", word, error);
    return NULL;
}

struct order {
    struct order_subject subject;
    const struct order_key *const *keys;
    size_t key_count;
};

static int compare_rows(const void *context, uint32_t a, uint32_t b)
{
    const struct order *order = context;
    for (size_t i = 0; i < order->key_count; i++) {
        for (const struct order_field *const *field = order->keys[i]->fields; *field; field++) {
            int result = (*field)->compare(&order->subject, a, b);
            if (result)
                return result * (*field)->direction;
        }
    }
    return 0;
}

int order_functions(const struct profile *profile, const struct names *names, const struct order_key *const *keys,
                    size_t key_count, uint32_t *rows, size_t *count, struct error *error)
{
    *count = 0;
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (profile->functions[i].listed)
            rows[(*count)++] = i;
    struct order order = {{profile->functions, names->list}, keys, key_count};
    if (sort_rows(rows, *count, compare_rows, &order, profile->allocator) < 0)
        return error_set_memory(error);
    return 0;
}

int label_compare(const struct label *a, const struct label *b)
{
    int order = compare_strings(a->file, b->file);
    if (order)
        return order;
    if (a->line != b->line)
        return THREE_WAY(a->line, b->line);
    return compare_strings(a->name, b->name);
}
