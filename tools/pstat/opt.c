/* getopt_long splits the command line by the table of options, in the order written, since restrictions apply in that
 * order; what was given together is then held against the format. */
#include "opt.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/strings.h"
#include "opt_rows.h"
#include "pattern.h"
#include "utf8.h"

enum { FIRST_ROW_CODE = 256, FILE_CODE = 1 };

/* The tables in the form that getopt_long wants.  The leading "-" makes it hand out files too, as FILE_CODE,
 * and the ":" tell an option without its argument from one that is unknown. */
struct getopt_tables {
    char letters[3 + 2 * OPTION_ROOM];
    struct option words[OPTION_ROOM + 1];
};

static void make_tables(struct getopt_tables *tables)
{
    char *letter = tables->letters;
    *letter++ = '-';
    *letter++ = ':';
    struct option *word = tables->words;
    for (int i = 0; option_rows[i].word; i++) {
        static const int arguments[] = {no_argument, required_argument, optional_argument};
        const struct option_row *row = &option_rows[i];
        *word++ = (struct option){row->word + 2, arguments[row->argument], NULL, FIRST_ROW_CODE + i};
        if (!option_rows[i].letter)
            continue;
        *letter++ = option_rows[i].letter;
        if (option_rows[i].argument == ARGUMENT_REQUIRED)
            *letter++ = ':';
    }
    *letter = '\0';
    *word = (struct option){0};
}

/* A word that begins several options, or none. */
static int refuse_unknown(const char *word, struct error *error)
{
    char possible[200] = "";
    size_t size = strcspn(word, "=");
    for (int i = 0; option_rows[i].word; i++) {
        size_t used = strlen(possible);
        if (strncmp(option_rows[i].word, word, size) == 0)
            snprintf(possible + used, sizeof possible - used, " '%s'", option_rows[i].word);
    }
    if (possible[0])
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "option '%.*s' is ambiguous; possibilities:%s",
                         utf8_fitting(word, QUOTED_SIZE), word, possible);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "unrecognized option '%.*s'",
                     utf8_fitting(word, QUOTED_SIZE), word);
}

static const struct option_row *row_of(int code)
{
    for (int i = 0; option_rows[i].word; i++)
        if (code == FIRST_ROW_CODE + i || code == option_rows[i].letter)
            return &option_rows[i];
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

/* A list whose pattern was a word of its own, which may have been meant for a file. */
static void remember_word(struct options *options, const char *option, const char *word)
{
    struct section_request *section = &options->sections[options->section_count - 1];
    section->option = option;
    section->word = word;
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
                     option_rows[optopt - FIRST_ROW_CODE].word);
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
        const char *word = row->argument == ARGUMENT_OPTIONAL && !optarg ? optional_word(argv) : NULL;
        *about = row->word;
        options->given[options->given_count++] = row;
        if (row->apply(options, word ? word : optarg, error) < 0)
            return -1;
        if (word)
            remember_word(options, row->word, word);
    }
    *about = NULL;
    while (options->command == COMMAND_REPORT && optind < argc)
        if (options_add_file(options, argv[optind++], error) < 0)
            return -1;
    return options->command == COMMAND_REPORT ? options_open_folders(options, error) : 0;
}

/* Whether the path ends in the suffix, in letters of whichever case, or its last part begins with the beginning. */
static bool fits(const char *path, const char *suffix, size_t size)
{
    size_t length = strlen(path);
    const char *slash = strrchr(path, '/');
    if (suffix[size - 1] == '*')
        return strncmp(slash ? slash + 1 : path, suffix, size - 1) == 0;
    return size <= length && strncasecmp(path + length - size, suffix, size) == 0;
}

/* The length of the longest suffix of the format that the path has; 0: none. */
static size_t fitting_suffix(const struct exporter *exporter, const char *path)
{
    size_t longest = 0, size;
    for (const char *suffix = exporter->suffixes; *suffix; suffix += size) {
        suffix += strspn(suffix, " ");
        size = strcspn(suffix, " ");
        if (size > longest && fits(path, suffix, size))
            longest = size;
    }
    return longest;
}

