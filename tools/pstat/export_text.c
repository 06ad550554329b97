/* The report of pstats.Stats.print_stats, print_callers and print_callees, byte for byte.  Odd blanks are theirs.
 * Colours and escapes come on terminals only. */
#include "export_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "names.h"
#include "pyrepr.h"

enum { HOT_PERCENT = 20, WARM_PERCENT = 5 };

char *text_counts(int64_t ncalls, int64_t primitive, char text[TEXT_COUNTS_SIZE])
{
    if (ncalls == primitive)
        snprintf(text, TEXT_COUNTS_SIZE, "%" PRId64, ncalls);
    else
        snprintf(text, TEXT_COUNTS_SIZE, "%" PRId64 "/%" PRId64, ncalls, primitive);
    return text;
}

static struct name make_name(const struct text *text, uint32_t function)
{
    struct name name = {"", 0};
    if (name_make(&name, &text->report->profile->functions[function].label, text->name) < 0)
        error_set_memory(&text->out->error);
    return name;
}

void text_put_name(const struct text *text, uint32_t function)
{
    struct name name = make_name(text, function);
    out_text(text->out, name.bytes, name.size);
}

void text_put_time(const struct text *text, double seconds)
{
    const struct time_unit *unit = text->report->unit;
    out_format(text->out, "%8.*f", unit->decimals, seconds * unit->per_second);
}

size_t text_name_width(const struct text *text, uint32_t function)
{
    struct name name = make_name(text, function);
    return out_text_width(text->out, name.bytes, name.size);
}

void text_put_date(const struct text *text, int64_t when)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)when;
    struct tm tm;
    if (!localtime_r(&seconds, &tm))
        return;
    out_format(text->out, "%.3s %.3s%3d %.2d:%.2d:%.2d %lld    ", days + 3 * tm.tm_wday, months + 3 * tm.tm_mon,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, 1900 + (long long)tm.tm_year);
}

static void put_sources(const struct text *text, const struct source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out_style(text->out, STYLE_BOLD);
        if (sources[i].dated)
            text_put_date(text, sources[i].modified);
        out_text(text->out, sources[i].path, strlen(sources[i].path));
        out_style(text->out, STYLE_PLAIN);
        out_string(text->out, "\n");
    }
}

static void put_total(const struct text *text, const struct grand_total *total)
{
    out_format(text->out, "%" PRId64 " function calls ", total->ncalls);
    if (total->ncalls != total->primitive)
        out_format(text->out, "(%" PRId64 " primitive calls) ", total->primitive);
    const struct time_unit *unit = text->report->unit;
    out_format(text->out, "in %.*f %s", unit->decimals, total->tottime * unit->per_second, unit->title);
}

static void put_summary(const struct text *text)
{
    put_sources(text, text->report->sources, text->report->source_count);
    out_string(text->out, "\n");
    for (size_t i = 0; i < text->report->top_level_count; i++) {
        const struct string *name = text->report->profile->functions[text->report->top_level[i]].label.name;
        out_string(text->out, "         ");
        out_text(text->out, name->bytes, name->size);
        out_string(text->out, "\n");
    }
    out_string(text->out, "         ");
    put_total(text, &text->report->total);
    out_string(text->out, "\n\n");
}

static void put_comparison(const struct text *text)
{
    put_sources(text, text->report->sources, text->report->source_count);
    out_string(text->out, "compared with\n");
    put_sources(text, text->report->base, text->report->base_count);
    out_string(text->out, "\n     is  ");
    put_total(text, &text->report->total);
    out_string(text->out, "\n    was  ");
    put_total(text, &text->report->base_total);
    out_string(text->out, "\n\n");
}

static void put_fraction(struct out *out, const struct restriction *restriction)
{
    char number[PYREPR_DOUBLE_SIZE];
    out_string(out, pyrepr_double(restriction->fraction, number));
}

