/* Differences of two profiles: of calls, own and cumulative time what was, what is, the change and the ratio. */
#include "export_text.h"

#include <inttypes.h>

static void put_ratio(struct out *out, double now, double before)
{
    if (before > 0)
        out_format(out, "%6.2f", now / before);
    else
        out_string(out, "     -");
}

static void put_times(const struct text *text, double now, double before)
{
    const struct time_unit *unit = text->report->unit;
    int decimals = unit->decimals;
    double change = (now - before) * unit->per_second;
    out_format(text->out, "  %8.*f %8.*f %+8.*f ", decimals, before * unit->per_second, decimals,
               now * unit->per_second, decimals, change);
    put_ratio(text->out, now, before);
}

static void put_difference(const struct text *text, uint32_t row)
{
    static const struct function nothing;
    const struct difference *difference = &text->report->diff->list[row];
    const struct function *now = difference->now ? difference->now : &nothing;
    const struct function *before = difference->before ? difference->before : &nothing;
    struct out *out = text->out;
    out_format(out, "%8" PRId64 " %8" PRId64 " %+8" PRId64 " ", before->ncalls, now->ncalls,
               now->ncalls - before->ncalls);
    put_ratio(out, (double)now->ncalls, (double)before->ncalls);
    put_times(text, now->tottime, before->tottime);
    put_times(text, now->cumtime, before->cumtime);
    out_string(out, !difference->before ? "  new   " : !difference->now ? "  gone  " : "        ");
    text_put_name(text, row);
    out_string(out, "\n");
}

int text_put_diff(const struct text *text, const struct listing *listing, struct error *error)
{
    struct out *out = text->out;
    out_style(out, STYLE_BOLD);
    out_string(out, "  ncalls                             tottime                             cumtime\n"
                    "     was       is   change  ratio       was       is   change  ratio"
                    "       was       is   change  ratio        filename:lineno(function)");
    out_style(out, STYLE_PLAIN);
    out_string(out, "\n");
    for (size_t i = 0; i < listing->count; i++)
        put_difference(text, listing->rows[i]);
    return 0;
}
