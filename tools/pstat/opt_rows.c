/* One table says everything about an option. */
#include "opt_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strings.h"
#include "pattern.h"
#include "utf8.h"

static int refuse(struct error *error, const char *what, const char *argument)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "'%.*s' is not %s", utf8_fitting(argument, QUOTED_SIZE),
                     argument, what);
}

static int apply_file(struct options *options, const char *argument, struct error *error)
{
    return options_add_file(options, argument, error);
}

static int apply_sort(struct options *options, const char *argument, struct error *error)
{
    const struct order_key *key = order_key_find(argument, error);
    if (!key && strchr(argument, ','))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "'%.*s' is not one key; repeat -s for several",
                         utf8_fitting(argument, QUOTED_SIZE), argument);
    if (!key)
        return -1;
    options->keys[options->key_count++] = key;
    return 0;
}

static int apply_reverse(struct options *options, const char *argument, struct error *error)
{
    options->reverse = true;
    return 0;
}

static int apply_directories(struct options *options, const char *argument, struct error *error)
{
    options->keep_directories = true;
    return 0;
}

static int apply_skip_bad(struct options *options, const char *argument, struct error *error)
{
    options->skip_bad = true;
    return 0;
}

static int apply_thread(struct options *options, const char *argument, struct error *error)
{
    options->thread = argument;
    return 0;
}

static struct restriction *add_restriction(struct options *options, enum restriction_kind kind)
{
    struct restriction *restriction = &options->restrictions[options->restriction_count++];
    *restriction = (struct restriction){.kind = kind};
    return restriction;
}

static int read_fraction(const char *argument, double *result, struct error *error)
{
    static const char what[] = "a fraction from 0 to 1 or a percentage from 0% to 100%";
    char *end;
    /* strtod takes more than decimal numbers. */
    double fraction = strspn(argument, "0123456789.eE+-%") == strlen(argument) ? strtod(argument, &end) : -1;
    if (fraction < 0 || end == argument)
        return refuse(error, what, argument);
    if (*end == '%') {
        fraction /= 100;
        end++;
    }
    if (*end != '\0' || fraction > 1)
        return refuse(error, what, argument);
    *result = fraction;
    return 0;
}

static int apply_percent(struct options *options, const char *argument, struct error *error)
{
    double fraction = 0.0;
    if (read_fraction(argument, &fraction, error) < 0)
        return -1;
    add_restriction(options, RESTRICT_FRACTION)->fraction = fraction;
    return 0;
}

static int apply_limit(struct options *options, const char *argument, struct error *error)
{
    size_t size = strlen(argument);
    if (size == 0 || strspn(argument, "0123456789") != size)
        return refuse(error, "a number of rows (0, 1, 2, ...)", argument);
    /* Of a number too large strtoll makes the largest, which is just as good. */
    add_restriction(options, RESTRICT_LIMIT)->limit = strtoll(argument, NULL, 10);
    return 0;
}

static struct pattern *compile(const char *argument, struct error *error)
{
    struct error reason = {0};
    struct pattern *pattern = pattern_new(argument, &allocator_libc, &reason);
    if (!pattern)
        error_set(error, reason.code, ERROR_NO_OFFSET, "bad pattern '%.*s': %s", utf8_fitting(argument, QUOTED_SIZE),
                  argument, reason.reason);
    return pattern;
}

static int apply_grep(struct options *options, const char *argument, struct error *error)
{
    struct pattern *pattern = compile(argument, error);
    if (!pattern)
        return -1;
    add_restriction(options, RESTRICT_PATTERN)->pattern = pattern;
    return 0;
}

static int add_section(struct options *options, enum section_kind kind, const char *argument, struct error *error)
{
    struct pattern *pattern = argument ? compile(argument, error) : NULL;
    if (argument && !pattern)
        return -1;
    options->sections[options->section_count++] = (struct section_request){.kind = kind, .pattern = pattern};
    return 0;
}

static int apply_callers(struct options *options, const char *argument, struct error *error)
{
    return add_section(options, SECTION_CALLERS, argument, error);
}

static int apply_callees(struct options *options, const char *argument, struct error *error)
{
    return add_section(options, SECTION_CALLEES, argument, error);
}

static int apply_async(struct options *options, const char *argument, struct error *error)
{
    return add_section(options, SECTION_ASYNC, argument, error);
}

static int apply_diff(struct options *options, const char *argument, struct error *error)
{
    options->base = argument;
    return 0;
}

