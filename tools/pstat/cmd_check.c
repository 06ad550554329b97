/* A rule is held against each function that its expression matches, one by one; a line for each broken rule says which
 * function breaks it the most, and who calls that. */
#include "cmd_check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "deliver.h"
#include "diff.h"
#include "load.h"
#include "names.h"
#include "sort.h"
#include "statfile.h"

enum { MOST_CALLERS = 5 };

/* All that the check borrows. */
struct work {
    const struct options *options;
    struct load now;
    struct load before;
    struct diff diff; /* of the base, or of nothing */
    struct buffer name;
    struct out out;
};

/* What came out for a rule. */
struct verdict {
    size_t matched;
    size_t broken;
    const struct difference *worst; /* NULL: no function matches, and that breaks it */
    double excess;
};

static int read_all(struct work *work, const char *const *files, size_t count, const char **about,
                    struct error *error)
{
    const struct options *options = work->options;
    if (read_stripped(options, &work->now, files, count, STATFILE_EDGES, about, error) < 0 ||
        (options->base && read_stripped(options, &work->before, &options->base, 1, 0, about, error) < 0))
        return -1;
    return diff_init(&work->diff, &work->now.sum, &work->before.sum, options->match_by_name, error);
}

static const struct label *label_of(const struct difference *difference)
{
    return &(difference->now ? difference->now : difference->before)->label;
}

/* 1, 0, or -1 with *error set. */
static int is_about(struct work *work, const struct rule *rule, const struct difference *difference,
                    struct error *error)
{
    struct name name;
    if (!difference->now && (!difference->before || !rule->about_base))
        return 0;
    if (!rule->pattern)
        return 1;
    if (name_make(&name, label_of(difference), &work->name) < 0)
        return error_set_memory(error);
    return pattern_search(rule->pattern, name.bytes, name.size, error);
}

static void judge(const struct work *work, const struct rule *rule, const struct difference *difference,
                  struct verdict *verdict)
{
    double value = rule_value(rule, difference ? difference->now : NULL);
    double limit = rule_limit(rule, &work->now.total, difference ? difference->before : NULL);
    if (rule_holds(rule, value, limit))
        return;
    if (verdict->broken++ == 0 || fabs(value - limit) > verdict->excess) {
        verdict->worst = difference;
        verdict->excess = fabs(value - limit);
    }
}

/* Whether the rule holds because there is no such function.  Any other that is about no function is a mistake, or a
 * function has another name now, and must not be passed over. */
static bool forbids_all(const struct work *work, const struct rule *rule)
{
    double limit = rule_limit(rule, &work->now.total, NULL), least = rule_is_about_time(rule) ? 1e-9 : 1;
    return !rule->about_base && rule_holds(rule, 0, limit) && !rule_holds(rule, least, limit);
}

static int judge_all(struct work *work, const struct rule *rule, struct verdict *verdict, struct error *error)
{
    for (size_t i = 0; i < work->diff.changes.function_count; i++) {
        int about = is_about(work, rule, &work->diff.list[i], error);
        if (about < 0)
            return -1;
        if (about == 0)
            continue;
        verdict->matched++;
        judge(work, rule, &work->diff.list[i], verdict);
    }
    if (verdict->matched == 0 && rule->pattern && !forbids_all(work, rule))
        verdict->broken = 1;
    return 0;
}

static void put_name(struct work *work, const struct label *label)
{
    struct name name = {"", 0};
    if (name_make(&name, label, &work->name) < 0)
        error_set_memory(&work->out.error);
    out_line_text(&work->out, name.bytes, name.size);
}

static void put_value(struct work *work, const struct rule *rule, double value)
{
    out_format(&work->out, rule_is_about_time(rule) ? "%.3f" : "%.0f", value);
}

struct callers {
    const struct profile *profile;
    const struct caller *list;
};

static int compare_callers(const void *context, uint32_t a, uint32_t b)
{
    const struct callers *callers = context;
    const struct function *functions = callers->profile->functions;
    return label_compare(&functions[callers->list[a].function].label, &functions[callers->list[b].function].label);
}

