/* One page that needs nothing else.  Its policy allows the one script that pstat puts into it, known by its hash,
 * and no request to anywhere; all that comes from the profile is JSON, which is not run, and text. */
#include <string.h>

#include "assets.h"
#include "export.h"
#include "flame_graph.h"
#include "names.h"
#include "page_part.h"
#include "paths.h"
#include "picture.h"

enum { MOST_FUNCTIONS = 20000, MOST_PAIRS = 60000 };

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

static void put_functions(struct page *page, struct out *json)
{
    const struct profile *profile = page->report->profile;
    const char *comma = "";
    out_string(json, "\"functions\":[");
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        struct name name = {"", 0};
        if (!page->part.shown[i])
            continue;
        if (name_make(&name, &function->label, &page->text) < 0)
            error_set_memory(&json->error);
        out_format(json, "%s\n[%u,", comma, i);
        put_name(json, name.bytes, name.size);
        out_format(json, ",%lld,%lld,%.9g,%.9g]", (long long)function->ncalls, (long long)function->primitive,
                   function->tottime, function->cumtime);
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
            out_format(json, "%s\n[%u,%u,%lld,%lld,%.9g,%.9g]", comma, caller->function, i, (long long)caller->ncalls,
                       (long long)caller->primitive, caller->tottime, caller->cumtime);
            comma = ",";
        }
    }
    out_string(json, "],\n");
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

static void put_facts(const struct page *page, struct out *json)
{
    const struct profile *profile = page->report->profile;
    out_string(json, "\"facts\":[");
    for (size_t i = 0; i < profile->fact_count; i++) {
        const struct fact *fact = &profile->facts[i];
        out_string(json, i ? ",\n[" : "\n[");
        out_json_text(json, fact->name->bytes, fact->name->size);
        out_string(json, ",");
        put_fact_value(json, fact);
        out_string(json, "]");
    }
    out_string(json, "],\n\"files\":[");
    for (size_t i = 0; i < page->report->source_count; i++) {
        const char *path = page->report->sources[i].path;
        out_string(json, i ? "," : "");
        put_name(json, path, strlen(path));
    }
    out_string(json, "],\n");
}

static int put_threads(const struct page *page, struct out *json, struct error *error)
{
    struct paths paths;
    const char *comma = "";
    if (paths_init(&paths, page->report->profile, 1, error) < 0)
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
    out_string(json, "],\n");
    paths_release(&paths);
    return 0;
}

static int put_data(struct page *page, struct error *error)
{
    struct out json;
    out_init_memory(&json);
    out_string(&json, "{");
    put_functions(page, &json);
    put_pairs(page, &json);
    put_facts(page, &json);
    int result = put_threads(page, &json, error);
    out_format(&json, "\"left_out\":{\"functions\":%zu,\"pairs\":%zu},\n\"total\":%.9g}", page->part.functions_left_out,
               page->part.pairs_left_out, page->report->total.tottime);
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

static void put_summary(const struct page *page)
{
    char count[PICTURE_COUNT_SIZE];
    int64_t calls = page->report->total.ncalls, functions = (int64_t)page->part.listed_count;
    out_format(page->out, "<p>%s %s of ", picture_count(calls, count), calls == 1 ? "call" : "calls");
    out_format(page->out, "%s %s in %.3f seconds", picture_count(functions, count),
               functions == 1 ? "function" : "functions", page->report->total.tottime);
    if (page->part.functions_left_out > 0)
        out_format(page->out, "; left out here: the %s functions with the least cumulative time, and their calls",
                   picture_count((int64_t)page->part.functions_left_out, count));
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
    if (page_part_init(&page.part, report->profile, MOST_FUNCTIONS, MOST_PAIRS, error) < 0)
        return -1;
    buffer_init(&page.text, report->profile->allocator);
    put_head(&page);
    int result = put_body(&page, error);
    buffer_release(&page.text);
    page_part_release(&page.part);
    return result;
}
