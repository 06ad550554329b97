#include "trend.h"

#include <stdlib.h>

struct key {
    const struct trend *trend;
    const struct string *file;
    const struct string *name;
    uint32_t ordinal;
};

void trend_init(struct trend *trend, enum trend_measure measure, const struct allocator *allocator)
{
    *trend = (struct trend){.allocator = allocator, .measure = measure};
    profile_init(&trend->functions, allocator);
    index_map_init(&trend->by_label, allocator);
}

void trend_release(struct trend *trend)
{
    for (size_t i = 0; i < trend->profile_count; i++)
        allocator_free(trend->allocator, trend->profiles[i].shares);
    allocator_free(trend->allocator, trend->profiles);
    allocator_free(trend->allocator, trend->rows);
    index_map_release(&trend->by_label);
    profile_release(&trend->functions);
    trend->profiles = NULL;
    trend->rows = NULL;
    trend->profile_count = 0;
}

static bool is_row(const void *functions, uint32_t position, const void *wanted)
{
    const struct label *label = &((const struct function *)functions)[position].label;
    const struct key *key = wanted;
    return label->file == key->file && label->name == key->name &&
           key->trend->rows[position].ordinal == key->ordinal;
}

/* The row, added when it is new; INDEX_MAP_NONE when memory is short. */
static uint32_t find_row(struct trend *trend, const struct key *key)
{
    uint32_t hash = label_hash_parts(key->file->hash, key->ordinal, key->name->hash);
    uint32_t row = index_map_find(&trend->by_label, hash, is_row, trend->functions.functions, key);
    if (row != INDEX_MAP_NONE)
        return row;
    struct label label = {key->file, 0, key->name};
    if (allocator_reserve(trend->allocator, &trend->rows, &trend->row_capacity, trend->functions.function_count + 1,
                          sizeof *trend->rows) < 0)
        return INDEX_MAP_NONE;
    row = profile_append_function(&trend->functions, &label);
    if (row == PROFILE_NO_FUNCTION || index_map_add(&trend->by_label, hash, row) < 0)
        return INDEX_MAP_NONE;
    trend->functions.functions[row].listed = true;
    trend->rows[row] = (struct trend_row){.ordinal = key->ordinal};
    return row;
}

/* The row of the current profile's next function with this label. */
static uint32_t next_row(struct trend *trend, const struct label *label)
{
    struct string_pool *strings = &trend->functions.strings;
    struct key key = {trend, string_pool_intern_string(strings, label->file),
                      string_pool_intern_string(strings, label->name), 0};
    uint32_t first = key.file && key.name ? find_row(trend, &key) : INDEX_MAP_NONE;
    if (first == INDEX_MAP_NONE)
        return first;
    if (trend->rows[first].profile != trend->profile_count) {
        trend->rows[first].next = 1;
        return first;
    }
    key.ordinal = trend->rows[first].next++;
    return find_row(trend, &key);
}

static double measure_of(const struct trend *trend, const struct function *function)
{
    if (trend->measure == TREND_NCALLS)
        return (double)function->ncalls;
    return trend->measure == TREND_CUMTIME ? function->cumtime : function->tottime;
}

static double whole_of(const struct trend *trend, const struct profile *profile)
{
    double whole = 0;
    for (size_t i = 0; i < profile->function_count; i++)
        whole += trend->measure == TREND_NCALLS ? (double)profile->functions[i].ncalls : profile->functions[i].tottime;
    return whole;
}

static int compare_lines(const void *a, const void *b, void *functions)
{
    const struct function *list = functions;
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    if (list[left].label.line != list[right].label.line)
        return list[left].label.line < list[right].label.line ? -1 : 1;
    return (left > right) - (left < right);
}

static int add_rows(struct trend *trend, const struct profile *profile, const uint32_t *order, uint32_t *rows,
                    double time)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[order[i]];
        if (!function->listed)
            continue;
        uint32_t row = next_row(trend, &function->label);
        if (row == INDEX_MAP_NONE)
            return -1;
        trend->rows[row].profile = trend->profile_count;
        rows[order[i]] = row;
        if (time >= trend->rows[row].seen) {
            trend->rows[row].seen = time;
            trend->functions.functions[row].label.line = function->label.line;
        }
    }
    return 0;
}

static int set_shares(struct trend *trend, const struct profile *profile, const uint32_t *rows)
{
    struct trend_profile *added = &trend->profiles[trend->profile_count - 1];
    double whole = whole_of(trend, profile);
    added->count = (uint32_t)trend->functions.function_count;
    added->shares = allocator_zeroed(trend->allocator, (size_t)added->count + 1, sizeof *added->shares);
    if (!added->shares)
        return -1;
    for (size_t i = 0; i < profile->function_count; i++)
        if (profile->functions[i].listed && whole > 0)
            added->shares[rows[i]] = (float)(measure_of(trend, &profile->functions[i]) / whole);
    return 0;
}

int trend_add(struct trend *trend, const struct profile *profile, double time, struct error *error)
{
    const struct allocator *allocator = trend->allocator;
    size_t room = profile->function_count + 1;
    uint32_t *order = allocator_resize(allocator, NULL, room, sizeof *order);
    uint32_t *rows = allocator_resize(allocator, NULL, room, sizeof *rows);
    int result = -1;
    if (order && rows && allocator_reserve(allocator, &trend->profiles, &trend->profile_capacity,
                                           trend->profile_count + 1, sizeof *trend->profiles) == 0) {
        trend->profiles[trend->profile_count] = (struct trend_profile){.time = time, .number = trend->profile_count};
        trend->profile_count++;
        for (uint32_t i = 0; i < profile->function_count; i++)
            order[i] = i;
        qsort_r(order, profile->function_count, sizeof *order, compare_lines, profile->functions);
        result = add_rows(trend, profile, order, rows, time);
        if (result == 0)
            result = set_shares(trend, profile, rows);
    }
    allocator_free(allocator, order);
    allocator_free(allocator, rows);
    return result < 0 ? error_set_memory(error) : 0;
}

static int compare_times(const void *a, const void *b)
{
    const struct trend_profile *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

double trend_share(const struct trend *trend, uint32_t row, size_t profile)
{
    const struct trend_profile *of = &trend->profiles[profile];
    return row < of->count ? (double)of->shares[row] : 0;
}

/* How much the line of least squares climbs from the first profile to the last. */
static double growth(const struct trend *trend, uint32_t row)
{
    double count = (double)trend->profile_count, middle = (count - 1) / 2, slope = 0, squares = 0;
    for (size_t i = 0; i < trend->profile_count; i++) {
        slope += ((double)i - middle) * trend_share(trend, row, i);
        squares += ((double)i - middle) * ((double)i - middle);
    }
    return squares > 0 ? slope / squares * (count - 1) : 0;
}

void trend_finish(struct trend *trend)
{
    if (trend->profile_count > 0)
        qsort(trend->profiles, trend->profile_count, sizeof *trend->profiles, compare_times);
    for (uint32_t i = 0; i < trend->functions.function_count; i++) {
        trend->functions.functions[i].cumtime = growth(trend, i);
        trend->functions.functions[i].tottime = trend_share(trend, i, trend->profile_count - 1);
    }
}