static int apply_match(struct options *options, const char *argument, struct error *error)
{
    options->match_by_name = strcmp(argument, "name") == 0;
    if (!options->match_by_name && strcmp(argument, "file") != 0)
        return refuse(error, "a way to match functions (file, name)", argument);
    return 0;
}

/* What it means is found out when all options are known. */
static int apply_trend(struct options *options, const char *argument, struct error *error)
{
    return 0;
}

static int apply_output(struct options *options, const char *argument, struct error *error)
{
    options->output = strcmp(argument, "-") == 0 ? NULL : argument;
    return 0;
}

static void append_word(char text[ERROR_REASON_SIZE], const char *word)
{
    size_t size = strlen(text);
    snprintf(text + size, ERROR_REASON_SIZE - size, " %s", word);
}

static int refuse_format(const char *argument, struct error *error)
{
    char valid[ERROR_REASON_SIZE] = "";
    for (const struct exporter *exporter = exporters; exporter->name; exporter++)
        append_word(valid, exporter->name);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "unknown format '%.*s'; valid are:%s",
                     utf8_fitting(argument, QUOTED_SIZE), argument, valid);
}

int refuse_suffix(const char *path, struct error *error)
{
    char valid[ERROR_REASON_SIZE] = "";
    for (const struct exporter *exporter = exporters; exporter->name; exporter++)
        append_word(valid, exporter->suffixes);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "no known suffix in '%.*s'; valid are:%s",
                     utf8_fitting(path, QUOTED_SIZE), path, valid);
}

static int apply_format(struct options *options, const char *argument, struct error *error)
{
    for (const struct exporter *exporter = exporters; exporter->name; exporter++) {
        if (strcmp(argument, exporter->name) == 0) {
            options->exporter = exporter;
            return 0;
        }
    }
    return refuse_format(argument, error);
}

static int apply_fold(struct options *options, const char *argument, struct error *error)
{
    options->picture.fold = true;
    return 0;
}

static int apply_icicle(struct options *options, const char *argument, struct error *error)
{
    options->picture.icicle = true;
    return 0;
}

static int apply_node(struct options *options, const char *argument, struct error *error)
{
    return read_fraction(argument, &options->picture.node, error);
}

static int apply_edge(struct options *options, const char *argument, struct error *error)
{
    return read_fraction(argument, &options->picture.edge, error);
}

/* The last one counts. */
static int replace_pattern(const struct pattern **place, const char *argument, struct error *error)
{
    struct pattern *pattern = compile(argument, error);
    if (!pattern)
        return -1;
    pattern_free((struct pattern *)*place);
    *place = pattern;
    return 0;
}

static int apply_root(struct options *options, const char *argument, struct error *error)
{
    return replace_pattern(&options->picture.root, argument, error);
}

static int apply_leaf(struct options *options, const char *argument, struct error *error)
{
    return replace_pattern(&options->picture.leaf, argument, error);
}

static int apply_columns(struct options *options, const char *argument, struct error *error)
{
    return columns_parse(&options->columns, argument, error);
}

static int apply_shares(struct options *options, const char *argument, struct error *error)
{
    options->shares = true;
    return 0;
}

static int apply_unit(struct options *options, const char *argument, struct error *error)
{
    options->unit = time_unit_find(argument, error);
    return options->unit ? 0 : -1;
}

static int apply_interactive(struct options *options, const char *argument, struct error *error)
{
    options->interactive = true;
    return 0;
}

static int apply_help(struct options *options, const char *argument, struct error *error)
{
    options->command = COMMAND_HELP;
    return 0;
}

static int apply_version(struct options *options, const char *argument, struct error *error)
{
    options->command = COMMAND_VERSION;
    return 0;
}

