#include "browse.h"

#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "utf8.h"

const char *const browse_keys[] = {"ncalls", "tottime", "cumtime", "stdname", NULL};
enum { KEY_COUNT = 4, FIRST_KEY = 2 };

struct browse_view *browse_top(const struct browse *browse)
{
    return &browse->views[browse->view_count - 1];
}

/* Without a pattern the text itself is looked for. */
static int matches(const struct browse *browse, const struct pattern *pattern, uint32_t function, struct error *error)
{
    const struct name *name = &browse->names.list[function];
    if (pattern)
        return pattern_search(pattern, name->bytes, name->size, error);
    return memmem(name->bytes, name->size, browse->filter.data, browse->filter.size) != NULL;
}

static int sort(struct browse *browse, uint32_t *functions, size_t count, struct error *error)
{
    const struct order_key *keys[] = {order_key_find(browse_keys[browse->key], NULL)};
    struct order order;
    if (order_init(&order, browse->profile, keys, 1, browse->reverse, error) < 0)
        return -1;
    int result = order_rows(&order, functions, count, count, error);
    order_release(&order);
    return result;
}

/* *pattern becomes NULL where the filter is none; what is typed need not be one yet. */
static int compile(struct browse *browse, struct pattern **pattern, struct error *error)
{
    struct error reason = {0};
    buffer_append_byte(&browse->filter, '\0');
    if (browse->filter.failed)
        return error_set_memory(error);
    browse->filter.size--;
    *pattern = pattern_new((const char *)browse->filter.data, browse->allocator, &reason);
    return *pattern || reason.code != ERROR_MEMORY ? 0 : error_set_memory(error);
}

static int choose(struct browse *browse, const struct pattern *pattern, struct error *error)
{
    bool everything = browse->filter.size == 0;
    browse->count = 0;
    for (uint32_t i = 0; i < browse->profile->function_count; i++) {
        if (!browse->profile->functions[i].listed)
            continue;
        int found = everything ? 1 : matches(browse, pattern, i, error);
        if (found < 0)
            return -1;
        if (found > 0)
            browse->order[browse->count++] = i;
    }
    return 0;
}

static int list_all(struct browse *browse, struct error *error)
{
    struct pattern *pattern = NULL;
    if (compile(browse, &pattern, error) < 0)
        return -1;
    browse->filter_is_text = !pattern;
    int result = choose(browse, pattern, error);
    pattern_free(pattern);
    if (result < 0 || sort(browse, browse->order, browse->count, error) < 0) {
        browse->count = 0;
        return -1;
    }
    for (size_t i = 0; i < browse->count; i++)
        browse->rows[i] = (struct browse_row){.function = browse->order[i]};
    return 0;
}

/* In the order of browse_keys: the largest first, names in theirs. */
static int compare_by_key(const struct browse *browse, const struct browse_row *a, const struct browse_row *b)
{
    const double of_a[] = {(double)a->pair->ncalls, a->pair->tottime, a->pair->cumtime};
    const double of_b[] = {(double)b->pair->ncalls, b->pair->tottime, b->pair->cumtime};
    if (browse->key == KEY_COUNT - 1)
        return strcmp(browse->names.list[a->function].bytes, browse->names.list[b->function].bytes);
    return of_a[browse->key] > of_b[browse->key] ? -1 : of_a[browse->key] < of_b[browse->key];
}

static int compare_pairs(const void *left, const void *right, void *context)
{
    const struct browse *browse = context;
    const struct browse_row *a = left, *b = right;
    int result = compare_by_key(browse, a, b);
    if (result == 0)
        return a->function < b->function ? -1 : a->function > b->function;
    return browse->reverse ? -result : result;
}

static void list_pairs(struct browse *browse, uint32_t position)
{
    const struct function *function = &browse->profile->functions[position];
    struct browse_row *rows = browse->rows;
    size_t count = 0;
    for (; count < function->caller_count; count++)
        rows[count] = (struct browse_row){function->callers[count].function, &function->callers[count], true};
    qsort_r(rows, count, sizeof *rows, compare_pairs, browse);
    rows[count++] = (struct browse_row){.function = position};
    struct browse_row *callees = rows + count;
    for (size_t i = browse->graph.first[position]; i < browse->graph.first[position + 1]; i++)
        rows[count++] = (struct browse_row){browse->graph.list[i].function, browse->graph.list[i].edge, false};
    qsort_r(callees, (size_t)(rows + count - callees), sizeof *rows, compare_pairs, browse);
    browse->count = count;
}

