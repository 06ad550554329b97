/* Callers and callees.  A list of arrows is the same for both: functions at the other end, each with the numbers of
 * the edge, sorted by label. */
#include "export_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "graph.h"
#include "sort.h"

struct arrow {
    uint32_t function;
    const struct caller *edge;
};

struct calls {
    const struct text *text;
    const char *symbol;
    const struct graph *graph; /* of callees */
    size_t width;              /* of the column of names */
    struct arrow *arrows;      /* of one function */
    struct sort_row *rows;     /* of arrows, being sorted */
    uint32_t *order;           /* of arrows */
    size_t capacity;           /* of all three */
};

static size_t widest_name(const struct text *text, const struct listing *listing)
{
    size_t widest = 0;
    for (size_t i = 0; i < listing->count; i++) {
        size_t width = text_name_width(text, listing->rows[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* pstats decides by the first caller that it comes across. */
static bool has_times(const struct profile *profile)
{
    for (size_t i = 0; i < profile->function_count; i++)
        if (profile->functions[i].listed && profile->functions[i].caller_count > 0)
            return !profile->functions[i].callers[0].plain;
    return false;
}

static void put_heading(const struct calls *calls, const char *title)
{
    static const char function[] = "Function ";
    struct out *out = calls->text->out;
    size_t size = sizeof function - 1;
    out_style(out, STYLE_BOLD);
    out_string(out, function);
    out_spaces(out, calls->width > size ? calls->width - size : 0);
    out_string(out, title);
    out_style(out, STYLE_PLAIN);
    out_string(out, "\n");
    if (!has_times(calls->text->report->profile))
        return;
    out_spaces(out, calls->width);
    out_style(out, STYLE_BOLD);
    out_string(out, "    ncalls  tottime  cumtime");
    out_style(out, STYLE_PLAIN);
    out_string(out, "\n");
}

/* An edge of the old profiler: a count, and the cumulative time of the function at its other end in all. */
static void put_plain_arrow(const struct calls *calls, const struct arrow *arrow)
{
    const struct function *function = &calls->text->report->profile->functions[arrow->function];
    text_put_name(calls->text, arrow->function);
    out_format(calls->text->out, "(%" PRId64 ") ", arrow->edge->ncalls);
    if (function->listed)
        text_put_time(calls->text, function->cumtime);
}

static void put_timed_arrow(const struct calls *calls, const struct arrow *arrow, bool first)
{
    const struct caller *edge = arrow->edge;
    char counts[TEXT_COUNTS_SIZE];
    text_counts(edge->ncalls, edge->primitive, counts);
    out_format(calls->text->out, "%*s ", first ? 7 : 9, counts);
    text_put_time(calls->text, edge->tottime);
    out_string(calls->text->out, " ");
    text_put_time(calls->text, edge->cumtime);
    out_string(calls->text->out, "  ");
    text_put_name(calls->text, arrow->function);
}

static void put_arrow(const struct calls *calls, const struct arrow *arrow, bool first)
{
    if (!first)
        out_spaces(calls->text->out, calls->width + (arrow->edge->plain ? 3 : 1));
    if (arrow->edge->plain)
        put_plain_arrow(calls, arrow);
    else
        put_timed_arrow(calls, arrow, first);
    out_string(calls->text->out, "\n");
}

struct arrow_labels {
    const struct profile *profile;
    const struct arrow *arrows;
};

static int compare_arrows(const void *context, uint32_t a, uint32_t b)
{
    const struct arrow_labels *labels = context;
    const struct function *functions = labels->profile->functions;
    return label_compare(&functions[labels->arrows[a].function].label, &functions[labels->arrows[b].function].label);
}

static void put_arrows(const struct calls *calls, uint32_t function, size_t count)
{
    const struct profile *profile = calls->text->report->profile;
    struct out *out = calls->text->out;
    struct arrow_labels labels = {profile, calls->arrows};
    for (size_t i = 0; i < count; i++)
        calls->rows[i] = (struct sort_row){0, (uint32_t)i};
    sort_first(calls->rows, count, count, calls->order, compare_arrows, &labels);
    text_put_name(calls->text, function);
    out_spaces(out, calls->width - text_name_width(calls->text, function));
    out_string(out, calls->symbol);
    out_string(out, " ");
    for (size_t i = 0; i < count; i++)
        put_arrow(calls, &calls->arrows[calls->order[i]], i == 0);
    if (count == 0)
        out_string(out, "\n");
}

static void free_arrows(struct calls *calls)
{
    const struct allocator *allocator = calls->text->report->profile->allocator;
    allocator_free(allocator, calls->arrows);
    allocator_free(allocator, calls->rows);
    allocator_free(allocator, calls->order);
}

static int reserve_arrows(struct calls *calls, size_t count)
{
    const struct allocator *allocator = calls->text->report->profile->allocator;
    if (count <= calls->capacity)
        return 0;
    free_arrows(calls);
    calls->arrows = allocator_resize(allocator, NULL, count, sizeof *calls->arrows);
    calls->rows = allocator_resize(allocator, NULL, count, sizeof *calls->rows);
    calls->order = allocator_resize(allocator, NULL, count, sizeof *calls->order);
    calls->capacity = count;
    return calls->arrows && calls->rows && calls->order ? 0 : -1;
}

static int put_callers_of(struct calls *calls, uint32_t position)
{
    const struct function *function = &calls->text->report->profile->functions[position];
    if (reserve_arrows(calls, function->caller_count) < 0)
        return -1;
    for (size_t i = 0; i < function->caller_count; i++)
        calls->arrows[i] = (struct arrow){function->callers[i].function, &function->callers[i]};
    put_arrows(calls, position, function->caller_count);
    return 0;
}

static int put_callees_of(struct calls *calls, uint32_t position)
{
    const struct callee *callees = calls->graph->list + calls->graph->first[position];
    size_t count = calls->graph->first[position + 1] - calls->graph->first[position];
    if (reserve_arrows(calls, count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        calls->arrows[i] = (struct arrow){callees[i].function, callees[i].edge};
    put_arrows(calls, position, count);
    return 0;
}

static int put_calls(struct calls *calls, const struct listing *listing, const char *title,
                     int (*put)(struct calls *calls, uint32_t position), struct error *error)
{
    int result = 0;
    calls->width = widest_name(calls->text, listing) + 2;
    put_heading(calls, title);
    for (size_t i = 0; i < listing->count && result == 0; i++)
        result = put(calls, listing->rows[i]);
    free_arrows(calls);
    return result == 0 ? 0 : error_set_memory(error);
}

int text_put_callers(const struct text *text, const struct listing *listing, struct error *error)
{
    struct calls calls = {.text = text, .symbol = "<-"};
    return put_calls(&calls, listing, "was called by...", put_callers_of, error);
}

int text_put_callees(const struct text *text, const struct listing *listing, struct error *error)
{
    struct graph graph;
    if (graph_init(&graph, text->report->profile, error) < 0)
        return -1;
    struct calls calls = {.text = text, .symbol = "->", .graph = &graph};
    int result = put_calls(&calls, listing, "called...", put_callees_of, error);
    graph_release(&graph);
    return result;
}
