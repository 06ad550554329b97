/* CSV as RFC 4180 has it, with a heading.  A list of functions, or of calls from one function to another: then a line
 * holds both. */
#include "export.h"

#include "graph.h"

struct csv {
    const struct report *report;
    struct out *out;
};

/* Readers stop at a NUL, or refuse it. */
static void put_quoted(struct out *out, const struct string *text)
{
    uint32_t done = 0;
    out_string(out, "\"");
    for (uint32_t i = 0; i < text->size; i++) {
        if (text->bytes[i] != '"' && text->bytes[i] != '\0')
            continue;
        out_text(out, text->bytes + done, i - done);
        out_string(out, text->bytes[i] == '"' ? "\"\"" : "\\x00");
        done = i + 1;
    }
    out_text(out, text->bytes + done, text->size - done);
    out_string(out, "\"");
}

static void put_text(struct out *out, const struct string *text)
{
    bool quoted = false;
    for (uint32_t i = 0; i < text->size && !quoted; i++)
        quoted = text->bytes[i] == ',' || text->bytes[i] == '"' || (unsigned char)text->bytes[i] < ' ';
    if (quoted)
        put_quoted(out, text);
    else
        out_text(out, text->bytes, text->size);
}

static void put_label(const struct csv *csv, uint32_t function)
{
    const struct label *label = &csv->report->profile->functions[function].label;
    put_text(csv->out, label->file);
    out_string(csv->out, ",");
    out_integer(csv->out, label->line);
    out_string(csv->out, ",");
    put_text(csv->out, label->name);
}

static void put_numbers(const struct csv *csv, int64_t ncalls, int64_t primitive, double tottime, double cumtime)
{
    out_string(csv->out, ",");
    out_integer(csv->out, ncalls);
    out_string(csv->out, ",");
    out_integer(csv->out, primitive);
    out_string(csv->out, ",");
    out_real(csv->out, tottime);
    out_string(csv->out, ",");
    out_real(csv->out, cumtime);
    out_string(csv->out, "\r\n");
}

static int put_stats(const struct csv *csv, const struct listing *listing, struct error *error)
{
    out_string(csv->out, "file,line,name,ncalls,primitive_calls,tottime,cumtime\r\n");
    for (size_t i = 0; i < listing->count; i++) {
        const struct function *function = &csv->report->profile->functions[listing->rows[i]];
        put_label(csv, listing->rows[i]);
        put_numbers(csv, function->ncalls, function->primitive, function->tottime, function->cumtime);
    }
    return 0;
}

/* Of the old profiler there is nothing but a count. */
static void put_call(const struct csv *csv, uint32_t function, const struct caller *edge)
{
    put_label(csv, edge->function);
    out_string(csv->out, ",");
    put_label(csv, function);
    if (!edge->plain) {
        put_numbers(csv, edge->ncalls, edge->primitive, edge->tottime, edge->cumtime);
        return;
    }
    out_string(csv->out, ",");
    out_integer(csv->out, edge->ncalls);
    out_string(csv->out, ",,,\r\n");
}

static const char CALLS[] = "caller_file,caller_line,caller_name,file,line,name,"
                            "ncalls,primitive_calls,tottime,cumtime\r\n";

static int put_callers(const struct csv *csv, const struct listing *listing, struct error *error)
{
    out_string(csv->out, CALLS);
    for (size_t i = 0; i < listing->count; i++) {
        const struct function *function = &csv->report->profile->functions[listing->rows[i]];
        for (size_t j = 0; j < function->caller_count; j++)
            put_call(csv, listing->rows[i], &function->callers[j]);
    }
    return 0;
}

static int put_callees(const struct csv *csv, const struct listing *listing, struct error *error)
{
    struct graph graph;
    if (graph_init(&graph, csv->report->profile, error) < 0)
        return -1;
    out_string(csv->out, CALLS);
    for (size_t i = 0; i < listing->count; i++)
        for (size_t j = graph.first[listing->rows[i]]; j < graph.first[listing->rows[i] + 1]; j++)
            put_call(csv, graph.list[j].function, graph.list[j].edge);
    graph_release(&graph);
    return 0;
}

static int put_async(const struct csv *csv, const struct listing *listing, struct error *error)
{
    out_string(csv->out, "file,line,name,starts,resumes,ran,awaited\r\n");
    for (size_t i = 0; i < listing->count; i++) {
        const struct suspension *suspension = &csv->report->suspensions->list[listing->rows[i]];
        put_label(csv, listing->rows[i]);
        put_numbers(csv, suspension->starts, suspension->resumes,
                    csv->report->profile->functions[listing->rows[i]].tottime, suspension->awaited);
    }
    return 0;
}

static void put_pair(struct out *out, int64_t now, int64_t before)
{
    out_string(out, ",");
    out_integer(out, now);
    out_string(out, ",");
    out_integer(out, before);
}

static void put_times(struct out *out, double now, double before)
{
    out_string(out, ",");
    out_real(out, now);
    out_string(out, ",");
    out_real(out, before);
}

static int put_diff(const struct csv *csv, const struct listing *listing, struct error *error)
{
    static const struct function nothing;
    out_string(csv->out,
               "file,line,name,found,ncalls,base_ncalls,primitive_calls,base_primitive_calls,tottime,base_tottime,"
               "cumtime,base_cumtime\r\n");
    for (size_t i = 0; i < listing->count; i++) {
        const struct difference *difference = &csv->report->diff->list[listing->rows[i]];
        const struct function *now = difference->now ? difference->now : &nothing;
        const struct function *before = difference->before ? difference->before : &nothing;
        put_label(csv, listing->rows[i]);
        out_string(csv->out, !difference->before ? ",new" : !difference->now ? ",gone" : ",both");
        put_pair(csv->out, now->ncalls, before->ncalls);
        put_pair(csv->out, now->primitive, before->primitive);
        put_times(csv->out, now->tottime, before->tottime);
        put_times(csv->out, now->cumtime, before->cumtime);
        out_string(csv->out, "\r\n");
    }
    return 0;
}

static int (*const sections[])(const struct csv *csv, const struct listing *listing, struct error *error) = {
    [SECTION_STATS] = put_stats,
    [SECTION_CALLERS] = put_callers,
    [SECTION_CALLEES] = put_callees,
    [SECTION_ASYNC] = put_async,
    [SECTION_DIFF] = put_diff,
};

int export_csv(const struct report *report, struct out *out, struct error *error)
{
    const struct csv csv = {report, out};
    const struct section *section = &report->sections[0];
    if (report->section_count != 1)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                         "a file of format csv holds one list; give one of --callers, --callees and --async, once");
    return sections[section->kind](&csv, &section->listing, error);
}
