/* Floor 2.  The command line as a value. */
#ifndef PSTAT_OPT_H
#define PSTAT_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "base/error.h"
#include "export.h"
#include "listing.h"
#include "order.h"
#include "out.h"
#include "rule.h"

enum status { STATUS_OK = 0, STATUS_NOTHING = 1, STATUS_TROUBLE = 2 };

enum command {
    COMMAND_REPORT,
    COMMAND_DIFF,
    COMMAND_CHECK,
    COMMAND_TREND,
    COMMAND_BROWSE,
    COMMAND_PUSH, /* and a report where there is an output */
    COMMAND_HELP,
    COMMAND_VERSION,
};

struct option_row;

/* A list that was asked for, by --callers, --callees, --async or nothing. */
struct section_request {
    enum section_kind kind;
    struct pattern *pattern;          /* that came with the option, or NULL; owned */
    const char *option;               /* as --callers, where the pattern is the word behind it; else NULL */
    const char *word;                 /* that word */
    struct restriction *restrictions; /* all that hold for this list; owned */
    size_t restriction_count;
};

/* Where profiles go, and how they are called there. */
struct push_request {
    struct address address; /* owned; its server is NULL when nothing is pushed */
    const char *app;
    const char **labels; /* "NAME=VALUE"; owned */
    size_t label_count;
    const char *tenant; /* or NULL */
    int64_t limit_ms;   /* for one profile */
};

/* Owns its arrays and patterns; texts belong to argv. */
struct options {
    enum command command;
    const char **files;
    size_t file_count;
    size_t file_capacity;
    char **names; /* of files that argv does not have; owned */
    size_t name_count;
    size_t name_capacity;
    const struct order_key **keys; /* never none */
    size_t key_count;
    bool reverse;
    bool keep_directories;
    struct rule *rules; /* of --check and --rules; owned */
    size_t rule_count;
    size_t rule_capacity;
    const char *base; /* of --diff, or NULL */
    bool match_by_name;
    bool skip_bad;
    const char *thread; /* NULL: all threads */
    struct restriction *restrictions; /* as written; their patterns are owned */
    size_t restriction_count;
    struct section_request *sections; /* as written */
    size_t section_count;
    const struct option_row **given; /* as written */
    size_t given_count;
    struct picture picture;
    bool interactive;
    struct push_request push;
    struct columns columns; /* none: those of pstats */
    const struct time_unit *unit;
    bool shares;
    const char *output; /* or NULL: standard output */
    const struct exporter *exporter;
};

/* Reads the command line.  0, or -1 with *error set and nothing to release; *about is then the option at fault,
 * static or of argv, or NULL. */
int options_init(struct options *options, int argc, char **argv, const char **about, struct error *error);
void options_release(struct options *options);

/* Prints the usage. */
void options_help(struct out *out);

#endif
