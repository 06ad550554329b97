/* Floor 2.  The table of options, for opt.c: how each is written, what it takes, what it does. */
#ifndef PSTAT_OPT_ROWS_H
#define PSTAT_OPT_ROWS_H

#include "opt.h"

enum { QUOTED_SIZE = 60 }; /* of an argument in a message */

enum argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

struct option_row {
    char letter;      /* 0: none */
    const char *word; /* with its dashes */
    unsigned group;   /* TAKES_*: only for the formats that take it; 0: for all */
    enum argument argument;
    const char *value; /* what the help calls the argument */
    const char *help;
    int (*apply)(struct options *options, const char *argument, struct error *error);
};

/* Ends with a row without a word. */
extern const struct option_row option_rows[];
enum { OPTION_ROOM = 64 }; /* more than there are */

/* -1 with *error set: the suffixes that there are. */
int refuse_suffix(const char *path, struct error *error);

/* The profiles that are read (opt_files.c).  Each 0, or -1 with *error set. */
int options_add_file(struct options *options, const char *name, struct error *error);
int apply_files_from(struct options *options, const char *argument, struct error *error);
/* Puts the *.stat files of folders in the place of these, if there are any. */
int options_open_folders(struct options *options, struct error *error);
void options_release_files(struct options *options);

/* The rules (opt_rules.c). */
int apply_check(struct options *options, const char *argument, struct error *error);
int apply_rules(struct options *options, const char *argument, struct error *error);

/* The options of --push, and whether they go together with the others. */
int apply_push(struct options *options, const char *argument, struct error *error);
int apply_app(struct options *options, const char *argument, struct error *error);
int apply_label(struct options *options, const char *argument, struct error *error);
int apply_tenant(struct options *options, const char *argument, struct error *error);
int apply_push_timeout(struct options *options, const char *argument, struct error *error);
int check_push(const struct options *options, const char **about, struct error *error);

#endif
