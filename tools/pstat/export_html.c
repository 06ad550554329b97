/* One page that needs nothing else.  Its policy allows the one script that pstat puts into it, known by its hash,
 * and no request to anywhere; all that comes from the profile is JSON, which is not run, and text. */
#include <string.h>

#include "assets.h"
#include "colours.h"
#include "diff_pairs.h"
#include "export.h"
#include "flame_graph.h"
#include "names.h"
#include "page_part.h"
#include "paths.h"
#include "picture.h"

/* With as many frames as flame_drawing.h allows: a page of less than 10 MB, whatever the names. */
static const struct page_limits most = {.functions = 20000, .bytes = 3 << 20, .pairs = 40000};

struct page {
    const struct report *report;
    struct out *out;
    struct page_part part;
    struct buffer text;
};

static void put_asset(const struct page *page, const struct asset *asset)
{
    out_bytes(page->out, asset->bytes, asset->size);
}

/* A script element ends where "</" may stand, so that no "<" of the data may be one. */
static void put_json(const struct page *page, const struct out *json)
{
    size_t done = 0;
    for (size_t i = 0; i < json->buffer.size; i++) {
        if (json->buffer.data[i] != '<')
            continue;
        out_bytes(page->out, json->buffer.data + done, i - done);
        out_string(page->out, "\\u003c");
        done = i + 1;
    }
    out_bytes(page->out, json->buffer.data + done, json->buffer.size - done);
}

/* What a terminal must not get, a page need not: a name is shown as in the report. */
static void put_name(struct out *json, const char *bytes, size_t size)
{
    struct out text;
    out_init_memory(&text);
    text.terminal = true;
    out_text(&text, bytes, size);
    out_json_text(json, (const char *)text.buffer.data, text.buffer.size);
    if (text.error.code != ERROR_NONE)
        error_set_memory(&json->error);
    out_release(&text);
}

static const struct function no_function;
static const struct caller no_caller;

static void put_numbers(struct out *json, int64_t ncalls, int64_t primitive, double tottime, double cumtime)
{
    out_format(json, ",%lld,%lld,%.9g,%.9g", (long long)ncalls, (long long)primitive, tottime, cumtime);
}

static void put_function(struct out *json, const struct function *function)
{
    put_numbers(json, function->ncalls, function->primitive, function->tottime, function->cumtime);
}

static void put_caller(struct out *json, const struct caller *caller)
{
    put_numbers(json, caller->ncalls, caller->primitive, caller->tottime, caller->cumtime);
}

/* What is, what was, and 1 for what is new, -1 for what is gone. */
static void put_difference(struct out *json, const struct difference *difference)
{
    put_function(json, difference->now ? difference->now : &no_function);
    put_function(json, difference->before ? difference->before : &no_function);
    out_format(json, ",%d", !difference->before - !difference->now);
}

static void put_functions(struct page *page, struct out *json)
{
    const struct profile *profile = page->report->profile;
    const char *comma = "";
    out_string(json, "\"functions\":[");
    for (uint32_t i = 0; i < profile->function_count; i++) {
        struct name name = {"", 0};
        if (!page->part.shown[i])
            continue;
        if (name_make(&name, &profile->functions[i].label, &page->text) < 0)
            error_set_memory(&json->error);
        out_format(json, "%s\n[%u,", comma, i);
        put_name(json, name.bytes, name.size);
        if (page->report->diff)
            put_difference(json, &page->report->diff->list[i]);
        else
            put_function(json, &profile->functions[i]);
        out_string(json, "]");
        comma = ",";
    }
    out_string(json, "],\n");
}

static void put_pairs(const struct page *page, struct out *json)
{
    const struct profile *profile = page->report->profile;
    const char *comma = "";
    out_string(json, "\"pairs\":[");
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        for (size_t j = 0; j < function->caller_count; j++) {
            const struct caller *caller = &function->callers[j];
            if (!page_part_has_pair(&page->part, i, caller))
                continue;
            out_format(json, "%s\n[%u,%u", comma, caller->function, i);
            put_caller(json, caller);
            out_string(json, "]");
            comma = ",";
        }
    }
    out_string(json, "],\n");
}

static int put_pairs_of_both(struct page *page, struct out *json, struct error *error)
{
    const struct report *report = page->report;
    struct diff_pairs pairs;
    if (diff_pairs_init(&pairs, report->diff, report->now, report->before, page->part.shown, most.pairs, error) < 0)
        return -1;
    page->part.pairs_left_out = pairs.left_out;
    out_string(json, "\"pairs\":[");
    for (size_t i = 0; i < pairs.count; i++) {
        const struct diff_pair *pair = &pairs.list[i];
        out_format(json, "%s\n[%u,%u", i ? "," : "", pair->caller, pair->function);
        put_caller(json, pair->now ? pair->now : &no_caller);
        put_caller(json, pair->before ? pair->before : &no_caller);
        out_format(json, ",%d]", !pair->before - !pair->now);
    }
    out_string(json, "],\n");
    diff_pairs_release(&pairs);
    return 0;
}

