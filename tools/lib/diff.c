/* All functions of both profiles are sorted by what has to agree, so that those that may be paired stand together,
 * by lines.  Of such a group those pairs are made first that are the nearest; of a very large one, such as hostile
 * files have, the first with the first and so on. */
#include "diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COMPARED = 64 };

#define NONE UINT32_MAX

struct entry {
    const struct function *function;
    uint32_t position;
    bool before;
};

struct pairing {
    const struct profile *now;
    const struct profile *before;
    uint32_t *partners; /* of functions of now: those before, or NONE */
    bool *paired;       /* by function before */
    struct entry *entries;
    size_t count;
};

static int compare_names(const struct entry *a, const struct entry *b)
{
    return string_compare(a->function->label.name, b->function->label.name);
}

static int compare_files(const struct entry *a, const struct entry *b)
{
    return string_compare(a->function->label.file, b->function->label.file);
}

/* Within a group by line, then as they came. */
static int compare_places(const struct entry *a, const struct entry *b)
{
    int64_t left = a->function->label.line, right = b->function->label.line;
    if (left != right)
        return left < right ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

static int by_file_and_name(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = compare_names(a, b);
    if (order == 0)
        order = compare_files(a, b);
    return order ? order : compare_places(a, b);
}

static int by_name_alone(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = compare_names(a, b);
    return order ? order : compare_places(a, b);
}

static void pair(struct pairing *pairing, const struct entry *now, const struct entry *before)
{
    pairing->partners[now->position] = before->position;
    pairing->paired[before->position] = true;
}

static bool is_open(const struct pairing *pairing, const struct entry *entry)
{
    return entry->before ? !pairing->paired[entry->position] : pairing->partners[entry->position] == NONE;
}

static uint64_t distance(const struct entry *a, const struct entry *b)
{
    int64_t left = a->function->label.line, right = b->function->label.line;
    return left < right ? (uint64_t)right - (uint64_t)left : (uint64_t)left - (uint64_t)right;
}

/* Pairs the two that are nearest; false when there are none. */
static bool pair_nearest(struct pairing *pairing, const struct entry *entries, size_t count)
{
    const struct entry *now = NULL, *before = NULL;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].before || !is_open(pairing, &entries[i]))
            continue;
        for (size_t j = 0; j < count; j++) {
            if (!entries[j].before || !is_open(pairing, &entries[j]) ||
                (now && distance(&entries[i], &entries[j]) >= distance(now, before)))
                continue;
            now = &entries[i];
            before = &entries[j];
        }
    }
    if (now)
        pair(pairing, now, before);
    return now != NULL;
}

static void pair_in_order(struct pairing *pairing, const struct entry *entries, size_t count)
{
    size_t before = 0;
    for (size_t now = 0; now < count; now++) {
        if (entries[now].before)
            continue;
        while (before < count && !entries[before].before)
            before++;
        if (before == count)
            return;
        pair(pairing, &entries[now], &entries[before++]);
    }
}

static void pair_group(struct pairing *pairing, const struct entry *entries, size_t count)
{
    if (count > MOST_COMPARED)
        pair_in_order(pairing, entries, count);
    else
        while (pair_nearest(pairing, entries, count))
            continue;
}

static void collect(struct pairing *pairing, const struct profile *profile, bool before, bool unlisted)
{
    for (uint32_t i = 0; i < profile->function_count; i++) {
        struct entry entry = {&profile->functions[i], i, before};
        if ((entry.function->listed || unlisted) && is_open(pairing, &entry))
            pairing->entries[pairing->count++] = entry;
    }
}

static void pair_all(struct pairing *pairing, bool by_name, bool unlisted)
{
    pairing->count = 0;
    collect(pairing, pairing->now, false, unlisted);
    collect(pairing, pairing->before, true, unlisted);
    qsort(pairing->entries, pairing->count, sizeof *pairing->entries, by_name ? by_name_alone : by_file_and_name);
    for (size_t i = 0, end; i < pairing->count; i = end) {
        const struct entry *first = &pairing->entries[i];
        for (end = i + 1; end < pairing->count; end++)
            if (compare_names(first, &pairing->entries[end]) ||
                (!by_name && compare_files(first, &pairing->entries[end])))
                break;
        pair_group(pairing, first, end - i);
    }
}

