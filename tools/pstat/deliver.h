/* Floor 2.  What commands share: which files they work on, and where their report goes. */
#ifndef PSTAT_DELIVER_H
#define PSTAT_DELIVER_H

#include <stddef.h>

#include "export.h"
#include "load.h"
#include "opt.h"

typedef enum status work_on_files(const struct options *options, const char *const *files, size_t count);

/* Works on the files of the options, or on the newest one here. */
enum status with_files(const struct options *options, work_on_files *work);

/* Reads files as the options want them, and says on standard error which are left out and, on a terminal, how far it
 * is. Of each file `parts` (statfile.h) is wanted.  As load_init. */
int read_files(const struct options *options, struct load *load, const char *const *files, size_t count, unsigned parts,
               const char **about, struct error *error);

/* The same without directories, where they are not wanted. */
int read_stripped(const struct options *options, struct load *load, const char *const *files, size_t count,
                  unsigned parts, const char **about, struct error *error);

/* Writes the report in the format and to the place of the options.  Says what goes wrong. */
enum status deliver(const struct options *options, const struct report *report);

/* STATUS_NOTHING, with a note, where restrictions leave nothing of something; else STATUS_OK. */
enum status note_if_nothing_is_left(const struct listing *listing);

#endif