static void put_limit(struct out *out, const struct restriction *restriction)
{
    out_format(out, "%" PRId64, restriction->limit);
}

static void put_pattern(struct out *out, const struct restriction *restriction)
{
    const char *pattern = pattern_text(restriction->pattern);
    struct buffer repr;
    buffer_init(&repr, out->buffer.allocator);
    pyrepr_string(pattern, strlen(pattern), &repr);
    if (repr.failed)
        error_set_memory(&out->error);
    else
        out_bytes(out, repr.data, repr.size);
    buffer_release(&repr);
}

static void (*const put_restriction[])(struct out *out, const struct restriction *restriction) = {
    [RESTRICT_FRACTION] = put_fraction,
    [RESTRICT_LIMIT] = put_limit,
    [RESTRICT_PATTERN] = put_pattern,
};

static void put_keys(const struct text *text)
{
    out_string(text->out, text->report->diff ? "   Ordered by change of: " : "   Ordered by: ");
    for (size_t i = 0; i < text->report->key_count; i++)
        out_format(text->out, "%s%s", i ? ", " : "", text->report->keys[i]->title);
    out_string(text->out, "\n");
}

static void put_order(const struct text *text, const struct listing *listing)
{
    if (text->report->key_count > 0)
        put_keys(text);
    for (size_t i = 0; i < listing->reduction_count; i++) {
        const struct reduction *reduction = &listing->reductions[i];
        out_format(text->out, "   List reduced from %zu to %zu due to restriction <", reduction->from, reduction->to);
        put_restriction[reduction->restriction->kind](text->out, reduction->restriction);
        out_string(text->out, ">\n");
    }
    out_string(text->out, "\n");
}

static enum style style_of(const struct text *text, const struct function *function)
{
    double share = 100 * function->tottime;
    double total = text->report->total.tottime;
    if (total <= 0 || share < WARM_PERCENT * total)
        return STYLE_PLAIN;
    return share < HOT_PERCENT * total ? STYLE_WARM : STYLE_HOT;
}

static void put_ncalls(const struct text *text, const struct function *function)
{
    char ncalls[TEXT_COUNTS_SIZE];
    out_format(text->out, "%9s", text_counts(function->ncalls, function->primitive, ncalls));
}

static void put_pcalls(const struct text *text, const struct function *function)
{
    out_format(text->out, "%9" PRId64, function->primitive);
}

static void put_tottime(const struct text *text, const struct function *function)
{
    text_put_time(text, function->tottime);
}

static void put_cumtime(const struct text *text, const struct function *function)
{
    text_put_time(text, function->cumtime);
}

static void put_per(const struct text *text, double seconds, int64_t count)
{
    if (count == 0)
        out_string(text->out, "        ");
    else
        text_put_time(text, seconds / (double)count);
}

static void put_totper(const struct text *text, const struct function *function)
{
    put_per(text, function->tottime, function->ncalls);
}

static void put_cumper(const struct text *text, const struct function *function)
{
    put_per(text, function->cumtime, function->primitive);
}

static void put_share(const struct text *text, double seconds)
{
    double total = text->report->total.tottime;
    if (total > 0)
        out_format(text->out, "%6.2f", 100 * seconds / total);
    else
        out_string(text->out, "      ");
}

static void put_totshare(const struct text *text, const struct function *function)
{
    put_share(text, function->tottime);
}

static void put_cumshare(const struct text *text, const struct function *function)
{
    put_share(text, function->cumtime);
}

static void put_name(const struct text *text, const struct function *function)
{
    text_put_name(text, (uint32_t)(function - text->report->profile->functions));
}

