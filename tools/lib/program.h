/* Floor 1.  Another program at work between two buffers. */
#ifndef PROFSTAT_PROGRAM_H
#define PROFSTAT_PROGRAM_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* Runs argv[0], found along PATH, with these bytes as its standard input, and appends what it puts out.
 * 0, or -1 with *error set: ERROR_SYSTEM with ENOENT when there is no such program; ERROR_SYSTEM;
 * ERROR_FORMAT with what it said when it failed, or when it put out more than `most` bytes and was stopped.  Needs
 * SIGPIPE ignored. */
int program_run(char *const argv[], const void *input, size_t size, size_t most, struct buffer *output,
                struct error *error);

#endif