/* The format of a file by its suffix. */
static const struct exporter *exporter_for(const char *path)
{
    const struct exporter *best = NULL;
    size_t longest = 0;
    for (const struct exporter *exporter = exporters; exporter->name; exporter++) {
        size_t size = fitting_suffix(exporter, path);
        if (size > longest) {
            longest = size;
            best = exporter;
        }
    }
    return best;
}

static void set_defaults(struct options *options)
{
    if (options->columns.count == 0)
        columns_default(&options->columns, options->shares);
    static const char *const keys[] = {"cumulative", "time"};
    if (options->key_count == 0)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            options->keys[options->key_count++] = order_key_find(keys[i], NULL);
    if (options->section_count == 0)
        options->sections[options->section_count++] = (struct section_request){.kind = SECTION_STATS};
    if (!options->exporter && !options->output)
        options->exporter = &exporters[0];
}

/* The restrictions as written, the pattern of the list last; where there is none, half of the rows in what people
 * read, and all in what programs do. */
static int restrict_section(const struct options *options, struct section_request *section, struct error *error)
{
    size_t count = options->restriction_count;
    section->restrictions = allocator_resize(&allocator_libc, NULL, count + 1, sizeof *section->restrictions);
    if (!section->restrictions)
        return error_set_memory(error);
    memcpy(section->restrictions, options->restrictions, count * sizeof *section->restrictions);
    if (section->pattern)
        section->restrictions[count++] = (struct restriction){.kind = RESTRICT_PATTERN, .pattern = section->pattern};
    else if (count == 0 && options->exporter == &exporters[0])
        section->restrictions[count++] = (struct restriction){.kind = RESTRICT_FRACTION, .fraction = 0.5};
    section->restriction_count = count;
    return 0;
}

/* An option that means nothing to the format is a mistake; which formats it is for. */
static int refuse_misfit(const struct exporter *exporter, const struct option_row *row, struct error *error)
{
    char fitting[ERROR_REASON_SIZE] = "";
    for (const struct exporter *other = exporters; other->name; other++) {
        size_t size = strlen(fitting);
        if (other->takes & row->group)
            snprintf(fitting + size, sizeof fitting - size, "%s%s", size ? ", " : "", other->name);
    }
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not for format %s, only for: %s", exporter->name,
                     fitting);
}

static int check_fit(const struct options *options, const char **about, struct error *error)
{
    for (size_t i = 0; i < options->given_count; i++) {
        const struct option_row *row = options->given[i];
        *about = row->word;
        if (row->group && !(options->exporter->takes & row->group))
            return refuse_misfit(options->exporter, row, error);
    }
    *about = NULL;
    return 0;
}

static bool is_given(const struct options *options, const char *word)
{
    for (size_t i = 0; i < options->given_count; i++)
        if (strcmp(options->given[i]->word, word) == 0)
            return true;
    return false;
}

/* Comparisons and trends have a list of their own. */
static int check_alone(const struct options *options, const char *command, const char **about, struct error *error)
{
    static const char *const lists[] = {"--callers", "--callees",          "--async",
                                        "--columns", "--percent-of-total", "--push"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *about = lists[i];
        if (is_given(options, *about))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with %s", command);
    }
    return 0;
}

/* Rules have lines of their own, on standard output. */
static int check_rules(const struct options *options, const char **about, struct error *error)
{
    static const char others[] = "--file --files-from --skip-bad --dir --diff --match --thread --check --rules";
    for (size_t i = 0; i < options->given_count; i++) {
        *about = options->given[i]->word;
        if (!strstr(others, *about))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with --check and --rules");
    }
    *about = "--check";
    for (size_t i = 0; i < options->rule_count; i++)
        if (options->rules[i].about_base && !options->base)
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "a rule about base needs --diff BASE");
    return 0;
}

/* Of the options about what is shown, directories and units mean something on the screen. */
static int check_interactive(const struct options *options, const char **about, struct error *error)
{
    static const char others[] = "--file --files-from --skip-bad --dir --thread --unit --interactive";
    for (size_t i = 0; i < options->given_count; i++) {
        *about = options->given[i]->word;
        if (!strstr(others, *about))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with --interactive");
    }
    return 0;
}

