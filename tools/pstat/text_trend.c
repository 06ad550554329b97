/* How shares went: the first, the last, by how much they grew, and a picture of all. */
#include "export_text.h"

#include <stdlib.h>
#include <string.h>

#include "trend.h"

enum { WIDEST = 30, LEVELS = 8 };

static void put_profile(const struct text *text, size_t place)
{
    const struct trend_profile *profile = &text->report->trend->profiles[place];
    const char *path = text->report->sources[profile->number].path;
    text_put_date(text, (int64_t)profile->time);
    out_text(text->out, path, strlen(path));
}

void text_put_span(const struct text *text)
{
    static const char *const measures[] = {
        [TREND_CUMTIME] = "Cumulative time as a share of all time",
        [TREND_TOTTIME] = "Internal time as a share of all time",
        [TREND_NCALLS] = "Calls as a share of all calls"};
    const struct trend *trend = text->report->trend;
    out_format(text->out, "%zu profile%s\n", trend->profile_count, trend->profile_count == 1 ? "" : "s");
    put_profile(text, 0);
    out_string(text->out, "\n");
    if (trend->profile_count > 1) {
        put_profile(text, trend->profile_count - 1);
        out_string(text->out, "\n");
    }
    out_format(text->out, "\n   %s, ordered by growth\n", measures[trend->measure]);
}

/* The mean share of the profiles that are column `column` of the picture. */
static double mean(const struct trend *trend, uint32_t row, size_t column, size_t width)
{
    size_t first = column * trend->profile_count / width, end = (column + 1) * trend->profile_count / width;
    double sum = 0;
    for (size_t i = first; i < end; i++)
        sum += trend_share(trend, row, i);
    return sum / (double)(end - first);
}

/* Whether what reads standard output may be taken to know more than ASCII.  By the name of the locale, which need
 * not be installed here. */
static bool locale_is_unicode(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *name = getenv(variables[i]);
        if (name && *name)
            return strcasestr(name, "UTF-8") || strcasestr(name, "UTF8");
    }
    return false;
}

/* Blocks from U+2581 to U+2588, or letters that become darker. */
static void put_level(const struct text *text, int level, bool unicode)
{
    static const char letters[LEVELS + 1] = ".:-=+*#@";
    if (unicode)
        out_format(text->out, "\xE2\x96%c", 0x80 + level);
    else
        out_format(text->out, "%c", letters[level - 1]);
}

/* The highest level is for the largest of the row; a blank for nothing. */
static void put_picture(const struct text *text, uint32_t row, size_t width)
{
    const struct trend *trend = text->report->trend;
    bool unicode = text->report->output || locale_is_unicode();
    double largest = 0;
    for (size_t i = 0; i < width; i++) {
        double share = mean(trend, row, i, width);
        largest = share > largest ? share : largest;
    }
    for (size_t i = 0; i < width; i++) {
        double share = mean(trend, row, i, width);
        int level = share > 0 ? (int)(share / largest * LEVELS + 0.5) : 0;
        if (share > 0)
            put_level(text, level > 0 ? level : 1, unicode);
        else
            out_string(text->out, " ");
    }
}

int text_put_trend(const struct text *text, const struct listing *listing, struct error *error)
{
    static const char heading[] = "trend";
    const struct trend *trend = text->report->trend;
    size_t width = trend->profile_count < WIDEST ? trend->profile_count : WIDEST;
    size_t room = width > sizeof heading - 1 ? width : sizeof heading - 1;
    out_style(text->out, STYLE_BOLD);
    out_string(text->out, "   first    last  growth  trend");
    out_spaces(text->out, room - (sizeof heading - 1));
    out_string(text->out, "  filename:lineno(function)");
    out_style(text->out, STYLE_PLAIN);
    out_string(text->out, "\n");
    for (size_t i = 0; i < listing->count; i++) {
        uint32_t row = listing->rows[i];
        out_format(text->out, "%7.1f%% %6.1f%% %+6.1f%%  ", 100 * trend_share(trend, row, 0),
                   100 * trend_share(trend, row, trend->profile_count - 1),
                   100 * trend->functions.functions[row].cumtime);
        put_picture(text, row, width);
        out_spaces(text->out, room - width + 2);
        text_put_name(text, row);
        out_string(text->out, "\n");
    }
    return 0;
}
