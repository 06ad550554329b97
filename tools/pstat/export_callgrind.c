/* The format of callgrind, which KCachegrind shows: the own time of each function, and for each function that it
 * called how often and the time that took.  Times are whole nanoseconds.  The readers tell functions apart by file
 * and name, so that a name has the line with it; each file and each name gets a number where it first stands. */
#include "export.h"

#include <math.h>

#include "graph.h"

struct callgrind {
    const struct profile *profile;
    struct out *out;
    struct graph graph;
    uint32_t *file_numbers; /* by position of the function; equal for equal files */
    bool *named;            /* the name of the function has been written */
    bool *file_named;       /* the file with this number has been written */
};

static int64_t nanoseconds(double seconds)
{
    double ns = nearbyint(seconds * 1e9);
    if (!(ns > 0))
        return 0;
    return ns < 0x1p63 ? (int64_t)ns : INT64_MAX;
}

static bool has_file(const void *functions, uint32_t position, const void *file)
{
    return ((const struct function *)functions)[position].label.file == file;
}

/* The number of a file is the position of the first function that lies in it. */
static int number_files(struct callgrind *callgrind)
{
    const struct profile *profile = callgrind->profile;
    struct index_map files;
    int result = 0;
    index_map_init(&files, profile->allocator);
    for (uint32_t i = 0; i < profile->function_count && result == 0; i++) {
        const struct string *file = profile->functions[i].label.file;
        callgrind->file_numbers[i] = index_map_find(&files, file->hash, has_file, profile->functions, file);
        if (callgrind->file_numbers[i] != INDEX_MAP_NONE)
            continue;
        callgrind->file_numbers[i] = i;
        result = index_map_add(&files, file->hash, i);
    }
    index_map_release(&files);
    return result;
}

static void put_file(struct callgrind *callgrind, const char *key, uint32_t function)
{
    uint32_t number = callgrind->file_numbers[function];
    const struct string *file = callgrind->profile->functions[function].label.file;
    out_string(callgrind->out, key);
    out_integer(callgrind->out, (int64_t)number + 1);
    out_string(callgrind->out, ")");
    if (!callgrind->file_named[number]) {
        out_string(callgrind->out, " ");
        out_line_text(callgrind->out, file->size ? file->bytes : "?", file->size ? file->size : 1);
    }
    callgrind->file_named[number] = true;
    out_string(callgrind->out, "\n");
}

static void put_function(struct callgrind *callgrind, const char *key, uint32_t function)
{
    const struct label *label = &callgrind->profile->functions[function].label;
    out_string(callgrind->out, key);
    out_integer(callgrind->out, (int64_t)function + 1);
    out_string(callgrind->out, ")");
    if (!callgrind->named[function]) {
        out_string(callgrind->out, " ");
        out_line_text(callgrind->out, label->name->bytes, label->name->size);
        if (label->line != 0 || label->name->size == 0) {
            out_string(callgrind->out, ":");
            out_integer(callgrind->out, label->line);
        }
    }
    callgrind->named[function] = true;
    out_string(callgrind->out, "\n");
}

/* A line of costs: where, and how many nanoseconds. */
static void put_cost(const struct callgrind *callgrind, uint32_t function, int64_t cost)
{
    int64_t line = callgrind->profile->functions[function].label.line;
    out_integer(callgrind->out, line > 0 ? line : 0);
    out_string(callgrind->out, " ");
    out_integer(callgrind->out, cost);
    out_string(callgrind->out, "\n");
}

/* What a function takes when it calls itself is in the time of the first call, and readers would add it to that.  A
 * pair of the old profiler is a count; of the time of the function it gets the share of its calls. */
static double pair_time(const struct function *function, const struct caller *pair, uint32_t self)
{
    double calls = 0;
    if (pair->function == self)
        return 0;
    if (!pair->plain)
        return pair->cumtime;
    for (size_t i = 0; i < function->caller_count; i++)
        calls += function->callers[i].function != self ? (double)function->callers[i].ncalls : 0;
    return calls > 0 ? function->cumtime * (double)pair->ncalls / calls : 0;
}

