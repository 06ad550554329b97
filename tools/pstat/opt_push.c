#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest.h"
#include "opt_rows.h"
#include "utf8.h"

static const double LONGEST_TIMEOUT = 86400;

int apply_push(struct options *options, const char *argument, struct error *error)
{
    address_release(&options->push.address);
    return address_init(&options->push.address, argument, &allocator_libc, error);
}

int apply_app(struct options *options, const char *argument, struct error *error)
{
    options->push.app = argument;
    return ingest_check_app(argument, error);
}

int apply_label(struct options *options, const char *argument, struct error *error)
{
    options->push.labels[options->push.label_count++] = argument;
    return ingest_check_label(argument, error);
}

int apply_tenant(struct options *options, const char *argument, struct error *error)
{
    options->push.tenant = argument;
    return ingest_check_tenant(argument, error);
}

int apply_push_timeout(struct options *options, const char *argument, struct error *error)
{
    char *end = NULL;
    /* strtod takes more than decimal numbers. */
    double seconds = strspn(argument, "0123456789.") == strlen(argument) ? strtod(argument, &end) : 0;
    if (seconds <= 0 || *end != '\0' || seconds > LONGEST_TIMEOUT)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                         "'%.*s' is not a number of seconds, above 0 and up to %g", utf8_fitting(argument, QUOTED_SIZE),
                         argument, LONGEST_TIMEOUT);
    options->push.limit_ms = (int64_t)ceil(seconds * 1000);
    return 0;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* What is pushed is a whole profile; the other options are about a report, which there is only with an output. */
int check_push(const struct options *options, const char **about, struct error *error)
{
    static const char *const own[] = {"--push",         "--app",  "--label",    "--tenant",
                                      "--push-timeout", "--file", "--files-from", "--skip-bad", "--thread"};
    enum { OWN = sizeof own / sizeof *own, OF_PUSH = 5 };
    bool pushes = options->push.address.server;
    for (size_t i = 0; i < options->given_count; i++) {
        *about = options->given[i]->word;
        if (!pushes && is_one_of(*about, own, OF_PUSH))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "only with --push");
        if (pushes && !options->output && !is_one_of(*about, own, OWN))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "with --push only where --output names a file");
    }
    *about = "--push";
    if (pushes && !options->push.app)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "the profiles need a name, --app NAME");
    return 0;
}