static void put_caller(struct work *work, const struct caller *caller, size_t place)
{
    out_string(&work->out, place ? ", " : "; called by ");
    put_name(work, &work->now.sum.functions[caller->function].label);
    out_format(&work->out, " %" PRId64, caller->ncalls);
}

/* Those that call it the most. */
static void put_callers(struct work *work, const struct function *function)
{
    const struct callers callers = {&work->now.sum, function->callers};
    size_t count = function->caller_count, shown = count < MOST_CALLERS ? count : MOST_CALLERS;
    struct sort_row *rows = allocator_resize(&allocator_libc, NULL, count + 1, sizeof *rows);
    uint32_t order[MOST_CALLERS];
    if (!rows) {
        error_set_memory(&work->out.error);
        return;
    }
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct sort_row){~(uint64_t)function->callers[i].ncalls, (uint32_t)i};
    sort_first(rows, count, shown, order, compare_callers, &callers);
    for (size_t i = 0; i < shown; i++)
        put_caller(work, &function->callers[order[i]], i);
    if (count > shown)
        out_format(&work->out, " and %zu more", count - shown);
    allocator_free(&allocator_libc, rows);
}

static void put_worst(struct work *work, const struct rule *rule, const struct difference *worst)
{
    double value = rule_value(rule, worst->now), whole = rule_whole(rule, &work->now.total);
    put_name(work, label_of(worst));
    out_format(&work->out, " has %s ", rule_field_name(rule));
    put_value(work, rule, value);
    if (rule->share > 0 && whole > 0)
        out_format(&work->out, " (%.1f%%)", 100 * value / whole);
    if (rule->about_base) {
        out_string(&work->out, ", base ");
        put_value(work, rule, rule_value(rule, worst->before));
    }
    if (worst->now)
        put_callers(work, worst->now);
}

static void put_broken(struct work *work, const struct rule *rule, const struct verdict *verdict)
{
    out_string(&work->out, "broken: ");
    out_line_text(&work->out, rule->text, strlen(rule->text));
    out_string(&work->out, ": ");
    if (verdict->worst)
        put_worst(work, rule, verdict->worst);
    else
        out_string(&work->out, "no function matches it");
    if (verdict->broken > 1)
        out_format(&work->out, "; and %zu more", verdict->broken - 1);
    out_string(&work->out, "\n");
}

static int check_rules(struct work *work, bool *broken, struct error *error)
{
    for (size_t i = 0; i < work->options->rule_count; i++) {
        const struct rule *rule = &work->options->rules[i];
        struct verdict verdict = {0};
        if (judge_all(work, rule, &verdict, error) < 0)
            return -1;
        *broken |= verdict.broken > 0;
        if (verdict.broken > 0)
            put_broken(work, rule, &verdict);
    }
    return 0;
}

static enum status conclude(struct work *work)
{
    struct error error = {0};
    bool broken = false;
    out_init_file(&work->out, STDOUT_FILENO);
    int result = check_rules(work, &broken, &error);
    if (result < 0)
        out_error(NULL, &error);
    else if ((result = out_finish(&work->out, &error)) < 0)
        out_error("standard output", &error);
    out_release(&work->out);
    return result < 0 ? STATUS_TROUBLE : broken ? STATUS_NOTHING : STATUS_OK;
}

static enum status check_files(const struct options *options, const char *const *files, size_t count)
{
    const struct allocator *allocator = &allocator_large_pages;
    struct work work = {.options = options};
    struct error error = {0};
    const char *about = NULL;
    enum status status = STATUS_TROUBLE;
    work.now.allocator = work.before.allocator = allocator;
    profile_init(&work.now.sum, allocator);
    profile_init(&work.before.sum, allocator);
    profile_init(&work.diff.changes, allocator);
    buffer_init(&work.name, allocator);
    if (read_all(&work, files, count, &about, &error) < 0)
        out_error(about, &error);
    else
        status = conclude(&work);
    buffer_release(&work.name);
    diff_release(&work.diff);
    load_release(&work.before);
    load_release(&work.now);
    return status;
}

enum status cmd_check(const struct options *options)
{
    return with_files(options, check_files);
}
