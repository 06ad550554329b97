/* The differential flame graph: widths by the profile as it is now, colours by the change of each call path.  What is
 * gone has no width: the largest call paths that are gone are named at their callers, the largest functions below the
 * frames. */
#include <stdio.h>
#include <string.h>

#include "colours.h"
#include "flame_drawing.h"
#include "picture.h"

enum { MOST_GONE_PATHS = 3, MOST_GONE_FUNCTIONS = 8, SWATCH = 58, SWATCHES = 2 * CHANGE_STEPS + 1 };

static uint32_t number_of(const struct drawing *drawing, const struct path *path)
{
    return (uint32_t)(path - drawing->tree.paths.nodes);
}

/* What changes are shares of: the whole of now or of before, whichever is longer. */
static double whole_of(const struct drawing *drawing)
{
    int64_t now = drawing->tree.paths.nodes[0].total, before = drawing->tree.before[0].total;
    return (double)(now > before ? now : before);
}

const char *flame_change_fill(const struct drawing *drawing, const struct path *path)
{
    double whole = whole_of(drawing);
    double change = (double)path->total - (double)drawing->tree.before[number_of(drawing, path)].total;
    return colour_of_step(step_of_change(whole > 0 ? change / whole : 0));
}

/* "+1.234 ms (2.50 times)" */
static void put_change(const struct drawing *drawing, int64_t now, int64_t before)
{
    char text[PICTURE_TIME_SIZE];
    out_string(drawing->out, now >= before ? "+" : "\xe2\x88\x92");
    out_string(drawing->out, picture_time(now >= before ? now - before : before - now, text));
    if (before > 0)
        out_format(drawing->out, " (%.2f times)", (double)now / (double)before);
}

static void put_times(const struct drawing *drawing, const struct path *path, const struct path_before *before)
{
    char now[PICTURE_TIME_SIZE], was[PICTURE_TIME_SIZE];
    const char *about = flame_about(drawing);
    int64_t all = drawing->tree.paths.nodes[0].total;
    out_format(drawing->out, "\n%s%s, %.2f %%", about, picture_time(path->total, now),
               all > 0 ? 100 * (double)path->total / (double)all : 0.0);
    if (paths_diff_is_new(&drawing->tree, number_of(drawing, path))) {
        out_string(drawing->out, "\nnew");
        return;
    }
    out_format(drawing->out, "; was %s%s\n", about, picture_time(before->total, was));
    put_change(drawing, path->total, before->total);
}

static void put_own(const struct drawing *drawing, const struct path *path, const struct path_before *before)
{
    char now[PICTURE_TIME_SIZE], was[PICTURE_TIME_SIZE], calls[PICTURE_COUNT_SIZE], called[PICTURE_COUNT_SIZE];
    const char *about = flame_about(drawing);
    bool is_new = paths_diff_is_new(&drawing->tree, number_of(drawing, path));
    out_format(drawing->out, "\n%s%s itself", about, picture_time(path->self, now));
    if (!is_new)
        out_format(drawing->out, ", was %s", picture_time(before->self, was));
    out_format(drawing->out, "\n%s%s %s", about, picture_count(path->calls, calls),
               path->calls == 1 ? "call" : "calls");
    if (!is_new)
        out_format(drawing->out, ", was %s", picture_count(before->calls, called));
}

/* The largest child that is gone and comes after `last` (PATHS_NONE: none) in the order of time, then of place. */
static uint32_t next_gone(const struct drawing *drawing, const struct path *path, uint32_t last)
{
    const struct path *nodes = drawing->tree.paths.nodes;
    const struct path_before *before = drawing->tree.before;
    uint32_t best = PATHS_NONE;
    for (uint32_t i = path->first_child; i != PATHS_NONE; i = nodes[i].next_sibling) {
        bool after = last == PATHS_NONE || before[i].total < before[last].total ||
                     (before[i].total == before[last].total && i > last);
        if (after && paths_diff_is_gone(&drawing->tree, i) &&
            (best == PATHS_NONE || before[i].total > before[best].total ||
             (before[i].total == before[best].total && i < best)))
            best = i;
    }
    return best;
}

static void put_gone_paths(struct drawing *drawing, const struct path *path)
{
    char was[PICTURE_TIME_SIZE];
    uint32_t gone = PATHS_NONE;
    for (int i = 0; i < MOST_GONE_PATHS; i++) {
        gone = next_gone(drawing, path, gone);
        if (gone == PATHS_NONE)
            return;
        flame_name_path(drawing, &drawing->tree.paths.nodes[gone]);
        out_string(drawing->out, "\ngone from here: ");
        flame_put_text(drawing);
        out_format(drawing->out, ", was %s%s", flame_about(drawing),
                   picture_time(drawing->tree.before[gone].total, was));
    }
    if (next_gone(drawing, path, gone) != PATHS_NONE)
        out_string(drawing->out, " and more");
}

void flame_change_put_numbers(struct drawing *drawing, const struct path *path)
{
    const struct path_before *before = &drawing->tree.before[number_of(drawing, path)];
    put_times(drawing, path, before);
    if (path->function != PATHS_NONE)
        put_own(drawing, path, before);
    put_gone_paths(drawing, path);
}

uint32_t flame_change_gone_paths(const struct drawing *drawing)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < drawing->tree.paths.count; i++)
        count += paths_diff_is_gone(&drawing->tree, i) && !paths_diff_is_new(&drawing->tree, i);
    return count;
}

