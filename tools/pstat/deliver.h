/* Floor 2.  What commands share: which files they work on, and where their report goes. */
#ifndef PSTAT_DELIVER_H
#define PSTAT_DELIVER_H

#include <stddef.h>

#include "export.h"
#include "opt.h"

typedef enum status work_on_files(const struct options *options, const char *const *files, size_t count);

/* Works on the files of the options, or on the newest one here. */
enum status with_files(const struct options *options, work_on_files *work);

/* Writes the report in the format and to the place of the options.  Says what goes wrong. */
enum status deliver(const struct options *options, const struct report *report);

#endif
