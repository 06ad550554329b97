#include "order.h"

#include <string.h>

#include "sort.h"

struct order_field {
    int (*compare)(const struct order *order, uint32_t a, uint32_t b);
    /* A number that never decreases in the order of `compare`, taken once a row: what it tells apart need not be
     * compared. */
    uint64_t (*rank)(const struct order *order, uint32_t row);
    bool descending;
    bool of_names;       /* needs order.names */
    bool of_suspensions; /* needs order.suspensions */
};

#define THREE_WAY(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_primitive(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(order->profile->functions[a].primitive, order->profile->functions[b].primitive);
}

static int compare_ncalls(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(order->profile->functions[a].ncalls, order->profile->functions[b].ncalls);
}

static int compare_tottime(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(order->profile->functions[a].tottime, order->profile->functions[b].tottime);
}

static int compare_cumtime(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(order->profile->functions[a].cumtime, order->profile->functions[b].cumtime);
}

static double awaited(const struct order *order, uint32_t row)
{
    return order->suspensions ? order->suspensions[row].awaited : 0;
}

static int compare_awaited(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(awaited(order, a), awaited(order, b));
}

static int compare_strings(const struct string *a, const struct string *b)
{
    return a == b ? 0 : string_compare(a, b);
}

static int compare_file(const struct order *order, uint32_t a, uint32_t b)
{
    return compare_strings(order->profile->functions[a].label.file, order->profile->functions[b].label.file);
}

static int compare_line(const struct order *order, uint32_t a, uint32_t b)
{
    return THREE_WAY(order->profile->functions[a].label.line, order->profile->functions[b].label.line);
}

static int compare_name(const struct order *order, uint32_t a, uint32_t b)
{
    return compare_strings(order->profile->functions[a].label.name, order->profile->functions[b].label.name);
}

static int compare_stdname(const struct order *order, uint32_t a, uint32_t b)
{
    const struct name *left = &order->names.list[a], *right = &order->names.list[b];
    int result = memcmp(left->bytes, right->bytes, left->size < right->size ? left->size : right->size);
    return result ? result : THREE_WAY(left->size, right->size);
}

static uint64_t rank_integer(int64_t value)
{
    return (uint64_t)value ^ (uint64_t)1 << 63;
}

/* Negative numbers have their bits in the opposite order.  0.0 and -0.0 are equal. */
static uint64_t rank_real(double value)
{
    uint64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* The first bytes, as a number that has the first of them in front. */
static uint64_t rank_text(const char *bytes, size_t size)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < sizeof rank; i++)
        rank = rank << 8 | (i < size ? (unsigned char)bytes[i] : 0);
    return rank;
}

static uint64_t rank_primitive(const struct order *order, uint32_t row)
{
    return rank_integer(order->profile->functions[row].primitive);
}

static uint64_t rank_ncalls(const struct order *order, uint32_t row)
{
    return rank_integer(order->profile->functions[row].ncalls);
}

static uint64_t rank_tottime(const struct order *order, uint32_t row)
{
    return rank_real(order->profile->functions[row].tottime);
}

static uint64_t rank_cumtime(const struct order *order, uint32_t row)
{
    return rank_real(order->profile->functions[row].cumtime);
}

static uint64_t rank_awaited(const struct order *order, uint32_t row)
{
    return rank_real(awaited(order, row));
}

static uint64_t rank_file(const struct order *order, uint32_t row)
{
    const struct string *file = order->profile->functions[row].label.file;
    return rank_text(file->bytes, file->size);
}

static uint64_t rank_line(const struct order *order, uint32_t row)
{
    return rank_integer(order->profile->functions[row].label.line);
}

static uint64_t rank_name(const struct order *order, uint32_t row)
{
    const struct string *name = order->profile->functions[row].label.name;
    return rank_text(name->bytes, name->size);
}

static uint64_t rank_stdname(const struct order *order, uint32_t row)
{
    return rank_text(order->names.list[row].bytes, order->names.list[row].size);
}

static const struct order_field by_primitive = {compare_primitive, rank_primitive, .descending = true};
static const struct order_field by_ncalls = {compare_ncalls, rank_ncalls, .descending = true};
static const struct order_field by_tottime = {compare_tottime, rank_tottime, .descending = true};
static const struct order_field by_cumtime = {compare_cumtime, rank_cumtime, .descending = true};
static const struct order_field by_awaited = {compare_awaited, rank_awaited, .descending = true,
                                              .of_suspensions = true};
static const struct order_field by_file = {compare_file, rank_file, .descending = false};
static const struct order_field by_line = {compare_line, rank_line, .descending = false};
static const struct order_field by_name = {compare_name, rank_name, .descending = false};
static const struct order_field by_stdname = {compare_stdname, rank_stdname, .of_names = true};

#define FIELDS(...) ((const struct order_field *const[]){__VA_ARGS__, NULL})

const struct order_key order_keys[] = {
    {"awaited", "time awaited", FIELDS(&by_awaited)},
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

bool order_keys_need_suspensions(const struct order_key *const *keys, size_t key_count)
{
    for (size_t i = 0; i < key_count; i++)
        for (const struct order_field *const *field = keys[i]->fields; *field; field++)
            if ((*field)->of_suspensions)
                return true;
    return false;
}

int order_init(struct order *order, const struct profile *profile, const struct order_key *const *keys,
               size_t key_count, bool reverse, struct error *error)
{
    bool of_names = false;
    for (size_t i = 0; i < key_count; i++)
        for (const struct order_field *const *field = keys[i]->fields; *field; field++)
            of_names = of_names || (*field)->of_names;
    *order = (struct order){.profile = profile, .keys = keys, .key_count = key_count, .reverse = reverse};
    order->names.allocator = profile->allocator;
    return of_names ? names_init(&order->names, profile, error) : 0;
}

void order_release(struct order *order)
{
    names_release(&order->names);
}

static int compare_rows(const void *context, uint32_t a, uint32_t b)
{
    const struct order *order = context;
    for (size_t i = 0; i < order->key_count; i++) {
        for (const struct order_field *const *field = order->keys[i]->fields; *field; field++) {
            int result = (*field)->compare(order, a, b);
            if (result)
                return (*field)->descending != order->reverse ? -result : result;
        }
    }
    return order->reverse ? THREE_WAY(b, a) : THREE_WAY(a, b);
}

int order_rows(const struct order *order, uint32_t *rows, size_t count, size_t wanted, struct error *error)
{
    const struct order_field *first = order->keys[0]->fields[0];
    uint64_t opposite = first->descending != order->reverse ? UINT64_MAX : 0;
    struct sort_row *ranked = allocator_resize(order->profile->allocator, NULL, count + 1, sizeof *ranked);
    if (!ranked)
        return error_set_memory(error);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct sort_row){first->rank(order, rows[i]) ^ opposite, rows[i]};
    sort_first(ranked, count, wanted, rows, compare_rows, order);
    allocator_free(order->profile->allocator, ranked);
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
