/* Floor 1.  Regular expressions in the syntax of Python's re module, as Python's re.search finds them. */
#ifndef PROFSTAT_PATTERN_H
#define PROFSTAT_PATTERN_H

#include <stddef.h>

#include "base/alloc.h"
#include "base/error.h"

struct pattern;

/* Compiles a NUL-terminated expression, UTF-8.  NULL with *error set: ERROR_MEMORY, or ERROR_ARGUMENT and what is wrong
 * with the expression. */
struct pattern *pattern_new(const char *text, const struct allocator *allocator, struct error *error);
void pattern_free(struct pattern *pattern);
/* The expression as it was given. */
const char *pattern_text(const struct pattern *pattern);

/* Looks for the expression anywhere in the subject (UTF-8, surrogates as three bytes).  1 found, 0 not, -1 with *error
 * set: the search took more steps than a report is worth. */
int pattern_search(const struct pattern *pattern, const char *bytes, size_t size, struct error *error);

#endif
