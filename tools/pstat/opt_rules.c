/* The rules of --check and --rules. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt_rows.h"
#include "utf8.h"

static int add_rule(struct options *options, const char *text, struct error *error)
{
    struct rule rule;
    if (allocator_reserve(&allocator_libc, &options->rules, &options->rule_capacity, options->rule_count + 1,
                          sizeof *options->rules) < 0)
        return error_set_memory(error);
    if (rule_init(&rule, text, &allocator_libc, error) < 0)
        return -1;
    options->rules[options->rule_count++] = rule;
    return 0;
}

int apply_check(struct options *options, const char *argument, struct error *error)
{
    return add_rule(options, argument, error);
}

/* Expressions may hold "#", so that a comment begins only at one that follows a blank and a whole rule. */
static int add_commented_rule(struct options *options, char *line, struct error *error)
{
    struct error reason = {0};
    for (char *mark = strchr(line, '#'); mark; mark = strchr(mark + 1, '#')) {
        if (mark == line || !strchr(" \t", mark[-1]))
            continue;
        *mark = '\0';
        if (add_rule(options, line, &reason) == 0)
            return 0;
        *mark = '#';
    }
    return add_rule(options, line, error);
}

/* Lines that are empty or begin with "#" are none. */
static int add_line(struct options *options, char *line, const char *file, size_t number, struct error *error)
{
    struct error reason = {0};
    line[strcspn(line, "\r\n")] = '\0';
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#' || add_commented_rule(options, line, &reason) == 0)
        return 0;
    return error_set(error, reason.code, ERROR_NO_OFFSET, "%.*s: line %zu: %.*s", utf8_fitting(file, QUOTED_SIZE), file,
                     number, utf8_fitting(reason.reason, ERROR_REASON_SIZE - 2 * QUOTED_SIZE), reason.reason);
}

static int refuse_file(struct error *error, enum error_code code, const char *file, const char *reason)
{
    return error_set(error, code, ERROR_NO_OFFSET, "%.*s: %s", utf8_fitting(file, QUOTED_SIZE), file, reason);
}

/* A file without rules would let everything pass. */
int apply_rules(struct options *options, const char *argument, struct error *error)
{
    FILE *file = fopen(argument, "r");
    char *line = NULL;
    size_t size = 0, number = 0, before = options->rule_count;
    int result = 0;
    if (!file)
        return refuse_file(error, ERROR_SYSTEM, argument, strerror(errno));
    while (result == 0 && getline(&line, &size, file) >= 0)
        result = add_line(options, line, argument, ++number, error);
    if (result == 0 && ferror(file))
        result = refuse_file(error, ERROR_SYSTEM, argument, "cannot be read");
    else if (result == 0 && options->rule_count == before)
        result = refuse_file(error, ERROR_ARGUMENT, argument, "no rule in it");
    free(line);
    fclose(file);
    return result;
}
