/* speedscope's own format.  Each thread has two profiles: nanoseconds, and calls.  A profile is the tree of call paths
 * as events, a function entered or left, in the order of a walk and not of the run, of which no record is kept. */
#include "export.h"

#include <string.h>

#include "stacks.h"

struct speedscope {
    const struct report *report;
    struct out *out;
    struct paths paths;
    int64_t *totals; /* calls of a path and all below; by node */
    int64_t at;      /* the value at which the walk is */
    bool of_calls;
    bool first; /* no event, or no profile, yet */
};

static void put_frames(const struct speedscope *speedscope)
{
    const struct profile *profile = speedscope->report->profile;
    struct out *out = speedscope->out;
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct label *label = &profile->functions[i].label;
        out_string(out, i ? ",\n{\"name\":" : "\n{\"name\":");
        out_json_text(out, label->name->bytes, label->name->size);
        out_string(out, ",\"file\":");
        out_json_text(out, label->file->bytes, label->file->size);
        out_string(out, ",\"line\":");
        out_integer(out, label->line);
        out_string(out, "}");
    }
}

static void put_event(struct speedscope *speedscope, char type, uint32_t node)
{
    struct out *out = speedscope->out;
    uint32_t function = speedscope->paths.nodes[node].function;
    if (function == PATHS_NONE)
        return;
    out_string(out, speedscope->first ? "\n" : ",\n");
    out_string(out, type == 'O' ? "{\"type\":\"O\",\"frame\":" : "{\"type\":\"C\",\"frame\":");
    out_integer(out, function);
    out_string(out, ",\"at\":");
    out_integer(out, speedscope->at);
    out_string(out, "}");
    speedscope->first = false;
}

static int64_t total(const struct speedscope *speedscope, uint32_t node)
{
    return speedscope->of_calls ? speedscope->totals[node] : speedscope->paths.nodes[node].total;
}

static void enter(struct speedscope *speedscope, uint32_t node)
{
    const struct path *path = &speedscope->paths.nodes[node];
    put_event(speedscope, 'O', node);
    if (__builtin_add_overflow(speedscope->at, speedscope->of_calls ? path->calls : path->self, &speedscope->at))
        speedscope->at = INT64_MAX;
}

/* The first of these siblings that anything is to be said of. */
static uint32_t skip_empty(const struct speedscope *speedscope, uint32_t node)
{
    while (node != PATHS_NONE && total(speedscope, node) <= 0)
        node = speedscope->paths.nodes[node].next_sibling;
    return node;
}

static void put_events(struct speedscope *speedscope, uint32_t root)
{
    const struct path *nodes = speedscope->paths.nodes;
    uint32_t at = root;
    enter(speedscope, at);
    for (;;) {
        uint32_t next = skip_empty(speedscope, nodes[at].first_child);
        while (next == PATHS_NONE) {
            put_event(speedscope, 'C', at);
            if (at == root)
                return;
            next = skip_empty(speedscope, nodes[at].next_sibling);
            if (next == PATHS_NONE)
                at = nodes[at].parent;
        }
        at = next;
        enter(speedscope, at);
    }
}

static void put_profile(struct speedscope *speedscope, uint32_t root, const struct string *thread)
{
    static const char all[] = "all threads";
    struct out *out = speedscope->out;
    out_string(out, speedscope->first ? "\n{\"type\":\"evented\",\"name\":" : ",\n{\"type\":\"evented\",\"name\":");
    out_string(out, "\"");
    out_json_part(out, thread ? thread->bytes : all, thread ? thread->size : sizeof all - 1);
    out_string(out, speedscope->of_calls ? ": calls\",\"unit\":\"none\"" : ": time\",\"unit\":\"nanoseconds\"");
    out_string(out, ",\"startValue\":0,\"endValue\":");
    out_integer(out, total(speedscope, root));
    out_string(out, ",\"events\":[");
    speedscope->at = 0;
    speedscope->first = true;
    put_events(speedscope, root);
    out_string(out, "]}");
    speedscope->first = false;
}

static void put_both(struct speedscope *speedscope, uint32_t root, const struct string *thread)
{
    for (int of_calls = 0; of_calls < 2; of_calls++) {
        speedscope->of_calls = of_calls;
        put_profile(speedscope, root, thread);
    }
}

/* Where there are several threads, each has a node below the first. */
static bool are_by_thread(const struct path *nodes)
{
    for (uint32_t i = nodes[0].first_child; i != PATHS_NONE; i = nodes[i].next_sibling)
        if (!nodes[i].thread)
            return false;
    return nodes[0].first_child != PATHS_NONE;
}

static void put_profiles(struct speedscope *speedscope)
{
    const struct profile *profile = speedscope->report->profile;
    const struct path *nodes = speedscope->paths.nodes;
    speedscope->first = true;
    if (!are_by_thread(nodes)) {
        put_both(speedscope, 0, profile->tree_count == 1 ? profile->trees[0].thread : NULL);
        return;
    }
    for (uint32_t i = nodes[0].first_child; i != PATHS_NONE; i = nodes[i].next_sibling)
        put_both(speedscope, i, nodes[i].thread);
}

static int sum_calls(struct speedscope *speedscope)
{
    const struct paths *paths = &speedscope->paths;
    speedscope->totals = allocator_resize(paths->allocator, NULL, paths->count, sizeof *speedscope->totals);
    if (!speedscope->totals)
        return -1;
    for (uint32_t i = 0; i < paths->count; i++)
        speedscope->totals[i] = paths->nodes[i].calls;
    for (uint32_t i = paths->count; i-- > 1;) {
        int64_t *parent = &speedscope->totals[paths->nodes[i].parent];
        if (__builtin_add_overflow(*parent, speedscope->totals[i], parent))
            *parent = INT64_MAX;
    }
    return 0;
}

static void put_all(struct speedscope *speedscope)
{
    const struct report *report = speedscope->report;
    struct out *out = speedscope->out;
    out_string(out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
                    "\"exporter\":\"pstat " PROFSTAT_VERSION "\",\n\"name\":");
    const char *name = report->source_count ? report->sources[0].path : "";
    out_json_text(out, name, strlen(name));
    out_string(out, ",\n\"activeProfileIndex\":0,\n\"shared\":{\"frames\":[");
    put_frames(speedscope);
    out_string(out, "]},\n\"profiles\":[");
    put_profiles(speedscope);
    out_string(out, "]}\n");
}

int export_speedscope(const struct report *report, struct out *out, struct error *error)
{
    struct speedscope speedscope = {.report = report, .out = out};
    if (stacks_init(&speedscope.paths, report->profile, error) < 0)
        return -1;
    int result = sum_calls(&speedscope) < 0 ? error_set_memory(error) : 0;
    if (result == 0)
        put_all(&speedscope);
    allocator_free(report->profile->allocator, speedscope.totals);
    paths_release(&speedscope.paths);
    return result;
}
