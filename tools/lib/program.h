/* Floor 1.  Other programs at work. */
#ifndef PROFSTAT_PROGRAM_H
#define PROFSTAT_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

enum { PROGRAM_STREAMS = 3 };

/* Starts argv[0], found along PATH, with these as its standard input, output and error; -1 stands for the caller's own.
 * Signals that pstat ignores or handles mean to it what they usually do.  0, or an errno. */
int program_start(char *const argv[], const int streams[PROGRAM_STREAMS], pid_t *child);

/* Runs argv[0], found along PATH, with these bytes as its standard input, and appends what it puts out.
 * 0, or -1 with *error set: ERROR_SYSTEM with ENOENT when there is no such program; ERROR_SYSTEM;
 * ERROR_FORMAT with what it said when it failed, or when it put out more than `most` bytes and was stopped.  Needs
 * SIGPIPE ignored. */
int program_run(char *const argv[], const void *input, size_t size, size_t most, struct buffer *output,
                struct error *error);

#endif