static int show(struct browse *browse, struct error *error)
{
    struct browse_view *top = browse_top(browse);
    if (top->function != BROWSE_ALL)
        list_pairs(browse, top->function);
    else if (list_all(browse, error) < 0)
        return -1;
    if (top->cursor >= browse->count)
        top->cursor = browse->count ? browse->count - 1 : 0;
    return 0;
}

static int push(struct browse *browse, uint32_t function, struct error *error)
{
    if (allocator_reserve(browse->allocator, &browse->views, &browse->view_capacity, browse->view_count + 1,
                          sizeof *browse->views) < 0)
        return error_set_memory(error);
    browse->views[browse->view_count++] = (struct browse_view){function, 0};
    return show(browse, error);
}

/* Of any view. */
static size_t most_rows(const struct browse *browse)
{
    size_t most = browse->profile->function_count + 1;
    for (size_t i = 0; i < browse->profile->function_count; i++) {
        size_t callees = browse->graph.first[i + 1] - browse->graph.first[i];
        size_t rows = browse->profile->functions[i].caller_count + 1 + callees;
        most = rows > most ? rows : most;
    }
    return most;
}

int browse_init(struct browse *browse, const struct profile *profile, struct error *error)
{
    size_t count = profile->function_count;
    *browse = (struct browse){.allocator = profile->allocator, .profile = profile, .key = FIRST_KEY};
    buffer_init(&browse->filter, browse->allocator);
    browse->names.allocator = browse->graph.allocator = browse->allocator;
    if (graph_init(&browse->graph, profile, error) < 0 || names_init(&browse->names, profile, error) < 0) {
        browse_release(browse);
        return -1;
    }
    browse->rows = allocator_resize(browse->allocator, NULL, most_rows(browse), sizeof *browse->rows);
    browse->order = allocator_resize(browse->allocator, NULL, count + 1, sizeof *browse->order);
    int result = browse->rows && browse->order ? push(browse, BROWSE_ALL, error) : error_set_memory(error);
    if (result < 0)
        browse_release(browse);
    return result;
}

void browse_release(struct browse *browse)
{
    names_release(&browse->names);
    graph_release(&browse->graph);
    buffer_release(&browse->filter);
    allocator_free(browse->allocator, browse->views);
    allocator_free(browse->allocator, browse->rows);
    allocator_free(browse->allocator, browse->order);
    *browse = (struct browse){.allocator = browse->allocator};
}

void browse_move(struct browse *browse, int64_t by)
{
    struct browse_view *top = browse_top(browse);
    int64_t last = browse->count ? (int64_t)browse->count - 1 : 0, cursor = (int64_t)top->cursor;
    cursor = by > last - cursor ? last : cursor + by;
    top->cursor = cursor > 0 ? (size_t)cursor : 0;
}

int browse_sort(struct browse *browse, int by, struct error *error)
{
    browse->key = (browse->key + KEY_COUNT + (size_t)by) % KEY_COUNT;
    return show(browse, error);
}

int browse_reverse(struct browse *browse, struct error *error)
{
    browse->reverse = !browse->reverse;
    return show(browse, error);
}

static int filter_anew(struct browse *browse, struct error *error)
{
    browse->view_count = 1;
    browse->views[0].cursor = 0;
    return show(browse, error);
}

int browse_type(struct browse *browse, const char *bytes, size_t size, struct error *error)
{
    buffer_append(&browse->filter, bytes, size);
    return browse->filter.failed ? error_set_memory(error) : filter_anew(browse, error);
}

int browse_erase(struct browse *browse, struct error *error)
{
    size_t size = browse->filter.size;
    if (size == 0)
        return 0;
    while (size > 0 && (browse->filter.data[--size] & 0xC0) == 0x80)
        ;
    browse->filter.size = size;
    return filter_anew(browse, error);
}

int browse_enter(struct browse *browse, struct error *error)
{
    if (browse->count == 0)
        return 0;
    uint32_t function = browse->rows[browse_top(browse)->cursor].function;
    if (function == browse_top(browse)->function)
        return 0;
    if (push(browse, function, error) < 0)
        return -1;
    while (browse->rows[browse_top(browse)->cursor].pair)
        browse_top(browse)->cursor++;
    return 0;
}

int browse_back(struct browse *browse, bool *done, struct error *error)
{
    *done = false;
    if (browse->view_count > 1) {
        browse->view_count--;
        return show(browse, error);
    }
    *done = browse->filter.size == 0;
    browse->filter.size = 0;
    return *done ? 0 : filter_anew(browse, error);
}