static const struct function *if_listed(const struct function *function)
{
    return function && function->listed ? function : NULL;
}

/* The position of the change, or PROFILE_NO_FUNCTION. */
static uint32_t add_change(struct diff *diff, const struct function *now, const struct function *before)
{
    static const struct function nothing;
    const struct function *a = now ? now : &nothing, *b = before ? before : &nothing;
    const struct label *of = &(now ? now : before)->label;
    struct string_pool *strings = &diff->changes.strings;
    struct label label = {string_pool_intern_string(strings, of->file), of->line,
                          string_pool_intern_string(strings, of->name)};
    if (!label.file || !label.name)
        return PROFILE_NO_FUNCTION;
    uint32_t position = profile_append_function(&diff->changes, &label);
    if (position == PROFILE_NO_FUNCTION)
        return PROFILE_NO_FUNCTION;
    struct function *change = &diff->changes.functions[position];
    change->listed = a->listed || b->listed;
    change->ncalls = llabs(a->ncalls - b->ncalls);
    change->primitive = llabs(a->primitive - b->primitive);
    change->tottime = fabs(a->tottime - b->tottime);
    change->cumtime = fabs(a->cumtime - b->cumtime);
    diff->list[position] = (struct difference){if_listed(now), if_listed(before)};
    return position;
}

static int list_changes(struct diff *diff, const struct pairing *pairing)
{
    for (uint32_t i = 0; i < pairing->now->function_count; i++) {
        uint32_t partner = pairing->partners[i];
        diff->of_now[i] = add_change(diff, &pairing->now->functions[i],
                                     partner == NONE ? NULL : &pairing->before->functions[partner]);
        if (diff->of_now[i] == PROFILE_NO_FUNCTION)
            return -1;
        if (partner != NONE)
            diff->of_before[partner] = diff->of_now[i];
    }
    for (uint32_t i = 0; i < pairing->before->function_count; i++) {
        if (!pairing->paired[i])
            diff->of_before[i] = add_change(diff, NULL, &pairing->before->functions[i]);
        if (diff->of_before[i] == PROFILE_NO_FUNCTION)
            return -1;
    }
    return 0;
}

static int find_changes(struct diff *diff, struct pairing *pairing, bool by_name)
{
    for (size_t i = 0; i < pairing->now->function_count; i++)
        pairing->partners[i] = NONE;
    pair_all(pairing, false, false);
    if (by_name)
        pair_all(pairing, true, false);
    pair_all(pairing, false, true);
    return list_changes(diff, pairing);
}

int diff_init(struct diff *diff, const struct profile *now, const struct profile *before, bool by_name,
              struct error *error)
{
    const struct allocator *allocator = now->allocator;
    size_t room = now->function_count + before->function_count + 1;
    struct pairing pairing = {.now = now, .before = before};
    profile_init(&diff->changes, allocator);
    diff->list = allocator_zeroed(allocator, room, sizeof *diff->list);
    diff->of_now = allocator_resize(allocator, NULL, room, sizeof *diff->of_now);
    diff->of_before = allocator_resize(allocator, NULL, room, sizeof *diff->of_before);
    pairing.partners = allocator_resize(allocator, NULL, room, sizeof *pairing.partners);
    pairing.paired = allocator_zeroed(allocator, room, sizeof *pairing.paired);
    pairing.entries = allocator_resize(allocator, NULL, room, sizeof *pairing.entries);
    int result = -1;
    if (diff->list && diff->of_now && diff->of_before && pairing.partners && pairing.paired && pairing.entries)
        result = find_changes(diff, &pairing, by_name);
    allocator_free(allocator, pairing.partners);
    allocator_free(allocator, pairing.paired);
    allocator_free(allocator, pairing.entries);
    if (result < 0)
        diff_release(diff);
    return result < 0 ? error_set_memory(error) : 0;
}

void diff_release(struct diff *diff)
{
    allocator_free(diff->changes.allocator, diff->list);
    allocator_free(diff->changes.allocator, diff->of_now);
    allocator_free(diff->changes.allocator, diff->of_before);
    profile_release(&diff->changes);
    diff->list = NULL;
    diff->of_now = diff->of_before = NULL;
}
