/* A line for each call path, as flame graph programs take it: its functions from the outermost inwards with ";" between
 * them, and its own time in nanoseconds.  Paths without a time of their own are left out. */
#include "export.h"

#include <string.h>

#include "names.h"
#include "stacks.h"

enum { MOST_FUNCTIONS = 1 << 22 };

struct folded {
    const struct paths *paths;
    const struct names *names;
    struct out *out;
    struct out line; /* in memory: the path that the walk is at */
    size_t *starts;  /* by node on that path: where it begins in the line */
};

static void put_name(struct out *line, const char *bytes, size_t size)
{
    for (size_t done = 0, piece; done <= size; done += piece + 1) {
        const char *from = bytes + done, *semicolon = memchr(from, ';', size - done);
        piece = semicolon ? (size_t)(semicolon - from) : size - done;
        out_line_text(line, from, piece);
        out_string(line, semicolon ? "\\x3b" : "");
    }
}

static void enter(struct folded *folded, uint32_t node)
{
    const struct path *path = &folded->paths->nodes[node];
    struct out *line = &folded->line;
    folded->starts[node] = line->buffer.size;
    if (node == 0)
        return;
    if (line->buffer.size > 0)
        out_string(line, ";");
    if (path->thread)
        put_name(line, path->thread->bytes, path->thread->size);
    else
        put_name(line, folded->names->list[path->function].bytes, folded->names->list[path->function].size);
    if (path->self <= 0)
        return;
    out_bytes(folded->out, line->buffer.data, line->buffer.size);
    out_string(folded->out, " ");
    out_integer(folded->out, path->self);
    out_string(folded->out, "\n");
}

static void walk(struct folded *folded)
{
    const struct path *nodes = folded->paths->nodes;
    uint32_t at = 0;
    enter(folded, at);
    for (;;) {
        uint32_t next = nodes[at].first_child;
        while (next == PATHS_NONE) {
            folded->line.buffer.size = folded->starts[at];
            if (at == 0)
                return;
            next = nodes[at].next_sibling;
            if (next == PATHS_NONE)
                at = nodes[at].parent;
        }
        at = next;
        enter(folded, at);
    }
}

static int write_lines(const struct paths *paths, const struct names *names, struct out *out, struct error *error)
{
    struct folded folded = {.paths = paths, .names = names, .out = out};
    folded.starts = allocator_resize(paths->allocator, NULL, paths->count, sizeof *folded.starts);
    if (!folded.starts)
        return error_set_memory(error);
    out_init_memory(&folded.line);
    walk(&folded);
    int result = out_finish(&folded.line, error);
    out_release(&folded.line);
    allocator_free(paths->allocator, folded.starts);
    return result;
}

int export_folded(const struct report *report, struct out *out, struct error *error)
{
    struct paths paths;
    struct names names;
    if (stacks_init(&paths, report->profile, error) < 0)
        return -1;
    int result = stacks_limit(&paths, MOST_FUNCTIONS, error);
    if (result == 0 && (result = names_init_short(&names, report->profile, error)) == 0) {
        result = write_lines(&paths, &names, out, error);
        names_release(&names);
    }
    paths_release(&paths);
    return result;
}
