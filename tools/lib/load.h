/* Floor 1.  The files that a report is about, and their sum. */
#ifndef PROFSTAT_LOAD_H
#define PROFSTAT_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"
#include "grand_total.h"

/* A file that was read. */
struct source {
    const char *path; /* borrowed */
    bool dated;
    int64_t modified; /* seconds since the epoch, if dated */
};

/* Owns everything but the paths. */
struct load {
    const struct allocator *allocator;
    struct profile sum;
    struct source *sources; /* in pstats' order: the first file, then the others from the last to the second */
    size_t count;
    struct grand_total total;
};

/* Who is told of what happens while files are read. */
struct load_watch {
    void *context;
    /* So many of the files have been read.  NULL: nobody wants to know. */
    void (*progress)(void *context, size_t done, size_t count);
    /* A file cannot be read, and is left out.  NULL: then nothing is read at all. */
    void (*left_out)(void *context, const char *path, const struct error *error);
};

/* What is read: of each file no more than `parts` (statfile.h), and of that the part of a thread (thread_part.h). */
struct selection {
    unsigned parts;
    const char *thread;             /* NULL: all threads */
    const struct load_watch *watch; /* or NULL */
};

/* Reads count > 0 files and adds them up one after the other.  0, or -1 with *error set, *culprit the path of the
 * file that is to blame (of several bad ones the first; NULL: none of them), and nothing to release.  Where bad
 * files are left out there has to be a good one (else ERROR_ARGUMENT). */
int load_init(struct load *load, const char *const *paths, size_t count, struct selection selection,
              const struct allocator *allocator, const char **culprit, struct error *error);
void load_release(struct load *load);

/* The name of the file in the working directory that was changed last among those that end in `suffix` and do not begin
 * with a dot; to be freed.  NULL with *error set (ERROR_ARGUMENT when there is none). */
char *load_newest(const char *suffix, const struct allocator *allocator, struct error *error);

#endif