void flame_change_put_what(const struct drawing *drawing)
{
    char time[PICTURE_TIME_SIZE], count[PICTURE_COUNT_SIZE];
    uint32_t gone = flame_change_gone_paths(drawing);
    out_format(drawing->out, "%s in ", picture_time(drawing->tree.paths.nodes[0].total, time));
    out_format(drawing->out, "%s calls, ", picture_count(drawing->report->total.ncalls, count));
    out_format(drawing->out, "was %s in ", picture_time(drawing->tree.before[0].total, time));
    out_format(drawing->out, "%s calls; width: cumulative time now%s, colour: its change",
               picture_count(drawing->report->base_total.ncalls, count),
               drawing->report->picture->fold || drawing->tree.paths.estimated ? ", recursion folded" : "");
    if (gone > 0)
        out_format(drawing->out, "; %s call %s gone", picture_count(gone, count), gone == 1 ? "path is" : "paths are");
}

static void put_swatch(const struct drawing *drawing, int x, const char *colour, const char *class_name,
                       const char *text)
{
    out_format(drawing->out,
               "<g class=\"%s\"><rect x=\"%d\" y=\"62\" width=\"%d\" height=\"17\" rx=\"2\" fill=\"%s\"/>"
               "<text x=\"%d\" y=\"75\" text-anchor=\"middle\">%s</text></g>\n",
               class_name, x, SWATCH - 2, colour, x + SWATCH / 2 - 1, text);
}

void flame_change_put_legend(const struct drawing *drawing)
{
    enum { LEFT = MARGIN + 190 };
    char text[32];
    out_format(drawing->out, "<g id=\"legend\">\n"
                             "<text class=\"note\" x=\"%d\" y=\"75\">Change, as a share of all time:</text>\n", MARGIN);
    for (int step = -CHANGE_STEPS; step <= CHANGE_STEPS; step++) {
        if (step == 0)
            strcpy(text, "0");
        else
            snprintf(text, sizeof text, "%s%g %%", step < 0 ? "\xe2\x88\x92" : "+",
                     100 * change_shares[(step < 0 ? -step : step) - 1]);
        put_swatch(drawing, LEFT + SWATCH * (step + CHANGE_STEPS), colour_of_step(step), "step", text);
    }
    put_swatch(drawing, LEFT + SWATCH * SWATCHES, "none", "step new", "new");
    out_string(drawing->out, "</g>\n");
}

/* Functions and their number: the largest come first. */
struct gone {
    uint32_t list[MOST_GONE_FUNCTIONS];
    size_t count;
    size_t shown;
};

static double time_before(const struct drawing *drawing, uint32_t function)
{
    return drawing->report->diff->list[function].before->cumtime;
}

static void insert(const struct drawing *drawing, struct gone *gone, uint32_t function)
{
    size_t place = gone->shown;
    while (place > 0 && time_before(drawing, gone->list[place - 1]) < time_before(drawing, function))
        place--;
    gone->count++;
    if (place == MOST_GONE_FUNCTIONS)
        return;
    gone->shown += gone->shown < MOST_GONE_FUNCTIONS;
    memmove(&gone->list[place + 1], &gone->list[place], (gone->shown - place - 1) * sizeof *gone->list);
    gone->list[place] = function;
}

static struct gone find_gone(const struct drawing *drawing)
{
    const struct diff *diff = drawing->report->diff;
    struct gone gone = {.count = 0};
    for (uint32_t i = 0; i < diff->changes.function_count; i++)
        if (!diff->list[i].now && diff->list[i].before)
            insert(drawing, &gone, i);
    return gone;
}

int flame_change_gone_rows(const struct drawing *drawing)
{
    struct gone gone = find_gone(drawing);
    return gone.count ? (int)gone.shown + 1 : 0;
}

static void put_gone_function(struct drawing *drawing, uint32_t position, int y)
{
    enum { MOST_COLUMNS = 120 };
    const struct function *function = drawing->report->diff->list[position].before;
    char time[PICTURE_TIME_SIZE], calls[PICTURE_COUNT_SIZE];
    double nanoseconds = function->cumtime > 0 ? function->cumtime * 1e9 : 0;
    picture_name(&drawing->report->profile->functions[position].label, &drawing->text);
    if (drawing->text.failed)
        error_set_memory(&drawing->out->error);
    size_t size = drawing->text.size, fitting = picture_fitting((const char *)drawing->text.data, size, MOST_COLUMNS);
    out_format(drawing->out, "<text class=\"gone\" x=\"%d\" y=\"%d\">", MARGIN + 12, y);
    out_markup(drawing->out, (const char *)drawing->text.data, fitting);
    out_format(drawing->out, "%s: was %s in %s %s</text>\n", fitting < size ? "\xe2\x80\xa6" : "",
               picture_time(nanoseconds < 0x1p63 ? (int64_t)nanoseconds : INT64_MAX, time),
               picture_count(function->ncalls, calls), function->ncalls == 1 ? "call" : "calls");
}

void flame_change_put_gone(struct drawing *drawing, int top)
{
    struct gone gone = find_gone(drawing);
    char count[PICTURE_COUNT_SIZE];
    if (gone.count == 0)
        return;
    out_format(drawing->out, "<text class=\"note\" x=\"%d\" y=\"%d\">Gone: %s %s of the base%s</text>\n", MARGIN,
               top + 16, picture_count((int64_t)gone.count, count), gone.count == 1 ? "function" : "functions",
               gone.count > gone.shown ? ", these with the most time:" : ":");
    for (size_t i = 0; i < gone.shown; i++)
        put_gone_function(drawing, gone.list[i], top + 16 + LEVEL * ((int)i + 1));
}
