/* One table says everything about an option: how it is written, what it takes, what it does.  getopt_long does the
 * splitting, in the order written, since restrictions apply in that order. */
#include "opt.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strings.h"
#include "pattern.h"
#include "utf8.h"

enum argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

struct option_row {
    char letter;      /* 0: none */
    const char *word; /* with its dashes */
    enum argument argument;
    const char *value; /* what the help calls the argument */
    const char *help;
    int (*apply)(struct options *options, const char *argument, struct error *error);
};

enum { QUOTED_SIZE = 60 }; /* of an argument in a message */

static int refuse(struct error *error, const char *what, const char *argument)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "'%.*s' is not %s", utf8_fitting(argument, QUOTED_SIZE),
                     argument, what);
}

static int apply_file(struct options *options, const char *argument, struct error *error)
{
    options->files[options->file_count++] = argument;
    return 0;
}

static int apply_sort(struct options *options, const char *argument, struct error *error)
{
    const struct order_key *key = order_key_find(argument, error);
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

static int apply_percent(struct options *options, const char *argument, struct error *error)
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

static int apply_output(struct options *options, const char *argument, struct error *error)
{
    options->output = argument;
    return 0;
}

static int refuse_format(struct error *error, const char *what, const char *argument)
{
    char valid[ERROR_REASON_SIZE] = "";
    for (const struct exporter *exporter = exporters; exporter->name; exporter++) {
        size_t size = strlen(valid);
        snprintf(valid + size, sizeof valid - size, "%s%s (%s)", size ? ", " : "", exporter->name, exporter->suffix);
    }
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%s '%.*s'; valid are %s", what,
                     utf8_fitting(argument, QUOTED_SIZE), argument, valid);
}

static int apply_format(struct options *options, const char *argument, struct error *error)
{
    for (const struct exporter *exporter = exporters; exporter->name; exporter++) {
        if (strcmp(argument, exporter->name) == 0) {
            options->exporter = exporter;
            return 0;
        }
    }
    return refuse_format(error, "unknown format", argument);
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

static const struct option_row rows[] = {
    {'f', "--file", ARGUMENT_REQUIRED, "FILE", "read FILE, as without -f; several are added up", apply_file},
    {'s', "--sort", ARGUMENT_REQUIRED, "KEY", "sort by KEY, then by the next (default: cumulative, time)", apply_sort},
    {'r', "--reverse", ARGUMENT_NONE, "", "the other way round", apply_reverse},
    {'p', "--percent", ARGUMENT_REQUIRED, "F", "only the first F of the rows: 0.1 or 10% (default: 0.5)",
     apply_percent},
    {'n', "--limit", ARGUMENT_REQUIRED, "N", "only the first N rows", apply_limit},
    {'g', "--grep", ARGUMENT_REQUIRED, "RE", "only functions that match RE, as Python's re.search", apply_grep},
    {'d', "--dir", ARGUMENT_NONE, "", "keep the directories of file names", apply_directories},
    {0, "--callers", ARGUMENT_OPTIONAL, "[RE]", "who calls the functions (that match RE)", apply_callers},
    {0, "--callees", ARGUMENT_OPTIONAL, "[RE]", "what the functions (that match RE) call", apply_callees},
    {0, "--async", ARGUMENT_OPTIONAL, "[RE]", "how coroutines (that match RE) ran and waited", apply_async},
    {0, "--thread", ARGUMENT_REQUIRED, "NAME", "only what the thread of this name did", apply_thread},
    {'o', "--output", ARGUMENT_REQUIRED, "OUT", "write to OUT; its suffix gives the format", apply_output},
    {0, "--format", ARGUMENT_REQUIRED, "NAME", "the format, whatever the suffix", apply_format},
    {'h', "--help", ARGUMENT_NONE, "", "print this and exit", apply_help},
    {0, "--version", ARGUMENT_NONE, "", "print the version and exit", apply_version},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows, FIRST_ROW_CODE = 256, FILE_CODE = 1 };

/* The tables in the form that getopt_long wants.  The leading "-" makes it hand out files too, as FILE_CODE,
 * and the ":" tell an option without its argument from one that is unknown. */
struct getopt_tables {
    char letters[3 + 2 * ROW_COUNT];
    struct option words[ROW_COUNT + 1];
};

static void make_tables(struct getopt_tables *tables)
{
    char *letter = tables->letters;
    *letter++ = '-';
    *letter++ = ':';
    for (int i = 0; i < ROW_COUNT; i++) {
        static const int arguments[] = {no_argument, required_argument, optional_argument};
        tables->words[i] = (struct option){rows[i].word + 2, arguments[rows[i].argument], NULL, FIRST_ROW_CODE + i};
        if (!rows[i].letter)
            continue;
        *letter++ = rows[i].letter;
        if (rows[i].argument == ARGUMENT_REQUIRED)
            *letter++ = ':';
    }
    *letter = '\0';
    tables->words[ROW_COUNT] = (struct option){0};
}

/* A word that begins several options, or none. */
static int refuse_unknown(const char *word, struct error *error)
{
    char possible[200] = "";
    size_t size = strcspn(word, "=");
    for (int i = 0; i < ROW_COUNT; i++) {
        size_t used = strlen(possible);
        if (strncmp(rows[i].word, word, size) == 0)
            snprintf(possible + used, sizeof possible - used, " '%s'", rows[i].word);
    }
    if (possible[0])
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "option '%.*s' is ambiguous; possibilities:%s",
                         utf8_fitting(word, QUOTED_SIZE), word, possible);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "unrecognized option '%.*s'",
                     utf8_fitting(word, QUOTED_SIZE), word);
}

