/* Floor 1.  Python's syntax of regular expressions in PCRE2's.  A part of pattern. */
#ifndef PROFSTAT_PATTERN_SYNTAX_H
#define PROFSTAT_PATTERN_SYNTAX_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends to `out` the expression that means to PCRE2 what `text` means to Python's re.  0, or -1 with *error set: what
 * Python does not take, and what cannot be said in PCRE2, is refused (ERROR_ARGUMENT). */
int pattern_translate(const char *text, struct buffer *out, struct error *error);

#endif