const struct option_row option_rows[] = {
    {'f', "--file", 0, ARGUMENT_REQUIRED, "FILE", "read FILE, as without -f; several are added up", apply_file},
    {0, "--files-from", 0, ARGUMENT_REQUIRED, "LIST", "read the files that LIST names, one a line (-: standard input)",
     apply_files_from},
    {0, "--skip-bad", 0, ARGUMENT_NONE, "", "leave out files that cannot be read, and say so", apply_skip_bad},
    {'s', "--sort", TAKES_ROWS, ARGUMENT_REQUIRED, "KEY", "sort by KEY, then by the next (default: cumulative, time)",
     apply_sort},
    {'r', "--reverse", TAKES_ROWS, ARGUMENT_NONE, "", "the other way round", apply_reverse},
    {'p', "--percent", TAKES_ROWS, ARGUMENT_REQUIRED, "F", "only the first F of the rows: 0.1 or 10% (default: 0.5)",
     apply_percent},
    {'n', "--limit", TAKES_ROWS, ARGUMENT_REQUIRED, "N", "only the first N rows", apply_limit},
    {'g', "--grep", TAKES_ROWS, ARGUMENT_REQUIRED, "RE", "only functions that match RE, as Python's re.search",
     apply_grep},
    {0, "--columns", TAKES_COLUMNS, ARGUMENT_REQUIRED, "LIST",
     "columns: ncalls,pcalls,tottime,tot%,totper,cumtime,cum%,...", apply_columns},
    {0, "--percent-of-total", TAKES_COLUMNS, ARGUMENT_NONE, "", "times also as shares of the total", apply_shares},
    {0, "--unit", TAKES_COLUMNS, ARGUMENT_REQUIRED, "UNIT", "times in s, ms, us or ns (default: s)", apply_unit},
    {'d', "--dir", TAKES_DIRECTORIES, ARGUMENT_NONE, "", "keep the directories of file names", apply_directories},
    {0, "--callers", TAKES_ROWS, ARGUMENT_OPTIONAL, "[RE]", "who calls the functions (that match RE)", apply_callers},
    {0, "--callees", TAKES_ROWS, ARGUMENT_OPTIONAL, "[RE]", "what the functions (that match RE) call", apply_callees},
    {0, "--async", TAKES_ROWS, ARGUMENT_OPTIONAL, "[RE]", "how coroutines (that match RE) ran and waited", apply_async},
    {0, "--diff", TAKES_DIFF, ARGUMENT_REQUIRED, "BASE", "what changed since the profile BASE", apply_diff},
    {0, "--match", TAKES_DIFF, ARGUMENT_REQUIRED, "HOW",
     "with --diff: functions by file and name, or by name alone (file, name)", apply_match},
    {0, "--check", 0, ARGUMENT_REQUIRED, "RULE", "whether 'RE FIELD OPERATOR VALUE' holds; exit 1 if not", apply_check},
    {0, "--rules", 0, ARGUMENT_REQUIRED, "FILE", "the same for each line of FILE", apply_rules},
    {0, "--trend", TAKES_TREND, ARGUMENT_NONE, "", "how the shares of functions went over the files", apply_trend},
    {0, "--thread", 0, ARGUMENT_REQUIRED, "NAME", "only what the thread of this name did", apply_thread},
    {'i', "--interactive", 0, ARGUMENT_NONE, "", "walk through the profile in the terminal", apply_interactive},
    {'o', "--output", 0, ARGUMENT_REQUIRED, "OUT", "write to OUT; its suffix gives the format", apply_output},
    {0, "--format", 0, ARGUMENT_REQUIRED, "NAME", "the format, whatever the suffix", apply_format},
    {0, "--push", 0, ARGUMENT_REQUIRED, "URL", "send the profiles to the Pyroscope server there", apply_push},
    {0, "--app", 0, ARGUMENT_REQUIRED, "NAME", "with --push: what the program is called there", apply_app},
    {0, "--label", 0, ARGUMENT_REQUIRED, "N=VALUE", "with --push: a label beside host, pid and clock", apply_label},
    {0, "--tenant", 0, ARGUMENT_REQUIRED, "ID", "with --push: whose the profiles are, on servers with tenants",
     apply_tenant},
    {0, "--push-timeout", 0, ARGUMENT_REQUIRED, "S", "with --push: seconds to try for a profile (default: 30)",
     apply_push_timeout},
    {0, "--fold", TAKES_FLAME, ARGUMENT_NONE, "", "draw recursive calls as parts of the outermost one", apply_fold},
    {0, "--icicle", TAKES_FLAME, ARGUMENT_NONE, "", "draw callees below their callers", apply_icicle},
    {0, "--node", TAKES_GRAPH, ARGUMENT_REQUIRED, "F", "draw functions from F of the time on (default: 0.5%)",
     apply_node},
    {0, "--edge", TAKES_GRAPH, ARGUMENT_REQUIRED, "F", "draw calls from F of the time on (default: 0.1%)", apply_edge},
    {0, "--root", TAKES_GRAPH, ARGUMENT_REQUIRED, "RE", "draw what functions that match RE call", apply_root},
    {0, "--leaf", TAKES_GRAPH, ARGUMENT_REQUIRED, "RE", "draw what calls functions that match RE", apply_leaf},
    {'h', "--help", 0, ARGUMENT_NONE, "", "print this and exit", apply_help},
    {0, "--version", 0, ARGUMENT_NONE, "", "print the version and exit", apply_version},
    {0, NULL, 0, ARGUMENT_NONE, NULL, NULL, NULL},
};