static const struct option_row *row_of(int code)
{
    for (int i = 0; i < ROW_COUNT; i++)
        if (code == FIRST_ROW_CODE + i || code == rows[i].letter)
            return &rows[i];
    return NULL;
}

/* "--callers WORD": the next word is the argument unless it is plainly something else, an option or a profile. */
static const char *optional_word(char **argv)
{
    const char *word = argv[optind];
    if (!word || word[0] == '-' || text_ends_in(word, ".stat"))
        return NULL;
    optind++;
    return word;
}

/* What getopt_long would have printed, but for the name of the program: its own messages carry the bytes of the
 * arguments to the terminal as they are. */
static int refuse_word(const char *word, int code, struct error *error)
{
    bool wants_argument = code == ':';
    if (optopt == 0)
        return refuse_unknown(word, error);
    if (optopt < FIRST_ROW_CODE)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                         wants_argument ? "option requires an argument -- '%c'" : "invalid option -- '%c'", optopt);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                     wants_argument ? "option '%s' requires an argument" : "option '%s' doesn't allow an argument",
                     rows[optopt - FIRST_ROW_CODE].word);
}

static int parse(struct options *options, int argc, char **argv, const char **about, struct error *error)
{
    struct getopt_tables tables;
    int code;
    make_tables(&tables);
    optind = 0;
    opterr = 0;
    while (options->command == COMMAND_REPORT &&
           (code = getopt_long(argc, argv, tables.letters, tables.words, NULL)) != -1) {
        const struct option_row *row = row_of(code == FILE_CODE ? 'f' : code);
        *about = NULL;
        if (!row)
            return refuse_word(argv[optind - 1], code, error);
        const char *argument = optarg;
        if (row->argument == ARGUMENT_OPTIONAL && !argument)
            argument = optional_word(argv);
        *about = row->word;
        if (row->apply(options, argument, error) < 0)
            return -1;
    }
    *about = NULL;
    while (options->command == COMMAND_REPORT && optind < argc)
        options->files[options->file_count++] = argv[optind++];
    return 0;
}

/* The format of a file by its suffix. */
static const struct exporter *exporter_for(const char *path)
{
    for (const struct exporter *exporter = exporters; exporter->name; exporter++)
        if (text_ends_in(path, exporter->suffix))
            return exporter;
    return NULL;
}

static void set_defaults(struct options *options)
{
    static const char *const keys[] = {"cumulative", "time"};
    if (options->key_count == 0)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            options->keys[options->key_count++] = order_key_find(keys[i], NULL);
    if (options->section_count == 0)
        options->sections[options->section_count++] = (struct section_request){.kind = SECTION_STATS};
    if (!options->exporter && !options->output)
        options->exporter = &exporters[0];
}