static void put_call(struct callgrind *callgrind, uint32_t caller, const struct callee *callee)
{
    const struct function *function = &callgrind->profile->functions[callee->function];
    int64_t line = function->label.line;
    put_file(callgrind, "cfi=(", callee->function);
    put_function(callgrind, "cfn=(", callee->function);
    out_string(callgrind->out, "calls=");
    out_integer(callgrind->out, callee->edge->ncalls);
    out_string(callgrind->out, " ");
    out_integer(callgrind->out, line > 0 ? line : 0);
    out_string(callgrind->out, "\n");
    put_cost(callgrind, caller, nanoseconds(pair_time(function, callee->edge, callee->function)));
}

static void put_functions(struct callgrind *callgrind)
{
    const struct graph *graph = &callgrind->graph;
    for (uint32_t i = 0; i < callgrind->profile->function_count; i++) {
        const struct function *function = &callgrind->profile->functions[i];
        if (!function->listed && graph->first[i] == graph->first[i + 1])
            continue;
        out_string(callgrind->out, "\n");
        put_file(callgrind, "fl=(", i);
        put_function(callgrind, "fn=(", i);
        put_cost(callgrind, i, function->listed ? nanoseconds(function->tottime) : 0);
        for (size_t j = graph->first[i]; j < graph->first[i + 1]; j++)
            put_call(callgrind, i, &graph->list[j]);
    }
}

static void put_header(const struct callgrind *callgrind)
{
    const struct fact *command = profile_fact(callgrind->profile, "command");
    const struct fact *process = profile_fact(callgrind->profile, "pid");
    struct out *out = callgrind->out;
    out_string(out, "# callgrind format\nversion: 1\ncreator: pstat " PROFSTAT_VERSION "\n");
    if (process && process->kind == FACT_INTEGER)
        out_format(out, "pid: %lld\n", (long long)process->integer);
    if (command && command->kind == FACT_TEXT) {
        out_string(out, "cmd: ");
        out_line_text(out, command->text->bytes, command->text->size);
        out_string(out, "\n");
    }
    out_string(out, "positions: line\nevent: ns : Nanoseconds\nevents: ns\n");
}

/* The sum of what was written, rounded as it was. */
static void put_total(const struct callgrind *callgrind)
{
    int64_t total = 0;
    for (size_t i = 0; i < callgrind->profile->function_count; i++) {
        const struct function *function = &callgrind->profile->functions[i];
        if (function->listed && __builtin_add_overflow(total, nanoseconds(function->tottime), &total))
            total = INT64_MAX;
    }
    out_string(callgrind->out, "\ntotals: ");
    out_integer(callgrind->out, total);
    out_string(callgrind->out, "\n");
}

static int write_all(struct callgrind *callgrind, struct error *error)
{
    const struct profile *profile = callgrind->profile;
    size_t room = profile->function_count + 1;
    callgrind->file_numbers = allocator_resize(profile->allocator, NULL, room, sizeof *callgrind->file_numbers);
    callgrind->named = allocator_zeroed(profile->allocator, room, sizeof *callgrind->named);
    callgrind->file_named = allocator_zeroed(profile->allocator, room, sizeof *callgrind->file_named);
    if (!callgrind->file_numbers || !callgrind->named || !callgrind->file_named || number_files(callgrind) < 0)
        return error_set_memory(error);
    put_header(callgrind);
    put_functions(callgrind);
    put_total(callgrind);
    return 0;
}

int export_callgrind(const struct report *report, struct out *out, struct error *error)
{
    const struct allocator *allocator = report->profile->allocator;
    struct callgrind callgrind = {.profile = report->profile, .out = out};
    if (graph_init(&callgrind.graph, report->profile, error) < 0)
        return -1;
    int result = write_all(&callgrind, error);
    graph_release(&callgrind.graph);
    allocator_free(allocator, callgrind.file_numbers);
    allocator_free(allocator, callgrind.named);
    allocator_free(allocator, callgrind.file_named);
    return result;
}