static const struct {
    const char *heading;
    void (*put)(const struct text *text, const struct function *function);
} columns[COLUMN_COUNT] = {
    [COLUMN_NCALLS] = {"   ncalls", put_ncalls},    [COLUMN_PCALLS] = {"   pcalls", put_pcalls},
    [COLUMN_TOTTIME] = {" tottime", put_tottime},   [COLUMN_TOTSHARE] = {"  tot%", put_totshare},
    [COLUMN_TOTPERCALL] = {" percall", put_totper}, [COLUMN_CUMTIME] = {" cumtime", put_cumtime},
    [COLUMN_CUMSHARE] = {"  cum%", put_cumshare},   [COLUMN_CUMPERCALL] = {" percall", put_cumper},
    [COLUMN_NAME] = {"filename:lineno(function)", put_name},
};

static void put_function(const struct text *text, uint32_t position)
{
    const struct function *function = &text->report->profile->functions[position];
    enum style style = style_of(text, function);
    if (style != STYLE_PLAIN)
        out_style(text->out, style);
    for (size_t i = 0; i < text->report->columns->count; i++) {
        out_string(text->out, i ? " " : "");
        columns[text->report->columns->list[i]].put(text, function);
    }
    if (style != STYLE_PLAIN)
        out_style(text->out, STYLE_PLAIN);
    out_string(text->out, "\n");
}

static int put_stats(const struct text *text, const struct listing *listing, struct error *error)
{
    out_style(text->out, STYLE_BOLD);
    for (size_t i = 0; i < text->report->columns->count; i++)
        out_format(text->out, "%s%s", i ? " " : "", columns[text->report->columns->list[i]].heading);
    out_style(text->out, STYLE_PLAIN);
    out_string(text->out, "\n");
    for (size_t i = 0; i < listing->count; i++)
        put_function(text, listing->rows[i]);
    return 0;
}

static int put_async(const struct text *text, const struct listing *listing, struct error *error)
{
    const struct report *report = text->report;
    out_style(text->out, STYLE_BOLD);
    out_string(text->out, "   starts  resumes      ran  awaited filename:lineno(function)");
    out_style(text->out, STYLE_PLAIN);
    out_string(text->out, "\n");
    for (size_t i = 0; i < listing->count; i++) {
        const struct suspension *suspension = &report->suspensions->list[listing->rows[i]];
        out_format(text->out, "%9" PRId64 " %8" PRId64 " ", suspension->starts, suspension->resumes);
        text_put_time(text, report->profile->functions[listing->rows[i]].tottime);
        out_string(text->out, " ");
        text_put_time(text, suspension->awaited);
        out_string(text->out, " ");
        text_put_name(text, listing->rows[i]);
        out_string(text->out, "\n");
    }
    return 0;
}

static const struct {
    int (*put)(const struct text *text, const struct listing *listing, struct error *error);
    void (*summary)(const struct text *text); /* the files and their grand total, or NULL */
} sections[] = {
    [SECTION_STATS] = {put_stats, put_summary},
    [SECTION_CALLERS] = {text_put_callers, NULL},
    [SECTION_CALLEES] = {text_put_callees, NULL},
    [SECTION_ASYNC] = {put_async, NULL},
    [SECTION_DIFF] = {text_put_diff, put_comparison},
    [SECTION_TREND] = {text_put_trend, text_put_span},
};

/* pstats says nothing about order and restrictions when they leave no row. */
static int put_section(const struct text *text, const struct section *section, struct error *error)
{
    if (sections[section->kind].summary)
        sections[section->kind].summary(text);
    if (section->listing.count == 0)
        return 0;
    put_order(text, &section->listing);
    if (sections[section->kind].put(text, &section->listing, error) < 0)
        return -1;
    out_string(text->out, "\n\n");
    return 0;
}

int export_text(const struct report *report, struct out *out, struct error *error)
{
    struct buffer name;
    struct text text = {report, out, &name};
    int result = 0;
    buffer_init(&name, report->profile->allocator);
    for (size_t i = 0; i < report->section_count && result == 0; i++)
        result = put_section(&text, &report->sections[i], error);
    buffer_release(&name);
    return result;
}