/* Which of the commands that read profiles it is. */
static int choose_command(struct options *options, const char **about, struct error *error)
{
    int result = 0;
    bool checks = is_given(options, "--check") || is_given(options, "--rules"), trend = is_given(options, "--trend");
    if (!options->base && is_given(options, "--match")) {
        *about = "--match";
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "only with --diff");
    }
    *about = "--percent-of-total";
    if (options->shares && is_given(options, "--columns"))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with --columns, which has tot%% and cum%%");
    *about = "--trend";
    if (trend && options->base)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with --diff");
    *about = "--unit";
    if (trend && is_given(options, "--unit"))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not with --trend, which shows no times");
    if (options->interactive) {
        options->command = COMMAND_BROWSE;
        result = check_interactive(options, about, error);
    } else if (checks) {
        options->command = COMMAND_CHECK;
        result = check_rules(options, about, error);
    } else if (trend || options->base) {
        options->command = trend ? COMMAND_TREND : COMMAND_DIFF;
        result = check_alone(options, trend ? "--trend" : "--diff", about, error);
    } else if (options->push.address.server) {
        options->command = COMMAND_PUSH;
    }
    if (result == 0)
        result = check_push(options, about, error);
    if (result < 0)
        return -1;
    *about = NULL;
    return 0;
}

static int complete(struct options *options, const char **about, struct error *error)
{
    if (options->command != COMMAND_REPORT)
        return 0;
    set_defaults(options);
    if (!options->exporter)
        options->exporter = exporter_for(options->output);
    *about = "--output";
    if (!options->exporter)
        return refuse_suffix(options->output, error);
    if (check_fit(options, about, error) < 0 || choose_command(options, about, error) < 0)
        return -1;
    for (size_t i = 0; i < options->section_count; i++)
        if (restrict_section(options, &options->sections[i], error) < 0)
            return -1;
    return 0;
}

/* Each array has room for an entry an argument, and for the defaults. */
static int reserve(struct options *options, size_t count)
{
    options->keys = allocator_zeroed(&allocator_libc, count, sizeof *options->keys);
    options->restrictions = allocator_zeroed(&allocator_libc, count, sizeof *options->restrictions);
    options->sections = allocator_zeroed(&allocator_libc, count, sizeof *options->sections);
    options->given = allocator_zeroed(&allocator_libc, count, sizeof *options->given);
    options->push.labels = allocator_zeroed(&allocator_libc, count, sizeof *options->push.labels);
    return options->keys && options->restrictions && options->sections && options->given &&
                   options->push.labels
               ? 0
               : -1;
}

int options_init(struct options *options, int argc, char **argv, const char **about, struct error *error)
{
    *options = (struct options){
        .picture = {.node = 0.005, .edge = 0.001}, .unit = time_units, .push = {.limit_ms = 30000}};
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
    pattern_free((struct pattern *)options->picture.root);
    pattern_free((struct pattern *)options->picture.leaf);
    for (size_t i = 0; i < options->rule_count; i++)
        rule_release(&options->rules[i]);
    address_release(&options->push.address);
    allocator_free(&allocator_libc, options->push.labels);
    allocator_free(&allocator_libc, options->rules);
    options_release_files(options);
    allocator_free(&allocator_libc, options->keys);
    allocator_free(&allocator_libc, options->restrictions);
    allocator_free(&allocator_libc, options->sections);
    allocator_free(&allocator_libc, options->given);
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
    out_format(out, "  %-10s %-28s %s\n", exporter->name, exporter->suffixes, exporter->summary);
}

void options_help(struct out *out)
{
    out_string(out, "usage: pstat [OPTION]... [FILE]...\n"
                    "Print profiles that profstat or cProfile wrote.  Without FILE: the newest *.stat here.\n\n");
    for (int i = 0; option_rows[i].word; i++)
        help_row(out, &option_rows[i]);
    out_string(out, "\nKEY, or a beginning that only one order has:\n ");
    for (const struct order_key *key = order_keys; key->name; key++)
        out_format(out, " %s", key->name);
    out_string(out, "\n  -1 (stdname) 0 (calls) 1 (time) 2 (cumulative)\n\nNAME, and the suffix of OUT:\n");
    for (const struct exporter *exporter = exporters; exporter->name; exporter++)
        help_exporter(out, exporter);
    out_string(out, "\nExit status: 0 fine, 1 nothing matched or a rule is broken, 2 trouble.\n");
}