/* The restrictions as written, the pattern of the list last; where there is none, half of the rows. */
static int restrict_section(const struct options *options, struct section_request *section, struct error *error)
{
    size_t count = options->restriction_count;
    section->restrictions = allocator_resize(&allocator_libc, NULL, count + 1, sizeof *section->restrictions);
    if (!section->restrictions)
        return error_set_memory(error);
    memcpy(section->restrictions, options->restrictions, count * sizeof *section->restrictions);
    if (section->pattern)
        section->restrictions[count++] = (struct restriction){.kind = RESTRICT_PATTERN, .pattern = section->pattern};
    else if (count == 0)
        section->restrictions[count++] = (struct restriction){.kind = RESTRICT_FRACTION, .fraction = 0.5};
    section->restriction_count = count;
    return 0;
}

static int complete(struct options *options, const char **about, struct error *error)
{
    if (options->command != COMMAND_REPORT)
        return 0;
    bool shaped = options->restriction_count > 0 || options->section_count > 0 || options->key_count > 0 ||
                  options->reverse || options->keep_directories;
    set_defaults(options);
    if (!options->exporter)
        options->exporter = exporter_for(options->output);
    *about = "--output";
    if (!options->exporter)
        return refuse_format(error, "no known suffix in", options->output);
    if (options->exporter->whole_only && shaped)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                         "a file of format %s holds all functions as they are; -s, -r, -p, -n, -g, -d, --callers, "
                         "--callees and --async are for reports",
                         options->exporter->name);
    *about = NULL;
    for (size_t i = 0; i < options->section_count; i++)
        if (restrict_section(options, &options->sections[i], error) < 0)
            return -1;
    return 0;
}

/* Each array has room for an entry an argument, and for the defaults. */
static int reserve(struct options *options, size_t count)
{
    options->files = allocator_zeroed(&allocator_libc, count, sizeof *options->files);
    options->keys = allocator_zeroed(&allocator_libc, count, sizeof *options->keys);
    options->restrictions = allocator_zeroed(&allocator_libc, count, sizeof *options->restrictions);
    options->sections = allocator_zeroed(&allocator_libc, count, sizeof *options->sections);
    return options->files && options->keys && options->restrictions && options->sections ? 0 : -1;
}

int options_init(struct options *options, int argc, char **argv, const char **about, struct error *error)
{
    *options = (struct options){0};
    *about = NULL;
    int result = reserve(options, (size_t)argc + 2) < 0 ? error_set_memory(error) : 0;
    if (result == 0)
        result = parse(options, argc, argv, about, error);
    if (result == 0)
        result = complete(options, about, error);
    if (result < 0)
        options_release(options);
    return result;
}

void options_release(struct options *options)
{
    for (size_t i = 0; i < options->restriction_count; i++)
        pattern_free((struct pattern *)options->restrictions[i].pattern);
    for (size_t i = 0; i < options->section_count; i++) {
        pattern_free(options->sections[i].pattern);
        allocator_free(&allocator_libc, options->sections[i].restrictions);
    }
    allocator_free(&allocator_libc, options->files);
    allocator_free(&allocator_libc, options->keys);
    allocator_free(&allocator_libc, options->restrictions);
    allocator_free(&allocator_libc, options->sections);
    *options = (struct options){0};
}

static void help_row(struct out *out, const struct option_row *row)
{
    char words[32];
    snprintf(words, sizeof words, "%s %s", row->word, row->value);
    out_format(out, row->letter ? "  -%c, " : "      ", row->letter);
    out_format(out, "%-16s %s\n", words, row->help);
}

static void help_exporter(struct out *out, const struct exporter *exporter)
{
    out_format(out, "  %-6s %-7s %s\n", exporter->name, exporter->suffix, exporter->summary);
}

void options_help(struct out *out)
{
    out_string(out, "usage: pstat [OPTION]... [FILE]...\n"
                    "Print profiles that profstat or cProfile wrote.  Without FILE: the newest *.stat here.\n\n");
    for (int i = 0; i < ROW_COUNT; i++)
        help_row(out, &rows[i]);
    out_string(out, "\nKEY, or a beginning that only one order has:\n ");
    for (const struct order_key *key = order_keys; key->name; key++)
        out_format(out, " %s", key->name);
    out_string(out, "\n  -1 (stdname) 0 (calls) 1 (time) 2 (cumulative)\n\nNAME, and the suffix of OUT:\n");
    for (const struct exporter *exporter = exporters; exporter->name; exporter++)
        help_exporter(out, exporter);
    out_string(out, "\nExit status: 0 fine, 1 nothing matched, 2 trouble.\n");
}
