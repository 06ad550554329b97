/* A box for each function and an arrow for each caller pair, as gprof2dot draws them: shares of the whole time, and how
 * often it was called, from cool to hot.  Labels are Graphviz' strings, in which a backslash, a quote and an ampersand
 * would mean something. */
#include "call_graph.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph.h"
#include "graph_part.h"
#include "picture.h"
#include "program.h"
#include "progress.h"

#define MOST_BYTES ((size_t)1 << 29) /* of what Graphviz makes */
enum { MOST_COLUMNS = 60 };          /* of the name in a box */
enum { MOST_TIP_COLUMNS = 3000 };    /* of all of it; Graphviz reads no string of 16,384 bytes */

struct drawing {
    const struct report *report;
    struct out *out;
    struct graph graph;
    struct graph_part part;
    struct buffer text;
    double whole; /* seconds */
};

/* From cool to hot; the last ones are dark. */
static const char *const heat[] = {"#eef2f7", "#e3ecf3", "#f3efd9", "#fbe6b4", "#fdd58a", "#fcb869",
                                   "#f79552", "#ee6f45", "#de4a3c", "#c32637", "#9e0c34"};
enum { HEATS = sizeof heat / sizeof *heat, DARK = 8 };

static int heat_of(double share)
{
    return share > 0 ? (int)(sqrt(share < 1 ? share : 1) * (HEATS - 1) + 0.5) : 0;
}

static double share_of(const struct drawing *drawing, double seconds)
{
    return drawing->whole > 0 ? seconds / drawing->whole : 0;
}

/* Within a quoted string. */
static void put_quoted(const struct drawing *drawing, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '&')
            out_string(drawing->out, "&amp;");
        else if (bytes[i] == '"' || bytes[i] == '\\')
            out_format(drawing->out, "\\%c", bytes[i]);
        else
            out_bytes(drawing->out, &bytes[i], 1);
}

/* What a terminal must not get, a picture need not. */
static void begin_text(struct out *text)
{
    out_init_memory(text);
    text->terminal = true;
}

static void put_text(const struct drawing *drawing, const char *bytes, size_t size)
{
    struct out text;
    begin_text(&text);
    out_text(&text, bytes, size);
    put_quoted(drawing, (const char *)text.buffer.data, text.buffer.size);
    out_release(&text);
}

static void name_function(struct out *text, const struct label *label)
{
    if (strcmp(label->file->bytes, "~") != 0) {
        out_text(text, label->file->bytes, label->file->size);
        out_format(text, ":%" PRId64 ":", label->line);
    }
    out_text(text, label->name->bytes, label->name->size);
}

/* Puts what is not too wide for a box.  Whether that is all. */
static bool put_name(const struct drawing *drawing, const struct out *name)
{
    const char *bytes = (const char *)name->buffer.data;
    size_t size = name->buffer.size;
    bool whole = picture_columns(bytes, size) <= MOST_COLUMNS;
    put_quoted(drawing, bytes, whole ? size : picture_fitting(bytes, size, MOST_COLUMNS - 1));
    out_string(drawing->out, whole ? "" : "\xe2\x80\xa6");
    return whole;
}

static void put_node(const struct drawing *drawing, uint32_t position)
{
    const struct function *function = &drawing->report->profile->functions[position];
    double share = share_of(drawing, function->cumtime);
    int heat_index = heat_of(share);
    char calls[PICTURE_COUNT_SIZE];
    struct out name;
    begin_text(&name);
    name_function(&name, &function->label);
    out_format(drawing->out, "    n%u [label=\"", position);
    bool whole = put_name(drawing, &name);
    out_format(drawing->out, "\\n%.2f%%\\n(%.2f%%)\\n%s\xc3\x97\", fillcolor=\"%s\", fontcolor=\"%s\"", 100 * share,
               100 * share_of(drawing, function->tottime), picture_count(function->ncalls, calls), heat[heat_index],
               heat_index >= DARK ? "#ffffff" : "#1f2328");
    if (!whole) {
        out_string(drawing->out, ", tooltip=\"");
        const char *bytes = (const char *)name.buffer.data;
        put_quoted(drawing, bytes, picture_fitting(bytes, name.buffer.size, MOST_TIP_COLUMNS));
        out_string(drawing->out, "\"");
    }
    out_string(drawing->out, "];\n");
    out_release(&name);
}

/* The colours of arrows are darker, since they are thin. */
static const char *arrow_colour(int index)
{
    static const char *const colours[] = {"#9aa4af", "#8f9aa6", "#a99f76", "#c09a3f", "#d18f2c", "#d97b22",
                                          "#dc6420", "#d64f2b", "#c93a30", "#b52033", "#9e0c34"};
    return colours[index];
}