static void put_fact_value(struct out *json, const struct fact *fact)
{
    if (fact->kind == FACT_TEXT)
        put_name(json, fact->text->bytes, fact->text->size);
    else if (fact->kind == FACT_REAL)
        out_real(json, fact->real);
    else
        out_integer(json, fact->integer);
}

/* A profile of the page, its files, and all its time. */
struct run {
    const struct profile *profile;
    const struct source *sources;
    size_t source_count;
    double total;
};

static void put_facts(struct out *json, const struct run *run)
{
    out_string(json, "\"facts\":[");
    for (size_t i = 0; i < run->profile->fact_count; i++) {
        const struct fact *fact = &run->profile->facts[i];
        out_string(json, i ? ",\n[" : "\n[");
        out_json_text(json, fact->name->bytes, fact->name->size);
        out_string(json, ",");
        put_fact_value(json, fact);
        out_string(json, "]");
    }
    out_string(json, "],\n\"files\":[");
    for (size_t i = 0; i < run->source_count; i++) {
        const char *path = run->sources[i].path;
        out_string(json, i ? "," : "");
        put_name(json, path, strlen(path));
    }
    out_string(json, "],\n");
}

static int put_threads(struct out *json, const struct run *run, struct error *error)
{
    struct paths paths;
    const char *comma = "";
    if (paths_init(&paths, run->profile, 1, error) < 0)
        return -1;
    out_string(json, "\"threads\":[");
    for (uint32_t i = 1; i < paths.count; i++) {
        const struct path *path = &paths.nodes[i];
        if (!path->thread)
            continue;
        out_string(json, comma);
        out_string(json, "\n[");
        put_name(json, path->thread->bytes, path->thread->size);
        out_format(json, ",%.9g]", (double)path->total * 1e-9);
        comma = ",";
    }
    out_format(json, "],\n\"total\":%.9g", run->total);
    paths_release(&paths);
    return 0;
}

static int put_run(struct out *json, const struct run *run, struct error *error)
{
    put_facts(json, run);
    return put_threads(json, run, error);
}

/* The steps of colours, and what is known about the base. */
static int put_base(const struct page *page, struct out *json, struct error *error)
{
    const struct report *report = page->report;
    const struct run run = {report->before, report->base, report->base_count, report->base_total.tottime};
    out_string(json, ",\n\"steps\":[");
    for (int i = 0; i < CHANGE_STEPS; i++)
        out_format(json, "%s%g", i ? "," : "", change_shares[i]);
    out_string(json, "],\n\"colours\":[");
    for (int step = -CHANGE_STEPS; step <= CHANGE_STEPS; step++)
        out_format(json, "%s\"%s\"", step > -CHANGE_STEPS ? "," : "", colour_of_step(step));
    out_string(json, "],\n\"base\":{");
    int result = put_run(json, &run, error);
    out_string(json, "}");
    return result;
}

static int put_content(struct page *page, struct out *json, struct error *error)
{
    const struct report *report = page->report;
    const struct run run = {report->diff ? report->now : report->profile, report->sources, report->source_count,
                            report->total.tottime};
    out_string(json, "{");
    put_functions(page, json);
    if (!report->diff)
        put_pairs(page, json);
    else if (put_pairs_of_both(page, json, error) < 0)
        return -1;
    out_format(json, "\"left_out\":{\"functions\":%zu,\"pairs\":%zu},\n", page->part.functions_left_out,
               page->part.pairs_left_out);
    if (put_run(json, &run, error) < 0 || (report->diff && put_base(page, json, error) < 0))
        return -1;
    out_string(json, "}");
    return 0;
}

static int put_data(struct page *page, struct error *error)
{
    struct out json;
    out_init_memory(&json);
    int result = put_content(page, &json, error);
    if (result == 0)
        result = out_finish(&json, error);
    if (result == 0)
        put_json(page, &json);
    out_release(&json);
    return result;
}

static void put_title(struct page *page)
{
    picture_title(page->report, &page->text);
    if (page->text.failed)
        error_set_memory(&page->out->error);
    out_markup(page->out, (const char *)page->text.data, page->text.size);
}

/* Functions that are new, or that are gone. */
static size_t count_unpaired(const struct diff *diff, bool gone)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->changes.function_count; i++)
        count += diff->changes.functions[i].listed && !(gone ? diff->list[i].now : diff->list[i].before);
    return count;
}