static void put_edge(const struct drawing *drawing, uint32_t callee, const struct caller *caller)
{
    double share = share_of(drawing, caller->cumtime), within = share > 1 ? 1 : share > 0 ? share : 0;
    char calls[PICTURE_COUNT_SIZE];
    int index = heat_of(within);
    out_format(drawing->out, "    n%u -> n%u [label=\"", caller->function, callee);
    if (!caller->plain)
        out_format(drawing->out, " %.2f%%\\n", 100 * share);
    out_format(drawing->out, " %s\xc3\x97\", color=\"%s\", penwidth=%.2f, arrowsize=%.2f];\n",
               picture_count(caller->ncalls, calls), arrow_colour(index),
               0.7 + 3.3 * within, 0.5 + 0.5 * sqrt(within));
}

static void put_nodes(const struct drawing *drawing)
{
    const struct profile *profile = drawing->report->profile;
    double least = drawing->report->picture->edge * drawing->whole;
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (drawing->part.shown[i])
            put_node(drawing, i);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        for (size_t j = 0; drawing->part.shown[i] && j < function->caller_count; j++) {
            const struct caller *caller = &function->callers[j];
            if (drawing->part.shown[caller->function] && (caller->plain || caller->cumtime >= least))
                put_edge(drawing, i, caller);
        }
    }
}

static size_t shown_count(const struct drawing *drawing)
{
    size_t count = 0;
    for (size_t i = 0; i < drawing->part.count; i++)
        count += drawing->part.shown[i];
    return count;
}

static void put_title(struct drawing *drawing)
{
    char time[PICTURE_TIME_SIZE];
    size_t shown = shown_count(drawing);
    picture_title(drawing->report, &drawing->text);
    if (drawing->text.failed)
        error_set_memory(&drawing->out->error);
    put_text(drawing, (const char *)drawing->text.data, drawing->text.size);
    double nanoseconds = drawing->whole > 0 ? drawing->whole * 1e9 : 0;
    out_format(drawing->out, "\\l%s, %zu of %zu functions",
               picture_time(nanoseconds < 0x1p63 ? (int64_t)nanoseconds : INT64_MAX, time), shown, drawing->part.count);
    if (shown == 0 && drawing->part.count > 0)
        out_format(drawing->out, ": none took %g %% of the time", 100 * drawing->report->picture->node);
    out_string(drawing->out, "\\l");
}

static void put_graph(struct drawing *drawing)
{
    out_string(drawing->out, "digraph {\n    graph [label=\"");
    put_title(drawing);
    out_string(drawing->out,
               "\", labelloc=t, labeljust=l, fontsize=14, fontcolor=\"#1f2328\", "
               "fontname=\"DejaVu Sans,Verdana,sans-serif\", bgcolor=\"#ffffff\", nodesep=0.2, ranksep=0.4, pad=0.2];\n"
               "    node [shape=box, style=\"filled,rounded\", color=\"#d0d7de\", fontsize=10, "
               "fontname=\"DejaVu Sans,Verdana,sans-serif\", width=0, height=0, margin=\"0.12,0.06\"];\n"
               "    edge [fontsize=9, fontcolor=\"#424a53\", fontname=\"DejaVu Sans,Verdana,sans-serif\"];\n");
    put_nodes(drawing);
    out_string(drawing->out, "}\n");
}

int call_graph_put(const struct report *report, struct out *out, struct error *error)
{
    struct drawing drawing = {.report = report, .out = out, .whole = report->total.tottime};
    const struct picture *picture = report->picture;
    struct graph_request request = {picture->root, picture->leaf, picture->node * drawing.whole};
    if (graph_init(&drawing.graph, report->profile, error) < 0)
        return -1;
    int result = graph_part_init(&drawing.part, report->profile, &drawing.graph, &request, error);
    if (result == 0) {
        buffer_init(&drawing.text, report->profile->allocator);
        put_graph(&drawing);
        buffer_release(&drawing.text);
        graph_part_release(&drawing.part);
    }
    graph_release(&drawing.graph);
    return result;
}

static int lay_out(const struct out *source, const char *kind, struct out *out, struct error *error)
{
    char program[] = "dot", option[16];
    struct error reason = {0};
    struct buffer picture;
    snprintf(option, sizeof option, "-T%s", kind);
    char *const argv[] = {program, option, NULL};
    buffer_init(&picture, source->buffer.allocator);
    const struct buffer *input = &source->buffer;
    progress_say("dot lays out the call graph (--node and --edge make it smaller)");
    int result = program_run(argv, input->data, input->size, MOST_BYTES, &picture, &reason);
    if (result == 0)
        out_bytes(out, picture.data, picture.size);
    else if (reason.code == ERROR_SYSTEM && reason.system_errno == ENOENT)
        error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                  "the program dot is missing, which the package graphviz has; -o x.dot needs none");
    else
        *error = reason;
    buffer_release(&picture);
    return result;
}

int call_graph_render(const struct report *report, const char *kind, struct out *out, struct error *error)
{
    struct out source;
    out_init_memory(&source);
    int result = call_graph_put(report, &source, error);
    if (result == 0)
        result = out_finish(&source, error);
    if (result == 0)
        result = lay_out(&source, kind, out, error);
    out_release(&source);
    return result;
}