static void put_totals(const struct page *page)
{
    const struct report *report = page->report;
    char count[PICTURE_COUNT_SIZE];
    struct out *out = page->out;
    int64_t calls = report->total.ncalls, functions = (int64_t)page->part.listed_count;
    const char *counted = functions == 1 ? "function" : "functions";
    out_format(out, "%s %s ", picture_count(calls, count), calls == 1 ? "call" : "calls");
    if (!report->diff) {
        out_format(out, "of %s %s in %.3f seconds", picture_count(functions, count), counted, report->total.tottime);
        return;
    }
    int64_t called = report->base_total.ncalls;
    out_format(out, "in %.3f seconds, was %s %s ", report->total.tottime, picture_count(called, count),
               called == 1 ? "call" : "calls");
    out_format(out, "in %.3f seconds; %s %s", report->base_total.tottime, picture_count(functions, count), counted);
    out_format(out, ", %s new", picture_count((int64_t)count_unpaired(report->diff, false), count));
    out_format(out, " and %s gone", picture_count((int64_t)count_unpaired(report->diff, true), count));
}

static void put_summary(const struct page *page)
{
    char count[PICTURE_COUNT_SIZE];
    out_string(page->out, "<p>");
    put_totals(page);
    if (page->part.functions_left_out > 0)
        out_format(page->out, "; left out here: the %s functions with the least %s, and their calls",
                   picture_count((int64_t)page->part.functions_left_out, count),
                   page->report->diff ? "change of cumulative time" : "cumulative time");
    if (page->part.pairs_left_out > 0)
        out_format(page->out, "; also %s caller pairs with the least time",
                   picture_count((int64_t)page->part.pairs_left_out, count));
    out_string(page->out, "</p>\n");
}

static void put_head(struct page *page)
{
    struct out *out = page->out;
    out_string(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                    "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action "
                    "'none'; style-src 'unsafe-inline'; script-src '");
    put_asset(page, &asset_page_script_hash);
    out_string(out, "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_title(page);
    out_string(out, "</title>\n<style>\n");
    put_asset(page, &asset_page_style);
    out_string(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
    put_title(page);
    out_string(out, "</h1>\n");
    put_summary(page);
}

static int put_body(struct page *page, struct error *error)
{
    struct out *out = page->out;
    out_string(out,
               "<nav role=\"tablist\">\n"
               "<button role=\"tab\" data-view=\"functions\" aria-selected=\"true\">Functions</button>\n"
               "<button role=\"tab\" data-view=\"flame\" tabindex=\"-1\">Flame graph</button>\n"
               "<button role=\"tab\" data-view=\"graph\" tabindex=\"-1\">Call graph</button>\n"
               "<button role=\"tab\" data-view=\"run\" tabindex=\"-1\">Run</button>\n</nav>\n</header>\n<main>\n"
               "<div id=\"views\">\n<section id=\"functions\">\n<div class=\"bar\"><input type=\"search\" id=\"find\" "
               "class=\"find\" placeholder=\"Search (press /)\" aria-label=\"Search for functions\">"
               "<p id=\"count\" aria-live=\"polite\"></p></div>\n<div id=\"table\"></div>\n</section>\n"
               "<section id=\"flame\" hidden>\n");
    if (flame_graph_put(page->report, true, out, error) < 0)
        return -1;
    out_string(out, "</section>\n<section id=\"graph\" hidden>\n<div class=\"bar\">"
                    "<button data-zoom=\"-\" title=\"Smaller (-)\">\xe2\x88\x92</button>"
                    "<button data-zoom=\"+\" title=\"Larger (+)\">+</button>"
                    "<button data-zoom=\"0\" title=\"All of it (0)\">Fit</button><p id=\"graph-note\"></p></div>\n"
                    "<div id=\"graph-picture\"></div>\n</section>\n<section id=\"run\" hidden></section>\n</div>\n"
                    "<aside id=\"selected\" "
                    "aria-label=\"Selected function\"></aside>\n</main>\n"
                    "<script type=\"application/json\" id=\"data\">");
    if (put_data(page, error) < 0)
        return -1;
    out_string(out, "</script>\n<script>");
    put_asset(page, &asset_page_script);
    out_string(out, "</script>\n</body>\n</html>\n");
    return 0;
}

int export_html(const struct report *report, struct out *out, struct error *error)
{
    struct page page = {.report = report, .out = out};
    if (page_part_init(&page.part, report->profile, &most, error) < 0)
        return -1;
    buffer_init(&page.text, report->profile->allocator);
    put_head(&page);
    int result = put_body(&page, error);
    buffer_release(&page.text);
    page_part_release(&page.part);
    return result;
}
